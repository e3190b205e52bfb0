"""Are the answers right? A column of the file beside them: accuracy, confusion, slices, and another model's answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st

from core_models.language import mark, say, say_n, together
from pretrained.analysis import labelled
from pretrained.analysis.labelled import Flags, Judged, Slice, class_of, share_of, slices, versus
from pretrained.corpus.words import LONGEST, compiled
from pretrained.task import InputError
from viz import cards, params
from viz.batch.job import Job
from viz.cards import Card, Origin, save_table
from viz.figures.scores import confusion
from viz.kept import Kept, Latest
from viz.markdown import escape
from viz.params import Param

COLUMN, ROWS, HOLDS, SEARCH = (Param(f"batch {name}", public=False) for name in ("labels", "list", "holds", "slices"))
USUAL = ("label", "labels", "gold", "class", "target", "sentiment", "intent", "category", "y")
"""Names of columns that hold labels more often than not."""

MOST_SLICES = 12
"""Slices that are listed."""


@dataclass(eq=False)
class Held:
    """A finished run beside one column of labels."""

    job: Job
    column: str
    judged: Judged
    said: str
    slices: list[Slice] | None = None


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
    _show_slices(held, table)
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
    return Held(job, column, Judged(names, label, predicted, np.nan_to_num(confidence)), said)


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


def _slice_table(found: Sequence[Slice]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            say("group of rows"): each.name,
            say("count"): each.count,
            say("right"): each.share,
            say("from"): each.low,
            say("to"): each.high,
            say("verdict"): say("worse than the others") if each.worse else say("within chance"),
            "p": each.p,
        }
        for each in found
    )


def _show_slices(held: Held, table: pa.Table) -> None:
    """The groups of rows where the model is worst, and the one that a person asks for."""
    st.markdown(say("**Where is it wrong?**"))
    counted = held.judged.counted
    right = held.judged.right[counted]
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
            rows = np.array([bool(pattern.search(text or "")) for text in table["text"].to_pylist()])[counted]
            st.markdown(
                say("With it: {held}; without: {others}.", held=_share(right[rows]), others=_share(right[~rows]))
            )
    if search:
        with st.spinner(say("Searching"), show_time=True):
            held.slices = slices(right, _groups(held, table, counted))
    if held.slices is None:
        return
    if not held.slices:
        st.caption(say("No group has at least {least} rows, and as many beside it.", least=labelled.LEAST))
        return
    rows = _slice_table(held.slices)
    shares = {name: st.column_config.NumberColumn(format="percent") for name in (say("right"), say("from"), say("to"))}
    st.dataframe(
        rows.head(MOST_SLICES), hide_index=True, alt=say("The groups of rows where the model is worst"),
        column_config=shares | {"p": st.column_config.NumberColumn(format="%.2g")},
    )  # fmt: skip
    st.caption(
        say(
            "The worst of {n:,} groups of at least {least} rows: by length, unknown words, "
            "columns with few values, and frequent words. From and to are the 95% interval; p is "
            "corrected for the search (Holm).",
            n=len(rows),
            least=labelled.LEAST,
        )
    )
    save_table("slices", "slices", partial(_slice_table, held.slices))


def _share(right: Flags) -> str:
    share, low, high = share_of(right)
    rows = say_n("{n:,} row", "{n:,} rows", len(right))
    if not len(right):
        return rows
    return say("{rows}, **{share:.1%}** right ({low:.1%} to {high:.1%})", rows=rows, share=share, low=low, high=high)


def _groups(held: Held, table: pa.Table, counted: Flags) -> Mapping[str, Flags]:
    rows = table.filter(pa.array(counted))
    length, unknown = (rows[name].to_numpy().astype(np.float64) for name in ("length", "unknown"))
    found = labelled.by_length(length) | labelled.by_unknown(length, unknown)
    for name in held.job.others.column_names:
        if name != held.column:
            cells = np.array(cells_of(held.job, name, len(table)), dtype=object)[counted]
            found |= labelled.by_value(name, cells.tolist())
    return found | labelled.by_word(rows["text"].to_pylist())


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
