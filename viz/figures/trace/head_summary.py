"""Several heads in one matrix: their mean, or the largest weight that any of them gives."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import mark, say
from viz.figures.parts.token_axis import counts, label_axis, label_ticks, spell
from viz.theme import ATTENTION_COLORS, Scale, assemble

NAMES = {
    "weights": mark("attention weight αₜᵢ"),
    "mean": mark("mean weight of all heads"),
    "max": mark("largest weight of any head"),
}
MOST_ROW_LABELS = 30


def how_to_read(how: str) -> str:
    """Rows, columns, and what the heads were made into."""
    sums = say("A row still sums to 1.") if how == "mean" else say("A row may sum to more than 1.")
    return say(
        "Each row is a written token, each column a source token: {names}. {sums}", names=say(NAMES[how]), sums=sums
    )


def draw(
    weights: NDArray[np.floating], sources: Sequence[str], targets: Sequence[str], how: str, step: int | None = None
) -> go.Figure:
    """The (query, key) matrix of one summary over heads."""
    keys, queries = [spell(label) for label in sources], [spell(label) for label in targets]
    label, scale = say(NAMES[how]), Scale(ATTENTION_COLORS, 0.0, 1.0)
    numbers = np.broadcast_arrays(counts(len(queries))[:, None], counts(len(keys))[None, :])
    cells = {
        "type": "heatmap",
        "name": label,
        "z": weights.astype(np.float32),
        "customdata": np.stack(numbers, axis=-1),
        "zmin": scale.low,
        "zmax": scale.high,
        "colorscale": scale.colors,
        "colorbar": scale.bar(label),
        "hovertemplate": say(
            "from token %{{customdata[0]}}: <b>%{{y}}</b><br>to token %{{customdata[1]}}: "
            "<b>%{{x}}</b><br>{label} = %{{z:.6f}}<extra></extra>",
            label=label,
        ),
    }
    row = {"type": "rect", "x0": -0.5, "x1": len(keys) - 0.5}
    marked = [] if step is None else [{**row, "y0": step - 0.5, "y1": step + 0.5, "line": {"color": "#ffffff"}}]
    layout = {
        "height": int(np.clip(140 + 24 * len(queries), 240, 480)),
        "uirevision": f"head_summary-{how}",
        "hovermode": "closest",
        "xaxis": {**label_axis(keys, say("token looked at (i)")), "anchor": "y"},
        "yaxis": label_axis(queries, say("writing token (t)"), downward=True, most=MOST_ROW_LABELS),
        "shapes": marked,
        "meta": {"link": {"axis": "y"}, "ticks": [label_ticks("x", keys), label_ticks("y", queries)], "pick": "row",
                 "steps": len(queries)},
    }  # fmt: skip
    return assemble([cells], layout)
