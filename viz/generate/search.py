"""What do units follow? The best units for each property of the text, held against luck and against a linear probe."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core_models.explain.probing.text_properties import BY_KEY
from core_models.language import mark, say
from core_models.trace import Site, Trace
from core_models.vocabulary import Kind, quantity
from pretrained.analysis.unit_selectivity import CHARACTERS, Followed, load, search
from pretrained.errors import ModelError
from pretrained.families.next_token.trained import TrainedLanguageModel
from pretrained.registry import recipes
from viz import cards, params
from viz.figures.parts.tables import in_table
from viz.generate.controls import SHADE, UNIT
from viz.params import Param
from viz.remembered import kept

SOURCES = {"unseen": mark("unseen text of its kind"), "here": mark("this text")}
SOURCE, FOLLOW, USE = Param("on", SOURCES), Param("follow"), Param("use", public=False)
FIRST = ("quotes", "line", "newline", "clause")
"""Properties whose best unit colours the text when the page opens, the first that was measured."""


def measured(key: str) -> dict[str, Followed]:
    """What was measured for a model when it was trained, by key of the property; nothing if that cannot be read."""
    return _measured(key)[0]


def _measured(key: str) -> tuple[dict[str, Followed], str]:
    """What was measured, or what is wrong with its file in words."""
    try:
        return load(key, recipes("write")[key].weights["sha256"]), ""
    except ModelError as error:
        return {}, str(error)


def best_known(key: str) -> tuple[str, int]:
    """The state and unit that colour the text when the page opens."""
    found = measured(key)
    for name in FIRST:
        if name in found and found[name].units:
            state, best = found[name].units[0]
            return f"{last_site(key).key}.{state}", best.unit
    return f"{last_site(key).key}.hidden_state", 0


def last_site(key: str) -> Site:
    """The last layer of a model, whose units are searched."""
    return Site("rnn", recipes("write")[key].architecture.get("layers", 1) - 1)


def show_search(model: TrainedLanguageModel, trace: Trace, shade: tuple[Site, str, int]) -> None:
    """The table of properties, and a choice among the best units for one of them."""
    key = model.recipe.key
    stored, refused = _measured(key)
    if refused:
        st.error(refused, icon=":material/broken_image:")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source = params.choose(say("Measured on"), SOURCE, default="unseen" if stored else "here", pills=True)
        found = stored if source == "unseen" else _here(key, trace.tokens.text, trace)
        if not found:
            st.info(
                say("Nothing in this text varies enough to be followed; write a longer one."),
                icon=":material/search_off:",
            )
            return
        names = {name: say(BY_KEY[name].name) for name in found}
        chosen = params.choose(say("Property"), FOLLOW, names, default=next(iter(names)))
    table = _table(found)
    st.dataframe(in_table(table, 3), hide_index=True, width="stretch", height=38 + 35 * len(table))
    _say(found[chosen], chosen, source)
    _pick_unit(key, found[chosen])
    cards.save_table("followed", f"{key}-followed", lambda: _table(found))


def _table(found: dict[str, Followed]) -> pd.DataFrame:
    """One row for each property: its best unit and the probes, scores from 0 to 1."""
    rows = []
    for name, row in found.items():
        state, best = row.units[0]
        rows.append(
            {
                say("property"): say(BY_KEY[name].name),
                say("rate or mean"): round(row.rate, 3),
                say("best unit"): (
                    say("{symbol} {n} (rises)", symbol=quantity(state).symbol, n=best.unit)
                    if best.sign > 0
                    else say("{symbol} {n} (falls)", symbol=quantity(state).symbol, n=best.unit)
                ),
                say("its score"): round(best.score, 3),
                say("best by chance"): round(row.luck, 3),
                say("verdict"): say("present") if best.score > row.luck else say("no better than chance"),
                say("probe of all units"): round(row.probe.units, 3),
                say("current character alone"): round(row.probe.character, 3),
                say("control task"): round(row.probe.control, 3),
            }
        )
    table = pd.DataFrame(rows)
    return table if any(row.probe.units for row in found.values()) else table.drop(columns=list(table.columns[-3:]))


def _say(row: Followed, name: str, source: str) -> None:
    """How the numbers were made, and what they say of one property."""
    st.caption(
        say(
            "Scores run from 0, knows nothing, to 1, follows exactly: |2 AUC − 1| for yes or no, |correlation| for "
            "numbers. Units are picked on the first half of the text and scored on the second; “by chance” is the best "
            "unit of the same search for labels shifted along the text, which are unrelated to it."
        )
    )
    if source == "here":
        st.caption(
            say(
                "Measured on the text above: it is short, so chance alone reaches high scores, and no probe is fitted "
                "to it."
            )
        )
        return
    gain = row.probe.units - max(row.probe.character, row.probe.control)
    verdict = (
        say("so what it finds is in the state, not in the probe")
        if gain > 0.1
        else say("so the state need not hold more of it than the current character or memorising would give")
    )
    st.caption(
        say(
            "Measured on {n:,} unseen characters. For “{property}”, a linear probe of all units scores {units:.2f}, "
            "one of the current character alone {character:.2f}, and one on a control task (Hewitt & Liang 2019: "
            "a made-up label for every stretch of four characters) {control:.2f}, {verdict}.",
            n=CHARACTERS,
            property=say(BY_KEY[name].name),
            units=row.probe.units,
            character=row.probe.character,
            control=row.probe.control,
            verdict=verdict,
        )
    )


def _pick_unit(key: str, row: Followed) -> None:
    """The best units of one property; one click colours the text by a unit."""
    site = last_site(key)
    options = {f"{site.key}.{state}:{best.unit}": (state, best) for state, best in row.units}

    def use(option: str) -> None:
        for param, value in zip((SHADE, UNIT), option.split(":"), strict=True):
            params.give(param, value)
            params.let_stand(param, value)

    def label(option: str) -> str:
        state, best = options[option]
        return say("{symbol} unit {n}: {score:.2f}", symbol=quantity(state).symbol, n=best.unit, score=best.score)

    params.once(say("Colour the text by one of its best units"), USE, options, use, fills=UNIT, name=label, titled=True)


@kept(max_entries=16)
def _here(key: str, text: str, _trace: Trace) -> dict[str, Followed]:
    """The same search on a text at hand, without probes: a few hundred characters cannot teach them anything."""
    site = last_site(key)
    keys = [row.key for where, row in _trace.find(Kind.STATE) if where == site]
    states = {name: _trace.array(site, name)[1:].astype(float) for name in keys}
    return search(states, text, probing=False) if len(text) > 1 else {}
