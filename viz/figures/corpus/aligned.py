"""Places of a corpus below each other, their first tokens in one column."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import Number, say
from core_models.vocabulary import Quantity
from viz.figures.parts.token_axis import escape, label_axis, label_ticks, spell
from viz.theme import assemble, scale_of

BEFORE, AFTER = 8, 12
"""Tokens that are drawn before the first token of a place, and from it on."""

MOST = 25
"""Places that are drawn."""

ROW, AROUND = 16, 90
"""Pixels of a row, and of margins and labels around all."""


LEAST_WIDTH = 900
"""Pixels in which words in the cells can be read."""


def window(values: NDArray[np.float32], bounds: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.float32]:
    """Values ``[place, column]`` around the first token of each place; NaN beyond its document.

    Args:
        values: one number for every token of the corpus.
        bounds: of the documents, ``[document + 1]``.
        starts: first tokens.
    """
    columns = starts[:, None] + np.arange(-BEFORE, AFTER)
    document = np.searchsorted(bounds, starts, side="right") - 1
    inside = (columns >= bounds[document][:, None]) & (columns < bounds[document + 1][:, None])
    return np.where(inside, values[np.clip(columns, 0, len(values) - 1)], np.float32(np.nan))


def draw(
    values: NDArray[np.float32],
    labels: Sequence[Sequence[str]],
    names: Sequence[str],
    row: Quantity,
    what: str,
    tags: Sequence[Sequence[str]] = (),
) -> go.Figure:
    """The heatmap of places (rows) by tokens (columns), 0 being the first token of each place.

    Args:
        values: ``[place, column]``.
        labels: the token at each, "" where there is none.
        names: of the places.
        row: the quantity.
        what: the number that is drawn, in words.
        tags: the tag of each token, in words, which stands behind it under the pointer; empty where there are none.
    """
    scale = scale_of(row, np.nan_to_num(values))
    columns = [str(Number(at)) for at in range(-BEFORE, AFTER)]
    spelled = [[escape(spell(label)) if label else "" for label in line] for line in labels]
    noted = [
        [f"{word} ({escape(tag)})" if tag and word else word for word, tag in zip(*pair, strict=True)]
        for pair in zip(spelled, tags or [[""] * len(line) for line in labels], strict=True)
    ]
    heat = {
        "type": "heatmap",
        "z": values,
        "text": spelled,
        "hovertext": noted,
        "texttemplate": "%{text}",
        "textfont": {"size": 10},
        "hoverongaps": False,
        "zmin": scale.low,
        "zmax": scale.high,
        "colorscale": scale.colors,
        "colorbar": scale.bar(what),
        "hovertemplate": say("place %{{y}}, %{{hovertext}}<br>{what} = %{{z:.4f}}<extra></extra>", what=what),
    }
    layout = {
        "height": ROW * len(values) + AROUND,
        "uirevision": "corpus-aligned",
        "hovermode": "closest",
        "xaxis": label_axis(columns, say("tokens from the beginning of the place")),
        "yaxis": label_axis(names, say("place"), downward=True, most=MOST),
        "shapes": [{"type": "line", "xref": "x", "yref": "paper", "x0": BEFORE - 0.5, "x1": BEFORE - 0.5, "y0": 0,
                    "y1": 1, "line": {"width": 2, "color": "rgba(128,128,128,0.9)"}}],
        "meta": {"link": {"axis": "x"}, "ticks": [label_ticks("x", columns), label_ticks("y", names)],
                 "least_width": LEAST_WIDTH},
    }  # fmt: skip
    return assemble([heat], layout)


def tabulate(values: NDArray[np.float32], labels: Sequence[Sequence[str]], what: str) -> pd.DataFrame:
    """One row for every token that is drawn."""
    places, columns = np.indices(values.shape)
    words = np.array([list(line) for line in labels], dtype=object).reshape(-1)
    table = pd.DataFrame(
        {say("place"): places.ravel() + 1, say("token from its beginning"): columns.ravel() - BEFORE,
         say("token"): words, str(what): values.ravel()}
    )  # fmt: skip
    return table.dropna(subset=[str(what)]).reset_index(drop=True)
