"""Which series is read, and up to which step: an example of the task, or a file of the person's own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from pretrained.files.table import read_columns
from pretrained.series.own import JOINED, NO_DATE, Choice, columns_of, read_own
from pretrained.series.task import UPLOAD, Series, SeriesTask
from pretrained.task import InputError
from viz import controls
from viz.figures.token_axis import with_article
from viz.kinds.series_end import pick_end

DATE, VALUE, ROWS, FILE, DRAWER = "date", "value", "rows", "series-file", "own-series"
HELD, SHOWN, NEW, PROBLEM = "series held", "series shown", "series new", "series problem"
"""Keys of the session's own state: the file that was uploaded, the series and last step on the screen, whether the file
was just given, and why it could not be read."""

KINDS = ("csv", "tsv", "txt", "parquet", "jsonl", "npy", "npz")


@dataclass(frozen=True, eq=False)
class Held:
    """A table that the person uploaded; kept while the session lasts, the newest one alone."""

    file: str
    digest: str
    frame: pd.DataFrame
    notices: tuple[str, ...]


def take_series(task: SeriesTask) -> tuple[str, int, Series | None]:
    """Name of the series, the step that is read last, and the series itself where it is the person's own."""
    own = _own(task)
    names = {example.text: example.title for example in task.examples}
    if own:
        names |= {own.name: f"Your own: {own.title}, {own.column}"}
        if st.session_state.pop(NEW, False):
            st.session_state[controls.TEXT] = own.name
    else:
        _answer_link()
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    with left:
        name = controls.choose("Series", controls.TEXT, names, default=own.name if own else task.examples[0].text)
    content = own if own and own.name == name else None
    series = task.open(name, content)
    with right:
        last = pick_end(task, series)
    st.session_state[SHOWN] = (series, last)
    with st.container(horizontal=True, vertical_alignment="center"):
        _ask_for_file(task)
        why = next((example.why for example in task.examples if example.text == name), "")
        if why:
            st.caption(why)
    return name, last, content


def shown_series(task: SeriesTask) -> tuple[Series, int]:
    """The series on the screen and the step that is read last."""
    found = st.session_state.get(SHOWN)
    if found is None:
        series = task.open(task.examples[0].text)
        return series, series.last
    return found


def _answer_link() -> None:
    if st.query_params.get(controls.TEXT, "").startswith(UPLOAD):
        st.info(
            "The link points to a file on somebody's computer: upload it below, or look at this example.",
            icon=":material/link_off:",
        )


def _ask_for_file(task: SeriesTask) -> None:
    """The drawer with the person's own file, its columns, and how its rows are read."""
    with st.popover("A series of your own", icon=":material/upload_file:", key=DRAWER, on_change="rerun") as drawer:
        if not drawer.open:
            return
        st.file_uploader(
            "Dates and values as a table (CSV, Parquet), or numbers alone (NPY, NPZ)", type=list(KINDS), key=FILE,
            on_change=_take_file,
        )  # fmt: skip
        problem = st.session_state.get(PROBLEM)
        if problem:
            st.warning(controls.escape(problem), icon=":material/edit:")
        held = st.session_state.get(HELD)
        if isinstance(held, Held):
            _pick_columns(task, held)
        else:
            st.caption(
                f"It is brought to one value {with_article(task.step.name)}, standardised by its own mean and standard "
                f"deviation, and read {task.window} values at a time. It stays in this session and is never written to "
                "a disk."
            )


def _take_file() -> None:
    """A file was given: read it into the session. One that was taken away stays until another is read.

    A browser that exchanges one file for another first takes the old one away: were the page drawn without it then, its
    parts would move, and the new file be lost on its way.
    """
    given = st.session_state.get(FILE)
    st.session_state[PROBLEM] = ""
    if given is None:
        return
    content = given.getvalue()
    try:
        table = read_columns(given.name, content)
        columns_of(given.name, table.frame)
    except InputError as error:
        st.session_state[PROBLEM] = str(error)
        return
    digest = hashlib.sha256(content).hexdigest()
    st.session_state[HELD] = Held(given.name, digest, table.frame, table.notices)
    st.session_state[NEW] = True
    for name in (DATE, VALUE, ROWS):
        st.session_state.pop(name, None)


def _pick_columns(task: SeriesTask, held: Held) -> None:
    columns = columns_of(held.file, held.frame, task.channels[0].key)
    dates = {column: {NO_DATE: "none: rows are one step apart", JOINED: "year, month, day, hour"}.get(column, column)
             for column in columns.dates}  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox("Column of dates", list(dates), format_func=dates.__getitem__, key=DATE)
        st.selectbox("Column of values", list(columns.numbers), key=VALUE)
        st.checkbox(
            f"Read every row as one {task.step.name}", key=ROWS,
            help="Where the rows stand at another distance than the model learned, whatever their dates say.",
        )  # fmt: skip


def _own(task: SeriesTask) -> Series | None:
    """The person's series as it is chosen now; a sentence stands on the screen where it cannot be read."""
    held = st.session_state.get(HELD)
    if not isinstance(held, Held):
        return None
    try:
        columns = columns_of(held.file, held.frame, task.channels[0].key)
        date, value = st.session_state.get(DATE), st.session_state.get(VALUE)
        choice = Choice(
            date if date in columns.dates else columns.dates[0],
            value if value in columns.numbers else columns.numbers[0],
            bool(st.session_state.get(ROWS, False)),
        )
        return _series(task.key, name_of(task, held, choice), task, held, choice)
    except InputError as error:
        st.warning(controls.escape(str(error)), icon=":material/edit:")
        return None


def name_of(task: SeriesTask, held: Held, choice: Choice) -> str:
    """The name that stands for this file and choice, and for nothing else."""
    said = "\n".join((held.digest, task.key, choice.date, choice.value, str(choice.as_rows)))
    return UPLOAD + hashlib.sha256(said.encode()).hexdigest()[:16]


@st.cache_resource(max_entries=32, show_spinner=False)
def _series(key: str, name: str, _task: SeriesTask, _held: Held, _choice: Choice) -> Series:
    series = read_own(_task, name, _held.file, _held.frame, _choice)
    return replace(series, notices=tuple(controls.escape(notice) for notice in (*_held.notices, *series.notices)))
