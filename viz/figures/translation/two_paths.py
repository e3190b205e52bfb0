"""The encoder's and the decoder's states in one space: one reads its way in, the other writes its way out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import say
from viz.figures.parts.playback import play_controls, played
from viz.figures.parts.principal_axes import Axes, fit_axes
from viz.figures.parts.spaces import space_axes, xyz
from viz.figures.parts.token_axis import counts, escape, spell
from viz.theme import NEGATIVE, POSITIVE, assemble

CLOSE = 0.07
"""Distance, as a share of the path's extent, within which only the earlier of two states is named."""


def fit(read: NDArray[np.floating], written: NDArray[np.floating], count: int = 2) -> Axes:
    """The principal axes of both paths together, each state counted once."""
    return fit_axes(np.concatenate([read, written]), count)


def how_to_read(axes: Axes) -> str:
    """What the two lines are, and how much of the truth the plane keeps."""
    return say(
        "Blue circles are the encoder's states after each source token, both directions joined; "
        "orange diamonds are the decoder's, starting from its initial state. The {n} principal "
        "components of both together keep {share:.0%} of their variance: points that are near here "
        "may be far apart in the full space.",
        n=len(axes.shares),
        share=axes.shares.sum(),
    )


def draw(
    read: NDArray[np.floating], written: NDArray[np.floating], sources: Sequence[str], targets: Sequence[str],
    space: int = 2,
) -> go.Figure:  # fmt: skip
    """The encoder's path (curve 0), the decoder's (curve 1), the part played so far and the present state.

    Args:
        read: encoder states, ``[key, unit]``.
        written: decoder states from the one before the first token on, ``[step + 1, unit]``.
        sources, targets: labels; ``targets`` has one less than ``written``.
        space: 2 or 3 dimensions.
    """
    axes = fit(read, written, 3 if space == 3 else 2)
    kind = "scatter3d" if space == 3 else "scatter"
    first, second = axes.place(read), axes.place(written)
    before = [say("before the first token"), *targets]
    data = [
        _path(first, sources, say("encoder, reading"), POSITIVE, "circle", "top"),
        _path(second, before, say("decoder, writing"), NEGATIVE, "diamond", "bottom"),
        {"name": say("written so far"), "mode": "lines", "line": {"color": NEGATIVE, "width": 4}, "hoverinfo": "skip",
         "showlegend": False, **xyz(second)},
        {"name": say("here"), "mode": "markers", "hoverinfo": "skip", "showlegend": False, **xyz(second[-1:]),
         "marker": {"size": 8 if space == 3 else 15, "color": "#ffffff", "line": {"color": NEGATIVE, "width": 3}}},
    ]  # fmt: skip
    for curve in data:
        curve["type"] = kind
    labels = [say("start"), *(escape(spell(target)) for target in targets)]
    frames = played(second, np.arange(len(second)), labels, (2, 3), kind)
    layout: dict[str, Any] = {
        "height": 540,
        "uirevision": f"two_paths-{space}",
        "hovermode": "closest",
        "margin": {"l": 12, "r": 12, "t": 48, "b": 12},
        **space_axes(axes),
        **play_controls(frames, redraw=kind == "scatter3d"),
    }
    layout["sliders"][0]["currentvalue"]["prefix"] = say("written: ")
    return assemble(data, layout, frames)


def numbers(read: NDArray[np.floating], written: NDArray[np.floating]) -> pd.DataFrame:
    """The first three principal coordinates of every state of both paths."""
    axes = fit(read, written, 3)
    parts = [pd.DataFrame(axes.place(path), columns=["component_1", "component_2", "component_3"]).assign(
        path=name, state=np.arange(len(path))) for name, path in (("encoder", read), ("decoder", written))]  # fmt: skip
    return pd.concat(parts)


def _path(
    path: NDArray[np.float32], labels: Sequence[str], name: str, color: str, symbol: str, side: str
) -> dict[str, Any]:
    words = [escape(spell(label, 24)) for label in labels]
    shown = _apart(path)
    ends = [word if i in shown else "" for i, word in enumerate(words)]
    ends[0] = say("start: {token}", token=words[0]) if side == "top" else say("start")
    return {
        "name": name,
        "mode": "lines+markers+text",
        "text": ends,
        "textposition": f"{side} center",
        "hovertext": words,
        "customdata": counts(len(path)),
        "hovertemplate": f"{name}: <b>%{{hovertext}}</b><extra></extra>",
        "line": {"color": color, "width": 1.5},
        "marker": {"size": 8 if path.shape[1] == 2 else 5, "color": color, "symbol": symbol},
        **xyz(path),
    }


def _apart(path: NDArray[np.float32]) -> list[int]:
    """States that are far enough from one another for their words, the first and the last among them."""
    extent = np.maximum(np.ptp(path[:, :2], axis=0), 1e-9)
    shown = [0, len(path) - 1]
    for state in range(1, len(path) - 1):
        away = np.abs(path[shown, :2] - path[state, :2]) / extent
        if not np.any((away < CLOSE).all(axis=1)):
            shown.append(state)
    return shown
