"""Lines of one or two networks in one figure: what they are over steps, lags or units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from viz.figures.parts.log_axis import log_axis
from viz.figures.parts.token_axis import escape
from viz.theme import LINES, MUTED, assemble

DASHES = ("solid", "dash", "dot", "dashdot")
HEIGHT = 300


@dataclass(frozen=True, eq=False)
class Line:
    """One line.

    Attributes:
        network: what it is of; its lines have one colour.
        name: what it is, where a network has several.
        x, y: its points.
        note: behind each number in what the pointer shows.
    """

    network: str
    x: NDArray[np.number]
    y: NDArray[np.floating]
    name: str = ""
    note: str = ""

    @property
    def said(self) -> str:
        """Its name in the legend."""
        return f"{self.network}: {self.name}" if self.name else self.network


@dataclass(frozen=True)
class Axes:
    """Both axes.

    Attributes:
        x, y: their titles.
        log: whether the vertical one is logarithmic.
        top: its upper end, and 0 its lower one; None for what the lines need.
        floor: a level that is marked across, and its name.
        shown: place on the horizontal axis that is marked; None for none.
        thin: whether the lines are drawn without points.
    """

    x: str
    y: str
    log: bool = False
    top: float | None = None
    floor: tuple[float, str] | None = None
    shown: float | None = None
    thin: bool = False


def draw(lines: Sequence[Line], axes: Axes, key: str) -> go.Figure:
    """The lines, each network in a colour of its own and its lines told apart by dashes."""
    networks = list(dict.fromkeys(line.network for line in lines))
    names = list(dict.fromkeys(line.name for line in lines))
    data = [
        {
            "type": "scatter",
            "name": escape(line.said),
            "mode": "lines" if axes.thin else "lines+markers",
            "x": np.asarray(line.x, dtype=np.float32),
            "y": np.asarray(line.y, dtype=np.float32),
            "line": {
                "color": LINES[networks.index(line.network) % len(LINES)],
                "width": 2,
                "dash": DASHES[names.index(line.name) % len(DASHES)],
            },
            "marker": {"size": 4},
            "hovertemplate": f"{escape(line.said)}<br>{axes.x} %{{x}}: %{{y:.4g}}{escape(line.note)}<extra></extra>",
        }
        for line in lines
    ]
    vertical = log_axis(axes.y, [line.y for line in lines]) if axes.log else {
        "title": {"text": axes.y}, "rangemode": "tozero", **({} if axes.top is None else {"range": [0, axes.top]}),
    }  # fmt: skip
    shapes, notes = [], []
    if axes.floor:
        level, said = axes.floor
        shapes.append({"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": level, "y1": level,
                       "line": {"color": MUTED, "width": 1.5, "dash": "dot"}})  # fmt: skip
        notes.append({"xref": "paper", "x": 1, "xanchor": "right", "y": level, "yanchor": "bottom", "text": said,
                      "showarrow": False, "font": {"color": MUTED}})  # fmt: skip
    if axes.shown is not None:
        shapes.append({"type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": axes.shown, "x1": axes.shown,
                       "line": {"color": MUTED, "width": 1}})  # fmt: skip
    layout = {
        "height": HEIGHT,
        "uirevision": key,
        "showlegend": len(lines) > 1,
        "xaxis": {"title": {"text": axes.x}, "rangemode": "tozero"},
        "yaxis": vertical,
        "shapes": shapes,
        "annotations": notes,
        "meta": {},
    }
    return assemble(data, layout)


def numbers(lines: Sequence[Line], axes: Axes) -> pd.DataFrame:
    """Every point of the lines: network, line, and both numbers."""
    rows = [
        pd.DataFrame({"network": line.network, "line": line.name, axes.x: line.x, axes.y: line.y}) for line in lines
    ]
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame()
