"""What a person selected, marked in a figure, and which number of the trace a clicked point stands for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import plotly.graph_objects as go


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


def outline(column: int, row: int) -> list[dict[str, Any]]:
    """Shapes around one cell, half a row away from it, so that a thin cell stays visible: white inside black."""
    box = {"type": "rect", "x0": column - 0.5, "x1": column + 0.5, "y0": row - 1.0, "y1": row + 1.0}
    return [{**box, "line": {"color": color, "width": width}} for color, width in (("#000000", 3), ("#ffffff", 1))]


def stem(column: int) -> dict[str, Any]:
    """Shape: a dashed line through one token, across the height of the plot."""
    line = {"color": "#858d97", "width": 1.5, "dash": "dash"}
    return {"type": "line", "x0": column, "x1": column, "yref": "paper", "y0": 0, "y1": 1, "line": line}


def picked(figure: go.Figure, click: Clicked) -> tuple[int, int | None] | None:
    """Step and unit (or None where the figure shows no units) of the number under a click, both counted from 0.

    For attention the pair is (token that reads, token looked at). None when the click hit nothing that the trace
    holds: a summary, the background, or a message that no browser of ours sent. ``layout.meta["pick"]`` says what the
    figure's axes are: ``cell`` (token, row of ``meta["units"]``), ``curve`` (token; curve ``i`` is unit
    ``meta["units"][i]``), ``token``, ``row`` (key, query), ``key`` (key; the query is ``meta["query"]``), or ``point``
    (the point's customdata is the token's number, from 1).
    """
    meta = getattr(figure.layout, "meta", None)
    if not isinstance(meta, Mapping) or not isinstance(click.curve, int):
        return None
    x, y, units = _whole(click.x), _whole(click.y), list(meta.get("units", ()))
    steps = int(meta.get("steps", 0))
    pair: tuple[int | None, int | None] = (x, None)
    match meta.get("pick"):
        case "cell" if click.curve == 0:
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
