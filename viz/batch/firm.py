"""How firm are the answers? Which rows of a file turn by one change, and on which words their answers hang."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd
import pyarrow as pa
import streamlit as st

from core_models.encoded import Encoded
from core_models.language import mark, say, say_n
from pretrained.analysis.counterfactuals import BRIEF, WAYS, Asked, Search, Version, can_turn
from pretrained.data.intervals import wilson_interval
from viz import params
from viz.batch.again import Again, follow
from viz.batch.job import Job
from viz.cards import save_table
from viz.explain.turning import NAMES, changes_in_words
from viz.figures.parts.token_axis import in_nouns
from viz.inputs import compared
from viz.kept import Kept
from viz.markdown import escape
from viz.params import Param

DRAWER = Param("batch-firm", public=False)
MOST_ROWS, MOST_WORDS = 300, 8
"""Rows that are tried, and words that are named."""


CHANGED, NEW = mark("changed text"), mark("new answer")
SHOWN = (mark("line"), mark("text"), mark("answer"), mark("change"), CHANGED, NEW, mark("probability"))
"""Columns of the table on screen."""


@dataclass(frozen=True)
class Row:
    """One row with the changes that turn its answer, by kind the one that makes the new answer most probable."""

    line: int
    text: str
    answer: str
    turned: dict[str, Version]


@dataclass(eq=False)
class Firm:
    """The rows of a run that were asked for, tried one after another.

    Attributes:
        job: the run.
        rows: those that were tried.
        again: their reading.
    """

    job: Job
    rows: list[Row]
    again: Again


FIRM = Kept[Firm]("batch firm rows")


def offer(job: Job, found: pa.Table) -> None:
    """The trial behind a line that opens, for models that name a class of what was typed."""
    if "answer" not in getattr(job.model.network, "heads", ()):
        return
    title = say("How firm are the answers? Rows that turn by one change")
    with st.expander(title, icon=":material/published_with_changes:", key=DRAWER, on_change="rerun") as drawer:
        if drawer.open:
            _show(job, found)


def _show(job: Job, found: pa.Table) -> None:
    count = min(len(found), MOST_ROWS)
    st.caption(
        in_nouns(
            say(
                "Of each row every token is left out, exchanged with the next, and replaced by a few others: its "
                "neighbours in the embedding, and what the gradient proposes. What is said to turn an answer was read. "
                "At most {most} rows, in the order of the table.",
                most=MOST_ROWS,
            ),
            job.model.task.noun,
        )
    )
    label = say_n("Try {n:,} row", "Try {n:,} rows", count)
    st.button(label, key="firm", icon=":material/published_with_changes:", on_click=_begin, args=(job, found))
    firm = FIRM.get()
    if firm is None or firm.job is not job:
        return
    if firm.again.busy:
        follow(firm.again, "firm")
    if firm.rows:
        _show_rows(firm)


def _begin(job: Job, found: pa.Table) -> None:
    some, rows = found.slice(0, MOST_ROWS), list[Row]()
    lines, texts = some["line"].to_pylist(), some["text"].to_pylist()

    def take(places: Sequence[int], readings: Sequence[Encoded]) -> None:
        for at, encoded in zip(places, readings, strict=True):
            if can_turn(job.model, encoded):
                rows.append(_tried(job, lines[at], texts[at] or "", encoded))

    FIRM.put(Firm(job, rows, Again(job.model, texts, take, size=1)))


def _tried(job: Job, line: int, text: str, encoded: Encoded) -> Row:
    search = Search(Asked(job.model, "answer"), encoded, BRIEF)
    for _ in search.run():
        pass
    turned: dict[str, Version] = {}
    for version in search.found:
        turned.setdefault(version.changes[0].way, version)
    return Row(line, text, _name(job, search.begun), turned)


def _name(job: Job, version: Version) -> str:
    return job.model.task.name(job.model.task.classes[version.given])


def _show_rows(firm: Firm) -> None:
    rows, turned = firm.rows, [row for row in firm.rows if row.turned]
    share = len(turned) / len(rows)
    low, high = wilson_interval(share, len(rows))
    st.markdown(
        say(
            "**{share:.0%}** of {rows:,} rows ({low:.0%} to {high:.0%}) turn by one change. {ways}.",
            share=share, rows=len(rows), low=low, high=high, ways=_ways(firm),
        )
    )  # fmt: skip
    if not turned:
        return
    words = Counter(word for row in turned for word in {v.changes[0].before.casefold() for v in row.turned.values()})
    named = ", ".join(f"{escape(word)} ({count})" for word, count in words.most_common(MOST_WORDS))
    st.caption(
        in_nouns(say("Tokens whose change turns the most rows: {named}.", named=named), firm.job.model.task.noun)
    )
    table, names = tabulate(firm), {name: say(name) for name in SHOWN}
    event = st.dataframe(
        table[list(SHOWN)], hide_index=True, column_config=names, key="firm-rows", on_select="rerun",
        selection_mode="single-row", height=min(420, 37 * (len(table) + 1)),
        alt=say("Every row that turns by one change"),
    )  # fmt: skip
    picked = event["selection"]["rows"]
    if picked and picked[0] < len(table):
        row = table.iloc[picked[0]]
        query = compared(firm.job.model.recipe.key, str(row["text"]), str(row[CHANGED]))
        params.link("app_pages/compare.py", say("Open both on Compare"), ":material/compare_arrows:", query)
    else:
        st.caption(say("Tick a row on its left to open both texts on Compare."))
    save_table("firm", f"turned-{firm.job.model.recipe.key}", partial(tabulate, firm))


def _ways(firm: Firm) -> str:
    """How many rows each kind of change turns."""
    noun, counted = firm.job.model.task.noun, {way: sum(way in row.turned for row in firm.rows) for way in WAYS}
    return "; ".join(f"{in_nouns(say(NAMES[way]), noun)}: {count:,}" for way, count in counted.items() if count)


def tabulate(firm: Firm) -> pd.DataFrame:
    """One row for each row and kind of change that turns it."""
    return pd.DataFrame(
        {
            "line": row.line, "text": row.text, "answer": row.answer, "kind": way, "change": changes_in_words(version),
            CHANGED: version.text, NEW: _name(firm.job, version),
            "probability": float(version.chances[version.given]),
        }
        for row in firm.rows for way, version in row.turned.items()
    )  # fmt: skip
