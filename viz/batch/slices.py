"""Where is a model worse? Groups of rows: the one that a person asks for, and the worst of those that are searched."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st

from core_models.language import mark, say, say_n
from pretrained.analysis import labelled
from pretrained.analysis.labelled import Flags, Slice
from pretrained.corpus.words import LONGEST, compiled
from pretrained.task import InputError
from viz import params
from viz.batch.job import Job
from viz.cards import save_table
from viz.markdown import escape
from viz.params import Param

HOLDS, SEARCH = (Param(f"batch {name}", public=False) for name in ("holds", "slices"))
MOST_SLICES = 12
"""Slices that are listed."""

RIGHT = mark("right")
NONE = mark("No group has at least {least} rows, and as many beside it.")


class Judge(Protocol):
    """What says how good groups of rows are."""

    def mean(self, rows: Flags) -> tuple[float, float, float]: ...
    def slices(self, groups: Mapping[str, Flags]) -> list[Slice]: ...


@dataclass(eq=False)
class Ground:
    """Rows whose groups are compared.

    Attributes:
        judge: says how good they are.
        groups: makes the groups, each by its name.
        value: what their mean is called, as it is marked.
        form: how it is shown.
        said: what was looked at, below the table.
        none: that no group is large enough.
        found: the groups that were searched last.
    """

    judge: Judge
    groups: Callable[[], Mapping[str, Flags]]
    value: str
    form: Literal["percent", "%.1f", "%.4g"]
    said: str
    none: str = NONE
    found: list[Slice] | None = None


def ground_of(job: Job, table: pa.Table, column: str, counted: Flags, judge: Judge, value: str,
              form: Literal["percent", "%.1f"]) -> Ground:  # fmt: skip
    """The rows of a run that count, with their groups.

    Args:
        job: the run.
        table: its answers.
        column: that holds what is right, and makes no groups.
        counted: which rows of the table count.
        judge: of these.
        value: see ``Ground``.
        form: see ``Ground``.
    """
    said = mark(
        "The worst of {n:,} groups of at least {least} rows: by length, unknown words, columns with few values, and "
        "frequent words. From and to are the 95% interval; p is corrected for the search (Holm)."
    )
    return Ground(judge, partial(_groups, job, table, column, counted), value, form, said)


def _groups(job: Job, table: pa.Table, column: str, counted: Flags) -> Mapping[str, Flags]:
    rows = table.filter(pa.array(counted))
    length, unknown = (rows[name].to_numpy().astype(np.float64) for name in ("length", "unknown"))
    found = labelled.by_length(length) | labelled.by_unknown(length, unknown)
    for name in job.others.column_names:
        if name != column:
            cells = np.array(job.others[name].slice(0, len(table)).to_pylist(), dtype=object)[counted]
            found |= labelled.by_value(name, cells.tolist())
    return found | labelled.by_word(rows["text"].to_pylist())


def show_slices(ground: Ground, texts: Sequence[str | None]) -> None:
    """The groups of rows where the model is worst, and the one that a person asks for; texts are those that count."""
    st.markdown(say("**Where is it wrong?**"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        params.take_up(HOLDS)
        wanted = params.text(say("Rows that hold an expression"), HOLDS, characters=LONGEST, placeholder="but|however")
        search = st.button(say("Search the worst groups of rows"), icon=":material/troubleshoot:", key=SEARCH)
    if wanted.strip():
        try:
            pattern = compiled(wanted, expression=True)
        except InputError as error:
            st.info(escape(str(error)), icon=":material/edit:")
        else:
            rows = np.array([bool(pattern.search(text or "")) for text in texts])
            st.markdown(
                say("With it: {held}; without: {others}.", held=_said(ground, rows), others=_said(ground, ~rows))
            )
    search_slices(ground, asked=search)


def search_slices(ground: Ground, *, asked: bool) -> None:
    """Search the groups if somebody asked for it, and list what was found last, the worst first."""
    if asked:
        with st.spinner(say("Searching"), show_time=True):
            ground.found = ground.judge.slices(ground.groups())
    if ground.found is not None:
        _list(ground)


def _list(ground: Ground) -> None:
    found = ground.found
    if not found:
        st.caption(say(ground.none, least=labelled.LEAST))
        return
    table = _table(ground, found)
    forms = {name: st.column_config.NumberColumn(format=ground.form)
             for name in (say(ground.value), say("from"), say("to"))}  # fmt: skip
    st.dataframe(
        table.head(MOST_SLICES), hide_index=True, alt=say("The groups of rows where the model is worst"),
        column_config=forms | {"p": st.column_config.NumberColumn(format="%.2g")},
    )  # fmt: skip
    st.caption(say(ground.said, n=len(table), least=labelled.LEAST))
    save_table("slices", "slices", partial(_table, ground, found))


def _table(ground: Ground, found: Sequence[Slice]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            say("group of rows"): each.name,
            say("count"): each.count,
            say(ground.value): each.mean,
            say("from"): each.low,
            say("to"): each.high,
            say("verdict"): say("worse than the others") if each.worse else say("within chance"),
            "p": each.p,
        }
        for each in found
    )


def _said(ground: Ground, rows: Flags) -> str:
    mean, low, high = ground.judge.mean(rows)
    count = say_n("{n:,} row", "{n:,} rows", int(rows.sum()))
    if not rows.any():
        return count
    if ground.form == "percent":
        return say("{rows}, **{share:.1%}** right ({low:.1%} to {high:.1%})", rows=count, share=mean, low=low,
                   high=high)  # fmt: skip
    return say("{rows}, {value} **{mean:.1f}** ({low:.1f} to {high:.1f})", rows=count, value=say(ground.value),
               mean=mean, low=low, high=high)  # fmt: skip
