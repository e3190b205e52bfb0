"""One sequence of each synthetic task, drawn step by step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import say
from viz.theme import MARK, MUTED, assemble


def draw_recall(labels: Sequence[str], answer: str) -> go.Figure:
    """The symbols of a sequence side by side: the first is to be remembered, the last asks for it.

    Args:
        labels: what stands at each step.
        answer: the right answer.
    """
    last = len(labels) - 1
    colors = [MARK if step in (0, last) else MUTED for step in range(len(labels))]
    data = [
        {
            "type": "scatter", "mode": "markers+text", "x": np.arange(len(labels), dtype=np.float32),
            "y": np.zeros(len(labels), dtype=np.float32), "text": list(labels), "hoverinfo": "skip",
            "textfont": {"color": "#ffffff", "size": 13},
            "marker": {"symbol": ["circle"] + ["square"] * (last - 1) + ["diamond"],
                       "size": [30] + [22] * (last - 1) + [32], "color": colors},
        }
    ]  # fmt: skip
    notes = [
        (0, say("remember")),
        (last / 2, say("{n} distractors", n=last - 1)),
        (last, say("answer: {answer}", answer=answer)),
    ]
    return assemble(data, _layout(len(labels), 130) | {
        "annotations": [_note(x, text) for x, text in notes],
        "yaxis": {"visible": False, "range": [-1, 1.6]},
    })  # fmt: skip


def draw_adding(numbers: NDArray[np.float32], marked: NDArray[np.bool_], total: float) -> go.Figure:
    """The numbers of a sequence as bars, the two marked ones with their value, and the sum that is asked for."""
    text = [f"{number:.3f}" if mark else "" for number, mark in zip(numbers, marked, strict=True)]
    parts = " + ".join(part for part in text if part)
    data = [
        {
            "type": "bar", "x": np.arange(len(numbers), dtype=np.float32), "y": numbers, "text": text,
            "textposition": "outside", "cliponaxis": False, "hovertemplate": say("step %{x}: %{y:.4f}<extra></extra>"),
            "marker": {"color": [MARK if mark else MUTED for mark in marked],
                       "pattern": {"shape": ["" if mark else "/" for mark in marked]}},
        }
    ]  # fmt: skip
    layout = _layout(len(numbers), 190)
    layout["yaxis"] = {"title": {"text": say("number")}, "range": [0, 1.55], "tickvals": [0, 0.5, 1]}
    layout["annotations"] = [
        {"xref": "paper", "x": 1, "xanchor": "right", "yref": "paper", "y": 1, "showarrow": False,
         "text": say("answer: {parts} = <b>{total:.3f}</b>", parts=parts, total=total),
             "font": {"color": MARK, "size": 13}}
    ]  # fmt: skip
    return assemble(data, layout)


def _layout(steps: int, height: int) -> dict:
    return {
        "height": height, "showlegend": False, "meta": {}, "hovermode": "closest",
        "margin": {"l": 12, "r": 12, "t": 8, "b": 8},
        "xaxis": {"title": {"text": say("step")}, "range": [-0.8, steps - 0.2], "showgrid": False, "zeroline": False,
                  "dtick": 1 if steps <= 16 else 10},
    }  # fmt: skip


def _note(x: float, text: str) -> dict:
    return {"x": x, "y": 0.75, "yanchor": "bottom", "text": text, "showarrow": False, "font": {"size": 12}}
