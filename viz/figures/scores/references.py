"""How well models do on a measure without an interval, beside simpler methods: a dot each, in order."""

from __future__ import annotations

import altair as alt
import pandas as pd

from core_models.language import say
from viz.theme import MARK, MUTED


def draw_references(rows: pd.DataFrame, measure: str, title: str) -> alt.LayerChart | alt.FacetChart:
    """One dot with its number for each row, the smallest on top.

    Args:
        rows: columns model, ``measure``, highlighted (bool).
        measure: name of the column that is drawn.
        title: name of the axis.
    """
    values = rows[measure].tolist()
    low, high = min(values), max(values)
    pad = 0.15 * (high - low) + 0.01
    x = alt.X(
        measure, type="quantitative", title=title, scale=alt.Scale(domain=[low - pad, high + 3.0 * pad], nice=False)
    )
    names = alt.Axis(labelLimit=150, ticks=False, domain=False, grid=True)
    y = alt.Y("model", type="nominal", sort=alt.EncodingSortField(measure), title=None, axis=names)
    color = alt.condition("datum.highlighted", alt.value(MARK), alt.value(MUTED))
    tooltip = [
        alt.Tooltip("model", type="nominal", title=say("model")),
        alt.Tooltip(measure, type="quantitative", title=title, format=".4f"),
    ]
    base = alt.Chart(rows).encode(x=x, y=y, color=color, tooltip=tooltip)
    dots = base.mark_point(filled=True, size=90, opacity=1)
    numbers = base.mark_text(align="left", dx=9).encode(text=alt.Text(measure, type="quantitative", format=".4~g"))
    return (
        alt.layer(dots, numbers)
        .properties(width="container", height=alt.Step(26), background="transparent")
        .configure_view(stroke=None)
    )
