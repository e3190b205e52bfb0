"""Rows of one figure below each other on one horizontal axis, each with a vertical axis of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from viz.figures.parts.token_axis import label_ticks

GAP = 13
"""Pixels between two rows."""

TOP, BOTTOM = 28, 66
"""Pixels above the rows and below them, for what is written there."""

SMALL = 11
"""Size of the numbers on a row's axis and colour bar, in pixels."""


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes:
        pixels: its height.
        curves: what is drawn in it, in Plotly's terms but for its place.
        axis: layout of its vertical axis.
        part: what a click on its first curve stands for, see ``viz.figures.parts.marks.find``; empty for nothing.
        labels: words on its axis, of which the page shows as many as fit.
        marks: shapes that lie in it.
        bar_rows: how many rows its colour bar stands beside: itself and those below it.
    """

    pixels: int
    curves: Sequence[Mapping[str, Any]]
    axis: Mapping[str, Any]
    part: Mapping[str, Any] = field(default_factory=dict)
    labels: Sequence[str] = ()
    marks: Sequence[Mapping[str, Any]] = ()
    bar_rows: int = 1


def stack(rows: Sequence[Row]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Curves and layout of a figure that has ``rows`` from top to bottom; the axis of the lowest is ``yaxis``.

    The layout holds height, margins, vertical axes and shapes, and in ``meta`` the words on the axes (``ticks``) and
    what clicks stand for (``parts``).
    """
    ends = _ends(rows)
    data: list[dict[str, Any]] = []
    meta: dict[str, list[dict[str, Any]]] = {"parts": [], "ticks": []}
    shapes: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    for at, row in enumerate(rows):
        axis = f"y{len(rows) - at}" if at < len(rows) - 1 else "y"
        axes[axis.replace("y", "yaxis")] = {**small(row.axis), "domain": list(ends[at])}
        shapes += [{**shape, "yref": axis} for shape in row.marks]
        meta["parts"] += [{"curve": len(data), **row.part}] if row.part else []
        meta["ticks"] += [label_ticks(axis, row.labels)] if row.labels else []
        beside = ends[at + row.bar_rows - 1][0], ends[at][1]
        data += [_placed(curve, axis, beside) for curve in row.curves]
    height = sum(row.pixels for row in rows) + GAP * (len(rows) - 1) + TOP + BOTTOM
    margin = {"l": 12, "r": 12, "t": TOP, "b": BOTTOM}
    return data, {**axes, "height": height, "margin": margin, "shapes": shapes, "meta": meta}


def _ends(rows: Sequence[Row]) -> list[tuple[float, float]]:
    """Lower and upper end of every row, as shares of the height that all take together."""
    inside = sum(row.pixels for row in rows) + GAP * (len(rows) - 1)
    found, top = [], inside
    for row in rows:
        found.append(((top - row.pixels) / inside, top / inside))
        top -= row.pixels + GAP
    return found


def small(axis: Mapping[str, Any]) -> dict[str, Any]:
    """Layout of an axis or a colour bar with small letters."""
    font = {"size": SMALL}
    return {**axis, "title": {**axis.get("title", {}), "font": {"size": SMALL + 1}}, "tickfont": font}


def _placed(curve: Mapping[str, Any], axis: str, beside: tuple[float, float]) -> dict[str, Any]:
    """A curve on its axis, and its colour bar exactly beside the rows that it is for."""
    if "colorbar" not in curve:
        return {**curve, "yaxis": axis}
    place = {"y": sum(beside) / 2, "len": beside[1] - beside[0], "ypad": 0, "nticks": 4}
    bar = small(curve["colorbar"]) | place
    return {**curve, "yaxis": axis, "colorbar": bar}
