"""Curves that people drew before they saw it, and the one that the network shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from viz.figures.parts.token_axis import counts, escape, label_axis, label_ticks, spell
from viz.theme import LINES, assemble

Curves = Mapping[str, Sequence[float]]
"""A value for each token, by the name of the curve; the measured one first."""

DASHES = ("solid", "dash", "dot")


def draw(curves: Curves, tokens: Sequence[str], ends: tuple[float, float]) -> go.Figure:
    """The curves over the tokens.

    Args:
        curves: at most three.
        tokens: names of the steps.
        ends: of the axis on which they were drawn.
    """
    labels, room = [spell(token) for token in tokens], 0.06 * (ends[1] - ends[0])
    data = [_line(place, name, values) for place, (name, values) in enumerate(curves.items())]
    layout: dict[str, Any] = {
        "height": 280,
        "uirevision": f"drawn-{len(labels)}",
        "hovermode": "x unified",
        "xaxis": label_axis(labels, ""),
        "yaxis": {"range": [ends[0] - room, ends[1] + room], "zeroline": False},
        "meta": {"link": {"axis": "x"}, "ticks": [label_ticks("x", labels)], "steps": len(labels)},
    }
    return assemble(data, layout)


def _line(place: int, name: str, values: Sequence[float]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": escape(name),
        "x": np.arange(len(values)),
        "y": np.asarray(values, dtype=np.float32),
        "customdata": counts(len(values)),
        "line": {"color": LINES[place], "dash": DASHES[place], "width": 2.5 if place == 0 else 2},
        "hovertemplate": "%{y:.3f}",
    }


def numbers(curves: Curves, tokens: Sequence[str]) -> pd.DataFrame:
    """A row for each token, a column for each curve."""
    return pd.DataFrame({"step": np.arange(1, len(tokens) + 1), "token": list(tokens), **curves})
