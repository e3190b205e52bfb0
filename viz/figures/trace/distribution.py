"""How a gate's values are spread: is it a switch, a dial, or stuck?

Drawn by Plotly: it redraws at every key press, and an Altair chart costs a hundred times as long to build.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import mark, say
from core_models.trace import Array, Trace
from core_models.vocabulary import Kind
from viz.figures.parts.units import explain_gate, unit_targets
from viz.theme import MARK, MUTED, assemble
from viz.view import Options, Section, Target, View

BINS = 20
SATURATED = (0.1, 0.9)
"""Below the first and above the second a gate counts as closed or open: its derivative is under 0.09, at most 0.25."""


def targets(trace: Trace) -> tuple[Target, ...]:
    """Every gate."""
    return tuple(target for target in unit_targets(trace) if target.quantity.kind is Kind.GATE)


def how_to_read(trace: Trace, target: Target, options: Options) -> str:
    """What a bar counts, and what the ends mean in this cell."""
    ends = say(
        "If most values lie at the ends (blue), the gate works as a switch; in training, gradients almost vanish there."
    )
    return say("Bars count every unit at every token. {gate} {ends}", gate=explain_gate(trace, target), ends=ends)


def shares(values: Array) -> tuple[float, float]:
    """Share of the values that are below 0.1, and share that are above 0.9."""
    return float((values < SATURATED[0]).mean()), float((values > SATURATED[1]).mean())


def bins(values: Array) -> NDArray[np.float64]:
    """Histogram over [0, 1], ``[bin, 3]``: low end, high end, count."""
    edges = np.linspace(0.0, 1.0, BINS + 1)
    return np.stack([edges[:-1], edges[1:], np.histogram(values, edges)[0]], axis=1)


def draw(trace: Trace, target: Target, options: Options) -> go.Figure:
    """Histogram of the gate over all units and tokens (curve 0), with the share at either end written above it."""
    values, row = trace.array(target.site, target.key), target.quantity
    low, high = shares(values)
    layout = {
        "height": 210,
        "uirevision": f"distribution-{target.name}",
        "hovermode": "closest",
        "bargap": 0.08,
        "showlegend": False,
        "xaxis": {"title": {"text": row.label}, "range": [0, 1], "tickvals": [0, 0.1, 0.5, 0.9, 1], "showgrid": False},
        "yaxis": {"title": {"text": say("share")}, "tickformat": ".0%", "nticks": 4, "rangemode": "tozero"},
        "annotations": [
            _note(0, say("<b>{share:.0%}</b> below 0.1", share=low)),
            _note(1, say("<b>{share:.0%}</b> above 0.9", share=high)),
        ],
        "meta": {},
    }
    return assemble([_bars(values, row.label)], layout)


def _bars(values: Array, label: str) -> dict[str, Any]:
    table = bins(values)
    low, high, count = table.T
    saturated = (high <= SATURATED[0] + 1e-9) | (low >= SATURATED[1] - 1e-9)
    return {
        "type": "bar",
        "name": label,
        "x": ((low + high) / 2).astype(np.float32),
        "y": (count / values.size).astype(np.float32),
        "customdata": table.astype(np.float32),
        "marker": {"color": [MARK if end else MUTED for end in saturated]},
        "hovertemplate": say(
            "from %{customdata[0]:.2f} to %{customdata[1]:.2f}<br>%{customdata[2]:d} values, %{y:.2%}<extra></extra>"
        ),
    }


def _note(side: int, text: str) -> dict[str, Any]:
    anchor = "right" if side else "left"
    return {"xref": "paper", "yref": "paper", "x": side, "y": 1, "xanchor": anchor, "yanchor": "bottom", "text": text,
            "showarrow": False}  # fmt: skip


VIEW = View(
    key="distribution",
    title=mark("How open the gate is"),
    each=False,
    question=mark("Does the gate work as a switch, as a dial, or not at all?"),
    section=Section.UNITS,
    targets=targets,
    how_to_read=how_to_read,
    draw=draw,
    columns=0,
)
