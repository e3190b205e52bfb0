"""Minimal pairs: sentences that differ in one respect, and whether a model's answers differ as they should."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median

import pandas as pd
import streamlit as st

from core_models.language import mark, say
from pretrained.analysis import pair_scores
from pretrained.analysis.pair_scores import KINDS, SLACK, Tested
from pretrained.data.intervals import wilson_interval
from viz import params, session
from viz.cards import save_table
from viz.inputs import compared
from viz.params import Param
from viz.remembered import remembered
from viz.run import ModelRun, answered

PAIR, DRAWER = Param("tested-pair", public=False), Param("minimal-pairs", public=False)

NAMES: Mapping[str, str] = {"negation": mark("negation"), "intensifier": mark("intensifier"), "name": mark("name")}

SHOULD: Mapping[str, str] = {
    "negation": mark("both right: the answer turns"),
    "intensifier": mark("both right, and no less sure"),
    "name": mark("the same answer, as sure"),
}
"""What each kind of pair asks."""


@remembered(max_entries=32, wordless=True)
def _tested(key: str) -> list[Tested]:
    return pair_scores.tested(session.model(key))


def offer_pairs(asked: ModelRun) -> None:
    """The pairs behind a line that opens, for models of sentiment."""
    if asked.model.task.key != "sentiment":
        return
    title = say("Minimal pairs: does the answer follow a negation, an intensifier, a name?")
    with st.expander(title, icon=":material/balance:", key=DRAWER, on_change="rerun") as drawer:
        if drawer.open:
            with answered():
                _show(asked.model.recipe.key)


def _show(key: str) -> None:
    found = _tested(key)
    st.caption(
        say(
            "Own sentences, two at a time, that differ in one respect; a probability may move by {slack} the wrong way "
            "(as in CheckList, Ribeiro et al. 2020). Range: 95% interval. Median: of all sentiment models.",
            slack=SLACK,
        )
    )
    table = _table(found)
    shares = {say(name): st.column_config.NumberColumn(format="percent") for name in ("hold", "from", "to", "median")}
    st.dataframe(table, hide_index=True, column_config=shares, alt=say("How many minimal pairs of each kind hold"))
    save_table("pairs", f"minimal-pairs-{key}", lambda: _rows(found))
    wrong = [each for each in found if not each.holds]
    names = {str(at): f"{say(NAMES[each.kind])}: {each.first} / {each.second}" for at, each in enumerate(wrong)}
    if not wrong:
        return
    chosen = wrong[int(params.choose(say("Pairs that do not hold"), PAIR, names, default="0"))]
    st.caption(say("Probability of “{label}”: {first:.0%}, then {second:.0%}.", label=say(chosen.label),
                   first=chosen.chances[0], second=chosen.chances[1]))  # fmt: skip
    query = compared(key, chosen.first, chosen.second)
    params.link("app_pages/compare.py", say("Open both on Compare"), ":material/compare_arrows:", query)


def _table(found: list[Tested]) -> pd.DataFrame:
    """One row for each kind."""
    every, rows = pair_scores.scores(), []
    for kind in KINDS:
        held = [each.holds for each in found if each.kind == kind]
        low, high = wilson_interval(sum(held) / len(held), len(held))
        middle = median(counts[kind] / len(held) for counts in every.values())
        rows.append((say(NAMES[kind]), say(SHOULD[kind]), len(held), sum(held) / len(held), low, high, middle))
    names = [say("what differs"), say("what should hold"), say("pairs"), say("hold"), say("from"), say("to"),
             say("median")]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def _rows(found: list[Tested]) -> pd.DataFrame:
    """One row for each pair."""
    return pd.DataFrame(
        {
            "kind": each.kind, "first": each.first, "second": each.second, "first_label": each.label,
            "first_probability": each.chances[0], "second_probability": each.chances[1], "holds": each.holds,
        }
        for each in found
    )  # fmt: skip
