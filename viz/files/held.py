"""The sequences that a visitor gave last, kept for the Batch page until others come."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from pretrained.uploads.table import Table

SOURCE, JOB, COLUMN = "batch source", "batch job", "batch column"
"""Keys of the session's own state: the table, the run that reads it, and the column that is read."""


@dataclass(frozen=True, eq=False)
class Source:
    """What one visitor gave: its name, and the table it holds."""

    name: str
    table: Table


def keep(name: str, table: Table) -> None:
    """Take a table as the source; what was read before, and its answers, are let go."""
    st.session_state[SOURCE] = Source(name, table)
    before = st.session_state.pop(JOB, None)
    if before:
        before.cancel()
    st.session_state.pop(COLUMN, None)
