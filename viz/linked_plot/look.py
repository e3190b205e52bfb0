"""How a person wants figures to look: other colours, or larger letters and thicker lines for a projector."""

from __future__ import annotations

from typing import Any

from core_models.language import mark, say
from viz import params
from viz.params import Param
from viz.theme import CHOSEN_COLORS

COLOURS = Param("colours", {"usual": mark("usual"), **{name: name for name in CHOSEN_COLORS}})
SIZE = Param("size", {"screen": mark("screen"), "projector": mark("projector")})

PROJECTED = "<style>html { font-size: 20px; }</style>"
"""Larger letters on the page around the figures."""


def look() -> dict[str, Any]:
    """What the browser needs to know of it: the scale from low to high, if one is chosen, and whether all is larger."""
    return {"colours": CHOSEN_COLORS.get(params.chosen(COLOURS)), "large": is_large()}


def is_large() -> bool:
    """Whether the page is for a projector."""
    return params.chosen(SIZE) == "projector"


def pick_look() -> None:
    """The two choices."""
    params.choose(say("Colours of maps"), COLOURS, pills=True, rare=True)
    params.choose(say("Letters and lines for a"), SIZE, pills=True, rare=True)
