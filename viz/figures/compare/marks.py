"""What the Compare page's line figures share: one line a trace, and the columns in which answers diverge."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core_models.language import say
from viz.figures.compare.answers import answered, part_answers
from viz.figures.compare.comparison import Comparison
from viz.figures.parts.token_axis import counts, escape, label_axis, label_ticks
from viz.theme import MUTED

PARTING = MUTED
"""Colour of the column in which answers diverge, which is none of a trace; words stand beside it."""


def line(comparison: Comparison, number: int, values: NDArray[np.floating], label: str) -> dict[str, Any]:
    """The curve of one trace over the columns; a gap where it has no token is bridged."""
    style, steps = comparison.styles[number], len(values)
    return {
        "type": "scatter",
        "name": escape(comparison.names[number]),
        "legendgroup": str(number),
        "mode": "lines+markers" if steps <= 80 else "lines",
        "connectgaps": True,
        "x": np.arange(steps, dtype=np.float32),
        "y": values.astype(np.float32),
        "customdata": counts(steps),
        "line": {"color": style.color, "width": 2.2, "dash": style.dash},
        "marker": {"size": 7 if steps <= 40 else 4, "symbol": style.symbol, "color": style.color},
        "hovertemplate": f"{escape(comparison.names[number])}: {label} = %{{y:.6f}}<extra></extra>",
    }


def axes(comparison: Comparison, title: str) -> dict[str, Any]:
    """Layout that every figure over columns has: the token axis, linked to the other figures."""
    return {
        "xaxis": {**label_axis(comparison.labels, title), "anchor": "y"},
        "meta": {
            "link": {"axis": "x"},
            "ticks": [label_ticks("x", comparison.labels)],
            "pick": "token",
            "steps": len(comparison),
        },
    }


def mark_parting(comparison: Comparison) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Shapes and annotations at the columns in which the answers diverge."""
    parting, half, found = part_answers(comparison), len(comparison) / 2, answered(comparison)
    if found is None:
        return [], []
    apart = say("&gt; {distance:g}{unit} apart", distance=found.apart, unit=found.unit)
    lines = [(parting.opposite, say("answers diverge"), "solid", PARTING), (parting.apart, apart, "dot", MUTED)]
    if parting.opposite is not None and parting.opposite == parting.apart:
        lines = [(parting.opposite, say("answers diverge, {apart}", apart=apart), "solid", PARTING)]
    marked = [(column, *how) for column, *how in lines if column is not None]
    shapes = [_upright(column, dash, color) for column, _, dash, color in marked]
    notes = [_note(column, words, lane, column > half) for lane, (column, words, _, _) in enumerate(marked)]
    return shapes, notes


def _upright(column: int, dash: str, color: str) -> dict[str, Any]:
    line = {"color": color, "width": 1.8, "dash": dash}
    place = {"x0": column, "x1": column, "yref": "paper", "y0": 0, "y1": 1}
    return {"type": "line", "layer": "below", "line": line, **place}


def _note(column: int, words: str, lane: int, right: bool) -> dict[str, Any]:
    """Words beside a line, on the side where there is more room."""
    side = {"xanchor": "right", "xshift": -5} if right else {"xanchor": "left", "xshift": 5}
    place = {"x": column, "yref": "paper", "y": 0.9 - 0.08 * lane, "yanchor": "top", **side}
    return {**place, "text": words, "showarrow": False, "font": {"size": 11}}
