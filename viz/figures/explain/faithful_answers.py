"""The answers under other attention weights, beside the network's own and the band within which nothing changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import say
from viz.figures.parts.token_axis import escape
from viz.theme import ATTENTION_MARK, MARK, MUTED, assemble

BINS = 40
SYMBOLS = ("diamond", "square", "triangle-up", "circle")


def draw(
    answers: NDArray[np.floating],
    own: float,
    band: float,
    others: Mapping[str, float],
    title: str,
    *,
    span: tuple[float, float] | None = (0.0, 1.0),
) -> go.Figure:
    """Histogram of ``answers`` (curve 0), the network's own as a line, single others as marks above it.

    Args:
        answers: answers with shuffled attention.
        own: the network's own answer.
        band: distance from it within which an answer counts as unchanged.
        others: single other answers by name.
        title: name of the answer, plain text.
        span: ends of its scale; as wide as the answers need if None.
    """
    low, high = span or _reach(answers, own, band, others)
    edges = np.linspace(low, high, BINS + 1)
    heights = np.histogram(answers, edges)[0]
    middles = ((edges[1:] + edges[:-1]) / 2.0).astype(np.float32)
    top = float(heights.max(initial=1))
    ends = np.stack([edges[:-1], edges[1:]], axis=1).astype(np.float32)
    data: list[dict[str, Any]] = [
        {
            "type": "bar",
            "name": say("shuffled attention"),
            "x": middles,
            "y": heights.astype(np.float32),
            "width": (high - low) / BINS,
            "marker": {"color": ATTENTION_MARK, "line": {"width": 0}},
            "customdata": ends,
            "hovertemplate": say("%{y} shuffles answer %{customdata[0]:.3f} to %{customdata[1]:.3f}")
            + "<extra></extra>",
        },
        {
            "type": "scatter",
            "mode": "lines",
            "name": say("the network’s own attention"),
            "x": np.array([own, own], dtype=np.float32),
            "y": np.array([0.0, 1.3 * top], dtype=np.float32),
            "line": {"color": MARK, "width": 2.5},
            "hovertemplate": f"{say('own attention')}: %{{x:.6f}}<extra></extra>",
        },
    ]
    for (name, answer), symbol in zip(others.items(), SYMBOLS, strict=False):
        data.append({
            "type": "scatter", "mode": "markers", "name": name,
            "x": np.array([answer], dtype=np.float32), "y": np.array([1.15 * top], dtype=np.float32),
            "marker": {"symbol": symbol, "size": 12, "color": MUTED},
            "hovertemplate": f"{name}: %{{x:.6f}}<extra></extra>",
        })  # fmt: skip
    box = {"type": "rect", "yref": "paper", "y0": 0, "y1": 1, "x0": max(low, own - band), "x1": min(high, own + band)}
    layout = {
        "height": 330,
        "uirevision": "faithful-answers",
        "hovermode": "closest",
        "xaxis": {"title": {"text": escape(title)}, "range": [low, high]},
        "yaxis": {"title": {"text": say("shuffles")}, "range": [0, 1.3 * top]},
        "shapes": [{**box, "fillcolor": "rgba(47, 127, 209, 0.15)", "line": {"width": 0}, "layer": "below"}],
    }
    return assemble(data, layout)


def _reach(answers: NDArray[np.floating], own: float, band: float, others: Mapping[str, float]) -> tuple[float, float]:
    """The range of everything that is drawn."""
    every = [own - 1.5 * band, own + 1.5 * band, float(answers.min()), float(answers.max()), *others.values()]
    return min(every), max(every)
