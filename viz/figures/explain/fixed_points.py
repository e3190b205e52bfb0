"""Where states come to rest while one input is held, in the plane or space in which paths are drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.explain.dynamics.fixed_point import RestPoint, Stability
from core_models.language import mark, say
from viz.figures.parts.principal_axes import Axes
from viz.figures.parts.spaces import xyz
from viz.figures.parts.token_axis import counts, escape
from viz.theme import ATTENTION_MARK, MARK, MUTED, NEGATIVE, POSITIVE, assemble

Doubles = NDArray[np.float64]

LOOKS = {
    Stability.ATTRACTOR: (mark("attractor: draws states in"), "#20b66b", "diamond", 15),
    Stability.SADDLE: (mark("saddle: draws in and pushes away"), "#d9700f", "x", 10),
    Stability.REPELLER: (mark("repeller: pushes states away"), "#d0257a", "cross", 11),
    Stability.SLOW: (mark("slow point: almost at rest"), "#855c32", "circle-open", 8),
}
"""Name, colour, symbol and size of each kind of point."""

PATH, BELOW = "#d0257a", " ".join(("bottom", "center"))


def draw_plane(
    axes: Axes,
    clouds: Mapping[str, Doubles],
    path: Doubles,
    labels: Sequence[str],
    flows: Doubles,
    points: Sequence[RestPoint],
    notes: Sequence[str],
) -> go.Figure:
    """States of other inputs, this input's path, how its states flow on, and the fixed points.

    Args:
        axes: the two directions of the plane.
        clouds: last states of other inputs, ``[sample, unit]``, by what they are; of two the second is the high end.
        path: states after every token, in reading order, ``[step, unit]``.
        labels: the tokens in reading order, plain text.
        flows: where each start is while the input is held, ``[time, start, unit]``.
        points: what was found; the first ``unit`` values of a state are its hidden state.
        notes: a line about each point for its hover text.
    """
    units = path.shape[1]
    places = axes.place(path)
    lines = [_flow(axes.place(flows[:, start])) for start in range(flows.shape[1])]
    for line in lines[:1]:
        line["showlegend"] = True
    data = [*_clouds(axes, clouds), *lines, _path(places, [escape(label) for label in labels])]
    states = np.stack([point.state[:units] for point in points]) if points else np.zeros((0, units))
    data += _points(axes.place(states), points, notes, "scatter")
    titles = [say("PC {n} ({share:.1%} of variance)", n=i + 1, share=share) for i, share in enumerate(axes.shares)]
    layout = {
        "height": 560,
        "uirevision": f"attractors-{len(labels)}",
        "hovermode": "closest",
        "margin": {"l": 12, "r": 12, "t": 64, "b": 12},
        "xaxis": {"title": {"text": titles[0]}, "zeroline": False},
        "yaxis": {"title": {"text": titles[1]}, "zeroline": False},
        "meta": {},
    }
    return assemble(data, layout)


def draw_space(axes: Axes, path: Doubles, points: Sequence[RestPoint], notes: Sequence[str]) -> go.Figure:
    """A long path through the space of its own first three directions, and the fixed points in it.

    Args:
        axes: three directions, fitted to ``path``.
        path: states after every step, ``[step, unit]``.
        points: what was found.
        notes: a line about each point for its hover text.
    """
    places = axes.place(path)
    line = {"type": "scatter3d", "name": say("the working network"), "mode": "lines", "hoverinfo": "skip",
            "line": {"color": MARK, "width": 2}, "opacity": 0.45, **xyz(places)}  # fmt: skip
    states = np.stack([point.state for point in points]) if points else path[:0]
    titles = {f"{name}axis": {"title": {"text": f"PC {i + 1} ({share:.0%})"}, "nticks": 4}
              for i, (name, share) in enumerate(zip("xyz", axes.shares, strict=True))}  # fmt: skip
    layout = {
        "height": 600,
        "uirevision": "flip-flop",
        "margin": {"l": 0, "r": 0, "t": 64, "b": 0},
        "scene": {**titles, "aspectmode": "cube", "camera": {"eye": {"x": 1.3, "y": -1.5, "z": 0.8}}},
        "meta": {},
    }
    return assemble([line, *_points(axes.place(states), points, notes, "scatter3d")], layout)


def draw_eigenvalues(point: RestPoint, name: str) -> go.Figure:
    """Eigenvalues of one step at a point, in the complex plane, with the circle that parts fading from growing."""
    values = point.eigenvalues
    outside = np.abs(values) > 1.0
    groups = [
        (say("fades: |λ| < 1"), POSITIVE, "circle", ~outside),
        (say("grows: |λ| > 1"), NEGATIVE, "triangle-up", outside),
    ]
    data = [
        {
            "type": "scatter",
            "name": label,
            "mode": "markers",
            "x": values.real[chosen].astype(np.float32),
            "y": values.imag[chosen].astype(np.float32),
            "customdata": np.abs(values[chosen]).astype(np.float32),
            "marker": {"size": 8, "color": color, "symbol": symbol, "opacity": 0.8},
            "hovertemplate": "λ = %{x:.4f} + %{y:.4f} i<br>|λ| = %{customdata:.6f}<extra></extra>",
        }
        for label, color, symbol, chosen in groups
        if chosen.any()
    ]
    reach = max(1.15, 1.1 * float(np.abs(values).max(initial=0.0)))
    circle = {
        "type": "circle",
        "x0": -1,
        "x1": 1,
        "y0": -1,
        "y1": 1,
        "line": {"color": MUTED, "width": 1.5, "dash": "dot"},
    }
    layout = {
        "height": 420,
        "uirevision": f"eigenvalues-{name}",
        "hovermode": "closest",
        "showlegend": True,
        "margin": {"l": 12, "r": 12, "t": 40, "b": 12},
        "xaxis": {"title": {"text": say("real part of λ")}, "range": [-reach, reach]},
        "yaxis": {"title": {"text": say("imaginary part of λ")}, "range": [-reach, reach], "scaleanchor": "x"},
        "shapes": [circle],
        "meta": {},
    }
    return assemble(data, layout)


def tabulate_points(points: Sequence[RestPoint], notes: Sequence[str]) -> pd.DataFrame:
    """One row a point, in the order found."""
    return pd.DataFrame(
        {
            say("point"): [f"{number}" for number in range(1, len(points) + 1)],
            say("kind"): [say(point.stability) for point in points],
            say("starts that end there"): [point.arrivals for point in points],
            say("directions that lead away"): [point.unstable for point in points],
            say("largest |λ|"): [float(np.abs(point.eigenvalues[0])) for point in points],
            say("half-life of the slowest direction (steps)"): [
                np.nan if point.unstable else point.half_life for point in points
            ],
            say("speed ‖F(s) − s‖"): [point.speed for point in points],
            say("what the readout says there"): list(notes),
        }
    )


def _clouds(axes: Axes, clouds: Mapping[str, Doubles]) -> list[dict[str, Any]]:
    colors = (NEGATIVE, POSITIVE) if len(clouds) == 2 else (MUTED,) * len(clouds)
    return [
        {"type": "scatter", "name": escape(name), "mode": "markers", "hoverinfo": "skip",
         "marker": {"size": 4, "color": color, "opacity": 0.35}, **xyz(axes.place(cloud))}
        for (name, cloud), color in zip(clouds.items(), colors, strict=True)
    ]  # fmt: skip


def _flow(places: NDArray[np.float32]) -> dict[str, Any]:
    line = {"color": ATTENTION_MARK, "width": 1, "dash": "dot"}
    quiet = {"hoverinfo": "skip", "showlegend": False}
    return {"type": "scatter", "name": say("flow while the input is repeated"), "mode": "lines", "line": line, **quiet,
            **xyz(places)}  # fmt: skip


def _path(places: NDArray[np.float32], labels: list[str]) -> dict[str, Any]:
    texts = [""] * len(labels)
    texts[0], texts[-1] = say("start: {token}", token=labels[0]), say("end: {token}", token=labels[-1])
    return {
        "type": "scatter",
        "name": say("this input"),
        "mode": "lines+markers+text",
        "text": texts,
        "textposition": [f"{side} center" for side in ("bottom", *["top"] * (len(labels) - 1))],
        "hovertext": labels,
        "customdata": counts(len(labels)),
        "hovertemplate": f"{say('token')} %{{customdata}}: <b>%{{hovertext}}</b><extra></extra>",
        "line": {"color": PATH, "width": 2},
        "marker": {"size": 6, "color": PATH},
        **xyz(places),
    }


def _points(
    places: NDArray[np.float32], points: Sequence[RestPoint], notes: Sequence[str], kind: str
) -> list[dict[str, Any]]:
    """One curve for each kind of point; the number of a point is its row in the table."""
    found = []
    for stability, (name, color, symbol, size) in LOOKS.items():
        name = say(name)
        rows = [row for row, point in enumerate(points) if point.stability is stability]
        if not rows:
            continue
        lines = [
            f"{row + 1}: {name}<br>{escape(notes[row])}<br>"
            + say(
                "largest |λ| {size:.4f}, {n} starts end here",
                size=abs(points[row].eigenvalues[0]),
                n=points[row].arrivals,
            )
            for row in rows
        ]
        found.append(
            {
                "type": kind,
                "name": name,
                "mode": "markers+text" if stability is Stability.ATTRACTOR else "markers",
                "text": [str(row + 1) for row in rows],
                "textposition": BELOW,
                "hovertext": lines,
                "hovertemplate": "%{hovertext}<extra></extra>",
                "marker": {
                    "size": size if kind == "scatter" else size / 2,
                    "color": color,
                    "symbol": symbol,
                    "line": {"width": 1, "color": "#ffffff"},
                },
                **xyz(places[rows]),
            }
        )
    return found
