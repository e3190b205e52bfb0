"""Every model with attention: in how many sentences does its answer hang on it?"""

from __future__ import annotations

import altair as alt
import pandas as pd

from core_models.language import say
from viz.theme import MARK, MUTED


def draw(rows: pd.DataFrame, unused: float, used: float) -> alt.LayerChart | alt.FacetChart:
    """A dot and an interval for each model, and the two lines of the verdict.

    Args:
        rows: columns model, share, low, high (between 0 and 1), verdict (text), highlighted (bool).
        unused: share below which attention counts as not used.
        used: share above which it counts as used.
    """
    axis = alt.Axis(format="%", tickCount=5, grid=False)
    title = [say("share of sentences whose answer"), say("changes when attention is shuffled")]
    x = alt.X("low", type="quantitative", title=title, axis=axis, scale=alt.Scale(domain=[0, 1]))
    y = alt.Y("model", type="nominal", sort=list(rows["model"]), title=None, axis=None)
    color = alt.condition("datum.highlighted", alt.value(MARK), alt.value(MUTED))
    tooltip = [
        alt.Tooltip("model", type="nominal", title=say("model")),
        alt.Tooltip("verdict", type="nominal", title=say("verdict")),
    ]
    tooltip += [
        alt.Tooltip(name, type="quantitative", title=title, format=".1%")
        for name, title in (("share", say("share")), ("low", say("low")), ("high", say("high")))
    ]
    base = alt.Chart(rows).encode(y=y, color=color, tooltip=tooltip)
    intervals = base.mark_rule(strokeWidth=2.5, yOffset=7).encode(x=x, x2=alt.X2("high"))
    dots = base.mark_point(filled=True, size=90, opacity=1, yOffset=7).encode(x=alt.X("share", type="quantitative"))
    names = base.mark_text(align="left", dy=-8, dx=4, fontSize=12).encode(x=alt.value(0), text="model:N")
    return (
        alt.layer(*_lines(unused, used), intervals, dots, names)
        .properties(width="container", height=alt.Step(40), background="transparent")
        .configure_view(stroke=None)
    )


def _lines(unused: float, used: float) -> list[alt.Chart]:
    """Dashed lines with their names above the chart, one above the other."""
    layers = []
    for lane, (at, label) in enumerate(
        [(unused, say("below {unused:.0%}: not used", unused=unused)), (used, say("above {used:.0%}: used", used=used))]
    ):
        chart = alt.Chart(pd.DataFrame({"at": [at], "label": [label]}))
        place = alt.X("at", type="quantitative")
        text = chart.mark_text(dy=-6 - 14 * lane, dx=4, align="left", baseline="bottom", color=MUTED, fontSize=11)
        tooltip = [alt.Tooltip("label", type="nominal", title=say("share"))]
        layers.append(chart.mark_rule(strokeDash=[4, 3], color=MUTED).encode(x=place, tooltip=tooltip))
        layers.append(text.encode(x=place, y=alt.value(0), text=alt.Text("label", type="nominal")))
    return layers
