"""Figures and numbers as files that need no network and no Gatescope."""

from __future__ import annotations

import plotly.graph_objects as go

from core_models.trace import Trace
from viz.view import Target, View


def to_html(figure: go.Figure) -> str:
    """The figure as one HTML page with Plotly inside: it opens without a network, and zooms and plays as on screen."""
    return figure.to_html(include_plotlyjs=True, full_html=True, config={"displaylogo": False})


def to_csv(view: View, trace: Trace, target: Target) -> str:
    """The numbers that a view draws of one target as CSV with a header: one row for each value."""
    return view.numbers(trace, target).to_csv(index=False)
