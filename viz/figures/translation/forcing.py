"""A reference held against what a network writes alone: how probable each found its own next token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import say
from viz.figures.parts.token_axis import counts, escape, spell
from viz.theme import NEGATIVE, POSITIVE, assemble

MOST_NAMED = 24
WAY = "#d0257a"
ABOVE, BELOW = (f"{side} center" for side in ("top", "bottom"))


def draw(
    forced: NDArray[np.floating],
    free: NDArray[np.floating],
    references: Sequence[str],
    written: Sequence[str],
    parting: int | None,
) -> go.Figure:
    """Probability of every reference token under teacher forcing (curve 0) and of every freely written one (curve 1).

    Args:
        forced, free: probabilities, ``[step]``; of different lengths where the targets are.
        references, written: labels of the tokens.
        parting: first step at which the targets differ.
    """
    steps = max(len(forced), len(free))
    data = [
        _line(forced, references, say("reference, teacher-forced"), POSITIVE, "circle", "solid", ABOVE),
        _line(free, written, say("written freely"), NEGATIVE, "square", "dash", BELOW),
    ]
    layout = {
        "height": 360,
        "uirevision": "forcing",
        "hovermode": "closest",
        "xaxis": {
            "title": {"text": say("step")},
            "range": [0.5, steps + 0.5],
            "dtick": 1 if steps <= 30 else 5,
            "tick0": 1,
        },
        "yaxis": {
            "title": {"text": say("probability of the token p(yₜ)")},
            "range": [-0.12, 1.14],
            "tickvals": [0, 0.25, 0.5, 0.75, 1],
            "zeroline": False,
        },
        "shapes": [] if parting is None else [_stem(parting)],
        "annotations": [] if parting is None else [_note(parting, steps)],
    }
    return assemble(data, layout)


def numbers(
    forced: NDArray[np.floating], free: NDArray[np.floating], references: Sequence[str], written: Sequence[str]
) -> pd.DataFrame:
    """One row for each token of either run, with how probable it was."""
    runs = (("forced", references, forced), ("free", written, free))
    rows = [
        (run, step, label, float(value))
        for run, labels, values in runs
        for step, (label, value) in enumerate(zip(labels, values, strict=True))
    ]
    return pd.DataFrame(rows, columns=["run", "step", "token", "probability"])


def _line(
    values: NDArray[np.floating], labels: Sequence[str], name: str, color: str, symbol: str, dash: str, place: str
) -> dict[str, Any]:
    words = [escape(spell(label)) for label in labels]
    return {
        "type": "scatter",
        "name": name,
        "mode": "lines+markers+text",
        "x": counts(len(values)).astype(np.float32),
        "y": values.astype(np.float32),
        "text": words if len(words) <= MOST_NAMED else [""] * len(words),
        "textposition": place,
        "hovertext": words,
        "line": {"color": color, "width": 2, "dash": dash},
        "marker": {"color": color, "symbol": symbol, "size": 8},
        "hovertemplate": f"{name}, {say('step')} %{{x}}: <b>%{{hovertext}}</b><br>p = %{{y:.6f}}<extra></extra>",
    }


def _stem(step: int) -> dict[str, Any]:
    line = {"color": WAY, "width": 2, "dash": "dash"}
    return {"type": "line", "x0": step + 0.5, "x1": step + 0.5, "yref": "paper", "y0": 0, "y1": 1, "line": line}


def _note(step: int, steps: int) -> dict[str, Any]:
    right = step > steps / 2
    return {
        "x": step + 0.5,
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "showarrow": False,
        "xanchor": "right" if right else "left",
        "text": say("here they diverge"),
        "font": {"color": WAY},
    }
