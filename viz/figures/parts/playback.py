"""Stepping through a path in the browser: Plotly frames, a slider over tokens, play and pause."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core_models.language import say
from core_models.trace import Array

MOST_FRAMES = 60
"""Longer texts are played with strides of several tokens."""

TAIL = 40
"""Tokens of the path drawn behind the present one, so that frames of long texts stay small."""

MILLISECONDS = 450

ROW = 30
"""Pixels of a row of buttons."""


def played(
    path: Array, order: NDArray[np.intp], labels: Sequence[str], curves: tuple[int, int], kind: str
) -> list[dict[str, Any]]:
    """One frame for each token, in reading order: the line so far and the present point.

    Args:
        path: position at every token, ``[step, axis]``.
        order: tokens in the order in which they are read.
        labels: tokens as Plotly shows them.
        curves: numbers of the curves of the line so far and of the present point.
        kind: type of these curves.
    """
    walked = path[order]
    stride = -(-len(path) // MOST_FRAMES)
    stops = sorted({*range(0, len(path), stride), len(path) - 1})
    frames = []
    for stop in stops:
        line, here = walked[max(0, stop - TAIL) : stop + 1], walked[stop : stop + 1]
        name = f"{int(order[stop]) + 1} {labels[order[stop]]}"
        frames.append({"name": name, "traces": list(curves), "data": [_at(kind, line), _at(kind, here)]})
    return frames


def play_controls(
    frames: Sequence[dict[str, Any]], *, redraw: bool, below: int = 0, apart: bool = False, noun: str = "token"
) -> dict[str, Any]:
    """Layout of the slider and the two buttons under the figure.

    Args:
        frames: of the figure.
        redraw: whether a frame changes more than positions.
        below: pixels that everything stands further down than usual.
        apart: whether the slider with its words stands below the buttons, for figures too narrow for both side by side.
        noun: what a frame is named after.
    """
    shared = {"mode": "immediate", "transition": {"duration": 0}}
    jump = {**shared, "frame": {"duration": 0, "redraw": redraw}}
    run = {**shared, "frame": {"duration": MILLISECONDS, "redraw": redraw}, "fromcurrent": True}
    steps = [{"label": frame["name"], "method": "animate", "args": [[frame["name"]], jump]} for frame in frames]
    slider = {
        "active": len(steps) - 1,
        "steps": steps,
        "x": 0.0,
        "len": 1.0,
        "pad": {"t": 64 + below + (ROW if apart else 0), "b": 8},
        "currentvalue": {"prefix": f"{say(noun)} ", "xanchor": "right"},
    }
    buttons = {
        "type": "buttons",
        "direction": "left",
        "showactive": False,
        "x": 0.0,
        "xanchor": "left",
        "y": 0.0,
        "yanchor": "top",
        "pad": {"t": 58 + below},
        "buttons": [
            {"label": say("▶ Play"), "method": "animate", "args": [None, run]},
            {"label": say("❚❚ Pause"), "method": "animate", "args": [[None], jump]},
        ],
    }
    return {"sliders": [slider], "updatemenus": [buttons]}


def _at(kind: str, points: Array) -> dict[str, Any]:
    """Positions as short lists, rounded to what an eye can see: Plotly takes three times as long over tiny arrays."""
    places = np.round(points.T.astype(np.float64), 5).tolist()
    return {"type": kind, **dict(zip("xyz", places, strict=False))}
