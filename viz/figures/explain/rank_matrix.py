"""Which methods put the same tokens first: a small matrix of rank correlations with every number written out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import mark, say
from viz.figures.parts.token_axis import escape
from viz.theme import SIGNED_COLORS, Scale, assemble

SYMBOLS = {"kendall": mark("Kendall's τ"), "spearman": mark("Spearman's ρ")}


def how_to_read(coefficient: str) -> str:
    """What 1, 0 and −1 are."""
    return say(
        "{name} of the magnitudes: 1 means that two methods rank all tokens identically, 0 that their rankings are "
        "unrelated, −1 that they are reversed. Blue is above 0, orange below; a column has the number of its row.",
        name=say(SYMBOLS[coefficient]),
    )


def draw(matrix: NDArray[np.floating], names: Sequence[str], coefficient: str) -> go.Figure:
    """The matrix ``[row, row]``; a cell is empty where a row ties all tokens."""
    labels = [f"{number} {escape(name)}" for number, name in enumerate(names, start=1)]
    written = [["" if np.isnan(value) else f"{value:.2f}" for value in row] for row in matrix]
    scale = Scale(SIGNED_COLORS, -1.0, 1.0)
    places = list(range(len(labels)))
    axis = {
        "tickmode": "array",
        "tickvals": places,
        "showgrid": False,
        "zeroline": False,
        "title": {"text": say("method")},
    }
    numbers = [str(place + 1) for place in places]
    cells = {
        "type": "heatmap",
        "name": say(SYMBOLS[coefficient]),
        "z": matrix.astype(np.float32),
        "text": written,
        "texttemplate": "%{text}",
        "textfont": {"size": 11},
        "zmin": scale.low,
        "zmax": scale.high,
        "colorscale": scale.colors,
        "showscale": False,
        "hoverongaps": False,
        "xgap": 1,
        "ygap": 1,
        "customdata": [[[one, other] for other in labels] for one in labels],
        "hovertemplate": "%{customdata[0]}<br>%{customdata[1]}<br>%{z:.4f}<extra></extra>",
    }
    layout = {
        "height": 150 + 32 * len(labels),
        "uirevision": "rank-matrix",
        "xaxis": {**axis, "ticktext": numbers, "range": [-0.5, len(labels) - 0.5]},
        "yaxis": {**axis, "ticktext": labels, "range": [len(labels) - 0.5, -0.5]},
    }
    return assemble([cells], layout)
