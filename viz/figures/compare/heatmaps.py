"""One quantity of all compared traces unit by unit: heatmaps one above another, on one axis of tokens and one scale."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from core_models.language import say
from viz.figures.compare.answers import part_answers
from viz.figures.compare.comparison import Comparison
from viz.figures.compare.lines import name_origins
from viz.figures.compare.marks import axes
from viz.figures.compare.quantity import ShownQuantity
from viz.figures.parts.token_axis import counts, escape
from viz.theme import assemble

ROW = 190
"""Pixels of one heatmap with its name."""


def how_to_read(comparison: Comparison, shown: ShownQuantity) -> str:
    """Rows, columns, the shared scale, and what is drawn of each trace."""
    rows = say(
        "Each row is one unit, each column one token; all heatmaps share one colour scale. A unit's number means "
        "nothing across networks."
    )
    return f"{rows} {name_origins(comparison, shown)}"


def draw(comparison: Comparison, shown: ShownQuantity) -> go.Figure:
    """A heatmap for each trace that holds the quantity, in the order of the traces."""
    held = [(number, values) for number, values in enumerate(shown.drawn) if values is not None]
    count, step = max(1, len(held)), part_answers(comparison).opposite
    layout: dict[str, Any] = {
        "height": 90 + ROW * count,
        "uirevision": f"compare-heatmaps-{count}-{shown.label}",
        "hovermode": "closest",
        "margin": {"l": 12, "r": 12, "t": 32, "b": 12},
        **axes(comparison, say(comparison.noun)),
        "coloraxis": {
            "colorscale": shown.scale.colors,
            "cmin": shown.scale.low,
            "cmax": shown.scale.high,
            "colorbar": shown.scale.bar(escape(shown.label)),
        },
        "shapes": [] if step is None else [_column(step)],
        "annotations": [],
    }
    data = []
    gap = 26 / (ROW * count)
    for rank, (number, values) in enumerate(held):
        top = 1.0 - rank / count
        axis = "yaxis" if rank == 0 else f"yaxis{rank + 1}"
        layout[axis] = {
            "title": {"text": say("unit")}, "domain": [top - 1.0 / count + gap, top], "autorange": "reversed",
            "anchor": "x", "nticks": 5, "zeroline": False, "showgrid": False,
        }  # fmt: skip
        layout["annotations"].append(_name(comparison.names[number], top))
        data.append(_cells(comparison, number, values, shown, rank))
    layout["xaxis"]["anchor"] = "y" if count == 1 else f"y{count}"
    return assemble(data, layout)


def _cells(comparison: Comparison, number: int, values: np.ndarray, shown: ShownQuantity, rank: int) -> dict[str, Any]:
    label, name = escape(shown.label), escape(comparison.names[number])
    return {
        "type": "heatmap",
        "name": name,
        "yaxis": "y" if rank == 0 else f"y{rank + 1}",
        "z": np.ascontiguousarray(values.T),
        "customdata": np.tile(counts(len(values)), (values.shape[1], 1)),
        "coloraxis": "coloraxis",
        "hoverongaps": False,
        "hovertemplate": f"{name}<br>{say(comparison.noun)} %{{customdata}}: <b>%{{x}}</b><br>{say('unit')} %{{y}}<br>"
        f"{label} = %{{z:.6f}}<extra></extra>",
    }


def _name(name: str, top: float) -> dict[str, Any]:
    place = {"xref": "paper", "x": 0, "xanchor": "left", "yref": "paper", "y": top, "yanchor": "bottom"}
    return {**place, "text": f"<b>{escape(name)}</b>", "showarrow": False, "font": {"size": 12}}


def _column(step: int) -> dict[str, Any]:
    line = {"color": "#d0257a", "width": 1.8}
    return {"type": "rect", "x0": step - 0.5, "x1": step + 0.5, "yref": "paper", "y0": 0, "y1": 1, "line": line}
