"""Figures and numbers as files that need no network and no Gatescope."""

from __future__ import annotations

from html import escape

import plotly.graph_objects as go

from core_models.trace import Trace
from viz.view import Target, View

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>
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
    return PAGE.format(title=escape(title), text=escape(text), body=body)


def to_csv(view: View, trace: Trace, target: Target) -> str:
    """The numbers that a view draws of one target as CSV with a header: one row for each value."""
    return view.numbers(trace, target).to_csv(index=False)
