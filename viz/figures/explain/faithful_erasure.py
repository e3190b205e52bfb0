"""Does it matter more to take away the most attended words than any others? Two ways to take away, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import mark, say
from viz.theme import ATTENTION_MARK, MUTED, assemble


@dataclass(frozen=True)
class Panel:
    """One way to take words away.

    Attributes:
        title: what is done to them.
        top: change of the answer without the most attended 1, 2, ... words, ``[size]``.
        random: the same for random sets, ``[size, draw]``.
    """

    title: str
    top: NDArray[np.floating]
    random: NDArray[np.floating]


def draw(panels: Sequence[Panel], *, noun: str = "token", answer: str = "") -> go.Figure:
    """For each panel the most attended words' line and the random sets' mean with the range of their middle 80%."""
    data: list[dict[str, Any]] = []
    highest = max(float(max(np.nanmax(panel.top), np.nanquantile(panel.random, 0.9, axis=1).max())) for panel in panels)
    layout: dict[str, Any] = {"height": 340, "uirevision": "faithful-erasure", "hovermode": "closest",
                              "annotations": [], "margin": {"l": 12, "r": 12, "t": 64, "b": 12}}  # fmt: skip
    width = 1.0 / len(panels)
    for number, panel in enumerate(panels):
        suffix = "" if number == 0 else str(number + 1)
        left, right = number * width + (0.04 if number else 0.0), (number + 1) * width - 0.02
        sizes = np.arange(1, len(panel.top) + 1)
        layout[f"xaxis{suffix}"] = {
            "title": {"text": say("{noun}s removed", noun=say(noun))}, "domain": [left, right], "anchor": f"y{suffix}",
            "tickmode": "array", "tickvals": sizes.tolist(), "range": [0.7, len(sizes) + 0.3],
        }  # fmt: skip
        layout[f"yaxis{suffix}"] = {
            "title": {
                "text": say("change of the {answer}", answer=answer or say("probability")) if number == 0 else ""
            },
            "anchor": f"x{suffix}",
            "range": [0.0, 1.08 * highest or 1.0],
            "showticklabels": number == 0,
        }
        data += _lines(panel, sizes.astype(np.float32), suffix, number == 0)
        layout["annotations"].append({
            "text": f"<b>{panel.title}</b>", "xref": "paper", "yref": "paper", "x": left, "xanchor": "left",
            "y": 1.0, "yanchor": "bottom", "showarrow": False,
        })  # fmt: skip
    layout["legend"] = {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.14, "yanchor": "bottom"}
    return assemble(data, layout)


def numbers(panels: Sequence[Panel], noun: str = "token") -> pd.DataFrame:
    """One row for each panel, count of words and set: the most attended ones (draw 0), then every random one."""
    rows = [
        (panel.title, size, "random" if draw else mark("most attended"), draw, float(value))
        for panel in panels
        for size, (top, drawn) in enumerate(zip(panel.top, panel.random, strict=True), 1)
        for draw, value in enumerate((top, *drawn))
    ]
    return pd.DataFrame(rows, columns=["way", f"{noun}s", "set", "draw", "change"])


def _lines(panel: Panel, sizes: NDArray[np.float32], suffix: str, first: bool) -> list[dict[str, Any]]:
    low, high = np.nanquantile(panel.random, (0.1, 0.9), axis=1).astype(np.float32)
    shared = {"type": "scatter", "x": sizes, "xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}
    edge = {**shared, "mode": "lines", "line": {"width": 0, "color": MUTED}, "hoverinfo": "skip", "showlegend": False}
    return [
        {**edge, "name": "10%", "y": low},
        {**edge, "name": "90%", "y": high, "fill": "tonexty", "fillcolor": "rgba(133, 141, 151, 0.3)"},
        {**shared, "mode": "lines+markers", "name": say("as many at random (mean; shaded: middle 80%)"),
         "y": panel.random.mean(axis=1).astype(np.float32), "showlegend": first, "legendgroup": "random",
         "line": {"color": MUTED, "width": 2, "dash": "dash"}, "marker": {"symbol": "circle-open", "size": 8},
         "hovertemplate": f"{say('%{x} at random')}: %{{y:.6f}}<extra></extra>"},
        {**shared, "mode": "lines+markers", "name": say("the most attended words"), "y": panel.top.astype(np.float32),
         "showlegend": first, "legendgroup": "top", "line": {"color": ATTENTION_MARK, "width": 2.5},
         "marker": {"size": 8}, "hovertemplate": f"{say('%{x} most attended')}: %{{y:.6f}}<extra></extra>"},
    ]  # fmt: skip
