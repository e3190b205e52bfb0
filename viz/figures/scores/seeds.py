"""Every architecture with every seed that was trained."""

from __future__ import annotations

import altair as alt
import pandas as pd

from core_models.language import say
from viz.theme import MARK, MUTED


def draw_seeds(table: pd.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """One row for each architecture: every seed a dot, their mean a bar; attending ones in colour."""
    runs = table.explode("accuracies").rename(columns={"accuracies": "accuracy"})
    runs["kind"] = [say("with attention") if attending else say("without attention") for attending in runs["attends"]]
    y = alt.Y("model:N", sort=table["model"].tolist(), title=None, axis=alt.Axis(labelLimit=260))
    x = alt.X("accuracy:Q", title=say("test accuracy, every seed a dot, mean a line"), axis=alt.Axis(format=".1%"))
    color = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=[say("with attention"), say("without attention")], range=[MARK, MUTED]),
        legend=alt.Legend(title=None, orient="top"),
    )
    base = alt.Chart(runs)
    dots = base.mark_point(filled=True, size=55, opacity=0.85).encode(
        x=x.scale(zero=False),
        y=y,
        color=color,
        shape=alt.Shape("kind:N", legend=None),
        tooltip=[
            alt.Tooltip("model:N", title=say("model")),
            alt.Tooltip("accuracy:Q", title=say("accuracy"), format=".2%"),
        ],
    )
    mean = [alt.Tooltip("model:N", title=say("model")), alt.Tooltip("mean:Q", title=say("mean"), format=".2%")]
    means = base.mark_tick(thickness=2, size=16).encode(x=alt.X("mean:Q"), y=y, color=color, tooltip=mean)
    chart = (means + dots).properties(width="container", height=alt.Step(22), background="transparent")
    return chart.configure_view(stroke=None)
