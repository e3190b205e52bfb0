"""How long units remember: what their gates predict against what a nudge to each of them shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import say
from viz.figures.parts.log_axis import log_axis
from viz.figures.parts.token_axis import label_axis, label_ticks
from viz.theme import LINES, MARK, MUTED, assemble

SHORTEST = 0.1
"""Half-lives below this many tokens are drawn at it, as triangles that point down."""

LEGEND = {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom", "itemsizing": "trace",
          "itemwidth": 44}  # fmt: skip
"""Wide enough to show dashes."""

OWN, WHOLE, GATE = MARK, LINES[1], LINES[5]
"""A nudge watched in the unit itself and in the whole memory, and what the gate alone would leave."""

Doubles = NDArray[np.float64]


def draw_half_lives(
    promised: Doubles | None, own: Doubles, whole: Doubles, horizon: int, unit: int, *, noun: str = "token"
) -> go.Figure:
    """Measured half-life of every unit against the one that its gate predicts, or ranked where there is no such gate.

    Args:
        promised: half-life from the mean retention, in tokens, ``[unit]``; None where the cell has no keeping gate.
        own: measured on the unit itself, ``[unit]``; infinite where more than half was left at the end.
        whole: measured on the whole memory, ``[unit]``.
        horizon: tokens from the nudge to the end of the text.
        unit: the selected unit, which is ringed.
        noun: what a token is called.
    """
    rank = np.argsort(np.argsort(own, kind="stable"), kind="stable").astype(np.float64) + 1.0
    x, top = (rank, horizon * 1.3) if promised is None else (_within(promised, _ceiling(promised)), horizon * 1.3)
    title = say("half-life measured ({noun}s)", noun=say(noun))
    drawn = [_within(own, top), _within(whole, top)]
    layout = {
        "height": 420,
        "legend": LEGEND,
        "uirevision": "half_lives",
        "hovermode": "closest",
        "margin": {"l": 12, "r": 12, "t": 32, "b": 12},
        "xaxis": {"title": {"text": say("unit, shortest memory first")}, "range": [-1, len(own) + 3], "showgrid": False}
        if promised is None
        else log_axis(say("half-life that the gate predicts ({noun}s)", noun=say(noun)), [x]),
        "yaxis": log_axis(title, [*drawn, np.array([horizon * 1.3])]),
        "shapes": [_end(horizon), *([] if promised is None else [_diagonal(max(float(x.max()), top))])],
        "annotations": [_end_label(horizon)],
        "meta": {},
    }
    text = None if promised is None else promised
    return assemble(
        [
            _legend(say("in the unit itself"), OWN, "circle"),
            _legend(say("in the whole memory"), WHOLE, "diamond-open"),
            _points(say("in the unit itself"), x, own, text, top, OWN, "circle"),
            _points(say("in the whole memory"), x, whole, text, top, WHOLE, "diamond-open"),
            _ring(float(x[unit]), float(drawn[0][unit]), unit),
        ],
        layout,
    )


def draw_fade(
    labels: Sequence[str],
    places: NDArray[np.integer],
    own: Doubles,
    whole: Doubles,
    kept: Doubles | None,
    *,
    noun: str = "token",
) -> go.Figure:
    """What is left of a nudge to one unit, token by token.

    Args:
        labels: every token of the text as the axis shows it, plain text.
        places: positions of the tokens from the one after which the nudge was given, in reading order, ``[lag]``.
        own: share left in the unit itself, ``[lag]``.
        whole: length of the whole memory's deviation, as a share of the nudge, ``[lag]``.
        kept: what the unit's gate alone would leave, ``[lag]``; None where the cell has none.
        noun: what a token is called.
    """
    lines = [
        _fade(say("in the unit itself"), places, own, OWN, "solid", "circle"),
        _fade(say("in the whole memory"), places, whole, WHOLE, "dash", "diamond-open"),
    ]
    if kept is not None:
        lines.append(_fade(say("predicted by its gate alone"), places, kept, GATE, "dot", "square"))
    highest = max(float(line["y"].max()) for line in lines)
    half = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0.5, "y1": 0.5, "layer": "below"}
    layout = {
        "height": 420,
        "legend": LEGEND,
        "uirevision": f"fade-{len(labels)}",
        "hovermode": "x",
        "margin": {"l": 12, "r": 12, "t": 32, "b": 12},
        "xaxis": {**label_axis(labels, say(noun)), "anchor": "y"},
        "yaxis": {"title": {"text": say("share of the nudge that is left")}, "range": [-0.03, 1.06 * highest],
            "nticks": 7},
        "shapes": [{**half, "line": {"color": MUTED, "width": 1.5, "dash": "dot"}}],
        "annotations": [{"xref": "paper", "x": 1, "y": 0.5, "xanchor": "right", "yanchor": "bottom",
            "text": say("half"),
                         "showarrow": False, "font": {"color": MUTED}}],
        "meta": {"link": {"axis": "x"}, "ticks": [label_ticks("x", labels)]},
    }  # fmt: skip
    return assemble(lines, layout)


def tabulate_half_lives(promised: Doubles | None, own: Doubles, whole: Doubles) -> pd.DataFrame:
    """The drawn half-lives in tokens, one row a unit."""
    table = {"unit": np.arange(len(own)), say("measured in the unit"): own, say("measured in the whole memory"): whole}
    return pd.DataFrame(table if promised is None else table | {say("predicted by the gate"): promised})


def tabulate_fade(
    labels: Sequence[str], places: NDArray[np.integer], own: Doubles, whole: Doubles, kept: Doubles | None
) -> pd.DataFrame:
    """The drawn shares of one unit's nudge, one row a token."""
    table = {"lag": np.arange(len(own)), "token": [labels[place] for place in places], say("in the unit"): own,
             say("in the whole memory"): whole}  # fmt: skip
    return pd.DataFrame(table if kept is None else table | {say("left by the gate alone"): kept})


def _ceiling(values: Doubles) -> float:
    finite = values[np.isfinite(values)]
    return 2.0 * float(finite.max(initial=SHORTEST))


def _within(values: Doubles, top: float) -> Doubles:
    """Where a half-life is drawn: infinite ones at the top, the shortest at ``SHORTEST``."""
    return np.clip(np.where(np.isfinite(values), values, top), SHORTEST, None)


def _points(
    name: str, x: Doubles, values: Doubles, promised: Doubles | None, top: float, color: str, symbol: str
) -> dict[str, Any]:
    units = np.arange(len(values))
    ends = np.where(np.isinf(values), "triangle-up", np.where(values < SHORTEST, "triangle-down", symbol))
    says = [say("not before the end") if np.isinf(value) else say("{value:.2f} steps", value=value) for value in values]
    gate = (
        [""] * len(values)
        if promised is None
        else [say("<br>its gate predicts {value:.2f}", value=value) for value in promised]
    )
    return {
        "type": "scatter",
        "name": name,
        "showlegend": False,
        "cliponaxis": False,
        "mode": "markers",
        "x": x.astype(np.float32),
        "y": _within(values, top).astype(np.float32),
        "customdata": units.astype(np.int32),
        "text": [f"{said}{more}" for said, more in zip(says, gate, strict=True)],
        "marker": {"size": 8, "color": color, "symbol": ends.tolist(), "opacity": 0.85},
        "hovertemplate": say("unit %{{customdata}}: half gone {name} after<br>%{{text}}<extra></extra>", name=name),
    }


def _legend(name: str, color: str, symbol: str) -> dict[str, Any]:
    """An entry of the legend alone: the points themselves begin with whatever symbol their first unit has."""
    nowhere = np.full(1, np.nan, dtype=np.float32)
    marker = {"size": 8, "color": color, "symbol": symbol}
    return {"type": "scatter", "name": name, "mode": "markers", "x": nowhere, "y": nowhere, "marker": marker}


def _ring(x: float, y: float, unit: int) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": say("unit {unit}, chosen", unit=unit),
        "cliponaxis": False,
        "mode": "markers",
        "x": np.array([x], dtype=np.float32),
        "y": np.array([y], dtype=np.float32),
        "customdata": np.array([unit], dtype=np.int32),
        "marker": {"size": 18, "color": "rgba(0,0,0,0)", "line": {"color": MUTED, "width": 2.5}},
        "hoverinfo": "skip",
    }


def _fade(name: str, places: NDArray[np.integer], left: Doubles, color: str, dash: str, symbol: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": name,
        "mode": "lines+markers" if len(left) <= 80 else "lines",
        "x": places.astype(np.float32),
        "y": np.ascontiguousarray(left),
        "customdata": np.arange(len(left), dtype=np.int32),
        "line": {"color": color, "width": 2.5, "dash": dash},
        "marker": {"size": 6, "color": color, "symbol": symbol},
        "hovertemplate": say("%{{customdata}} steps later, {name}: %{{y:.4f}}<extra></extra>", name=name),
    }


def _end(horizon: int) -> dict[str, Any]:
    line = {"color": MUTED, "width": 1.5, "dash": "dash"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": horizon, "y1": horizon, "line": line,
            "layer": "below"}  # fmt: skip


def _end_label(horizon: int) -> dict[str, Any]:
    return {"xref": "paper", "x": 0, "y": float(np.log10(horizon)), "xanchor": "left", "yanchor": "bottom", "xshift": 4,
            "text": say("end of the input"), "showarrow": False, "font": {"color": MUTED}}  # fmt: skip


def _diagonal(top: float) -> dict[str, Any]:
    line = {"color": MUTED, "width": 1.5, "dash": "dot"}
    return {"type": "line", "x0": SHORTEST, "y0": SHORTEST, "x1": top, "y1": top, "line": line, "layer": "below"}
