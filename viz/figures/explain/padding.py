"""By how much padding that leaks moves the states of every token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import mark, say
from viz.figures.parts.token_axis import counts, label_axis, label_ticks
from viz.theme import LINES, assemble

WAYS = {"forward": mark("forward states"), "backward": mark("backward states")}
"""Names of the lines, by key."""


def draw_moved(labels: Sequence[str], moved: Mapping[str, NDArray[np.floating]], noun: str) -> go.Figure:
    """One line for each direction.

    Args:
        labels: steps, plain text.
        moved: by key of ``WAYS``, how far states are off, as a share of their length, ``[step]``.
        noun: what one step is called.
    """
    data = [
        {
            "type": "scatter", "mode": "lines+markers", "name": say(WAYS[key]), "customdata": counts(len(labels)),
            "x": np.arange(len(labels), dtype=np.float32), "y": values.astype(np.float32),
            "line": {"color": color, "width": 2.5}, "marker": {"size": 7, "color": color},
            "hovertemplate": f"{say(WAYS[key])}<br>%{{customdata}}, %{{x}}: %{{y:.2%}}<extra></extra>",
        }
        for (key, values), color in zip(moved.items(), LINES, strict=False)
    ]  # fmt: skip
    highest = max(float(values.max()) for values in moved.values())
    layout = {
        "height": 340,
        "uirevision": f"padding-{len(labels)}",
        "hovermode": "closest",
        "xaxis": {**label_axis(labels, say(noun)), "anchor": "y"},
        "yaxis": {"title": {"text": say("moved, as a share of the state")}, "tickformat": ".0%", "nticks": 5,
                  "range": [-0.02, max(0.1, 1.08 * highest)], "zeroline": False},
        "meta": {"link": {"axis": "x"}, "ticks": [label_ticks("x", labels)]},
    }  # fmt: skip
    return assemble(data, layout)
