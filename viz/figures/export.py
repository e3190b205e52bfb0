"""Figures and numbers as files that need no network and no Gatescope."""

from __future__ import annotations

import json
from typing import Any

import plotly.graph_objects as go

from core_models.trace import Trace
from viz.view import Figure, Target, View


class ScriptSafeEncoder(json.JSONEncoder):
    """JSON in which no text can close the script element that it stands in."""

    def encode(self, o: Any) -> str:
        return super().encode(o).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def to_html(figure: Figure) -> str:
    """The figure as one HTML page with its drawing library inside: it opens without a network."""
    if isinstance(figure, go.Figure):
        return figure.to_html(include_plotlyjs=True, full_html=True, config={"displaylogo": False})
    return figure.to_html(inline=True, json_kwds={"cls": ScriptSafeEncoder})


def to_csv(view: View, trace: Trace, target: Target) -> str:
    """The numbers that a view draws of one target as CSV with a header: one row for each value."""
    return view.numbers(trace, target).to_csv(index=False)
