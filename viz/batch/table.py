"""The answers as a table: search, order, pages, one row opened on Explore, and the whole as a file."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd
import pyarrow as pa
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from core_models.language import say, say_n
from viz import inputs, params
from viz.batch import firm, labels, positions, references, results, tags
from viz.batch.answers import NO_ANSWER, NOTE, Column, columns_of, summary_of
from viz.batch.job import Job
from viz.batch.results import PAGE, Wanted
from viz.markdown import escape
from viz.params import Param

ONLY, ORDER, LEAF = (Param(f"batch {name}", public=False) for name in ("only", "order", "leaf"))
LONGEST_SHOWN, LONGEST_CELL, MOST_OTHERS, MOST_TALLIED = 600, 80, 8, 6
"""Characters of a text, and of another cell, that the card of one row shows; how many other cells, and how many
predictions are counted above the table."""


def show_table(job: Job) -> None:
    """Everything below the progress of a run that has ended."""
    table = job.results()
    if not len(table):
        return
    st.header(say("Answers"), divider="gray")
    st.markdown(_tally(table))
    tags.offer(job, table)
    positions.offer(job, table)
    references.offer(job, table)
    found = results.select(labels.show(job, table), _wanted(job, table))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _show_files(job, found)
        leaf = _leaf(len(found))
    if not len(found):
        st.info(say("No row contains that: clear the search, or show all predictions."), icon=":material/search_off:")
        return
    shown = found.slice(leaf * PAGE, PAGE)
    picked = _show_rows(job, shown)
    if picked is None:
        st.caption(say("Tick a row on its left to open it. A click on a heading sorts only the rows on screen."))
        st.caption(_meanings(job))
    else:
        _show_row(job, job.with_others(shown.slice(picked, 1)).to_pylist()[0])
    firm.offer(job, found)


def _tally(table: pa.Table) -> str:
    """How often each prediction was made, and what could not be read."""
    missing = results.unread(table)
    read = len(table) - missing
    found = results.predictions(table)
    parts = [
        f"**{escape(say(name) if name == NO_ANSWER else name)}** {count / read:.1%} ({count:,})"
        for name, count in found[:MOST_TALLIED]
    ]
    if rest := [count for _, count in found[MOST_TALLIED:]]:
        parts.append(
            say_n(
                "{n:,} other prediction {share:.1%} ({rows:,})",
                "{n:,} other predictions {share:.1%} ({rows:,})",
                len(rest),
                share=sum(rest) / read,
                rows=sum(rest),
            )
        )
    if missing:
        parts.append(say("not read {n:,}: the note says why", n=missing))
    return say(", ").join(parts) or say("{n:,} rows were read.", n=read)


def _meanings(job: Job) -> str:
    """What stands in each column."""
    columns = columns_of(job.model)
    said = [_meaning(c) for c in columns]
    return say("Columns, with the same names here and in the files. {said}.", said="; ".join(said))


def _meaning(column: Column) -> str:
    about = say(column.about)
    return f"**{escape(say(column.key))}**: {escape(about[0].lower() + about[1:-1])}"


def _wanted(job: Job, table: pa.Table) -> Wanted:
    """What the person asks for."""
    orders = ["line", *(column.key for column in columns_of(job.model) if column.kind != "text")]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = say("Search the texts")
        search = st.text_input(label, key="batch-search", max_chars=100, placeholder=say("a word"), live=True)
        names = [name for name, _ in results.predictions(table)]
        only = ""
        if names:
            only = params.choose(
                say("Prediction"),
                ONLY,
                {"": say("all")} | {name: say(name) if name == NO_ANSWER else name for name in names},
                default="",
            )
        named = {key: say("line of the file") if key == "line" else say(key) for key in orders}
        order = params.choose(say("Sort by"), ORDER, named, default=summary_of(job.model).first)
        largest = st.toggle(say("Largest first"), True, key="batch-largest")
    return Wanted(search or "", only, order, largest)


def _show_files(job: Job, found: pa.Table) -> None:
    """The rows that are asked for, as files."""
    stem = re.sub(r"[^\w-]+", "-", job.name.rpartition(".")[0] or job.name)[:60] or "answers"
    name = f"{stem}-{job.model.recipe.key}"
    label = say_n("{n:,} row as CSV", "{n:,} rows as CSV", len(found))
    st.download_button(
        label, lambda: results.to_csv(job.with_others(found)), file_name=f"{name}.csv", mime="text/csv",
        key="save-csv", on_click="ignore", icon=":material/download:", type="tertiary",
        help=say(
            "In UTF-8. A text that begins with =, +, -, @, a tab or a carriage return gets an apostrophe in front, so "
            "that no spreadsheet computes it; a number stays as it is."
        ),
    )  # fmt: skip
    st.download_button(
        say("as Parquet"), lambda: results.to_parquet(job.with_others(found)), file_name=f"{name}.parquet",
        key="save-parquet", mime="application/vnd.apache.parquet", on_click="ignore",
        icon=":material/download:", type="tertiary",
        help=say("Every text exactly as it was."),
    )  # fmt: skip


def _leaf(count: int) -> int:
    """Which page of rows is shown, from 0."""
    leaves = -(-count // PAGE)
    if leaves < 2:
        return 0
    with st.container(width=220):
        return (
            params.number(say("Page of {n:,}, {rows} rows each", n=leaves, rows=PAGE), LEAF, range(1, leaves + 1), 1)
            - 1
        )


def _show_rows(job: Job, shown: pa.Table) -> int | None:
    """The rows; returns the place of the ticked one."""
    settings = {
        "line": st.column_config.NumberColumn(say("line"), help=say("Line of the file, from 1."), format="%d"),
        "text": st.column_config.TextColumn(say("text"), width="large"),
    } | {column.key: _config(column) for column in columns_of(job.model)}
    event = st.dataframe(
        _spoken(shown), hide_index=True, column_config=settings, key="batch-rows",
        on_select="rerun", selection_mode="single-row", height=min(460, 37 * (len(shown) + 1)),
        alt=say("Every sequence with what the model says of it"),
    )  # fmt: skip
    rows = event["selection"]["rows"]
    return rows[0] if rows and rows[0] < len(shown) else None


def _spoken(shown: pa.Table) -> pd.DataFrame:
    """Rows as the screen shows them: nothing where there is no text, and the answer that is none in words."""
    rows = shown.to_pandas().fillna({"text": "", "note": ""})
    if "prediction" in rows:
        rows["prediction"] = rows["prediction"].replace(NO_ANSWER, say(NO_ANSWER))
    return rows


def _said(value: float | str | None, column: Column) -> str:
    """A value as the table shows it."""
    return f"{value:.4f}" if column.kind in ("share", "nats") and value is not None else str(value or "–")


def _config(column: Column) -> ColumnConfig:
    if column.kind == "share":
        return st.column_config.ProgressColumn(
            say(column.key), help=say(column.about), format="%.4f", min_value=0.0, max_value=1.0
        )
    if column.kind == "nats":
        return st.column_config.NumberColumn(say(column.key), help=say(column.about), format="%.3f")
    if column.kind == "count":
        return st.column_config.NumberColumn(say(column.key), help=say(column.about), format="%d")
    return st.column_config.TextColumn(say(column.key), help=say(column.about))


def _show_row(job: Job, row: dict) -> None:
    """One sequence in full, and the way to everything that happened inside."""
    with st.container(border=True, key="batch-row"):
        text = row["text"] or ""
        st.markdown(say("**Line {n:,}**", n=row["line"]))
        st.text(_cut(text, LONGEST_SHOWN))
        if row["length"] is None:
            st.info(escape(row["note"] or say("It could not be read.")), icon=":material/block:")
            return
        columns = columns_of(job.model)
        st.caption(escape(say(", ").join(f"{say(c.key)} {_said(row[c.key], c)}" for c in columns if c != NOTE)))
        if row["note"]:
            st.caption(escape(row["note"]))
        known = {"line", "text", *(column.key for column in columns)}
        others = {name: value for name, value in row.items() if name not in known}
        if others:
            st.caption(escape(_in_the_file(others)))
        shown = inputs.in_url(text[: job.model.task.characters])
        query = {inputs.MODEL: job.model.recipe.key, inputs.TEXT: shown}
        label = say("Open it on Explore: every gate, state and weight")
        page = inputs.HOMES.get(job.model.task.group)
        if page:
            label = say("Open it on the page of its model: every gate, state and weight")
        params.link(page or "app_pages/explore.py", label, ":material/search:", query)


def _in_the_file(others: Mapping[str, object]) -> str:
    """What the file says of a sequence beside its text."""
    cells = [_cut(f"{name}: {value}", LONGEST_CELL) for name, value in others.items()]
    rest = len(cells) - MOST_OTHERS
    more = say_n("and {n:,} more column, which the files hold", "and {n:,} more columns, which the files hold", rest)
    return say("In the file: {cells}", cells="; ".join([*cells[:MOST_OTHERS], *([more] if rest > 0 else [])]))


def _cut(text: str, longest: int) -> str:
    """The beginning of a text, with a sign that it goes on."""
    return text if len(text) <= longest else f"{text[:longest]} …"
