"""What a person selected, marked in a figure, and which number of the trace a clicked point stands for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import plotly.graph_objects as go

from viz.view import Target


class Clicked(Protocol):
    """A clicked point: number of the curve, position on the axes, and what the curve holds there."""

    @property
    def curve(self) -> int: ...
    @property
    def x(self) -> Any: ...
    @property
    def y(self) -> Any: ...
    @property
    def customdata(self) -> Any: ...


Number = tuple[Target, int, int]
"""One number of a trace: site and quantity, step, unit."""

Place = tuple[int, int | None]
"""Step and unit, counted from 0; None where a figure shows no units."""


def outline(column: int, row: float, reach: float = 1.0) -> list[dict[str, Any]]:
    """Shapes around one cell, ``reach`` rows up and down, so that a thin cell stays visible: white inside black."""
    box = {"type": "rect", "x0": column - 0.5, "x1": column + 0.5, "y0": row - reach, "y1": row + reach}
    return [{**box, "line": {"color": color, "width": width}} for color, width in (("#000000", 3), ("#ffffff", 1))]


def stem(column: int) -> dict[str, Any]:
    """Shape: a dashed line through one token, across the height of the plot."""
    line = {"color": "#858d97", "width": 1.5, "dash": "dash"}
    return {"type": "line", "x0": column, "x1": column, "yref": "paper", "y0": 0, "y1": 1, "line": line}


def picked(figure: go.Figure, click: Clicked) -> Place | None:
    """Step and unit (or None where the figure shows no units) of the number under a click, both counted from 0.

    For attention the pair is (token that reads, token looked at). None when the click hit nothing that the trace
    holds: a summary, the background, or a message that no browser of ours sent. ``layout.meta["pick"]`` says what the
    figure's axes are: ``cell`` (token, row of ``meta["units"]``), ``curve`` (token; curve ``i`` is unit
    ``meta["units"][i]``), ``token``, ``row`` (key, query), ``key`` (key; the query is ``meta["query"]``), or ``point``
    (the point's customdata is the token's number, from 1). It is curve 0 that has the cells, unless ``meta["curve"]``
    names another one. A figure of several quantities says all this in ``meta["parts"]``; see ``find``.
    """
    return _picked(_meta(figure), click)


def dot(figure: go.Figure, click: Clicked) -> int | None:
    """Which state of another input, counted from 0, lies under a click, in a figure whose ``meta["dots"]`` names the
    curves of such; None for none.
    """
    number = _whole(click.customdata)
    return number if click.curve in _meta(figure).get("dots", ()) and number is not None and number >= 0 else None


def find(figure: go.Figure, click: Clicked, targets: Iterable[Target]) -> tuple[Target, Place] | None:
    """What a click in a figure of several quantities fell on, as ``picked``, with the one of ``targets`` it is of.

    ``layout.meta["parts"]`` lists for every curve that can be clicked its number (``curve``), the name of its target
    (``target``), and what ``picked`` wants to know.
    """
    meta = _meta(figure)
    for part in meta.get("parts", ()):
        place = _picked({"steps": meta.get("steps"), **part}, click) if part["curve"] == click.curve else None
        target = next((each for each in targets if each.name == part["target"]), None)
        if place and target:
            return target, place
    return None


def _meta(figure: go.Figure) -> Mapping[str, Any]:
    meta = getattr(figure.layout, "meta", None)
    return meta if isinstance(meta, Mapping) else {}


def _picked(meta: Mapping[str, Any], click: Clicked) -> Place | None:
    if not isinstance(click.curve, int):
        return None
    x, y, units = _whole(click.x), _whole(click.y), list(meta.get("units", ()))
    steps = int(meta.get("steps", 0))
    pair: tuple[int | None, int | None] = (x, None)
    match meta.get("pick"):
        case "cell" if click.curve == meta.get("curve", 0):
            pair = (x, units[y] if y is not None and 0 <= y < len(units) else -1)
        case "curve" if 0 <= click.curve < len(units):
            pair = (x, units[click.curve])
        case "row":
            pair = (y, -1 if x is None or x >= steps else x)
        case "key":
            pair = (meta["query"], -1 if x is None or x >= steps else x)
        case "point" if click.curve in meta["link"]["points"]:
            number = _whole(click.customdata)
            pair = (None if number is None else number - 1, None)
        case "token":
            pass
        case _:
            return None
    step, unit = pair
    if step is None or not 0 <= step < steps or (unit is not None and unit < 0):
        return None
    return step, unit


def _whole(value: object) -> int | None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < 1e9:
        return None
    return round(value)
