"""How much of what was read can be read back from the state, by how long ago it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.explain.probing.rewind import interval
from core_models.language import mark, say
from viz.theme import MARK, MUTED, assemble

READINGS = {
    "linear": (mark("linear"), MARK, "solid"),
    "magnitude": (mark("by magnitude"), "#d9700f", "solid"),
    "untrained": (mark("before training, linear"), "#8a1af9", "dash"),
    "control": (mark("control task, linear"), "#20b66b", "dot"),
}
"""Name, colour and dash of each reading, by key."""


def draw_read_back(shares: Mapping[str, NDArray[np.floating]], luck: float) -> go.Figure:
    """A line with its interval for each reading.

    Args:
        shares: by key of ``READINGS``, share right ``[lag, sequence]``.
        luck: share that is right by luck.
    """
    data = [curve for key, share in shares.items() for curve in _curves(key, share)]
    lags = len(next(iter(shares.values())))
    level = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": luck, "y1": luck, "layer": "below",
             "line": {"color": MUTED, "width": 1.5, "dash": "dash"}}  # fmt: skip
    note = {"xref": "paper", "x": 0, "xanchor": "left", "y": luck, "yanchor": "top", "showarrow": False,
            "text": say("luck {share:.1%}", share=luck), "font": {"size": 12}}  # fmt: skip
    layout = {
        "height": 400,
        "uirevision": "rewind",
        "hovermode": "closest",
        "xaxis": {"title": {"text": say("steps ago")}, "dtick": 1, "range": [-0.3, lags - 0.7], "zeroline": False},
        "yaxis": {"title": {"text": say("share read back rightly")}, "range": [-0.03, 1.04], "tickformat": ".0%",
                  "dtick": 0.25, "zeroline": False},
        "shapes": [level],
        "annotations": [note],
        "meta": {},
    }  # fmt: skip
    return assemble(data, layout)


def _curves(key: str, share: NDArray[np.floating]) -> list[dict[str, Any]]:
    name, color, dash = READINGS[key]
    lags = np.arange(len(share), dtype=np.float32)
    low, high = interval(np.asarray(share, dtype=np.float64))
    band = {
        "type": "scatter", "mode": "lines", "hoverinfo": "skip", "showlegend": False, "legendgroup": key,
        "x": np.concatenate([lags, lags[::-1]]), "y": np.concatenate([high, low[::-1]]).astype(np.float32),
        "fill": "toself", "fillcolor": color, "opacity": 0.16, "line": {"width": 0},
    }  # fmt: skip
    line = {
        "type": "scatter", "mode": "lines+markers", "name": say(name), "legendgroup": key, "x": lags,
        "y": share.mean(axis=-1).astype(np.float32), "line": {"color": color, "width": 2.5, "dash": dash},
        "marker": {"color": color, "size": 7},
        "hovertemplate": f"{say(name)}<br>%{{x}}: %{{y:.1%}}<extra></extra>",
    }  # fmt: skip
    return [band, line]


def draw_sizes(sizes: NDArray[np.floating]) -> go.Figure:
    """The size of a token's trace along its one direction, by steps ago."""
    data = [{
        "type": "bar", "x": np.arange(len(sizes), dtype=np.float32), "y": sizes.astype(np.float32),
        "marker": {"color": MARK}, "hovertemplate": "%{x}: γ = %{y:.4f}<extra></extra>", "showlegend": False,
    }]  # fmt: skip
    layout = {
        "height": 400,
        "uirevision": "rewind-sizes",
        "hovermode": "closest",
        "xaxis": {"title": {"text": say("steps ago")}, "dtick": 1, "zeroline": False},
        "yaxis": {"title": {"text": say("size γ of the trace, 1 for the newest")}, "nticks": 6},
        "meta": {},
    }
    return assemble(data, layout)


def tabulate_read_back(shares: Mapping[str, NDArray[np.floating]]) -> pd.DataFrame:
    """One row for each reading and number of steps ago, with its interval."""
    rows: list[Sequence[Any]] = []
    for key, share in shares.items():
        low, high = interval(np.asarray(share, dtype=np.float64))
        rows += [(key, lag, *three) for lag, three in enumerate(zip(share.mean(axis=-1), low, high, strict=True))]
    return pd.DataFrame(rows, columns=["reading", "steps_ago", "share_right", "low", "high"])
