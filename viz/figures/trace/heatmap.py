"""Unit by token: every value of one quantity at once, with a strip that sums up each token."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import mark, say
from core_models.trace import Array, Trace
from core_models.vocabulary import Kind
from viz.figures.parts.marks import outline
from viz.figures.parts.order import name_order, order_units
from viz.figures.parts.token_axis import counts, label_axis, label_ticks, labels_of, noun_of
from viz.figures.parts.units import explain_gate, row_targets
from viz.theme import MARK, Scale, assemble, scale_of
from viz.view import Options, Section, Target, View

MOST_ROW_LABELS = 24
ROW, LEAST_ROWS, MOST_CELLS = 9, 90, 1200
"""Pixels of a row that a finger finds, and of all rows at least and at most."""
STRIP, GAP, AROUND = 44, 10, 94
"""Pixels of the strip above the rows, of the gap between, and of margins and labels around both."""


def how_to_read(trace: Trace, target: Target, options: Options) -> str:
    """What rows, columns and colours are, and for a gate what its ends do in the cell that computed it."""
    row = target.quantity
    mean = say("mean") if row.low == 0.0 else say("mean absolute value")
    rows = say(
        "Each row is one unit, each column one token; the strip on top shows the {mean} over all units and, "
        "shaded, the range of the middle 80% of them.", mean=mean,
    )  # fmt: skip
    if row.dims[1] == "feature":
        rows = rows.replace(say("unit"), say("feature"))
    if row.kind is Kind.GATE:
        return say("{gate} Yellow is 1, dark blue 0. {rows}", gate=explain_gate(trace, target), rows=rows)
    colors = say("Blue is positive, orange negative, grey is 0: the stronger the colour, the larger the value.")
    if row.kind is Kind.EMBEDDING:
        colors += say(" The same word always has the same column.")
    return f"{colors} {rows}"


def draw(trace: Trace, target: Target, options: Options) -> go.Figure:
    """The heatmap (curve 0) under its summary strip; row ``i`` holds unit ``layout.meta["units"][i]``."""
    row, values = target.quantity, trace.array(target.site, target.key)
    units, scale = order_units(trace, target, options.order), scale_of(row, values)
    units = units[: options.most or None]
    labels, noun = labels_of(trace, target.site), noun_of(trace, target.site)
    unit, numbers = row.dims[1], [str(u) for u in units.tolist()]
    height, share = _heights(len(units))
    signed = scale.low < 0.0
    top = {
        "title": {"text": say("mean |·|") if signed else say("mean")}, "domain": [1.0 - STRIP / height, 1.0],
        "range": [0.0, scale.high], "nticks": 3,
    }  # fmt: skip
    layout = {
        "height": height + AROUND,
        "uirevision": f"heatmap-{target.name}",
        "hovermode": "closest",
        "showlegend": False,
        "xaxis": {**label_axis(labels, say(noun)), "anchor": "y"},
        "yaxis": {
            **label_axis(numbers, say(unit) + name_order(options.order), downward=True, most=MOST_ROW_LABELS),
            "domain": [0.0, share],
        },
        "yaxis2": {**top, "anchor": "x", "fixedrange": True, "zeroline": False},
        "shapes": _selection(units.tolist(), options),
        "meta": {
            "link": {"axis": "x"},
            "ticks": [label_ticks("x", labels), label_ticks("y", numbers)],
            "units": units.tolist(),
            "pick": "cell",
            "steps": len(labels),
        },
    }
    strip = _strip(np.abs(values), f"|{row.label}|", unit) if signed else _strip(values, row.label, unit)
    return assemble([cells(values, units, scale, row.label, unit, noun, share), *strip], layout)


def cells(
    values: Array, units: NDArray[np.intp], scale: Scale, label: str, unit: str, noun: str, share: float = 0.8
) -> dict[str, Any]:
    """The heatmap of ``values [step, unit]`` alone, its rows those of ``units``; it takes a ``share`` of the height."""
    return {
        "type": "heatmap",
        "name": label,
        "z": np.ascontiguousarray(values.T[units]),
        "customdata": np.tile(counts(len(values)), (len(units), 1)),
        "zmin": scale.low,
        "zmax": scale.high,
        "colorscale": scale.colors,
        "colorbar": scale.bar(label, len=share, y=share / 2),
        "hovertemplate": f"{say(noun)} %{{customdata}}: <b>%{{x}}</b><br>"
        f"{say(unit)} %{{y}}<br>{label} = %{{z:.6f}}<extra></extra>",
    }


def _strip(values: Array, label: str, unit: str) -> list[dict[str, Any]]:
    low, high = np.quantile(values, (0.1, 0.9), axis=1)
    mean = values.mean(axis=1, dtype=np.float64)
    steps = np.arange(len(values), dtype=np.float32)
    shared = {"type": "scatter", "yaxis": "y2", "hoverinfo": "skip"}
    edge = {"mode": "lines", "line": {"width": 0 if len(values) > 1 else 6, "color": MARK}}
    hover = say(
        "%{{x}}<br>mean %{{y:.6f}}<br>10–90% of {unit}s: %{{customdata[0]:.3f}} to %{{customdata[1]:.3f}}",
        unit=say(unit),
    )
    return [
        {**shared, **edge, "name": "10%", "x": steps, "y": low.astype(np.float32)},
        {**shared, **edge, "name": "90%", "x": steps, "y": high.astype(np.float32), "fill": "tonexty",
         "fillcolor": "rgba(47, 127, 209, 0.28)"},
        {**shared, "hoverinfo": "all", "name": say("mean {label}", label=label), "x": steps,
         "y": mean.astype(np.float32),
         "customdata": np.stack([low, high], axis=1).astype(np.float32),
         "mode": "lines+markers", "line": {"color": MARK, "width": 2}, "marker": {"size": 5 if len(values) < 80 else 2},
         "hovertemplate": f"{hover}<extra></extra>"},
    ]  # fmt: skip


def _selection(units: list[int], options: Options) -> list[dict[str, Any]]:
    if options.unit not in units or options.step is None:
        return []
    return outline(options.step, units.index(options.unit))


def _heights(rows: int) -> tuple[int, float]:
    """Pixels of what is drawn between the margins, and the share of it that belongs to the rows."""
    cells = int(np.clip(ROW * rows, LEAST_ROWS, MOST_CELLS))
    height = cells + GAP + STRIP
    return height, cells / height


VIEW = View(
    key="heatmap",
    title=mark("Unit by unit"),
    question=mark("What did every unit do at every token?"),
    section=Section.UNITS,
    targets=row_targets,
    how_to_read=how_to_read,
    draw=draw,
)
