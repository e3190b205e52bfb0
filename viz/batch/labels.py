"""Are the answers right? A column of the file beside them: accuracy, confusion, slices, and another model's answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st

from core_models.language import mark, say, together
from pretrained.analysis.labelled import Flags, Judged, Rights, class_of, versus
from pretrained.task import InputError
from viz import cards, params
from viz.batch.job import Job
from viz.batch.slices import RIGHT, Ground, ground_of, show_slices
from viz.cards import Card, Origin, save_table
from viz.figures.scores import confusion
from viz.kept import Kept, Latest
from viz.markdown import escape
from viz.params import Param

COLUMN, ROWS = (Param(f"batch {name}", public=False) for name in ("labels", "list"))
USUAL = ("label", "labels", "gold", "class", "target", "sentiment", "intent", "category", "y")
"""Names of columns that hold labels more often than not."""


@dataclass(eq=False)
class Held:
    """A finished run beside one column of labels."""

    job: Job
    column: str
    judged: Judged
    said: str
    ground: Ground


@dataclass(frozen=True)
class Before:
    """The rows that a model had right, of a file with these labels."""

    title: str
    labels: bytes
    right: Flags


HELD, BEFORE = Latest[Held]("batch judged"), Kept[dict[str, Before]]("batch judged before")


def show(job: Job, table: pa.Table) -> pa.Table:
    """Everything about labels, where the file may have some; returns the rows that are to be listed."""
    names = job.others.column_names
    if not names or not getattr(job.model.task, "classes", ()):
        return table
    with st.container(width=360):
        options = {"": say("none"), **{name: name for name in names}}
        column = params.choose(
            say("Column with the right answers"),
            COLUMN,
            options,
            default=_usual(job, len(table)) if params.held(COLUMN) is None else "",
        )
    if not column:
        return table
    try:
        held = HELD.made((job, column), lambda: _judge(job, table, column))
    except InputError as error:
        st.info(escape(str(error)), icon=":material/label_off:")
        return table
    judged = held.judged
    st.markdown(_said(judged, held.said))
    if not judged.counted.any():
        return table
    left, right = st.columns(2)
    with left:
        _show_confusion(job, judged)
    with right:
        _show_classes(judged)
    show_slices(held.ground, table.filter(pa.array(judged.counted))["text"].to_pylist())
    others = _others(job, judged)
    return table.filter(pa.array(_pick_rows(judged, others)))


def cells_of(job: Job, column: str, count: int) -> list[object]:
    """The first cells of a column of the file."""
    return job.others[column].slice(0, count).to_pylist()


def _usual(job: Job, count: int) -> str:
    """A column that is named as labels are and holds some; "" if there is none."""
    for name in job.others.column_names:
        if name.casefold() in USUAL:
            try:
                class_of(cells_of(job, name, count), job.model.task.classes, job.model.task.name)
            except InputError:
                continue
            return name
    return ""


def _judge(job: Job, table: pa.Table, column: str) -> Held:
    task = job.model.task
    label, said = class_of(cells_of(job, column, len(table)), task.classes, task.name)
    names = tuple(task.name(key) for key in task.classes)
    place = {name: at for at, name in enumerate(names)}
    predicted = np.array([place.get(name, -1) for name in table["prediction"].to_pylist()], dtype=np.int64)
    confidence = table["confidence"].to_numpy().astype(np.float64)
    judged = Judged(names, label, predicted, np.nan_to_num(confidence))
    rights = Rights(judged.right[judged.counted])
    return Held(job, column, judged, said, ground_of(job, table, column, judged.counted, rights, RIGHT, "percent"))


def _said(judged: Judged, said: str) -> str:
    count, unlabelled = int(judged.counted.sum()), int((judged.label < 0).sum())
    parts = [escape(said)] if said else []
    if not count:
        return together(*parts, say("No row has both a label and an answer."))
    share, low, high = judged.accuracy
    sure = float(judged.confidence[judged.counted].mean())
    parts.append(
        say(
            "**Accuracy {share:.1%}** (95% interval {low:.1%} to {high:.1%}) over {count:,} "
            "rows; mean F1 of the classes {f1:.3f}. Mean confidence {sure:.1%}; calibration "
            "error {error:.1%}.",
            share=share,
            low=low,
            high=high,
            count=count,
            f1=judged.f1,
            sure=sure,
            error=judged.calibration_error,
        )
    )
    if unlabelled:
        parts.append(say("{n:,} rows have no label of this model.", n=unlabelled))
    if missing := int(((judged.label >= 0) & (judged.predicted < 0)).sum()):
        parts.append(say("{n:,} labelled rows have no answer, and count as neither.", n=missing))
    return together(*parts)


def _show_confusion(job: Job, judged: Judged) -> None:
    """The confusion as a card; a click on a cell lists its rows."""
    counts = judged.confusion
    click = cards.show(
        Card(
            key="confusion",
            title=say("Labels against answers"),
            origin=Origin(job.model.recipe.key, job.name),
            question=say("Click a cell to list its rows below."),
            group="confusion",
            how_to_read=say(
                "Each row is a label, each column an answer; the diagonal is right. The stronger "
                "the colour, the larger the "
                "share of the label’s rows."
            ),
            figure=confusion.draw(counts, judged.classes),
            numbers=lambda: confusion.tabulate(counts, judged.classes),
        )
    )
    if click is None or not (isinstance(click.x, int | float) and isinstance(click.y, int | float)):
        return
    cell = f"{round(click.y)}-{round(click.x)}"
    if cell in _cells_of(judged):
        params.give(ROWS, cell)
        st.rerun()


def _cells_of(judged: Judged) -> dict[str, str]:
    """The cells that hold rows, as they are named among the rows to list."""
    answers = [*judged.classes, say(confusion.NONE)]
    some, none = say("label {label}, answer {answer}"), say("label {label}, {answer}")
    return {
        f"{at}-{to}": (none if to == len(judged.classes) else some).format(label=answers[at], answer=answers[to])
        for at, to in np.argwhere(judged.confusion).tolist()
    }


SCORED = (mark("class"), mark("labels"), mark("precision"), mark("recall"), mark("F1"))
"""Columns of the table of classes."""


def _class_table(judged: Judged) -> pd.DataFrame:
    return pd.DataFrame(judged.per_class(), columns=[say(name) for name in SCORED])


def _show_classes(judged: Judged) -> None:
    table = _class_table(judged)
    numbers = {name: st.column_config.NumberColumn(format="%.3f") for name in table.columns[2:]}
    st.markdown(say("**Class by class**"))
    st.dataframe(table, hide_index=True, column_config=numbers, alt=say("Precision, recall and F1 of each class"))
    save_table("classes", "class-by-class", partial(_class_table, judged))


def _others(job: Job, judged: Judged) -> dict[str, Before]:
    """What models before had right of the same rows; this one is kept beside them."""
    key, labels = job.model.recipe.key, judged.label.tobytes()
    kept = {name: each for name, each in (BEFORE.get() or {}).items() if each.labels == labels}
    BEFORE.put(kept | {key: Before(say(job.model.recipe.title), labels, judged.right)})
    others = {name: each for name, each in kept.items() if name != key}
    for each in others.values():
        found = versus(judged.right, each.right)
        verdict = say("they differ") if found.p < 0.05 else say("no difference beyond chance")
        st.markdown(
            say(
                "**Beside {title}**: both right {both:,}, this model alone {one:,}, {title} "
                "alone {other:,}, none {none:,}; McNemar’s p = {p:.2g}: {verdict}.",
                title=escape(each.title),
                both=found.both,
                one=found.one,
                other=found.other,
                none=found.none,
                p=found.p,
                verdict=verdict,
            )
        )
    return others


def _pick_rows(judged: Judged, others: Mapping[str, Before]) -> Flags:
    """Which rows are to be listed."""
    cells, count = _cells_of(judged), len(judged.classes)
    options = {"all": say("all"), "wrong": say("wrong answers")}
    for name, each in others.items():
        options |= {
            f"this {name}": say("right here, not by {title}", title=each.title),
            f"that {name}": say("right by {title} alone", title=each.title),
        }
    with st.container(width=420):
        wanted = params.choose(say("Rows to list"), ROWS, options | cells, default="all")
    if wanted in cells:
        at, to = map(int, wanted.split("-"))
        return (judged.label == at) & (judged.predicted == (-1 if to == count else to))
    if wanted == "wrong":
        return judged.counted & ~judged.right
    way, _, name = wanted.partition(" ")
    if name:
        other = others[name].right
        return judged.right & ~other if way == "this" else other & ~judged.right
    return np.ones(len(judged.label), dtype=bool)
