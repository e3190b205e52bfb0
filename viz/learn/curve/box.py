"""The box in which a curve is drawn; the browser's half is curve.js."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from math import isfinite

from streamlit.components.v2 import component

from viz.figures.parts.token_axis import spell
from viz.learn.lesson import Scale
from viz.linked_plot.bundle import module_address
from viz.linked_plot.look import is_large
from viz.linked_plot.packed import packed
from viz.linked_plot.plot import MOUNT

MOST = 40
"""Tokens over which a curve can be drawn."""

_component = component(
    "curve_box",
    js=MOUNT,
    css=files("viz.learn.curve").joinpath("curve.css").read_text(encoding="utf-8"),
)


def curve_box(
    labels: Sequence[str], scale: Scale, drawn: Sequence[float] | None, *, key: str, alt: str, hint: str, keys: str
) -> tuple[float, ...] | None:
    """Let a person draw a value for every token; returns the curve, None while nothing is drawn.

    Args:
        labels: the tokens.
        scale: the ends of the axis.
        drawn: the curve that it opens with, if one was drawn before.
        key: identifies the box between runs.
        alt: what is drawn, for those who cannot see it.
        hint: what stands in it while it is empty.
        keys: which keys do what, for those who hear the page.
    """
    data = {
        "module": module_address("curve.js", "curve"),
        "labels": [spell(label) for label in labels],
        "low": scale.low,
        "high": scale.high,
        "drawn": list(drawn or ()),
        "large": is_large(),
        "alt": alt,
        "hint": hint,
        "keys": keys,
    }
    return _curve(_component(key=key, data=packed(data), on_drawn_change=_note).get("drawn"), len(labels), scale)


def _note() -> None:
    """Do nothing: Streamlit reports an event only where a callback is given."""


def _curve(sent: object, count: int, scale: Scale) -> tuple[float, ...] | None:
    """What the browser sent, or None if it is no curve over these tokens: a browser may send anything."""
    if not isinstance(sent, list) or len(sent) != count:
        return None
    numbers = [float(value) for value in sent if isinstance(value, int | float) and not isinstance(value, bool)]
    if len(numbers) != count or not all(isfinite(value) and scale.low <= value <= scale.high for value in numbers):
        return None
    return tuple(numbers)
