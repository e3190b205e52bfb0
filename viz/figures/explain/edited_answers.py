"""The answer after each token as the network read the text, and under edits, with the difference below."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from core_models.trace import Array
from viz.figures.compare import prediction as compare_prediction
from viz.figures.compare.comparison import Comparison, answers
from viz.figures.parts.token_axis import counts
from viz.theme import MUTED, NEGATIVE, POSITIVE, assemble

HOW_TO_READ = (
    "Solid line and circles: the network’s own reading. Dashed line and squares: the same network under the edits that "
    "are switched on. The height is what it would answer had the text ended there; the bars are the edited answer less "
    "the original one, blue towards positive, orange towards negative. "
    + compare_prediction.HOW_TO_READ.split(". ", 1)[1]
)


def draw(comparison: Comparison) -> go.Figure:
    """Two lines (curve 0 is the original) over bars of their difference (curve 2).

    Args:
        comparison: of the original and the edited reading, both with a probability after each token.
    """
    lines, upper = compare_prediction.compose(comparison)
    change = difference(comparison)
    reach = max(0.05, 1.15 * float(np.nanmax(np.abs(change), initial=0.0)))
    layout: dict[str, Any] = {
        **upper,
        "height": 470,
        "uirevision": "edited-answers",
        "bargap": 0.25,
        "yaxis2": {
            "title": {"text": "difference"}, "domain": [0.0, 0.24], "range": [-reach, reach], "anchor": "x",
            "zeroline": True, "nticks": 4,
        },
    }  # fmt: skip
    layout["yaxis"] = {**layout["yaxis"], "domain": [0.34, 1.0], "anchor": "x"}
    layout["xaxis"] = {**layout["xaxis"], "anchor": "y2"}
    layout["annotations"] = [_moved(note) for note in layout["annotations"]]
    layout["shapes"] = [_cut(shape) for shape in layout["shapes"]]
    return assemble([*lines, _bars(change)], layout)


def difference(comparison: Comparison) -> Array:
    """Probability of the edited reading less that of the original, ``[column]``; NaN where one lacks the token."""
    found = answers(comparison)
    if found is None:
        raise ValueError("edited_answers: expected a probability after each token in both traces, got none")
    return found[1] - found[0]


def _bars(change: Array) -> dict[str, Any]:
    colors = [POSITIVE if value > 0 else NEGATIVE if value < 0 else MUTED for value in change.tolist()]
    return {
        "type": "bar",
        "name": "difference",
        "yaxis": "y2",
        "showlegend": False,
        "x": np.arange(len(change), dtype=np.float32),
        "y": change,
        "customdata": counts(len(change)),
        "marker": {"color": colors, "line": {"width": 0}},
        "hovertemplate": "difference = %{y:+.6f}<extra></extra>",
    }


def _moved(note: dict[str, Any]) -> dict[str, Any]:
    """An annotation placed in shares of the figure's height, put into its upper part."""
    return {**note, "y": 0.34 + 0.66 * note["y"]} if note.get("yref") == "paper" else note


def _cut(shape: dict[str, Any]) -> dict[str, Any]:
    """A shape across the figure's height, left in its upper part."""
    return {**shape, "y0": 0.34} if shape.get("yref") == "paper" else shape
