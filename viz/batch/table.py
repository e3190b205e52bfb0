"""The answers as a table: search, order, pages, one row opened on Explore, and the whole as a file."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pyarrow as pa
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from viz import inputs, params
from viz.batch import labels, results
from viz.batch.answers import NOTE, Column, columns_of, summary_of
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
    st.header("Answers", divider="gray")
    st.markdown(_tally(table))
    found = results.select(labels.show(job, table), _wanted(job, table))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _show_files(job, found)
        leaf = _leaf(len(found))
    if not len(found):
        st.info("No row contains that: clear the search, or show all predictions.", icon=":material/search_off:")
        return
    shown = found.slice(leaf * PAGE, PAGE)
    picked = _show_rows(job, shown)
    if picked is None:
        st.caption("Tick a row on its left to open it. A click on a heading sorts only the rows on screen.")
        st.caption(_meanings(job))
    else:
        _show_row(job, job.with_others(shown.slice(picked, 1)).to_pylist()[0])


def _tally(table: pa.Table) -> str:
    """How often each prediction was made, and what could not be read."""
    missing = results.unread(table)
    read = len(table) - missing
    found = results.predictions(table)
    parts = [f"**{escape(name)}** {count / read:.1%} ({count:,})" for name, count in found[:MOST_TALLIED]]
    if rest := [count for _, count in found[MOST_TALLIED:]]:
        parts.append(f"{_more(len(rest), 'other prediction')} {sum(rest) / read:.1%} ({sum(rest):,})")
    if missing:
        parts.append(f"not read {missing:,}: the note says why")
    return ", ".join(parts) or f"{read:,} rows were read."


def _more(count: int, what: str) -> str:
    """How many of something are not shown one by one."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _meanings(job: Job) -> str:
    """What stands in each column."""
    columns = columns_of(job.model)
    said = [f"**{escape(c.key)}**: {escape(c.about[0].lower() + c.about[1:-1])}" for c in columns]
    return f"Columns, with the same names here and in the files. {'; '.join(said)}."


def _wanted(job: Job, table: pa.Table) -> Wanted:
    """What the person asks for."""
    orders = ["line", *(column.key for column in columns_of(job.model) if column.kind != "text")]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = "Search the texts"
        search = st.text_input(label, key="batch search", max_chars=100, placeholder="a word", live=True)
        names = [name for name, _ in results.predictions(table)]
        only = ""
        if names:
            only = params.choose("Prediction", ONLY, {"": "all"} | {name: name for name in names}, default="")
        named = {key: "line of the file" if key == "line" else key for key in orders}
        order = params.choose("Sort by", ORDER, named, default=summary_of(job.model).first)
        largest = st.toggle("Largest first", True, key="batch largest")
    return Wanted(search or "", only, order, largest)


def _show_files(job: Job, found: pa.Table) -> None:
    """The rows that are asked for, as files."""
    stem = re.sub(r"[^\w-]+", "-", job.name.rpartition(".")[0] or job.name)[:60] or "answers"
    name = f"{stem}-{job.model.recipe.key}"
    rows = "1 row" if len(found) == 1 else f"{len(found):,} rows"
    st.download_button(
        f"{rows} as CSV", lambda: results.to_csv(job.with_others(found)), file_name=f"{name}.csv", mime="text/csv",
        key="save-csv", on_click="ignore", icon=":material/download:", type="tertiary",
        help="In UTF-8. A text that begins with =, +, -, @, a tab or a carriage return gets an apostrophe in front, so "
        "that no spreadsheet computes it; a number stays as it is.",
    )  # fmt: skip
    st.download_button(
        "as Parquet", lambda: results.to_parquet(job.with_others(found)), file_name=f"{name}.parquet",
        key="save-parquet", mime="application/vnd.apache.parquet", on_click="ignore",
        icon=":material/download:", type="tertiary",
        help="Every text exactly as it was.",
    )  # fmt: skip


def _leaf(count: int) -> int:
    """Which page of rows is shown, from 0."""
    leaves = -(-count // PAGE)
    if leaves < 2:
        return 0
    with st.container(width=220):
        return params.number(f"Page of {leaves:,}, {PAGE} rows each", LEAF, range(1, leaves + 1), 1) - 1


def _show_rows(job: Job, shown: pa.Table) -> int | None:
    """The rows; returns the place of the ticked one."""
    settings = {
        "line": st.column_config.NumberColumn("line", help="Line of the file, from 1.", format="%d"),
        "text": st.column_config.TextColumn("text", width="large"),
    } | {column.key: _config(column) for column in columns_of(job.model)}
    event = st.dataframe(
        shown.to_pandas().fillna({"text": "", "note": ""}), hide_index=True, column_config=settings, key="batch rows",
        on_select="rerun", selection_mode="single-row", height=min(460, 37 * (len(shown) + 1)),
        alt="Every sequence with what the model says of it",
    )  # fmt: skip
    rows = event["selection"]["rows"]
    return rows[0] if rows and rows[0] < len(shown) else None


def _said(value: float | str | None, column: Column) -> str:
    """A value as the table shows it."""
    return f"{value:.4f}" if column.kind in ("share", "nats") and value is not None else str(value or "–")


def _config(column: Column) -> ColumnConfig:
    if column.kind == "share":
        return st.column_config.ProgressColumn(
            column.key, help=column.about, format="%.4f", min_value=0.0, max_value=1.0
        )
    if column.kind == "nats":
        return st.column_config.NumberColumn(help=column.about, format="%.3f")
    if column.kind == "count":
        return st.column_config.NumberColumn(help=column.about, format="%d")
    return st.column_config.TextColumn(help=column.about)


def _show_row(job: Job, row: dict) -> None:
    """One sequence in full, and the way to everything that happened inside."""
    with st.container(border=True, key="batch-row"):
        text = row["text"] or ""
        st.markdown(f"**Line {row['line']:,}**")
        st.text(_cut(text, LONGEST_SHOWN))
        if row["length"] is None:
            st.info(escape(row["note"] or "It could not be read."), icon=":material/block:")
            return
        columns = columns_of(job.model)
        st.caption(escape(", ".join(f"{c.key} {_said(row[c.key], c)}" for c in columns if c != NOTE)))
        if row["note"]:
            st.caption(escape(row["note"]))
        known = {"line", "text", *(column.key for column in columns)}
        others = {name: value for name, value in row.items() if name not in known}
        if others:
            st.caption(escape(_in_the_file(others)))
        shown = inputs.in_url(text[: job.model.task.characters])
        query = {inputs.MODEL: job.model.recipe.key, inputs.TEXT: shown}
        label = "Open it on Explore: every gate, state and weight"
        params.link("app_pages/explore.py", label, ":material/search:", query)


def _in_the_file(others: Mapping[str, object]) -> str:
    """What the file says of a sequence beside its text."""
    cells = [_cut(f"{name}: {value}", LONGEST_CELL) for name, value in others.items()]
    rest = len(cells) - MOST_OTHERS
    more = [f"and {_more(rest, 'more column')}, which the files hold"] if rest > 0 else []
    return f"In the file: {'; '.join([*cells[:MOST_OTHERS], *more])}"


def _cut(text: str, longest: int) -> str:
    """The beginning of a text, with a sign that it goes on."""
    return text if len(text) <= longest else f"{text[:longest]} …"
