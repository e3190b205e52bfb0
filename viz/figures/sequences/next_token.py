"""What a language model expects: surprise at every token, and the most probable next ones after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import mark, say
from viz.figures.parts.marks import stem
from viz.figures.parts.token_axis import counts, escape, label_axis, label_ticks, spell
from viz.theme import ATTENTION_COLORS, MARK, MUTED, Scale, assemble

MOST_WRITTEN, BESIDE, COLUMN = 60, 150, 18
"""Steps up to which every cell carries its candidate; pixels beside all, and of a column whose letter can be read."""

LABEL = mark("probability of the candidate")


@dataclass(frozen=True)
class Expected:
    """A text as a language model read it.

    Attributes:
        surprise: -ln of the probability of each token before it was read, in nats, ``[step]``.
        probabilities: of the candidates after each token, the best first, ``[step, rank]``.
        candidates: their labels, by step and rank.
        tokens: labels of the tokens that were read.
        vocabulary: number of tokens that there are.
    """

    surprise: NDArray[np.floating]
    probabilities: NDArray[np.floating]
    candidates: Sequence[Sequence[str]]
    tokens: Sequence[str]
    vocabulary: int

    def ranks_of_next(self) -> list[int | None]:
        """Rank from 0 of the token that came after each; None where it was not among the candidates, or none came."""
        pairs = zip(self.candidates[:-1], self.tokens[1:], strict=True)
        return [*(list(row).index(token) if token in row else None for row, token in pairs), None]


def draw(reading: Expected, step: int | None = None) -> go.Figure:
    """Candidates by rank (curve 0), with the tokens that came marked, under a strip of surprises."""
    steps, count = reading.probabilities.shape
    labels, numbers = [spell(token) for token in reading.tokens], [str(rank + 1) for rank in range(count)]
    even = log(reading.vocabulary)
    top = max(even, float(reading.surprise.max())) * 1.06
    layout = {
        "height": 400,
        "uirevision": "next-token",
        "hovermode": "closest",
        "showlegend": False,
        "xaxis": {**label_axis(labels, say("token that was read")), "anchor": "y"},
        "yaxis": {
            **label_axis(numbers, say("rank among the expected next tokens"), downward=True), "domain": [0.0, 0.66]
        },
        "yaxis2": {"title": {"text": say("surprise (nats)")}, "domain": [0.72, 1.0], "range": [0, top], "anchor": "x",
                   "fixedrange": True, "nticks": 4},
        "shapes": [_even(even), *([stem(step)] if step is not None else [])],
        "meta": {
            "link": {"axis": "x"},
            "ticks": [label_ticks("x", labels), label_ticks("y", numbers)],
            "units": list(range(count)),
            "pick": "cell",
            "least_width": BESIDE + COLUMN * steps if steps <= MOST_WRITTEN else 0,
            "steps": steps,
        },
    }  # fmt: skip
    return assemble([_cells(reading), _bars(reading), _came(reading)], layout)


def draw_one(reading: Expected, step: int) -> go.Figure:
    """The candidates after one token as bars, the most probable on top, and what all others share."""
    p, names = reading.probabilities[step], [escape(spell(name)) for name in reading.candidates[step]]
    rest = max(0.0, 1.0 - float(p.sum(dtype=np.float64)))
    values, labels = (
        np.append(p, rest).astype(np.float32),
        [*names, say("{n:,} others", n=reading.vocabulary - len(names))],
    )
    rows = np.arange(len(values), dtype=np.float32)
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": values,
        "y": rows,
        "text": [f"{value:.1%}" for value in values.tolist()],
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": labels,
        "marker": {"color": [MARK] * len(names) + [MUTED]},
        "hovertemplate": "%{customdata}: p = %{x:.6f}<extra></extra>",
    }
    layout = {
        "height": 354,
        "uirevision": "next-one",
        "showlegend": False,
        "margin": {"l": 12, "r": 44, "t": 32, "b": 12},
        "xaxis": {"title": {"text": say("probability of coming next")}, "range": [0, float(values.max()) * 1.02],
                  "tickformat": ".0%", "nticks": 4},
        "yaxis": label_axis([*map(spell, reading.candidates[step]), labels[-1]], "", downward=True),
    }  # fmt: skip
    return assemble([bars], layout)


def tabulate(reading: Expected) -> pd.DataFrame:
    """Surprise and candidates as a table: one row for each token and rank."""
    steps, count = reading.probabilities.shape
    return pd.DataFrame(
        {
            "step": np.repeat(np.arange(1, steps + 1), count),
            "token": np.repeat(list(reading.tokens), count),
            "surprise": np.repeat(reading.surprise, count),
            "rank": np.tile(np.arange(1, count + 1), steps),
            "candidate": [name for row in reading.candidates for name in row],
            "probability": reading.probabilities.ravel(),
        }
    )


def _cells(reading: Expected) -> dict[str, Any]:
    steps, count = reading.probabilities.shape
    words = [[escape(spell(reading.candidates[t][r], 10)) for t in range(steps)] for r in range(count)]
    scale = Scale(ATTENTION_COLORS, 0.0, 1.0)
    return {
        "type": "heatmap",
        "name": say(LABEL),
        "z": np.ascontiguousarray(reading.probabilities.T.astype(np.float32)),
        "text": words,
        "texttemplate": "%{text}" if steps <= MOST_WRITTEN else "",
        "textfont": {"size": 12},
        "customdata": np.tile(counts(steps), (count, 1)),
        "zmin": scale.low,
        "zmax": scale.high,
        "colorscale": scale.colors,
        "colorbar": scale.bar(say(LABEL), len=0.66, y=0.33),
        "hovertemplate": say(
            "after token %{customdata} <b>%{x}</b>, rank %{y}: <b>%{text}</b><br>probability = %{z:.6f}<extra></extra>"
        ),
    }


def _bars(reading: Expected) -> dict[str, Any]:
    steps = len(reading.surprise)
    return {
        "type": "bar",
        "name": say("surprise"),
        "yaxis": "y2",
        "x": np.arange(steps, dtype=np.float32),
        "y": np.ascontiguousarray(reading.surprise.astype(np.float32)),
        "customdata": counts(steps),
        "marker": {"color": MARK},
        "hovertemplate": say("token %{customdata} <b>%{x}</b><br>surprise = %{y:.6f} nats<extra></extra>"),
    }


def _came(reading: Expected) -> dict[str, Any]:
    """A diamond on the candidate that came next, white inside black, so that it is seen on any colour."""
    places = [(step, rank) for step, rank in enumerate(reading.ranks_of_next()) if rank is not None]
    size = 7 if len(reading.tokens) > MOST_WRITTEN else 6
    return {
        "type": "scatter",
        "name": say("came next"),
        "mode": "markers",
        "hoverinfo": "skip",
        "x": np.array([step for step, _ in places], dtype=np.float32),
        "y": np.array([rank + (0.0 if len(reading.tokens) > MOST_WRITTEN else 0.36) for _, rank in places], np.float32),
        "marker": {"symbol": "diamond", "size": size, "color": "#ffffff", "line": {"width": 1, "color": "#000000"}},
    }


def _even(level: float) -> dict[str, Any]:
    line = {"color": MUTED, "width": 1.5, "dash": "dot"}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y2", "y0": level, "y1": level, "line": line}
