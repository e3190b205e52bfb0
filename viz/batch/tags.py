"""Are the labels of tokens right? A column of the file with the right ones, beside those that the model gives."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import pandas as pd
import pyarrow as pa
import streamlit as st

from core_models.encoded import Encoded
from core_models.language import mark, say, say_n
from pretrained.analysis.tagged import Labels, Tally, column_of, rows_of
from pretrained.task import InputError
from viz import params
from viz.batch.again import Again, follow
from viz.batch.job import Job
from viz.batch.labels import SCORED, cells_of
from viz.cards import Card, Origin, save_table, show
from viz.figures.scores import confusion
from viz.kept import Latest
from viz.markdown import escape
from viz.params import Param

COLUMN = Param("batch-tags", public=False)
USUAL = ("tags", "labels", "pos", "upos", "ner", "bio", "slots", "tag", "structure")
"""Names of columns that hold labels of tokens more often than not."""

MOST_ROWS, MOST_DRAWN, MOST_MISTAKES = 5_000, 20, 12
"""Rows that are read once more, labels that a heatmap shows, and mistakes that are listed."""


@dataclass(eq=False)
class Judged:
    """A run beside one column of labels."""

    tally: Tally
    again: Again


HELD = Latest[Judged]("batch tags judged")


def offer(job: Job, table: pa.Table) -> None:
    """Everything about labels of tokens, where the model gives some and the file may hold the right ones."""
    names, task = job.others.column_names, job.model.task
    if not names or task.kind != "labels":
        return
    with st.container(width=360):
        options = {"": say("none"), **{name: name for name in names}}
        column = params.choose(say("Column with the right labels of tokens"), COLUMN, options,
                               default=_usual(job) if params.held(COLUMN) is None else "")  # fmt: skip
    if not column:
        return
    try:
        judged = HELD.made((job, column), lambda: _begin(job, table, column))
    except InputError as error:
        st.info(escape(str(error)), icon=":material/label_off:")
        return
    if judged.again.busy:
        follow(judged.again, "tags")
    _show(job, judged)


def _usual(job: Job) -> str:
    """The column that holds labels of tokens, by its name and by what stands in it; "" if none does."""
    for name in job.others.column_names:
        if name.casefold() in USUAL:
            with suppress(InputError):
                column_of(cells_of(job, name, MOST_ROWS), job.model.task.tags)
                return name
    return ""


def _begin(job: Job, table: pa.Table, column: str) -> Judged:
    count = min(len(table), MOST_ROWS)
    gold = column_of(cells_of(job, column, count), job.model.task.tags)
    tally = Tally(job.model.task.tags)

    def take(places: Sequence[int], readings: Sequence[Encoded]) -> None:
        given: list[Labels] = rows_of(job.model, readings)
        for at, labels in zip(places, given, strict=True):
            tally.add(gold[at], labels)

    return Judged(tally, Again(job.model, table["text"].slice(0, count).to_pylist(), take))


def _show(job: Job, judged: Judged) -> None:
    tally, task = judged.tally, job.model.task
    st.markdown(_said(job, judged))
    if not tally.pairs:
        return
    left, right = st.columns(2)
    used = [tag for tag, *_ in tally.per_label()]
    with left:
        if len(used) <= MOST_DRAWN:
            place = [tally.tags.index(tag) for tag in used]
            counts = tally.confusion[place][:, [*place, len(tally.tags)]]
            names = [task.called(tag) for tag in used]
            show(Card(
                key="tag-confusion", title=say("Right labels against the model’s"), group="tag-confusion",
                origin=Origin(job.model.recipe.key, job.name), question=say("Which label is taken for which?"),
                how_to_read=say("Each row is a right label, each column what the model gives; the diagonal is right. "
                                "The stronger the colour, the larger the share of the label’s tokens."),
                figure=confusion.draw(counts, names), numbers=lambda: confusion.tabulate(counts, names),
            ))  # fmt: skip
        mistakes = [
            (task.called(one), task.called(other), count) for one, other, count in tally.mistakes(MOST_MISTAKES)
        ]
        st.markdown(say("**Most frequent mistakes**"))
        if mistakes:
            columns = [say("label"), say("taken for"), say("tokens")]
            st.dataframe(pd.DataFrame(mistakes, columns=columns), hide_index=True, alt=say("Most frequent mistakes"))
        else:
            st.caption(say("There is none."))
    with right:
        _show_labels(job, tally)


LABEL = mark("label")


def _label_table(job: Job, tally: Tally) -> pd.DataFrame:
    rows = [(job.model.task.name(tag), *others) for tag, *others in tally.per_label()]
    return pd.DataFrame(rows, columns=[say(LABEL), *(say(name) for name in SCORED[1:])])


def _show_labels(job: Job, tally: Tally) -> None:
    table = _label_table(job, tally)
    numbers = {name: st.column_config.NumberColumn(format="%.3f") for name in table.columns[2:]}
    st.markdown(say("**Label by label**"))
    st.dataframe(table, hide_index=True, column_config=numbers, alt=say("Precision, recall and F1 of each label"))
    save_table("tags", "label-by-label", partial(_label_table, job, tally))


def _said(job: Job, judged: Judged) -> str:
    tally, rows = judged.tally, len(judged.tally.gold)
    parts = []
    if tally.pairs:
        share, low, high = tally.accuracy
        parts.append(
            say(
                "**{share:.1%} of tokens right** (95% interval {low:.1%} to {high:.1%}) in {rows:,} rows.",
                share=share, low=low, high=high, rows=rows,
            )
        )  # fmt: skip
        if job.model.task.chained:
            precision, recall, f1 = tally.spans
            parts.append(
                say("**F1 of stretches {f1:.3f}** (precision {precision:.3f}, recall {recall:.3f}).",
                    f1=f1, precision=precision, recall=recall)
            )  # fmt: skip
    else:
        parts.append(say("No row has as many labels as tokens."))
    if tally.uneven:
        parts.append(
            say_n(
                "{n:,} row has another number of labels than the model reads tokens, and is left out.",
                "{n:,} rows have another number of labels than the model reads tokens, and are left out.",
                tally.uneven,
            )
        )
    if tally.missing:
        parts.append(say_n("{n:,} row has no labels.", "{n:,} rows have no labels.", tally.missing))
    if judged.again.done == MOST_ROWS:
        parts.append(say("The first {n:,} rows are counted.", n=MOST_ROWS))
    return " ".join(parts)
