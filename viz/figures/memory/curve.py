"""How far each architecture remembers: accuracy against lag, and the training it took to get there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core_models.language import say
from pretrained.memory.published import Published
from viz.figures.memory.racers import LOOKS, Look
from viz.theme import MUTED, assemble

Result = Mapping[str, Any]

APART = 0.017
"""Decades between two architectures at one lag: their points stand side by side, so that none hides another."""


def draw_accuracy(rows: Sequence[Result], floor: float, published: Sequence[Published]) -> go.Figure:
    """Accuracy against lag: for each architecture its seeds as points, their mean as a line, their range as a band.

    Args:
        rows: results of one task: cell, lag, seed, accuracy, steps, mse.
        floor: accuracy without memory.
        published: results of others, drawn as stars.

    Returns:
        Curves in this order: for each architecture band, mean line, points; then the stars.
    """
    data = [curve for key in LOOKS for curve in _curves(rows, key, "accuracy", "%{y:.1%}")]
    data += [_star(point) for point in published if point.lag is not None]
    layout = _layout(rows, say("correct answers on new sequences"), "accuracy")
    layout["yaxis"] |= {"range": [-0.03, 1.04], "tickformat": ".0%", "dtick": 0.25}
    layout["shapes"] = [_level(floor)]
    layout["annotations"] = [_note(floor, say("without memory {floor:.1%}", floor=floor))]
    return assemble(data, layout)


def draw_effort(rows: Sequence[Result]) -> go.Figure:
    """Training steps used against lag, on a logarithmic scale; a run that never got there is an open marker.

    Returns:
        Curves in the order of ``draw_accuracy``, without stars.
    """
    data = [curve for key in LOOKS for curve in _curves(rows, key, "steps", say("%{y:,} steps"))]
    layout = _layout(rows, say("training steps used (log)"), "steps")
    values = [row["steps"] for row in rows]
    layout["yaxis"] |= {"type": "log", "range": [math.log10(min(values) * 0.8), math.log10(max(values) * 1.3)]}
    layout["yaxis"] |= {"tickvals": [100, 200, 500, 1000, 2000, 4000], "tickformat": ",d"}
    return assemble(data, layout)


def place(lag: float, key: str) -> float:
    """Horizontal place of an architecture's point: the lag's logarithm, moved a little to stand beside the others."""
    return math.log10(lag) + APART * (list(LOOKS).index(key) - (len(LOOKS) - 1) / 2)


def _curves(rows: Sequence[Result], key: str, measure: str, shown: str) -> list[dict[str, Any]]:
    look, own = LOOKS[key], [row for row in rows if row["cell"] == key]
    lags = sorted({row["lag"] for row in own})
    values = [[row[measure] for row in own if row["lag"] == lag] for lag in lags]
    x = np.array([place(lag, key) for lag in lags], dtype=np.float32)
    low, high = (np.array([pick(v) for v in values], dtype=np.float32) for pick in (min, max))
    mean = np.array([np.mean(v) for v in values], dtype=np.float32)
    return [_band(look, x, low, high), _mean(look, x, mean), _points(look, own, measure, shown)]


def _band(look: Look, x: np.ndarray, low: np.ndarray, high: np.ndarray) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "lines", "name": say("{name}, range of seeds", name=look.name), "hoverinfo": "skip",
        "x": np.concatenate([x, x[::-1]]), "y": np.concatenate([high, low[::-1]]), "fill": "toself",
        "fillcolor": look.color, "opacity": 0.16, "line": {"width": 0}, "showlegend": False, "legendgroup": look.name,
    }  # fmt: skip


def _mean(look: Look, x: np.ndarray, mean: np.ndarray) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "lines+markers", "name": look.name, "hoverinfo": "skip", "x": x, "y": mean,
        "legendgroup": look.name, "line": {"color": look.color, "width": 2, "dash": look.dash},
        "marker": {"color": look.color, "symbol": look.symbol, "size": 1},
    }  # fmt: skip


def _points(look: Look, own: Sequence[Result], measure: str, shown: str) -> dict[str, Any]:
    symbols = [look.symbol if row["solved"] else f"{look.symbol}-open" for row in own]
    key = next(key for key, other in LOOKS.items() if other is look)
    return {
        "type": "scatter", "mode": "markers", "name": look.name, "legendgroup": look.name, "showlegend": False,
        "x": np.array([place(row["lag"], key) for row in own], dtype=np.float32),
        "y": np.array([row[measure] for row in own], dtype=np.float32),
        "text": [_words(row) for row in own],
        "marker": {"color": look.color, "symbol": symbols, "size": 8, "line": {"width": 1.5, "color": look.color}},
        "hovertemplate": f"<b>{look.name}</b>, %{{text}}<br>{shown}<extra></extra>",
    }  # fmt: skip


def _words(row: Result) -> str:
    told = {"lag": row["lag"], "seed": row["seed"], "steps": row["steps"]}
    solved = say("lag {lag}, seed {seed}<br>stopped as solved after {steps:,} steps", **told)
    said = solved if row["solved"] else say("lag {lag}, seed {seed}<br>not solved after {steps:,} steps", **told)
    return said if row["mse"] is None else said + say(", mean squared error {mse:.4f}", mse=row["mse"])


def _star(point: Published) -> dict[str, Any]:
    look = LOOKS[point.cell]
    return {
        "type": "scatter", "mode": "markers", "name": say("{name}, reported by others", name=look.name),
        "x": np.array([math.log10(point.lag or 1)], dtype=np.float32), "y": np.array([point.value], dtype=np.float32),
        "marker": {"symbol": "star-open", "size": 15, "color": look.color, "line": {"width": 2, "color": look.color}},
        "hovertemplate": say(


                    "<b>{name}</b>, lag {lag}: {value:.2%}<br>{measure},<br>{source}<extra></extra>",
                        name=look.name, lag=point.lag, value=point.value, measure=say(point.measure),
                        source=point.reported),
    }  # fmt: skip


def _layout(rows: Sequence[Result], title: str, measure: str) -> dict[str, Any]:
    lags = sorted({row["lag"] for row in rows})
    return {
        "height": 420,
        "uirevision": f"memory-{measure}",
        "hovermode": "closest",
        "margin": {"l": 12, "r": 12, "t": 12, "b": 12},
        "legend": {"orientation": "h", "x": 0, "y": -0.24, "yanchor": "top"},
        "xaxis": {
            "title": {"text": say("lag: steps to remember (log)")},
            "tickvals": [math.log10(lag) for lag in lags],
            "ticktext": [str(lag) for lag in lags],
            "range": [math.log10(lags[0]) - 0.08, math.log10(lags[-1]) + 0.08],
        },
        "yaxis": {"title": {"text": title}},
        "meta": {},
    }


def _level(at: float) -> dict[str, Any]:
    line = {"color": MUTED, "width": 1.5, "dash": "dot"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": at, "y1": at, "layer": "below", "line": line}


def _note(at: float, text: str) -> dict[str, Any]:
    return {
        "xref": "paper", "x": 0, "xanchor": "left", "y": at, "yanchor": "bottom", "text": text, "showarrow": False,
        "font": {"color": MUTED, "size": 11},
    }  # fmt: skip
