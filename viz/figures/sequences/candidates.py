"""The most probable next tokens at every step, the best on top."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import mark, say
from viz.figures.parts.marks import outline
from viz.figures.parts.token_axis import counts, escape, label_axis, label_ticks, spell
from viz.theme import ATTENTION_COLORS, Scale, assemble

MOST_NUMBERED, MOST_WRITTEN = 14, 22
"""Steps up to which every cell carries its number, and its token."""

BESIDE, COLUMN = 150, 52
"""Pixels beside the cells, and of a column whose token can be read."""

LABEL = mark("probability of the candidate")


def draw(
    probabilities: NDArray[np.floating],
    tokens: Sequence[Sequence[str]],
    targets: Sequence[str],
    ranks: Sequence[int],
    step: int | None = None,
) -> go.Figure:
    """One column for each step, one row for each rank; the written token is framed where it is among them.

    Args:
        probabilities: of the candidates, ``[step, rank]``.
        tokens: labels of the candidates, by step and rank.
        targets: labels of the written tokens.
        ranks: rank of the written token at every step, counted from 1.
        step: the selected step.
    """
    steps, count = probabilities.shape
    words = [[escape(spell(tokens[t][r], 10)) for t in range(steps)] for r in range(count)]
    scale, labels = Scale(ATTENTION_COLORS, 0.0, 1.0), [spell(target) for target in targets]
    numbers = [str(rank + 1) for rank in range(count)]
    cells = {
        "type": "heatmap",
        "name": say(LABEL),
        "z": np.ascontiguousarray(probabilities.T.astype(np.float32)),
        "text": words,
        "texttemplate": "%{text}<br>%{z:.3f}" if steps <= MOST_NUMBERED else "%{text}" if steps <= MOST_WRITTEN else "",
        "customdata": np.tile(counts(steps), (count, 1)),
        "zmin": scale.low,
        "zmax": scale.high,
        "colorscale": scale.colors,
        "colorbar": scale.bar(say(LABEL)),
        "hovertemplate": say("step %{customdata}, rank %{y}: <b>%{text}</b><br>probability = %{z:.6f}<extra></extra>"),
    }
    marked = [shape for t, rank in enumerate(ranks) if rank <= count for shape in _frame(t, rank - 1)]
    layout = {
        "height": 150 + 40 * count,
        "uirevision": "candidates",
        "hovermode": "closest",
        "xaxis": {**label_axis(labels, say("token that was written")), "anchor": "y"},
        "yaxis": label_axis(numbers, say("rank of the candidate"), downward=True),
        "shapes": marked + (_column(step, count) if step is not None else []),
        "meta": {
            "link": {"axis": "x"},
            "ticks": [label_ticks("x", labels), label_ticks("y", numbers)],
            "units": list(range(count)),
            "pick": "cell",
            "steps": steps,
            "least_width": BESIDE + COLUMN * steps if steps <= MOST_WRITTEN else 0,
        },
    }
    return assemble([cells], layout)


def numbers(
    probabilities: NDArray[np.floating], tokens: Sequence[Sequence[str]], targets: Sequence[str]
) -> pd.DataFrame:
    """One row for each candidate of each step."""
    steps, ranks = np.indices(probabilities.shape).reshape(2, -1)
    found = {"step": steps, "written": np.array(targets, dtype=object)[steps], "rank": ranks + 1}
    named = [tokens[step][rank] for step, rank in zip(steps.tolist(), ranks.tolist(), strict=True)]
    return pd.DataFrame(found | {"candidate": named, "probability": probabilities.ravel()})


def _frame(step: int, rank: int) -> list[dict[str, object]]:
    """White inside black around the written token: seen on any colour."""
    return [{**shape, "y0": rank - 0.5, "y1": rank + 0.5} for shape in outline(step, rank)]


def _column(step: int, count: int) -> list[dict[str, object]]:
    box = {"type": "rect", "x0": step - 0.5, "x1": step + 0.5, "y0": -0.5, "y1": count - 0.5}
    return [{**box, "line": {"color": "#858d97", "width": 2, "dash": "dash"}}]
