"""A sequence too long to be drawn step by step: what happened in every stretch, and where the open part stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.ranges import Range, summarise
from core_models.vocabulary import Quantity
from viz.figures.token_axis import label_axis, label_ticks
from viz.theme import MARK, assemble, scale_of

SHOWN = {
    "extreme": "the value farthest from the unit’s mean",
    "high": "the largest value",
    "low": "the smallest value",
    "mean": "the mean",
}
"""What a column can show of a unit in its stretch."""

MOST_ROW_LABELS = 20


@dataclass(frozen=True, eq=False)
class Stretches:
    """How a sequence was divided.

    Attributes:
        starts: first step of every stretch.
        length: steps of the whole.
        begin, end: the part that is open below: its first step and the step behind its last.
        noun: what one step is called, such as ``character``.
    """

    starts: NDArray[np.intp]
    length: int
    begin: int
    end: int
    noun: str

    @property
    def edges(self) -> NDArray[np.intp]:
        """Where the stretches begin, and where the last ends."""
        return np.append(self.starts, self.length)

    @property
    def middles(self) -> NDArray[np.float32]:
        """Where each stretch stands on the axis of steps."""
        edges = self.edges
        return ((edges[:-1] + edges[1:] - 1) / 2).astype(np.float32)

    @property
    def ends(self) -> NDArray[np.float32]:
        """First and last step of every stretch, as people count, ``[stretch, 2]``."""
        edges = self.edges
        return np.stack([edges[:-1] + 1, edges[1:]], axis=1).astype(np.float32)


def draw_line(values: NDArray[np.float32], stretches: Stretches, label: str) -> go.Figure:
    """One number a step: the band from the smallest to the largest of a stretch (curves 0 and 1), and its mean."""
    found, x = summarise(values[:, None], stretches.starts), stretches.middles
    low, high, mean = (part[:, 0] for part in (found.low, found.high, found.mean))
    edge = {"type": "scatter", "x": x, "mode": "lines", "line": {"width": 0, "color": MARK}, "hoverinfo": "skip"}
    hover = (
        f"{stretches.noun}s %{{customdata[0]:.0f}} to %{{customdata[1]:.0f}}<br>mean %{{y:.4f}}<br>"
        "from %{customdata[2]:.4f} to %{customdata[3]:.4f}<extra></extra>"
    )
    data = [
        {**edge, "name": "smallest", "y": low, "showlegend": False},
        {**edge, "name": "smallest to largest", "y": high, "fill": "tonexty", "fillcolor": "rgba(47, 127, 209, 0.28)"},
        {
            "type": "scatter", "x": x, "y": mean, "mode": "lines", "name": "mean", "line": {"width": 2, "color": MARK},
            "customdata": np.concatenate([stretches.ends, low[:, None], high[:, None]], axis=1), "hovertemplate": hover,
        },
    ]  # fmt: skip
    layout = {
        "height": 230,
        "uirevision": f"overview-line-{stretches.length}",
        "hovermode": "x",
        "xaxis": _axis(stretches),
        "yaxis": {"title": {"text": label}, "rangemode": "tozero"},
        "shapes": _open_part(stretches),
    }
    return assemble(data, layout)


def draw_units(found: Range, row: Quantity, stretches: Stretches, shown: str = "extreme") -> go.Figure:
    """Every unit (row) in every stretch (column): one of ``SHOWN``.

    Raises:
        ValueError: if ``shown`` is none of them.
    """
    if shown not in SHOWN:
        raise ValueError(f"overview: expected one of {', '.join(SHOWN)}, got {shown!r}")
    values = getattr(found, shown)
    scale = scale_of(row, np.array([found.low.min(), found.high.max()]))
    units = [str(unit) for unit in range(values.shape[1])]
    cells = {
        "type": "heatmap",
        "name": row.label,
        "x": stretches.middles,
        "z": np.ascontiguousarray(values.T),
        "zmin": scale.low,
        "zmax": scale.high,
        "colorscale": scale.colors,
        "colorbar": scale.bar(row.label),
        "hovertemplate": f"around {stretches.noun} %{{x:.0f}}<br>unit %{{y}}<br>{SHOWN[shown]} of {row.label} in "
        "these " + f"{int(stretches.edges[1] - stretches.edges[0])} = %{{z:.6f}}<extra></extra>",
    }
    layout = {
        "height": 420,
        "uirevision": f"overview-units-{stretches.length}",
        "hovermode": "closest",
        "xaxis": _axis(stretches),
        "yaxis": label_axis(units, "unit", downward=True, most=MOST_ROW_LABELS),
        "shapes": _open_part(stretches),
        "meta": {"ticks": [label_ticks("y", units)]},
    }
    return assemble([cells], layout)


def tabulate(values: NDArray[np.float32], stretches: Stretches) -> pd.DataFrame:
    """One row a stretch: first and last step, smallest, mean and largest number."""
    found = summarise(values[:, None], stretches.starts)
    first, last = stretches.ends.astype(np.int64).T
    numbers = {"smallest": found.low[:, 0], "mean": found.mean[:, 0], "largest": found.high[:, 0]}
    return pd.DataFrame({"from": first, "to": last, **numbers})


def _axis(stretches: Stretches) -> dict[str, Any]:
    return {
        "title": {"text": f"{stretches.noun} (t)"},
        "range": [-0.5, stretches.length - 0.5],
        "showgrid": False,
        "zeroline": False,
        "tickformat": ",d",
    }


def _open_part(stretches: Stretches) -> list[dict[str, Any]]:
    """A frame around the part that is open: two pixels wide at least, so that it is seen in any length."""
    box = {"type": "rect", "yref": "paper", "y0": 0, "y1": 1, "x0": stretches.begin, "x1": stretches.end}
    return [{**box, "line": {"color": color, "width": width}} for color, width in (("#000000", 3), ("#ffffff", 1))]
