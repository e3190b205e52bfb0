"""A probability after each step as the network read its input, and under edits, with the difference below."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import mark, say
from viz.figures.compare.comparison import Comparison, label_ends
from viz.figures.compare.marks import axes, line
from viz.figures.parts.token_axis import counts, escape
from viz.theme import MUTED, NEGATIVE, POSITIVE, assemble

HEIGHT, LOWEST = 470, 0.34
"""Pixels of the figure, and where its upper part begins, as a share of it."""

HOW_TO_READ = mark(
    "Solid line and circles: the network’s own reading. Dashed line and squares: the same network under the edits "
    "that are switched on. The height is the answer after that token; the bars show the edited answer minus the "
    "original, blue where it is higher, orange where it is lower."
)


def draw(comparison: Comparison, rows: NDArray[np.floating], title: str) -> go.Figure:
    """Two lines (curve 0 is the original) over bars of their difference (curve 2).

    Args:
        comparison: of the original and the edited reading.
        rows: the probability after each step, ``[trace, column]``; NaN where a reading lacks the step.
        title: name of the probability, plain text.
    """
    change = rows[1] - rows[0]
    reach = max(0.05, 1.15 * float(np.nanmax(np.abs(change), initial=0.0)))
    layout: dict[str, Any] = {
        "height": HEIGHT,
        "uirevision": "edited-answers",
        "hovermode": "x unified",
        "bargap": 0.25,
        "margin": {"l": 12, "r": 60, "t": 32, "b": 12},
        **axes(comparison, say(comparison.traces[0].tokens.noun)),
        "yaxis": {"title": {"text": escape(title)}, "range": [0, 1], "dtick": 0.25, "zeroline": False,
                  "domain": [LOWEST, 1.0], "anchor": "x"},
        "yaxis2": {"title": {"text": say("difference")}, "domain": [0.0, LOWEST - 0.1], "range": [-reach, reach],
                   "anchor": "x", "zeroline": True, "nticks": 4},
        "annotations": _last(comparison, rows),
    }  # fmt: skip
    layout["xaxis"] = {**layout["xaxis"], "anchor": "y2"}
    lines = [line(comparison, number, row, escape(title)) for number, row in enumerate(rows)]
    return assemble([*lines, _bars(change)], layout)


def _last(comparison: Comparison, rows: NDArray[np.floating]) -> list[dict[str, Any]]:
    """The last value of each reading, written where its line ends."""
    last = [float(row[np.flatnonzero(np.isfinite(row))[-1]]) for row in rows]
    ends = [(value, f"<b>{value:.2f}</b>", comparison.styles[number].color) for number, value in enumerate(last)]
    return label_ends(ends, 1.0, (1.0 - LOWEST) * (HEIGHT - 130))


def _bars(change: NDArray[np.floating]) -> dict[str, Any]:
    colors = [POSITIVE if value > 0 else NEGATIVE if value < 0 else MUTED for value in change.tolist()]
    return {
        "type": "bar",
        "name": say("difference"),
        "yaxis": "y2",
        "showlegend": False,
        "x": np.arange(len(change), dtype=np.float32),
        "y": change.astype(np.float32),
        "customdata": counts(len(change)),
        "marker": {"color": colors, "line": {"width": 0}},
        "hovertemplate": f"{say('difference')} = %{{y:+.6f}}<extra></extra>",
    }
