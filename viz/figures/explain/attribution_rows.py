"""Methods beside each other: one row a method, one column a token, each row scaled by its own largest magnitude."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import mark, say
from viz.figures.parts.tables import tabulate_matrix
from viz.figures.parts.token_axis import counts, escape, label_axis, label_ticks, spell
from viz.theme import ATTENTION_COLORS, SIGNED_COLORS, Scale, assemble

ROW, GAP = 34, 14
"Pixels of a row, and between the methods and what has without signs."

HOW_TO_READ = mark(
    "Blue counts for the output, orange against it, grey is 0. Each row is divided by its own largest magnitude (1 "
    "on the colour bars), because only order and proportions can be compared across rows; point at a cell for the "
    "exact number."
)
UNSIGNED = mark("Rows without signs: purple is small, cream is the row’s largest value.")


@dataclass(frozen=True)
class MethodRow:
    """What one method says of every token.

    Attributes:
        name: on screen.
        shares: one number a token, ``[step]``.
        signed: whether a number speaks for or against; attention weights do neither.
        unit: of the shares, for the hover text.
    """

    name: str
    shares: NDArray[np.float64]
    signed: bool = True
    unit: str = "log-odds"


def how_to_read(rows: Sequence[MethodRow]) -> str:
    """Colours and scaling."""
    return say(HOW_TO_READ) + (f" {say(UNSIGNED)}" if any(not row.signed for row in rows) else "")


def scaled(row: MethodRow) -> NDArray[np.float32]:
    """The values divided by their largest magnitude; zeros stay zeros."""
    largest = float(np.abs(row.shares).max(initial=0.0))
    return (row.shares / (largest or 1.0)).astype(np.float32)


def draw(rows: Sequence[MethodRow], labels: Sequence[str], noun: str = "token") -> go.Figure:
    """Signed rows (curve 0) above those without signs (curve 1, if there are any); hover texts hold exact values."""
    groups = [part for part in ([r for r in rows if r.signed], [r for r in rows if not r.signed]) if part]
    spelled = [spell(label) for label in labels]
    inner = ROW * len(rows) + GAP * (len(groups) - 1)
    data, top = [], 1.0
    layout: dict[str, Any] = {
        "height": inner + 160,
        "margin": {"l": 12, "r": 12, "t": 70, "b": 12},
        "uirevision": "attribution-rows",
        "hovermode": "closest",
        "xaxis": {**label_axis(spelled, say(noun)), "anchor": "y" if len(groups) == 1 else "y2"},
        "meta": {"link": {"axis": "x"}, "ticks": [label_ticks("x", spelled)]},
    }
    for number, part in enumerate(groups):
        bottom = top - ROW * len(part) / inner
        name = "yaxis" if number == 0 else f"yaxis{number + 1}"
        axis = label_axis([row.name for row in part], "", downward=True)
        layout[name] = {
            **axis,
            "domain": [max(0.0, bottom), top],
            "title": {"text": say("method") if number == 0 else ""},
        }
        data.append(_cells(part, number, len(groups)))
        top = bottom - GAP / inner
    return assemble(data, layout)


def numbers(rows: Sequence[MethodRow], labels: Sequence[str]) -> pd.DataFrame:
    """Every share as it is, unscaled: one row for each method and input."""
    shares = np.stack([row.shares for row in rows])
    return tabulate_matrix(shares, ("method", [row.name for row in rows]), ("input", labels), "share")


def _bar(scale: Scale, number: int, groups: int) -> dict[str, Any]:
    """A colour bar lying above the rows, beside the other group's."""
    title = {"text": say("with signs") if scale.low < 0 else say("without signs"), "side": "top"}
    place = {"orientation": "h", "x": number / groups, "xanchor": "left", "y": 1.02, "yanchor": "bottom"}
    return {**scale.bar("", len=0.9 / groups), **place, "title": title, "thickness": 9, "nticks": 3}


def _cells(rows: Sequence[MethodRow], number: int, groups: int) -> dict[str, Any]:
    signed = rows[0].signed
    scale = Scale(SIGNED_COLORS, -1.0, 1.0) if signed else Scale(ATTENTION_COLORS, 0.0, 1.0)
    steps = len(rows[0].shares)
    values = np.stack([row.shares.astype(np.float32) for row in rows])
    tokens = np.broadcast_to(counts(steps).astype(np.float32), values.shape)
    units = np.broadcast_to(np.array([[escape(row.unit)] for row in rows], dtype=object), values.shape)
    return {
        "type": "heatmap",
        "name": say("methods") if signed else say("without signs"),
        "yaxis": "y" if number == 0 else f"y{number + 1}",
        "z": np.stack([scaled(row) for row in rows]),
        "customdata": np.stack([tokens, values], axis=-1),
        "text": units.tolist(),
        "zmin": scale.low,
        "zmax": scale.high,
        "colorscale": scale.colors,
        "colorbar": _bar(scale, number, groups),
        "ygap": 2,
        "hovertemplate": f"%{{y}}<br>{say('token')} %{{customdata[0]}}: <b>%{{x}}</b><br>%{{customdata[1]:.6f}} "
        f"%{{text}}<br>" + say("%{z:.1%} of the row's largest") + "<extra></extra>",
    }
