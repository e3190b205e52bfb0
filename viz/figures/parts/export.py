"""Figures and numbers as files that need no network and no Gatescope."""

from __future__ import annotations

import io
import re
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core_models.language import tag

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a cell begins that a spreadsheet would compute (OWASP, "CSV Injection")."""

NUMBER = re.compile(r"[+-]?\d[\d.,]*(?:[eE][+-]?\d+)?", re.ASCII)
"""A number as a person's own file may hold it as a text: there is nothing in it to compute."""

PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title></head>
<body style="font-family: system-ui, sans-serif; color: #26303b; margin: 2rem">
<h1 style="font-size: 1.2rem">{title}</h1><p dir="auto">{text}</p>{body}</body></html>
"""


def to_html(figure: go.Figure, title: str, text: str = "") -> str:
    """The figure as one HTML page with Plotly inside: it opens without a network, and zooms and plays as on screen.

    Args:
        figure: the figure.
        title: heading of the page.
        text: the text that the network read, shown below the heading.
    """
    body = figure.to_html(include_plotlyjs=True, full_html=False, config={"displaylogo": False})
    return PAGE.format(lang=tag(), title=escape(title), text=escape(text), body=body)


def to_csv(table: pd.DataFrame) -> str:
    """A table as CSV with a header, as every download is written; a text that a spreadsheet would take for a formula
    begins with an apostrophe.

    Numbers stay numbers, whatever their sign, and texts that are numbers stay as they are written.
    """
    guarded = table.copy()
    for name in table.select_dtypes(exclude=["number", "bool", "datetime", "datetimetz"]).columns:
        guarded[name] = [_guard(value) for value in table[name]]
    # Lines end as RFC 4180 wants it, so that a bare return within a cell is quoted.
    return guarded.rename(columns=_guard).to_csv(index=False, lineterminator="\r\n")


def to_npz(table: pd.DataFrame) -> bytes:
    """A table as NPZ, an array for each column: numbers in their own type, everything else as texts; no pickles."""
    columns: dict[str, Any] = {
        str(name): values.to_numpy()
        if values.dtype.kind in "fiub"
        else np.array(["" if pd.isna(each) else str(each) for each in values])
        for name, values in table.items()
    }
    packed = io.BytesIO()
    np.savez_compressed(packed, **columns)
    return packed.getvalue()


def _guard(value: object) -> Any:
    formula = isinstance(value, str) and value.startswith(FORMULA) and not NUMBER.fullmatch(value)
    return f"'{value}" if formula else value
