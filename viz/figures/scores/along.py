"""How good several methods are along one axis, such as steps ahead or hours of the day."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from core_models.language import say
from viz.theme import MARK, MUTED, NEGATIVE


def draw_along(rows: pd.DataFrame, along: str, value: str, names: Sequence[str], *, aim: float | None = None,
               share: bool = False) -> alt.LayerChart | alt.FacetChart:  # fmt: skip
    """A line for each method, the first in its interval, over places that stand in the order of the table.

    Args:
        rows: columns place, name, value, low, high (NaN where no interval is known) and count.
        along: title of the axis of places.
        value: title of the other axis.
        names: of the methods, the one that the chart is about first.
        aim: a value that is aimed at.
        share: whether values are shares.
    """
    places = list(dict.fromkeys(rows["place"]))
    form = ".1%" if share else ".4g"
    stride = -(-len(places) // 12)
    axis = alt.Axis(labelAngle=0, values=places[::stride], labelOverlap=True)
    x = alt.X("place", type="ordinal", sort=places, title=along, axis=axis)
    y = alt.Y("value", type="quantitative", title=value, scale=alt.Scale(zero=not share),
              axis=alt.Axis(format="%" if share else ",.4~g"))  # fmt: skip
    scale = alt.Scale(domain=list(names), range=[MARK, NEGATIVE][: len(names)])
    legend = alt.Legend(title=None, orient="top", labelLimit=260) if len(names) > 1 else None
    color = alt.Color("name", type="nominal", scale=scale, legend=legend)
    tips = [
        alt.Tooltip("name", type="nominal", title=say("method")),
        alt.Tooltip("place", type="nominal", title=along),
        *(alt.Tooltip(key, type="quantitative", title=title, format=form)
          for key, title in (("value", value), ("low", say("low")), ("high", say("high")))),
        alt.Tooltip("count", type="quantitative", title=say("count"), format=",d"),
    ]  # fmt: skip
    base = alt.Chart(rows)
    first = base.transform_filter(alt.FieldEqualPredicate(field="name", equal=names[0]))
    layers = [
        first.mark_area(opacity=0.2, color=MARK).encode(
            x=x, y=alt.Y("low", type="quantitative"), y2=alt.Y2("high")
        ),
        base.mark_line(point=True).encode(x=x, y=y, color=color, tooltip=tips),
    ]  # fmt: skip
    if aim is not None:
        layers.append(alt.Chart(pd.DataFrame({"aim": [aim]})).mark_rule(strokeDash=[4, 3], color=MUTED).encode(
            y=alt.Y("aim", type="quantitative")
        ))  # fmt: skip
    return (
        alt.layer(*layers)
        .properties(width="container", height=260, background="transparent")
        .configure_view(stroke=None)
    )
