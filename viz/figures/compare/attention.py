"""What one reader looks at in each compared trace: a row for each head of each trace that has attention."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from core_models.language import say
from viz.figures.compare.comparison import Comparison, tabulate
from viz.figures.compare.marks import axes
from viz.figures.parts.token_axis import counts, escape
from viz.figures.trace.attention_stages import allowed, attention_targets
from viz.theme import ATTENTION_COLORS, Scale, assemble
from viz.view import Target

MOST_WRITTEN = 8
"""Tokens up to which every cell carries its number: more would not fit on a phone."""

ROW, GAP = 54, 20
"""Pixels of a row with its name, and of the name."""


def how_to_read(comparison: Comparison, step: int | None) -> str:
    """Whose attention the rows are, and which traces have none."""
    reader = (
        say("at the last {noun}", noun=say(comparison.noun))
        if step is None
        else say("at {noun} {n}", noun=say(comparison.noun), n=step + 1)
    )
    without = [name for name, rows in zip(comparison.names, _targets(comparison), strict=True) if not rows]
    lacking = " " + say("Without attention: {names}.", names=say(", ").join(without)) if without else ""
    how = say(
        "Each row is one head of one model: how the reader {reader} distributes its attention; "
        "click another token to choose the reader. A row sums to 1; the colour scale is finer "
        "for small weights, and tokens that may not be attended to are blank.",
        reader=reader,
    )
    return how + lacking


def attending(comparison: Comparison) -> bool:
    """Whether any of the traces has attention over its own tokens."""
    return any(_targets(comparison))


def draw(comparison: Comparison, step: int | None = None) -> go.Figure:
    """Weights of one reader, rows by trace and head, columns by token.

    Args:
        comparison: what is compared.
        step: column of the reader; the last of each trace if None.
    """
    rows, names = _rows(comparison, step)
    scale = Scale(ATTENTION_COLORS, 0.0, 1.0)
    layout: dict[str, Any] = {
        "height": 120 + ROW * len(names),
        "uirevision": f"compare-attention-{len(names)}",
        "hovermode": "closest",
        **axes(comparison, say("{noun} looked at (i)", noun=say(comparison.noun))),
        "yaxis": {
            "range": [len(names) - 0.5, -0.5], "showticklabels": False,
            "ticks": "", "showgrid": False, "zeroline": False,
        },
        "annotations": [_title(name, row) for row, name in enumerate(names)],
    }  # fmt: skip
    label = say("attention weight αₜᵢ")
    who = np.array([escape(name) for name in names], dtype=object)
    cells = {
        "type": "heatmap",
        "name": label,
        "z": rows,
        "customdata": np.stack(np.broadcast_arrays(counts(len(comparison))[None], who[:, None]), axis=-1).tolist(),
        "zmin": scale.low,
        "zmax": scale.high,
        "colorscale": scale.colors,
        "colorbar": {**scale.bar("α"), "nticks": 3},
        "texttemplate": "%{z:.2f}" if len(comparison) <= MOST_WRITTEN else "",
        "hoverongaps": False,
        "ygap": GAP,
        "hovertemplate": f"%{{customdata[1]}}<br>{say(comparison.noun)} %{{customdata[0]}}: <b>%{{x}}</b>"
        f"<br>{label} = %{{z:.6f}}<extra></extra>",
    }
    return assemble([cells], layout)


def _title(name: str, row: int) -> dict[str, Any]:
    """Whose attention a row is, written above it."""
    place = {"xref": "paper", "x": 0, "xanchor": "left", "y": row - 0.5, "yanchor": "middle"}
    return {**place, "text": escape(name), "showarrow": False, "font": {"size": 11}}


def numbers(comparison: Comparison, step: int | None = None) -> pd.DataFrame:
    """The drawn weights: one row for each column, one value for each row of the figure."""
    rows, names = _rows(comparison, step)
    return tabulate(comparison, dict(zip(names, rows, strict=True)))


def _targets(comparison: Comparison) -> list[tuple[Target, ...]]:
    return [attention_targets(trace) for trace in comparison.traces]


def _rows(comparison: Comparison, step: int | None) -> tuple[NDArray[np.float32], list[str]]:
    rows, names = [], []
    for number, targets in enumerate(_targets(comparison)):
        trace = comparison.traces[number]
        chosen = -1 if step is None else int(comparison.steps[number, step])
        reader = chosen if chosen >= 0 else len(trace) - 1
        for target in targets:
            weights = trace.array(target.site, target.key)
            may = allowed(trace, target.site)
            for head in range(len(weights)):
                row = np.where(may[head, reader], weights[head, reader], np.float32(np.nan))
                rows.append(comparison.place(number, row))
                names.append(_name(comparison.names[number], target, len(targets), head, len(weights)))
    return np.stack(rows), names


def _name(name: str, target: Target, sites: int, head: int, heads: int) -> str:
    """Name of a row, with its place and head where there are several."""
    place = f" ({target.site.label})" if sites > 1 else ""
    name = f"{name}{place}"
    return say("{name}, {place}", name=name, place=say("head {n}", n=head + 1)) if heads > 1 else name
