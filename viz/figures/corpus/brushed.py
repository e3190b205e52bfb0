"""One input with the stretch that is looked for: the units of its pattern, and below them others for comparison."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import mark, say
from core_models.trace import Array, Trace
from viz.figures.parts.token_axis import label_axis, label_ticks, labels_of, noun_of
from viz.figures.trace.heatmap import cells
from viz.theme import assemble, scale_of
from viz.view import Target

ROWS = 16
"""Units that are drawn: those of the pattern first, then those that change most where it begins."""

ROW, AROUND = 17, 94
"""Pixels of a row, and of margins and labels around all."""

HOW_TO_READ = mark(
    "Each row is one unit, each column one token. Above the line are units of the pattern, which are on in the whole "
    "stretch and off beside it; below it others that change most where the stretch begins. The box is the stretch."
)


def rows_of(values: Array, units: tuple[int, ...], first: int) -> NDArray[np.intp]:
    """The units that are drawn, from the top.

    Args:
        values: ``[step, unit]``.
        units: of the pattern.
        first: step at which the stretch begins.
    """
    change = np.abs(values[first] - (values[first - 1] if first else 0.0))
    change[list(units)] = np.inf
    return np.argsort(-change, kind="stable")[:ROWS].astype(np.intp)


def draw(trace: Trace, target: Target, units: tuple[int, ...], stretch: tuple[int, int]) -> go.Figure:
    """The heatmap; row ``i`` holds unit ``layout.meta["units"][i]``.

    Args:
        trace: of the input.
        target: the quantity.
        units: of the pattern.
        stretch: its first and last step.
    """
    values, row = trace.array(target.site, target.key), target.quantity
    rows = rows_of(values, units, stretch[0])
    labels, numbers = labels_of(trace, target.site), [str(unit) for unit in rows.tolist()]
    noun, whole = noun_of(trace, target.site), [-0.5, len(labels) - 0.5]
    heat = cells(values, rows, scale_of(row, values), row.label, "unit", noun, share=1.0)
    box = {"type": "rect", "x0": stretch[0] - 0.5, "x1": stretch[1] + 0.5, "yref": "paper", "y0": 0, "y1": 1}
    edge = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": min(len(units), ROWS) - 0.5}
    edge |= {"y1": edge["y0"], "line": {"color": "#000000", "width": 2}}
    layout = {
        "height": ROW * len(rows) + AROUND,
        "uirevision": f"corpus-brush-{stretch}",
        "hovermode": "closest",
        "showlegend": False,
        "xaxis": label_axis(labels, say(noun)),
        "yaxis": {**label_axis(numbers, say("unit"), downward=True, most=ROWS), "fixedrange": True},
        "shapes": [{**box, "line": {"color": color, "width": width}} for color, width in (("#000000", 4),
                   ("#ffffff", 1.5))] + ([edge] if 0 < len(units) < len(rows) else []),
        "meta": {
            "link": {"axis": "x"}, "ticks": [label_ticks("x", labels), label_ticks("y", numbers)],
            "units": rows.tolist(), "pick": "cell", "steps": len(labels), "zoom": {"whole": whole, "shown": None},
        },
    }  # fmt: skip
    return assemble([heat], layout)
