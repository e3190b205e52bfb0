"""What each trained network would answer at every moment of the wait, and what its gates and attention do meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import say
from viz.figures.memory.racers import LOOKS
from viz.theme import MUTED, assemble

Curves = Mapping[str, NDArray[np.float32]]


def draw_answers(probability: Curves, *, trained: int, floor: float, title: str = "") -> go.Figure:
    """Probability of the right symbol, or share of sequences right, if asked after so many distractors.

    Args:
        probability: by key of the architecture, ``[lag + 1]``.
        trained: the lag that the networks were trained on.
        floor: probability of a guess.
        title: what the vertical axis shows; the probability if empty.
    """
    layout = _layout(title or say("probability of the right symbol"), trained, probability)
    layout["shapes"] = [*layout["shapes"], _level(floor)]
    shown = say("asked after %{x} distractors: %{y:.4f}")
    return assemble([_line(key, values, LOOKS[key].name, shown) for key, values in probability.items()], layout)


def draw_gates(keep: Curves, look: Curves, *, trained: int) -> go.Figure:
    """Mean of the gate that keeps the past, and the attention that the asking step would pay to the first state."""
    layout = _layout(say("gate, or attention"), trained, {**keep, **look})
    names = {"gru": say("GRU: update gate zₜ"), "lstm": say("LSTM: forget gate fₜ")}
    data = [
        _line(key, values, say("{names}, mean of units", names=names[key]), say("step %{x}: %{y:.4f}"))
        for key, values in keep.items()
    ]
    shown = say("asked after %{x} distractors: %{y:.4f}")
    data += [_line(key, values, say("attention to the first state"), shown) for key, values in look.items()]
    return assemble(data, layout)


def _line(key: str, values: NDArray[np.float32], name: str, shown: str) -> dict[str, Any]:
    look = LOOKS[key]
    return {
        "type": "scatter", "mode": "lines+markers" if len(values) <= 60 else "lines", "name": name,
        "x": np.arange(len(values), dtype=np.float32), "y": values,
        "line": {"color": look.color, "width": 2, "dash": look.dash},
        "marker": {"color": look.color, "symbol": look.symbol, "size": 6},
        "hovertemplate": f"<b>{look.name}</b>, {shown}<extra></extra>",
    }  # fmt: skip


def _layout(title: str, trained: int, curves: Curves) -> dict[str, Any]:
    last = max(len(values) for values in curves.values()) - 1
    line = {"color": MUTED, "width": 1.5, "dash": "dash"}
    label = {"text": say("trained on this lag ({trained})", trained=trained), "textposition": "end", "textangle": 0,
             "font": {"color": MUTED, "size": 11}}  # fmt: skip
    edge = {"type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": trained, "x1": trained, "line": line,
            "label": label}  # fmt: skip
    return {
        "height": 360, "uirevision": f"memory-live-{title}", "hovermode": "closest",
        "margin": {"l": 12, "r": 12, "t": 30, "b": 12},
        "legend": {"orientation": "h", "x": 0, "y": -0.22, "yanchor": "top"},
        "xaxis": {"title": {"text": say("distractors read since the symbol")},
            "range": [-0.01 * last - 0.5, 1.02 * last]},
        "yaxis": {"title": {"text": title}, "range": [-0.03, 1.04], "dtick": 0.25},
        "shapes": [edge] if trained <= last else [],
        "meta": {"link": {"axis": "x"}},
    }  # fmt: skip


def _level(at: float) -> dict[str, Any]:
    line = {"color": MUTED, "width": 1.5, "dash": "dot"}
    label = {"text": say("guessing, {at:.3f}", at=at), "textposition": "start", "font": {"color": MUTED, "size": 11}}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": at, "y1": at, "line": line, "label": label}
