"""How quantities look: one colour scale per kind, the marks' colours, and the frame that every Plotly figure shares.

Every colour stands on white paper and on a near-black screen alike, and stays apart from its neighbours for readers
with any common colour-vision deficiency. Backgrounds are transparent. The template's text, axis and grid colours are
those of a figure saved on white; on screen the page's own theme takes their place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.vocabulary import Kind, Quantity
from viz.plain import PlainFigure

Colors = tuple[tuple[float, str], ...]

POSITIVE, NEGATIVE = "#2f7fd1", "#d9700f"
"""Classes, and the sign of a number: blue is positive, orange negative."""

MARK, MUTED = "#2f7fd1", "#858d97"
"""The one line or bar that a chart is about, and marks that only give it a background."""

ATTENTION_MARK = "#b4508f"

LINES = ("#2f7fd1", "#d9700f", "#8a1af9", "#855c32", "#cf81b5", "#20b66b", "#d0257a", "#b6209d")
"""Lines of chosen units, told apart by colour, by the label at their end, and after eight by dashes."""

SOURCES: Mapping[str, str] = {
    "input": "#2f7fd1",
    "state": "#d9700f",
    "bias": "#20b66b",
    "token": "#b4508f",
    "attention": "#8a1af9",
    "others": "#858d97",
}
"""Where a term of a sum comes from; ``token`` stands for whatever the steps are called."""

GATE_COLORS: Colors = (
    (0.0, "#0a2a5e"), (0.2, "#2f4a74"), (0.4, "#5f6b7b"), (0.6, "#91897b"), (0.8, "#c6ad62"), (1.0, "#fbdc3f"),
)  # fmt: skip
"""0 to 1, dark blue to yellow, ever lighter."""

SIGNED_COLORS: Colors = (
    (0.0, "#8f3500"), (0.25, "#e2792b"), (0.5, "#a7adb5"), (0.75, "#3f8ede"), (1.0, "#0b3f94"),
)  # fmt: skip
"""Negative to positive, orange to blue; 0 is the grey without a hue, which neither white nor black paper swallows."""

ATTENTION_COLORS: Colors = (
    (0.0, "#43306f"), (0.04, "#6d3a86"), (0.16, "#a2478c"), (0.36, "#d55d7e"), (0.64, "#f68a62"), (1.0, "#fed58a"),
)  # fmt: skip
"""0 to 1, purple to cream; steps are squares, so that small weights, which long texts are full of, differ in colour."""

CHOSEN_COLORS: Mapping[str, Colors] = {
    "cividis": ((0.0, "#00224e"), (0.25, "#434e6c"), (0.5, "#7d7c78"), (0.75, "#bcae6c"), (1.0, "#fee838")),
    "viridis": ((0.0, "#440154"), (0.25, "#3b528b"), (0.5, "#21918c"), (0.75, "#5ec962"), (1.0, "#fde725")),
    "greys": ((0.0, "#1b1b1b"), (0.25, "#575757"), (0.5, "#8c8c8c"), (0.75, "#c2c2c2"), (1.0, "#f7f7f7")),
}
"""Scales from low to high that a person can choose in place of the usual ones (Nuñez et al. 2018; Matplotlib 1.5)."""

MASK_COLORS: Colors = ((0.0, "#858d97"), (0.5, "#858d97"), (0.5, "#d55d7e"), (1.0, "#d55d7e"))

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"

_AXIS = {
    "gridcolor": "#e3e7ec",
    "linecolor": "#aab2bc",
    "zerolinecolor": "#aab2bc",
    "zerolinewidth": 1,
    "ticks": "outside",
    "ticklen": 4,
    "tickcolor": "#aab2bc",
    "title": {"standoff": 8},
    "automargin": True,
}

TEMPLATE: dict[str, Any] = {
    "layout": {
        "font": {"family": FONT, "size": 12, "color": "#26303b"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "colorway": list(LINES),
        "uniformtext": {"minsize": 9, "mode": "hide"},  # at a bar that has no room for its number, rather none
        "xaxis": _AXIS,
        "yaxis": _AXIS,
        "scene": {
            name: {"gridcolor": "#d5dae0", "zerolinecolor": "#aab2bc", "showbackground": False}
            for name in ("xaxis", "yaxis", "zaxis")
        },
        "hoverlabel": {"align": "left", "namelength": -1},
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.02,
            "yanchor": "bottom",
            "itemsizing": "constant",
        },
        "margin": {"l": 12, "r": 12, "t": 32, "b": 12},
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": "#858d97", "activecolor": "#2f7fd1"},
    }
}
"""Set on every figure by name, because other packages change Plotly's default."""


@dataclass(frozen=True)
class Scale:
    """A colour scale with its ends: ``note`` says how the ends were found when they are not fixed."""

    colors: Colors
    low: float
    high: float
    note: str = ""

    def bar(self, label: str, **place: float) -> dict[str, Any]:
        """Layout of the colour bar that names the quantity; ``place`` are Plotly's ``y`` and ``len``."""
        title = {"text": f"{label}<br>{self.note}" if self.note else label, "side": "right"}
        ticks = {"tickvals": [0, 1]} if self.colors is MASK_COLORS else {}
        return {"title": title, "thickness": 11, "outlinewidth": 0, **ticks, **place}


def scale_of(row: Quantity, values: NDArray[np.floating]) -> Scale:
    """Scale for values of one quantity: fixed where its range is, else centred at 0 and as wide as the values need.

    Signed values that all lie within [-1, 1] get exactly that range; larger ones the largest absolute value.
    """
    if row.kind is Kind.MASK:
        return Scale(MASK_COLORS, 0.0, 1.0)
    if row.kind is Kind.WEIGHT:
        return Scale(ATTENTION_COLORS, 0.0, 1.0)
    if row.low == 0.0 and row.high == 1.0:
        return Scale(GATE_COLORS, 0.0, 1.0)
    largest = float(np.abs(values).max())
    if largest <= 1.0:
        return Scale(SIGNED_COLORS, -1.0, 1.0)
    return Scale(SIGNED_COLORS, -largest, largest, f"±{largest:.3g} = largest |value|")


def assemble(
    data: Sequence[Mapping[str, Any]],
    layout: Mapping[str, Any],
    frames: Sequence[Mapping[str, Any]] = (),
) -> go.Figure:
    """A figure from plain dicts, with the shared template and without Plotly's validation, which costs five times more.

    The tests validate every figure that a view draws.
    """
    return PlainFigure(list(data), {"template": TEMPLATE, **layout}, list(frames))
