"""Why one unit's gate opened: the parts of its sum, and what each source token added through attention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import mark, say
from viz.figures.parts.token_axis import escape, label_axis, label_ticks, spell
from viz.theme import ATTENTION_MARK, MARK, NEGATIVE, SOURCES, assemble

PARTS = ("embedding", "context", "state", "bias")
NAMES = {
    "embedding": mark("token before"),
    "context": mark("context"),
    "state": mark("state before"),
    "bias": mark("bias"),
}
COLORS = {"embedding": SOURCES["input"], "context": SOURCES["attention"], "state": SOURCES["state"],
          "bias": SOURCES["bias"], "sum": SOURCES["others"]}  # fmt: skip


def draw(parts: dict[str, float], sources: Sequence[str], shares: NDArray[np.floating] | None, label: str) -> go.Figure:
    """Parts and their sum (curve 0); beside them the context's part by source token (curve 1), with attention.

    Args:
        parts: the four parts of the sum.
        sources: labels of the source tokens.
        shares: what each source token adds, ``[key]``; None without attention.
        label: name of the summed quantity.
    """
    values = [parts[key] for key in PARTS]
    data = [_bars([*values, sum(values)], label)]
    half, names = shares is not None, [*map(say, NAMES.values()), say("sum")]
    layout: dict[str, Any] = {
        "height": 360,
        "uirevision": f"gate_split-{half}",
        "showlegend": False,
        "bargap": 0.3,
        "xaxis": {**label_axis(names, say("part of the sum")), "anchor": "y",
                  "domain": [0.0, 0.36 if half else 1.0]},
        "yaxis": {"title": {"text": label}, "zeroline": True},
        "meta": {"ticks": [label_ticks("x", names)]},
    }  # fmt: skip
    if shares is not None:
        words = [spell(source) for source in sources]
        data.append(_by_source(shares, words))
        layout["xaxis2"] = {**label_axis(words, say("source token (its part of the context)")), "anchor": "y2",
                            "domain": [0.46, 1.0]}  # fmt: skip
        layout["yaxis2"] = {"title": {"text": say("what it adds through attention")}, "anchor": "x2", "zeroline": True}
        layout["meta"]["ticks"].append(label_ticks("x2", words))
    return assemble(data, layout)


def numbers(parts: dict[str, float], sources: Sequence[str], shares: NDArray[np.floating] | None) -> pd.DataFrame:
    """One row for each part of the sum, then one for each source token's part of the context."""
    rows = [(NAMES[key], "", parts[key]) for key in PARTS]
    if shares is not None:
        rows += [(NAMES["context"], source, float(share)) for source, share in zip(sources, shares, strict=True)]
    return pd.DataFrame(rows, columns=["part", "source", "value"])


def _bars(values: list[float], label: str) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": label,
        "x": np.arange(len(values), dtype=np.float32),
        "y": np.array(values, np.float32),
        "marker": {"color": list(COLORS.values()), "pattern": {"shape": ["", "", "", "", "/"]}},
        "texttemplate": "%{y:+.3f}",
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{x}: %{y:+.6f}<extra></extra>",
    }


def _by_source(shares: NDArray[np.floating], words: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": say("through attention"),
        "xaxis": "x2",
        "yaxis": "y2",
        "x": np.arange(len(shares), dtype=np.float32),
        "y": shares.astype(np.float32),
        "hovertext": [escape(word) for word in words],
        "marker": {"color": [ATTENTION_MARK if share >= 0 else NEGATIVE for share in shares.tolist()],
                   "line": {"width": 0, "color": MARK}},
        "hovertemplate": say("<b>%{hovertext}</b> adds %{y:+.6f}") + "<extra></extra>",
    }  # fmt: skip
