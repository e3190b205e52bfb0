"""What a tagger says of every token: the probability of each label, the label that is given, and the right one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import mark, say
from viz.figures.parts.marks import outline
from viz.figures.parts.token_axis import counts, escape, label_axis, label_ticks, spell
from viz.theme import ATTENTION_COLORS, LINES, MARK, MUTED, Scale, assemble

MOST_ROWS, SHOWN, MOST_CLASSES = 18, 0.02, 10
"""Labels drawn at most, where a task has more; the probability that one has to reach somewhere to be drawn; and bars of
classes at most."""

BESIDE, COLUMN, FEW = 290, 18, 40
"""Pixels for the names and the scale beside the map, and at least for a token where there are few: a map wider than the
page is scrolled sideways."""

ALL_ROWS = 5
"""Labels that are all drawn where the map is brief; of more, those that are given or right somewhere."""


@dataclass(frozen=True)
class TokenLabels:
    """A sequence with its labels.

    Attributes:
        probability: of every label at every token, ``[step, label]``.
        labels: names of all labels, in the order of ``probability``.
        given: index of the label that is given to each token, ``[step]``.
        tokens: the tokens.
        right: index of the right label of each token, None where it is not known; empty where none is.
        colors: colour of labels that have one by custom, by index.
        noun: what a token is called.
        said: what a label is called.
        marked: what the marked one is.
    """

    probability: NDArray[np.floating]
    labels: Sequence[str]
    given: Sequence[int]
    tokens: Sequence[str]
    right: Sequence[int | None] = ()
    colors: Mapping[int, str] = field(default_factory=dict)
    noun: str = "token"
    said: str = mark("label")
    marked: str = "given"

    def rows(self, *, brief: bool = False) -> list[int]:
        """The labels that are drawn: all, or where there are many or it is to be ``brief``, those that matter."""
        if len(self.labels) <= (ALL_ROWS if brief else MOST_ROWS):
            return list(range(len(self.labels)))
        must = {*self.given, *(index for index in self.right if index is not None)}
        if brief:
            return sorted(must)
        peak = self.probability.max(axis=0)
        ranked = sorted(range(len(self.labels)), key=lambda index: (index not in must, -float(peak[index])))
        kept = [index for index in ranked[: max(MOST_ROWS, len(must))] if index in must or peak[index] >= SHOWN]
        return sorted(kept)


def draw(labelled: TokenLabels, step: int | None = None, label: int | None = None, *, brief: bool = False) -> go.Figure:
    """Labels by token (curve 0), with the given and the right label marked.

    Args:
        labelled: the sequence.
        step: the selected token.
        label: the selected label.
        brief: whether only the labels that matter are drawn, in low rows without a scale.
    """
    rows, tokens = labelled.rows(brief=brief), [spell(token) for token in labelled.tokens]
    names = [spell(labelled.labels[index], 24) for index in rows]
    marks = outline(step, rows.index(label)) if step is not None and label in rows else []
    layout = {
        "height": 44 + 17 * max(len(rows), 4) if brief else 130 + (26 if len(rows) <= 10 else 19) * max(len(rows), 5),
        "uirevision": f"labels-{len(tokens)}",
        "hovermode": "closest",
        "xaxis": {**label_axis(tokens, "" if brief else say(labelled.noun)), "anchor": "y"},
        "yaxis": label_axis(names, "" if brief else labelled.said, downward=True),
        "showlegend": not brief,
        "shapes": marks,
        "meta": {
            "link": {"axis": "x"},
            "ticks": [label_ticks("x", tokens)],
            "units": rows,
            "pick": "cell",
            "steps": len(tokens),
            "least_width": BESIDE + COLUMN * len(tokens) if len(tokens) <= FEW else 0,
        },
    }
    if brief:
        layout["margin"] = {"l": 12, "r": 12, "t": 6, "b": 12}
    data = [_cells(labelled, rows) | {"showscale": not brief}, _given(labelled, rows)]
    return assemble([*data, *_right(labelled, rows)], layout)


def draw_strip(labelled: TokenLabels) -> go.Figure:
    """The given label of every token as one band of colours, the height of each bar its probability."""
    steps = len(labelled.tokens)
    tokens = [spell(token) for token in labelled.tokens]
    share = labelled.probability[np.arange(steps), list(labelled.given)]
    used = sorted(set(labelled.given))
    data = []
    for place, index in enumerate(used):
        mine = np.array([given == index for given in labelled.given])
        data.append(
            {
                "type": "bar",
                "name": labelled.labels[index],
                "x": np.flatnonzero(mine).astype(np.float32),
                "y": share[mine].astype(np.float32),
                "customdata": np.flatnonzero(mine).astype(np.int32) + 1,
                "marker": {"color": labelled.colors.get(index, LINES[place % len(LINES)])},
                "hovertemplate": say(
                    "token %{{customdata}} <b>%{{x}}</b>: {labels}<br>probability = %{{y:.6f}}<extra></extra>",
                    labels=escape(labelled.labels[index]),
                ),
            }
        )
    layout = {
        "height": 180,
        "uirevision": f"label-strip-{steps}",
        "barmode": "overlay",
        "bargap": 0.0 if steps > 60 else 0.08,
        "hovermode": "closest",
        "showlegend": True,
        "xaxis": {**label_axis(tokens, "token"), "anchor": "y"},
        "yaxis": {"title": {"text": say("its probability")}, "range": [0.0, 1.0], "nticks": 3},
        "meta": {"link": {"axis": "x"}, "ticks": [label_ticks("x", tokens)], "pick": "token", "steps": steps},
    }
    return assemble(data, layout)


def draw_classes(names: Sequence[str], probability: NDArray[np.floating]) -> go.Figure:
    """The probability of every class of the whole sequence, the largest on top; of many the last bar holds the rest."""
    order, rest = np.argsort(-probability, kind="stable"), []
    if len(order) > MOST_CLASSES:
        order, rest = np.split(order, [MOST_CLASSES - 1])
    values, best = probability[order].astype(np.float32), [names[int(index)] for index in order]
    if len(rest):
        values = np.append(values, np.float32(probability[rest].sum()))
        best.append(say("{n} others combined", n=len(rest)))
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": values,
        "y": np.arange(len(best), dtype=np.float32),
        "text": [f"{value:.1%}" for value in values.tolist()],
        "textposition": "outside",
        "cliponaxis": False,
        "customdata": [escape(name) for name in best],
        "marker": {"color": [MARK] + [MUTED] * (len(best) - 1)},
        "hovertemplate": "%{customdata}: p = %{x:.6f}<extra></extra>",
    }
    layout = {
        "height": 114 + 26 * len(best),
        "uirevision": "classes",
        "showlegend": False,
        "margin": {"l": 12, "r": 48, "t": 32, "b": 12},
        "xaxis": {"title": {"text": say("probability")}, "range": [0.0, 1.0], "tickformat": ".0%", "nticks": 4},
        "yaxis": label_axis([spell(name, 26) for name in best], "", downward=True),
        "meta": {},
    }
    return assemble([bars], layout)


def tabulate(labelled: TokenLabels) -> pd.DataFrame:
    """One row for each token: its label, how probable, the right one where it is known, and every probability."""
    steps = len(labelled.tokens)
    table: dict[str, Any] = {
        "step": np.arange(1, steps + 1),
        "token": list(labelled.tokens),
        "label": [labelled.labels[index] for index in labelled.given],
        "probability": labelled.probability[np.arange(steps), list(labelled.given)],
    }
    if labelled.right:
        table["right"] = ["" if index is None else labelled.labels[index] for index in labelled.right]
    every = {f"p({name})": labelled.probability[:, index] for index, name in enumerate(labelled.labels)}
    return pd.DataFrame(table | every)


def _cells(labelled: TokenLabels, rows: list[int]) -> dict[str, Any]:
    scale, name = Scale(ATTENTION_COLORS, 0.0, 1.0), say("probability of the {said}", said=say(labelled.said))
    return {
        "type": "heatmap",
        "name": name,
        "z": np.ascontiguousarray(labelled.probability[:, rows].T.astype(np.float32)),
        "customdata": np.tile(counts(len(labelled.tokens)), (len(rows), 1)),
        "zmin": scale.low,
        "zmax": scale.high,
        "colorscale": scale.colors,
        "colorbar": scale.bar(name),
        "hovertemplate": say(
            "{noun} %{{customdata}} <b>%{{x}}</b>, %{{y}}<br>probability = %{{z:.6f}}<extra></extra>",
            noun=say(labelled.noun),
        ),
    }


def _given(labelled: TokenLabels, rows: list[int]) -> dict[str, Any]:
    steps = len(labelled.tokens)
    size = 8 if steps <= 60 else 4
    return {
        "type": "scatter",
        "name": labelled.marked,
        "showlegend": True,
        "mode": "markers",
        "hoverinfo": "skip",
        "x": np.arange(steps, dtype=np.float32),
        "y": np.array([rows.index(index) for index in labelled.given], dtype=np.float32),
        "marker": {"symbol": "circle", "size": size, "color": "#ffffff", "line": {"width": 1.5, "color": "#000000"}},
    }


def _right(labelled: TokenLabels, rows: list[int]) -> list[dict[str, Any]]:
    """A cross on the right label where another one is given."""
    pairs = enumerate(zip(labelled.given, labelled.right, strict=True)) if labelled.right else ()
    missed = [(step, right) for step, (given, right) in pairs if right is not None and right != given]
    if not missed:
        return []
    return [
        {
            "type": "scatter",
            "name": say("correct label, not predicted"),
            "showlegend": True,
            "mode": "markers",
            "hoverinfo": "skip",
            "x": np.array([step for step, _ in missed], dtype=np.float32),
            "y": np.array([rows.index(right) for _, right in missed], dtype=np.float32),
            "marker": {"symbol": "x", "size": 10, "color": "#ffffff", "line": {"width": 1.5, "color": "#000000"}},
        }
    ]
