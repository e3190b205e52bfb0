"""Unit by token: every value of one quantity at once, with a strip that sums up each token."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.trace import Array, Trace
from core_models.vocabulary import Kind
from viz.figures.parts.marks import outline
from viz.figures.parts.order import name_order, order_units
from viz.figures.parts.token_axis import counts, label_axis, label_ticks, labels_of, noun_of
from viz.figures.parts.units import explain_gate, row_targets
from viz.theme import MARK, Scale, assemble, scale_of
from viz.view import Options, Section, Target, View

MOST_ROW_LABELS = 20


def how_to_read(trace: Trace, target: Target, options: Options) -> str:
    """What rows, columns and colours are, and for a gate what its ends do in the cell that computed it."""
    row = target.quantity
    rows = "Each row is one unit, each column one token; the strip on top shows the mean over units and, shaded, the "
    rows += "middle 80% of them."
    if row.kind is Kind.GATE:
        return f"{explain_gate(trace, target)} Yellow is 1, dark blue 0. {rows}"
    colors = "Blue is positive, orange negative, grey is 0: the stronger the colour, the larger the value."
    if row.kind is Kind.EMBEDDING:
        colors += " The same word always has the same column."
    return f"{colors} {rows.replace('unit', 'feature') if row.dims[1] == 'feature' else rows}"


def draw(trace: Trace, target: Target, options: Options) -> go.Figure:
    """The heatmap (curve 0) under its summary strip; row ``i`` holds unit ``layout.meta["units"][i]``."""
    row, values = target.quantity, trace.array(target.site, target.key)
    units, scale = order_units(trace, target, options.order), scale_of(row, values)
    labels, noun = labels_of(trace, target.site), noun_of(trace, target.site)
    unit, numbers = row.dims[1], [str(u) for u in units.tolist()]
    top = {"title": {"text": "mean"}, "domain": [0.84, 1.0], "range": [scale.low, scale.high], "nticks": 3}
    layout = {
        "height": _height(len(units)),
        "uirevision": f"heatmap-{target.name}",
        "hovermode": "closest",
        "showlegend": False,
        "xaxis": {**label_axis(labels, noun), "anchor": "y"},
        "yaxis": {
            **label_axis(numbers, unit + name_order(options.order), downward=True, most=MOST_ROW_LABELS),
            "domain": [0.0, 0.8],
        },
        "yaxis2": {**top, "anchor": "x", "fixedrange": True, "zeroline": scale.low < 0.0},
        "shapes": _selection(units.tolist(), options),
        "meta": {
            "link": {"axis": "x"},
            "ticks": [label_ticks("x", labels), label_ticks("y", numbers)],
            "units": units.tolist(),
            "pick": "cell",
            "steps": len(labels),
        },
    }
    return assemble([cells(values, units, scale, row.label, unit, noun), *_strip(values, row.label, unit)], layout)


def cells(values: Array, units: NDArray[np.intp], scale: Scale, label: str, unit: str, noun: str) -> dict[str, Any]:
    """The heatmap of ``values [step, unit]`` alone, its rows those of ``units``."""
    return {
        "type": "heatmap",
        "name": label,
        "z": np.ascontiguousarray(values.T[units]),
        "customdata": np.tile(counts(len(values)), (len(units), 1)),
        "zmin": scale.low,
        "zmax": scale.high,
        "colorscale": scale.colors,
        "colorbar": scale.bar(label, len=0.8, y=0.4),
        "hovertemplate": f"{noun} %{{customdata}}: <b>%{{x}}</b><br>"
        f"{unit} %{{y}}<br>{label} = %{{z:.6f}}<extra></extra>",
    }


def _strip(values: Array, label: str, unit: str) -> list[dict[str, Any]]:
    low, high = np.quantile(values, (0.1, 0.9), axis=1)
    mean = values.mean(axis=1, dtype=np.float64)
    steps = np.arange(len(values), dtype=np.float32)
    shared = {"type": "scatter", "yaxis": "y2", "hoverinfo": "skip"}
    edge = {"mode": "lines", "line": {"width": 0 if len(values) > 1 else 6, "color": MARK}}
    hover = f"%{{x}}<br>mean %{{y:.6f}}<br>10–90% of {unit}s: %{{customdata[0]:.3f}} to %{{customdata[1]:.3f}}"
    return [
        {**shared, **edge, "name": "10%", "x": steps, "y": low.astype(np.float32)},
        {**shared, **edge, "name": "90%", "x": steps, "y": high.astype(np.float32), "fill": "tonexty",
         "fillcolor": "rgba(47, 127, 209, 0.28)"},
        {**shared, "hoverinfo": "all", "name": f"mean {label}", "x": steps, "y": mean.astype(np.float32),
         "customdata": np.stack([low, high], axis=1).astype(np.float32),
         "mode": "lines+markers", "line": {"color": MARK, "width": 2}, "marker": {"size": 5 if len(values) < 80 else 2},
         "hovertemplate": f"{hover}<extra></extra>"},
    ]  # fmt: skip


def _selection(units: list[int], options: Options) -> list[dict[str, Any]]:
    if options.unit not in units or options.step is None:
        return []
    return outline(options.step, units.index(options.unit))


def _height(rows: int) -> int:
    """Pixels: a readable row each for few units, 420 for the usual 40 to 128, more only for very many."""
    return int(np.clip(170 + 7 * rows, 230, 420)) if rows <= 128 else 540


VIEW = View(
    key="heatmap",
    title="Unit by unit",
    question="What did every unit do at every token?",
    section=Section.UNITS,
    targets=row_targets,
    how_to_read=how_to_read,
    draw=draw,
)
