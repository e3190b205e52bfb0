"""Figures that stay plain dicts until somebody needs Plotly's objects.

Building ``go.Figure`` and turning it back into JSON cost most of the time of drawing a page, and most figures are only
ever sent to the browser. A ``PlainFigure`` is a ``go.Figure`` for whoever looks into it: its objects are built at the
first look. ``to_json`` writes what was never looked into straight from its dicts, arrays as Plotly's typed arrays.
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import orjson
import plotly.graph_objects as go
import plotly.io as pio

TYPED = {"f4", "f8", "i1", "i2", "i4", "u1", "u2", "u4"}
"""Number types that plotly.js reads as typed arrays."""


class PlainFigure(go.Figure):
    """A figure made of ``data``, ``layout`` and ``frames`` as dicts, in Plotly's own terms and not validated."""

    def __init__(self, data: list[Any], layout: dict[str, Any], frames: list[Any]) -> None:
        self.__dict__["plain"] = {"data": data, "layout": layout, "frames": frames}

    def __getattr__(self, name: str) -> Any:
        """Build Plotly's objects when the first of their attributes is asked for."""
        plain = self.__dict__.pop("plain", None)
        if plain is None:
            raise AttributeError(f"figure: expected an attribute of go.Figure, got {name!r}")
        super().__init__(plain["data"], plain["layout"], plain["frames"], _validate=False)
        return getattr(self, name)


def layout_value(figure: go.Figure, name: str) -> Any:
    """One value of a figure's layout, without building its objects."""
    plain = figure.__dict__.get("plain")
    return plain["layout"].get(name) if plain else getattr(figure.layout, name)


def kinds(figure: go.Figure) -> set[str]:
    """The kinds of a figure's traces, without building its objects."""
    plain = figure.__dict__.get("plain")
    traces: Any = figure.data
    return {trace.get("type", "scatter") for trace in plain["data"]} if plain else {trace.type for trace in traces}


def to_json(figure: go.Figure) -> str:
    """The figure as JSON for plotly.js."""
    plain = figure.__dict__.get("plain")
    if plain is None:
        return pio.to_json(figure, validate=False) or ""
    return orjson.dumps(plain, default=_typed).decode()


def _typed(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    if not isinstance(value, np.ndarray):
        raise TypeError(f"figure: expected numbers, text, lists, dicts and arrays, got {type(value).__name__}")
    kind = value.dtype.str[1:]
    if kind not in TYPED:
        return value.tolist()
    packed = base64.b64encode(np.ascontiguousarray(value).data).decode()
    found: dict[str, object] = {"dtype": kind, "bdata": packed}
    return found if value.ndim == 1 else found | {"shape": ", ".join(map(str, value.shape))}
