"""Labels against answers: how many rows of each label have each answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import mark, say
from viz.figures.parts.token_axis import label_axis, label_ticks, spell
from viz.theme import assemble

NONE = mark("no answer")
ROW, AROUND, LEAST = 34, 110, 200
"""Pixels of a row, of margins and labels around all, and of the whole at least."""


def draw(counts: NDArray[np.int64], classes: Sequence[str]) -> go.Figure:
    """The heatmap ``[label, answer]``; colour is the share of the label's rows, so that rare labels show.

    Args:
        counts: the last column has no answer; it is left out where it is empty.
        classes: in words.
    """
    shown = counts if counts[:, -1].any() else counts[:, :-1]
    answers = [*classes, say(NONE)][: shown.shape[1]]
    share = shown / np.maximum(shown.sum(axis=1, keepdims=True), 1)
    heat = {
        "type": "heatmap",
        "z": share.astype(np.float32),
        "customdata": shown,
        "zmin": 0.0,
        "zmax": 1.0,
        "text": [[f"{count:,}" for count in row] for row in shown.tolist()],
        "texttemplate": "%{text}",
        "colorscale": [[0.0, "rgba(47, 127, 209, 0.04)"], [1.0, "rgba(47, 127, 209, 0.9)"]],
        "showscale": False,
        "hovertemplate": say("label %{y}, answer %{x}<br>%{customdata:,} rows, %{z:.1%} of the label")
        + "<extra></extra>",
    }
    columns, rows = [spell(name, 24) for name in answers], [spell(name, 24) for name in classes]
    layout = {
        "height": max(LEAST, ROW * len(rows) + AROUND),
        "uirevision": "confusion",
        "xaxis": label_axis(columns, say("answer")),
        "yaxis": label_axis(rows, say("label"), downward=True, most=len(rows)),
        "meta": {"ticks": [label_ticks("x", columns), label_ticks("y", rows)]},
    }
    return assemble([heat], layout)


def tabulate(counts: NDArray[np.int64], classes: Sequence[str]) -> pd.DataFrame:
    """One row for every pair of label and answer."""
    return pd.DataFrame(
        {"label": label, "answer": answer, "rows": int(counts[at, to])}
        for at, label in enumerate(classes)
        for to, answer in enumerate([*classes, NONE])
    )
