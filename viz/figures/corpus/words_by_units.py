"""Words and units together: the mean of each unit at each frequent word, ordered so that what goes together meets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import say
from core_models.vocabulary import Quantity
from viz.figures.parts.token_axis import label_axis, label_ticks, spell
from viz.theme import assemble, scale_of

WORDS, UNITS = 28, 28
"""Words and units that are shown at most."""


@dataclass(frozen=True, eq=False)
class Means:
    """The mean of units at words, ordered.

    Attributes:
        words, units: names of the rows, numbers of the columns.
        table: ``[word, unit]``.
        counts: tokens of each word.
    """

    words: tuple[str, ...]
    units: tuple[int, ...]
    table: NDArray[np.float32]
    counts: tuple[int, ...]


def means(values: NDArray[np.float32], labels: Sequence[str], unit: int) -> Means:
    """The most frequent words, and the units that tell them apart most, one unit among them whatever it does.

    Rows and columns are ordered by the first singular vectors of the means less those of rows and columns, which brings
    together what is high together (bipartite spectral co-clustering, Dhillon 2001).

    Args:
        values: ``[token, unit]``.
        labels: of every token.
        unit: that is shown in any case.
    """
    names, place = np.unique(np.asarray(labels, dtype=object).astype(str), return_inverse=True)
    counts = np.bincount(place)
    words = np.argsort(-counts, kind="stable")[:WORDS]
    table = np.stack([values[place == word].mean(axis=0) for word in words])
    spread = np.argsort(-table.std(axis=0), kind="stable")
    units = np.array(list(dict.fromkeys([unit, *spread.tolist()]))[:UNITS])
    shown = table[:, units]
    centred = shown - shown.mean(axis=0) - shown.mean(axis=1, keepdims=True) + shown.mean()
    left, _, right = np.linalg.svd(centred, full_matrices=False)
    rows, columns = np.argsort(left[:, 0], kind="stable"), np.argsort(right[0], kind="stable")
    return Means(
        tuple(str(names[words[row]]) for row in rows), tuple(int(units[column]) for column in columns),
        shown[rows][:, columns].astype(np.float32), tuple(int(counts[words[row]]) for row in rows),
    )  # fmt: skip


def draw(found: Means, quantity: Quantity, unit: int) -> go.Figure:
    """The heatmap, words from top to bottom, units from left to right; an arrow stands before the unit itself."""
    words = [spell(word, 14) for word in found.words]
    units = [f"▶{each}" if each == unit else str(each) for each in found.units]
    scale = scale_of(quantity, found.table)
    heat = {
        "type": "heatmap", "z": found.table, "zmin": scale.low, "zmax": scale.high, "colorscale": scale.colors,
        "colorbar": {"title": {"text": quantity.label, "side": "right"}, "thickness": 11, "outlinewidth": 0},
        "customdata": np.tile(np.array(found.counts)[:, None], (1, len(units))),
        "hovertemplate": say("“%{y}”, unit %{x}: %{z:.3f} on average of %{customdata:,} times") + "<extra></extra>",
    }  # fmt: skip
    layout = {
        "height": 120 + 19 * len(words),
        "uirevision": "words-by-units",
        "xaxis": label_axis(units, say("unit"), most=len(units)),
        "yaxis": label_axis(words, "", downward=True, most=len(words)),
        "meta": {"ticks": [label_ticks("x", units), label_ticks("y", words)]},
    }
    return assemble([heat], layout)


def tabulate(found: Means) -> pd.DataFrame:
    """One row for each word and unit."""
    return pd.DataFrame(
        {"word": word, "unit": unit, "mean": float(found.table[row, column]), "times": found.counts[row]}
        for row, word in enumerate(found.words)
        for column, unit in enumerate(found.units)
    )
