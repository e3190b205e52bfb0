"""How well models do: accuracy with its interval, beside what simpler methods reach."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import pandas as pd

from core_models.language import say
from viz.theme import MARK, MUTED

CLOSE = 0.15
"""References whose names would cover each other on one line."""


def draw_scores(rows: pd.DataFrame, references: Mapping[str, float]) -> alt.LayerChart | alt.FacetChart:
    """A dot and an interval for each model, and a labelled line for each reference.

    Args:
        rows: columns model, accuracy, low, high (shares between 0 and 1; 95% interval), highlighted (bool).
        references: accuracy of simpler methods by name.
    """
    smallest = min([*rows["low"], *references.values()], default=0.0)
    largest = max([*rows["high"], *references.values()], default=1.0)
    x = alt.X(
        "low",
        type="quantitative",
        title=say("test accuracy, with 95% interval"),
        axis=alt.Axis(format="%", tickCount=5),
        scale=alt.Scale(domain=[max(0.0, smallest - 0.03), min(1.0, largest + 0.03)]),
    )
    names = alt.Axis(labelLimit=220, ticks=False, domain=False)
    y = alt.Y("model", type="nominal", sort=list(rows["model"]), title=None, axis=names)
    color = alt.condition("datum.highlighted", alt.value(MARK), alt.value(MUTED))
    tooltip = [
        alt.Tooltip("model", type="nominal", title=say("model")),
        *(
            alt.Tooltip(name, type="quantitative", title=title, format=".1%")
            for name, title in (("accuracy", say("accuracy")), ("low", say("low")), ("high", say("high")))
        ),
    ]
    base = alt.Chart(rows).encode(y=y, color=color, tooltip=tooltip)
    intervals = base.mark_rule(strokeWidth=2.5).encode(x=x, x2=alt.X2("high"))
    dots = base.mark_point(filled=True, size=90, opacity=1).encode(x=alt.X("accuracy", type="quantitative"))
    layers = [intervals, dots, *_reference_lines(references)]
    return (
        alt.layer(*layers)
        .properties(width="container", height=alt.Step(26), background="transparent")
        .configure_view(stroke=None)
    )


def _reference_lines(references: Mapping[str, float]) -> list[alt.Chart]:
    """Dashed lines with their names above the chart, one above another where two are close."""
    if not references:
        return []
    table = pd.DataFrame({"name": list(references), "at": list(references.values())}).sort_values("at")
    table["label"] = [f"{name} {value:.1%}" for name, value in zip(table["name"], table["at"], strict=True)]
    apart = table["at"].diff().fillna(1.0) >= CLOSE
    lane = table.groupby(apart.cumsum()).cumcount()
    at = alt.X("at", type="quantitative")
    tooltip = [
        alt.Tooltip("name", type="nominal", title=say("method")),
        alt.Tooltip("at", type="quantitative", title=say("accuracy"), format=".1%"),
    ]
    layers = [alt.Chart(table).mark_rule(strokeDash=[4, 3], color=MUTED).encode(x=at, tooltip=tooltip)]
    for row in range(int(lane.max()) + 1):
        text = alt.Chart(table[lane == row]).mark_text(dy=-6 - 14 * row, baseline="bottom", color=MUTED, fontSize=11)
        layers.append(text.encode(x=at, y=alt.value(0), text=alt.Text("label", type="nominal")))
    return layers
