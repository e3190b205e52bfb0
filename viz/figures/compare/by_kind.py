"""Several inputs side by side: the mean of a quantity over the tokens of each kind, as dots on a line for each kind."""

from __future__ import annotations

import altair as alt
import pandas as pd

from core_models.language import say

COLORS = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377")
"""One for each input: Paul Tol's bright scheme, which most people tell apart."""


def draw(rows: pd.DataFrame) -> alt.Chart:
    """Dots: kinds of tokens from top to bottom, the mean to the right, one colour and shape for each input.

    Args:
        rows: columns kind, input, mean and tokens.
    """
    kinds, inputs = list(dict.fromkeys(rows["kind"])), list(dict.fromkeys(rows["input"]))
    names = alt.Axis(labelLimit=180, ticks=False, domain=False, grid=True)
    x = alt.X("mean", type="quantitative", title=say("mean"), scale=alt.Scale(zero=False, nice=True))
    y = alt.Y("kind", type="nominal", sort=kinds, title=None, axis=names)
    legend = alt.Legend(orient="top", title=None, columns=1, labelLimit=500)
    domain = alt.Scale(domain=inputs, range=list(COLORS[: len(inputs)]))
    color = alt.Color("input", type="nominal", scale=domain, legend=legend)
    shape = alt.Shape("input", type="nominal", scale=alt.Scale(domain=inputs), legend=legend)
    tooltip = [
        alt.Tooltip("input", type="nominal", title=say("input")),
        alt.Tooltip("kind", type="nominal", title=say("kind of token")),
        alt.Tooltip("mean", type="quantitative", title=say("mean"), format=".4f"),
        alt.Tooltip("tokens", type="quantitative", title=say("tokens"), format="d"),
    ]
    return (
        alt.Chart(rows)
        .mark_point(filled=True, size=90, opacity=0.9)
        .encode(x=x, y=y, color=color, shape=shape, tooltip=tooltip)
        .properties(width="container", height=alt.Step(24), background="transparent")
        .configure_view(stroke=None)
    )
