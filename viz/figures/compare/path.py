"""The paths of two readings in one plane, seen along the directions in which other inputs differ most."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core_models.language import say
from core_models.trace import Array
from viz.figures.compare.comparison import Comparison, tabulate
from viz.figures.parts.spaces import space_axes, xyz
from viz.figures.parts.token_axis import counts, escape, in_nouns, spell
from viz.figures.trace import trajectory
from viz.theme import assemble
from viz.view import Target

ENDS = ("square", "diamond")
"""Marks of a path's start and end."""


def how_to_read(comparison: Comparison, target: Target) -> str:
    """What dots and lines are, and how much of the truth the plane keeps."""
    cloud, known = trajectory.background(comparison.traces[0], target)
    share = trajectory._axes(comparison.traces[0], target, 2).shares.sum()
    return in_nouns(
        say(
            "{dots}; the lines are both inputs, token by token, from the large square to the large "
            "diamond. Both lie in the plane of the first two principal components (PC) of the "
            "dots, which keep {share:.0%} of their variance: what is near here may be far apart "
            "in the full space.",
            dots=trajectory.dots_of(len(cloud), known is not None),
            share=share,
        ),
        comparison.noun,
    )


def targets(comparison: Comparison) -> tuple[Target, ...]:
    """States for which both traces hold a background of other inputs' states."""
    return tuple(target for target in trajectory.targets(comparison.traces[0]) if _held(comparison, target))


def _held(comparison: Comparison, target: Target) -> bool:
    return target in trajectory.targets(comparison.traces[1])


def draw(comparison: Comparison, target: Target) -> go.Figure:
    """Background and one path for each trace (the curves in ``layout.meta["link"]``), a point for each column."""
    plane = trajectory._axes(comparison.traces[0], target, 2)
    data = [
        {**curve, "type": "scatter", "hoverinfo": "skip"}
        for curve in trajectory._cloud(comparison.traces[0], target, plane)
    ]
    curves = [len(data) + number for number in range(len(comparison.traces))]
    backward = target.site.direction == "backward"
    for number, trace in enumerate(comparison.traces):
        path = comparison.place(number, plane.place(trace.array(target.site, target.key)))
        data.append(_path(comparison, number, path, data[: curves[0]], backward))
    layout = {
        "height": 560,
        "uirevision": f"compare-path-{target.name}",
        "hovermode": "closest",
        "margin": {"l": 12, "r": 12, "t": 48, "b": 12},
        **space_axes(plane),
        "meta": {"link": {"points": curves}, "pick": "point", "steps": len(comparison)},
    }
    return assemble(data, layout)


def _path(
    comparison: Comparison, number: int, path: Array, cloud: list[dict[str, Any]], backward: bool
) -> dict[str, Any]:
    style, labels = comparison.styles[number], [escape(label) for label in comparison.labels]
    there = np.flatnonzero(np.isfinite(path[:, 0]))
    start, end = (there[-1], there[0]) if backward else (there[0], there[-1])
    sizes, symbols = [7] * len(path), [style.symbol] * len(path)
    sizes[start] = sizes[end] = 13
    symbols[start], symbols[end] = ENDS
    order = np.arange(len(there))[::-1] if backward else np.arange(len(there))
    words = [spell(comparison.traces[number].tokens.labels[step]) for step in comparison.steps[number, there]]
    extent = trajectory._extent(cloud, path[there])
    kept = trajectory._uncrowded(path[there, :2] / extent, order, words)
    shown = {int(there[place]): escape(words[place]) for place in kept}
    return {
        "name": escape(comparison.names[number]),
        "type": "scatter",
        "mode": "lines+markers+text",
        "connectgaps": True,
        "text": [shown.get(step, "") for step in range(len(path))],
        "textposition": f"{'top' if number else 'bottom'} center",
        "textfont": {"color": style.color},
        "hovertext": labels,
        "customdata": counts(len(path)),
        "hovertemplate": f"{say(comparison.noun)} %{{customdata}}: <b>%{{hovertext}}</b><extra></extra>",
        "line": {"color": style.color, "width": 2.2, "dash": style.dash},
        "marker": {"size": sizes, "symbol": symbols, "color": style.color},
        **xyz(path),
    }


def numbers(comparison: Comparison, target: Target) -> pd.DataFrame:
    """Both paths' principal coordinates: one row for each column."""
    plane = trajectory._axes(comparison.traces[0], target, 2)
    values = {}
    for number, trace in enumerate(comparison.traces):
        path = comparison.place(number, plane.place(trace.array(target.site, target.key)))
        values |= {f"{comparison.names[number]}, PC {axis + 1}": path[:, axis] for axis in range(2)}
    return tabulate(comparison, values)
