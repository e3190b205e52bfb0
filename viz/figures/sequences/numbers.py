"""Numbers that a network gives at every step: a line for each where they are few, else a map."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import say
from core_models.vocabulary import quantity
from viz.figures.parts.token_axis import counts, escape, label_axis, label_ticks, spell
from viz.theme import LINES, assemble, scale_of

FEW = 6
"""Numbers that are drawn as lines."""


def draw(values: NDArray[np.floating], names: Sequence[str], tokens: Sequence[str], noun: str) -> go.Figure:
    """The numbers over the steps.

    Args:
        values: ``[step, number]``.
        names: of the numbers.
        tokens: names of the steps.
        noun: what a step is called.
    """
    labels, shown = [spell(token) for token in tokens], [spell(name, 24) for name in names]
    steps = np.arange(len(values), dtype=np.float32)
    layout = {
        "height": 320 if len(names) <= FEW else min(700, 140 + 16 * len(names)),
        "uirevision": f"numbers-{len(values)}",
        "hovermode": "closest",
        "showlegend": len(names) <= FEW,
        "xaxis": label_axis(labels, say(noun)),
        "meta": {"link": {"axis": "x"}, "ticks": [label_ticks("x", labels)], "steps": len(values)},
    }
    if len(names) <= FEW:
        lines = [
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": escape(name),
                "x": steps,
                "y": values[:, place],
                "customdata": counts(len(values)),
                "line": {"color": LINES[place % len(LINES)]},
                "hovertemplate": f"{say(noun)} %{{customdata}}: %{{y:.6f}}<extra>{escape(name)}</extra>",
            }
            for place, name in enumerate(shown)
        ]
        return assemble(lines, layout | {"yaxis": {"title": {"text": say("output")}}})
    scale = scale_of(quantity("output_value"), values)
    cells = {
        "type": "heatmap",
        "z": values.T,
        "x": steps,
        "zmin": scale.low,
        "zmax": scale.high,
        "colorscale": scale.colors,
        "colorbar": scale.bar(say("output")),
        "hovertemplate": f"{say(noun)} %{{x}}, %{{y}}: %{{z:.6f}}<extra></extra>",
    }
    return assemble([cells], layout | {"yaxis": label_axis(shown, "output", downward=True)})


def numbers(values: NDArray[np.floating], names: Sequence[str], tokens: Sequence[str]) -> pd.DataFrame:
    """A row for each step and number."""
    return pd.DataFrame(
        {
            "step": np.repeat(np.arange(1, len(values) + 1), len(names)),
            "token": np.repeat(list(tokens), len(names)),
            "output": list(names) * len(values),
            "value": values.ravel(),
        }
    )
