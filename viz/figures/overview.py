"""A sequence too long to be drawn step by step: what happened in every stretch, and where the open part stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.ranges import Range, summarise_known
from core_models.vocabulary import Quantity
from viz.figures.token_axis import label_axis, label_ticks, thinned
from viz.theme import MARK, assemble, scale_of

SHOWN = {
    "extreme": "the value farthest from the unit’s mean",
    "high": "the largest value",
    "low": "the smallest value",
    "mean": "the mean",
}
"""What a column can show of a unit in its stretch."""

Names = Callable[[NDArray[np.intp]], Sequence[str]]
"""What steps are called, given their numbers, counted from 0."""

MOST_ROW_LABELS, MOST_TIMES = 20, 12

BAND = "rgba(47, 127, 209, 0.28)"

MOST_NAMED = 20_000
"""Cells whose hover text names the stretch by its times; of more it counts the steps."""


@dataclass(frozen=True, eq=False)
class Stretches:
    """How a sequence, or the part of it that a person zoomed to, was divided.

    Attributes:
        starts: first step of every stretch, counted in the whole.
        length: steps of the whole.
        begin, end: the part that is open below: its first step and the step behind its last.
        noun: what one step is called, such as ``character``.
        stop: the step behind the last stretch; that of the whole if None.
        shown: the part that a person zoomed to; None for the whole.
        names: names of steps, such as their times, given their numbers; numbers from 1 if None.
    """

    starts: NDArray[np.intp]
    length: int
    begin: int
    end: int
    noun: str
    stop: int | None = None
    shown: range | None = None
    names: Names | None = None

    @property
    def edges(self) -> NDArray[np.intp]:
        """Where the stretches begin, and where the last ends."""
        return np.append(self.starts, self.length if self.stop is None else self.stop)

    @property
    def width(self) -> int:
        """Steps of the longest stretch."""
        return int(np.diff(self.edges).max())

    @property
    def middles(self) -> NDArray[np.float32]:
        """Where each stretch stands on the axis, which counts steps from 1, as people do."""
        edges = self.edges
        return ((edges[:-1] + edges[1:] + 1) / 2).astype(np.float32)

    @property
    def labels(self) -> list[str]:
        """What each stretch is called: its first and last step."""
        first, last = self.edges[:-1], self.edges[1:] - 1
        if self.names is None:
            called = [(f"{a + 1:,}", f"{b + 1:,}") for a, b in zip(first, last, strict=True)]
        else:
            called = list(zip(self.names(first), self.names(last), strict=True))
        noun = "" if self.names else f"{self.noun} "
        nouns = "" if self.names else f"{self.noun}s "
        return [f"{noun}{a}" if a == b else f"{nouns}{a} to {b}" for a, b in called]


def draw_line(
    values: NDArray[np.floating], stretches: Stretches, label: str, *, key: str = "line", from_zero: bool = True
) -> go.Figure:
    """One number a step: the band from the smallest to the largest of a stretch (curves 0 and 1), and its mean.

    Args:
        values: of the whole sequence, ``[step]``; NaN where one is missing.
        stretches: how what is shown is divided.
        label: what the number is, with its unit.
        key: tells this figure from others of the same page.
        from_zero: whether 0 is on the axis.
    """
    found, x, exact = _summarised(values, stretches), stretches.middles, stretches.width == 1
    low, high, mean = (part[:, 0] for part in (found.low, found.high, found.mean))
    edge = {"type": "scatter", "x": x, "mode": "lines", "line": {"width": 0, "color": MARK}, "hoverinfo": "skip"}
    form = ".10~g" if values.dtype == np.float64 else ".6~f"
    summed = "<b>%{text}</b><br>mean %{y:.4~f}<br>from %{customdata[0]:.4~f} to %{customdata[1]:.4~f}<extra></extra>"
    data = [
        {**edge, "name": "smallest", "y": _bridged(low), "showlegend": False},
        {**edge, "name": "smallest to largest", "y": _bridged(high), "fill": "tonexty", "fillcolor": BAND},
        {
            "type": "scatter", "x": x, "y": mean, "mode": "lines", "name": "mean", "line": {"width": 2, "color": MARK},
            "text": stretches.labels, "customdata": np.stack([low, high], axis=1),
            "hovertemplate": f"<b>%{{text}}</b><br>%{{y:{form}}}<extra></extra>" if exact else summed,
        },
    ]  # fmt: skip
    layout = {
        "height": 230,
        "uirevision": f"overview-{key}-{stretches.length}",
        "hovermode": "x",
        "showlegend": not exact,
        "xaxis": _axis(stretches),
        "yaxis": {"title": {"text": label}, "rangemode": "tozero" if from_zero else "normal", "fixedrange": True},
        "shapes": _open_part(stretches),
        "meta": _meta(stretches),
    }
    return assemble(data, layout)


def _bridged(edge: NDArray[np.floating]) -> NDArray[np.floating]:
    """An edge of the band without gaps, which a browser would fill wrongly; where there is no value it has no width."""
    known = np.isfinite(edge)
    return np.interp(np.arange(len(edge)), np.flatnonzero(known), edge[known]) if known.any() else edge


def draw_units(found: Range, row: Quantity, stretches: Stretches, shown: str = "extreme") -> go.Figure:
    """Every unit (row) in every stretch (column): one of ``SHOWN``.

    Raises:
        ValueError: if ``shown`` is none of them.
    """
    if shown not in SHOWN:
        raise ValueError(f"overview: expected one of {', '.join(SHOWN)}, got {shown!r}")
    values, x = getattr(found, shown), stretches.middles
    scale = scale_of(row, np.array([np.nanmin(found.low), np.nanmax(found.high)]))
    units = [str(unit) for unit in range(values.shape[1])]
    cells = {
        "type": "heatmap",
        "name": row.label,
        "x": x,
        "z": np.ascontiguousarray(values.T),
        "zmin": scale.low,
        "zmax": scale.high,
        "colorscale": scale.colors,
        "colorbar": scale.bar(row.label),
        **_hover(stretches, len(units), row.label, shown),
    }
    layout = {
        "height": 420,
        "uirevision": f"overview-units-{stretches.length}",
        "hovermode": "closest",
        "xaxis": _axis(stretches),
        "yaxis": label_axis(units, "unit", downward=True, most=MOST_ROW_LABELS),
        "shapes": _open_part(stretches),
        "meta": _meta(stretches, label_ticks("y", units)),
    }
    return assemble([cells], layout)


def _hover(stretches: Stretches, units: int, label: str, shown: str) -> dict[str, Any]:
    """What the hover text of a cell says; stretches are named where their names are few enough to be sent."""
    said = label if stretches.width == 1 else f"{SHOWN[shown]} of {label} in {stretches.width} {stretches.noun}s"
    value = f"<br>unit %{{y}}<br>{said} = %{{z:.6f}}<extra></extra>"
    if stretches.names is None or units * len(stretches.starts) > MOST_NAMED:
        return {"hovertemplate": f"{'around ' * (stretches.width > 1)}{stretches.noun} %{{x:,.0f}}{value}"}
    return {"text": [stretches.labels] * units, "hovertemplate": f"%{{text}}{value}"}


def tabulate(values: NDArray[np.floating], stretches: Stretches) -> pd.DataFrame:
    """One row a stretch: first and last step, smallest, mean and largest number."""
    found, edges = _summarised(values, stretches), stretches.edges
    numbers = {"smallest": found.low[:, 0], "mean": found.mean[:, 0], "largest": found.high[:, 0]}
    if stretches.names is None:
        return pd.DataFrame({"from": edges[:-1] + 1, "to": edges[1:], **numbers})
    return pd.DataFrame({"from": stretches.names(edges[:-1]), "to": stretches.names(edges[1:] - 1), **numbers})


def _summarised(values: NDArray[np.floating], stretches: Stretches) -> Range:
    first, stop = int(stretches.edges[0]), int(stretches.edges[-1])
    return summarise_known(values[first:stop, None], stretches.starts - first)


def _axis(stretches: Stretches) -> dict[str, Any]:
    places = [f"{x:.1f}" for x in stretches.middles]
    named = {"hoverformat": ".1f", "labelalias": dict(zip(places, stretches.labels, strict=True))}
    return {
        **(named if stretches.names else {}),
        "title": {"text": "time" if stretches.names else f"{stretches.noun} (t)"},
        "range": _shown(stretches) or _whole(stretches),
        "showgrid": False,
        "zeroline": False,
        "tickformat": ",d",
    }


def _whole(stretches: Stretches) -> list[float]:
    return [0.5, stretches.length + 0.5]


def _shown(stretches: Stretches) -> list[float] | None:
    part = stretches.shown
    return None if part is None else [part.start + 0.5, part.stop + 0.5]


def _meta(stretches: Stretches, *ticks: dict[str, Any]) -> dict[str, Any]:
    """What the page is told: which part is shown of what whole, and the words on the axes."""
    zoom = {"whole": _whole(stretches), "shown": _shown(stretches)}
    if stretches.names is not None:
        ticks = (_times(stretches, stretches.names), *ticks)
    return {"zoom": zoom, "ticks": list(ticks)}


def _times(stretches: Stretches, names: Names) -> dict[str, Any]:
    """Words on the axis of time: few, and days alone where those tell them apart."""
    chosen = thinned(len(stretches.starts), MOST_TIMES)
    places = stretches.starts[chosen]
    labels = list(names(places))
    days = [label.split(" ")[0] for label in labels]
    return {"axis": "x", "values": (places + 1).tolist(), "labels": days if len({*days}) == len(days) else labels}


def _open_part(stretches: Stretches) -> list[dict[str, Any]]:
    """A frame around the part that is open: two pixels wide at least, so that it is seen in any length."""
    box = {"type": "rect", "yref": "paper", "y0": 0, "y1": 1, "x0": stretches.begin + 0.5, "x1": stretches.end + 0.5}
    return [{**box, "line": {"color": color, "width": width}} for color, width in (("#000000", 3), ("#ffffff", 1))]
