"""A few units followed from token to token."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from core_models.language import mark, say
from core_models.trace import Array, Trace
from core_models.vocabulary import Kind
from viz.figures.parts.marks import stem
from viz.figures.parts.order import influences
from viz.figures.parts.token_axis import counts, label_axis, label_ticks, labels_of, noun_of
from viz.figures.parts.units import explain_gate, unit_targets
from viz.theme import LINES, assemble, scale_of
from viz.view import Options, Section, Target, View

CHOSEN = 5
"""Units that the view chooses when a person chose none."""

HEIGHT, LABEL_HEIGHT = 320, 15
"""Pixels of the figure and of one label at a line's end."""


def how_to_read(trace: Trace, target: Target, options: Options) -> str:
    """What a line is, which ones were chosen, and for a gate what its ends do."""
    chosen = (
        say("the largest influence on the answer")
        if _influence_of(trace, target) is not None
        else say("the widest range")
    )
    lines = say(
        "Each line is one unit, named at its end; by default, the {n} units with {chosen}.",
        n=CHOSEN,
        chosen=chosen,
    )
    return f"{lines} {explain_gate(trace, target)}" if target.quantity.kind is Kind.GATE else lines


def choose_units(trace: Trace, target: Target, options: Options) -> list[int]:
    """The person's units as far as they exist, each once; else the five of largest influence, or of widest range."""
    values, influence = trace.array(target.site, target.key), _influence_of(trace, target)
    count = values.shape[1]
    if asked := [unit for unit in dict.fromkeys(options.units) if 0 <= unit < count]:
        return asked
    strength = np.ptp(values, axis=0) if influence is None else np.abs(influence)
    return np.argsort(-strength, kind="stable")[:CHOSEN].tolist()


def draw(trace: Trace, target: Target, options: Options) -> go.Figure:
    """One line for each chosen unit: curve ``i`` is unit ``layout.meta["units"][i]``."""
    row, values = target.quantity, trace.array(target.site, target.key)
    units, labels = choose_units(trace, target, options), labels_of(trace, target.site)
    scale = scale_of(row, values[:, units])
    noun, pad = noun_of(trace, target.site), 0.03 * (scale.high - scale.low)
    layout = {
        "height": HEIGHT,
        "uirevision": f"unit_lines-{target.name}",
        "hovermode": "x",
        "showlegend": False,
        "margin": {"l": 12, "r": 70, "t": 32, "b": 12},
        "xaxis": {**label_axis(labels, say(noun)), "anchor": "y"},
        "yaxis": {"title": {"text": row.label}, "range": [scale.low - pad, scale.high + pad]},
        "shapes": [stem(options.step)] if options.step is not None else [],
        "annotations": _names(values[-1, units], units, scale.high - scale.low + 2 * pad),
        "meta": {
            "link": {"axis": "x"},
            "ticks": [label_ticks("x", labels)],
            "units": units,
            "pick": "curve",
            "steps": len(values),
        },
    }
    return assemble([_line(values, unit, place, row.label, noun) for place, unit in enumerate(units)], layout)


def _influence_of(trace: Trace, target: Target) -> Array | None:
    found = influences(trace, target.site)
    fits = found is not None and len(found) == trace.array(target.site, target.key).shape[1]
    return found if fits else None


def _line(values: Array, unit: int, place: int, label: str, noun: str) -> dict[str, Any]:
    steps = len(values)
    color = LINES[place % len(LINES)]
    return {
        "type": "scatter",
        "name": say("unit {unit}", unit=unit),
        "mode": "lines+markers" if steps <= 80 else "lines",
        "x": np.arange(steps, dtype=np.float32),
        "y": np.ascontiguousarray(values[:, unit]),
        "customdata": counts(steps),
        "line": {"color": color, "width": 2, "dash": ("solid", "dash", "dot")[place // len(LINES) % 3]},
        "marker": {"size": 6, "symbol": place % 8, "color": color},
        "hovertemplate": say(
            "unit {unit}, {noun} %{{customdata}}: {label} = %{{y:.6f}}<extra></extra>",
            unit=unit,
            noun=say(noun),
            label=label,
        ),
    }


def _names(ends: Array, units: list[int], span: float) -> list[dict[str, Any]]:
    """Labels at the lines' ends, moved apart where they would cover each other."""
    height = HEIGHT - 110
    ideal = ends.astype(float) / span * height
    order = np.argsort(ideal, kind="stable")
    placed = ideal[order].copy()
    for i in range(1, len(placed)):
        placed[i] = max(placed[i], placed[i - 1] + LABEL_HEIGHT)
    placed -= (placed - ideal[order]).mean()
    shift = dict(zip(order.tolist(), (placed - ideal[order]).tolist(), strict=True))
    return [
        {
            "xref": "paper",
            "x": 1,
            "y": float(ends[place]),
            "yshift": round(shift[place], 1),
            "xanchor": "left",
            "xshift": 6,
            "text": say("unit {unit}", unit=unit),
            "showarrow": False,
            "font": {"color": LINES[place % len(LINES)]},
        }
        for place, unit in enumerate(units)
    ]


VIEW = View(
    key="unit_lines",
    title=mark("Single units over time"),
    question=mark("How does one unit change from token to token?"),
    section=Section.UNITS,
    targets=unit_targets,
    how_to_read=how_to_read,
    draw=draw,
    kinds=(Kind.STATE,),
    columns=0,
    follows=True,
)
