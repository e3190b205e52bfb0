"""Where the sequences come from: a file or pasted lines, read once and kept for the visitor until others come."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import streamlit as st

from pretrained.files.encoding import EncodingError
from pretrained.files.limits import MOST_MEGABYTES, MOST_ROWS
from pretrained.files.table import Table
from pretrained.task import InputError
from viz import controls
from viz.batch import source

ORIGIN, FILE, LINES, COLUMN = "from", "batch file", "batch lines", "batch column"
SOURCE, REFUSED, ENCODING, JOB = "batch source", "batch refused", "batch encoding", "batch job"
MOST_PASTED = 200_000
"""Characters that can be pasted."""

ORIGINS = {"file": "a file", "lines": "pasted lines"}


@dataclass(frozen=True, eq=False)
class Source:
    """What one visitor gave: its name, what it is told from another by, and the table it holds."""

    name: str
    identity: str
    table: Table


@dataclass(frozen=True)
class Refusal:
    """Why what was given could not be read: a sentence, and the encoding that may help, where one was found."""

    identity: str
    tried: str
    sentence: str
    detected: str
    label: str


def take_source() -> Source | None:
    """The file or the lines, if they can be read; else what was read before, with a sentence that says why."""
    origin = controls.choose("Read", ORIGIN, ORIGINS, default="file", pills=True)
    given = _take_file() if origin == "file" else _take_lines()
    if given:
        _read(*given)
    refused: Refusal | None = st.session_state.get(REFUSED)
    if refused and given and refused.identity == given[0]:
        _show_refusal(refused)
    return st.session_state.get(SOURCE)


def keep(name: str, identity: str, table: Table) -> None:
    """Take a table as the source; what was read before, and its answers, are let go."""
    st.session_state[SOURCE] = Source(name, identity, table)
    before = st.session_state.pop(JOB, None)
    if before:
        before.cancel()
    st.session_state.pop(COLUMN, None)


def _take_file() -> tuple[str, str, bytes] | None:
    """Identity, name and content of the file that lies in the box."""
    file = st.file_uploader(
        f"A file with one sequence a row: text, CSV, TSV, JSON Lines, Parquet or FASTA, at most {MOST_MEGABYTES} MB "
        f"and {MOST_ROWS:,} rows", key=FILE,
    )  # fmt: skip
    return (file.file_id, file.name, file.getvalue()) if file else None


def _take_lines() -> tuple[str, str, bytes] | None:
    text = st.text_area(
        "One sequence a line; Ctrl+Enter or a click elsewhere takes them", key=LINES, max_chars=MOST_PASTED, height=160
    )
    content = (text or "").encode()
    return (hashlib.sha256(content).hexdigest(), source.PASTED, content) if text and text.strip() else None


def _read(identity: str, name: str, content: bytes) -> None:
    """Read what was given unless that was done already, with good or bad end."""
    asked, encoding = st.session_state.get(ENCODING, ("", None))
    encoding = encoding if asked == identity else None
    tried = f"{identity} {encoding or ''}"
    held, refused = st.session_state.get(SOURCE), st.session_state.get(REFUSED)
    if (held and held.identity == tried) or (refused and refused.tried == tried):
        return
    try:
        with st.spinner("Reading the file …"):
            table = source.read_source(name, content, encoding)
    except InputError as error:
        found = (error.detected, error.label) if isinstance(error, EncodingError) else ("", "")
        st.session_state[REFUSED] = Refusal(identity, tried, str(error), *found)
        return
    keep(name, tried, table)
    st.session_state.pop(REFUSED, None)


def _show_refusal(refused: Refusal) -> None:
    st.error(controls.escape(refused.sentence), icon=":material/block:")
    if refused.detected:
        st.button(f"Read it as {refused.label}", on_click=_use_encoding, args=(refused.identity, refused.detected),
                  key="read-as", icon=":material/translate:")  # fmt: skip


def _use_encoding(identity: str, encoding: str) -> None:
    st.session_state[ENCODING] = (identity, encoding)


def pick_column(taken: Source) -> str:
    """The column that holds the sequences; nothing to choose where there is one."""
    names = source.text_columns(taken.table.frame)
    if len(names) == 1:
        return names[0]
    if st.session_state.get(COLUMN) not in names:
        st.session_state[COLUMN] = names[0]
    return st.selectbox("Column with the sequences", names, key=COLUMN)
