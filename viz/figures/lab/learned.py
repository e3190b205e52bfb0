"""How a network learned: its loss over the steps of training, and the units that changed most between two of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core_models.explain.changes import Change
from core_models.language import say
from core_models.vocabulary import quantity
from viz.theme import MARK, MUTED

POINTS = 120
"""Points of the loss curve: each is the mean over the steps since the one before."""


def loss_table(steps: Sequence[int], losses: NDArray[np.floating]) -> pd.DataFrame:
    """The loss by step and by its place on a track on which the kept ``steps`` stand at equal distances."""
    edges = np.unique(np.interp(np.linspace(0, len(steps) - 1, POINTS), np.arange(len(steps)), steps).astype(int))
    means = [losses[start:end].mean() for start, end in pairwise(edges)]
    return pd.DataFrame({"step": edges[1:], "place": np.interp(edges[1:], steps, range(len(steps))), "loss": means})


def draw_track(table: pd.DataFrame, count: int, shown: int) -> alt.LayerChart | alt.FacetChart:
    """The loss over a track of ``count`` kept steps, of which the one at place ``shown`` is marked."""
    hidden = alt.Axis(labels=False, ticks=False, domain=False, grid=False)
    x = alt.X("place", type="quantitative", title=None, axis=hidden, scale=alt.Scale(domain=[0, count - 1]))
    y = alt.Y("loss", type="quantitative", axis=None)
    tooltip = [
        alt.Tooltip("step", type="quantitative", title=say("step of training"), format=","),
        alt.Tooltip("loss", type="quantitative", title=say("loss (nats)"), format=".3f"),
    ]
    line = alt.Chart(table).mark_line(color=MUTED, strokeWidth=2).encode(x=x, y=y, tooltip=tooltip)
    mark = alt.Chart(pd.DataFrame({"place": [shown]})).mark_rule(color=MARK, strokeWidth=2.5).encode(x=x)
    return _finished(alt.layer(line, mark), 90)


def changed_table(found: Sequence[tuple[Change, int]]) -> pd.DataFrame:
    """Units and how far each changed, the largest first."""
    rows = [
        (f"{say(quantity(change.key).name)} {unit + 1}" + (f" · {change.site.label}" if change.site.layer else ""),
         float(change.units[unit])) for change, unit in found
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["unit", "change"])


def draw_changed(table: pd.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """A bar for each unit."""
    names = alt.Axis(labelLimit=220, labelOverlap=False, ticks=False, domain=False)
    bars = alt.Chart(table).mark_bar(color=MARK, height=10).encode(
        y=alt.Y("unit", type="nominal", sort=list(table["unit"]), title=None, axis=names),
        x=alt.X("change", type="quantitative", title=None, axis=alt.Axis(tickCount=4)),
        tooltip=[alt.Tooltip("unit", type="nominal", title=say("unit")),
                 alt.Tooltip("change", type="quantitative", title=say("mean change at a step"), format=".4f")],
    )  # fmt: skip
    return _finished(alt.layer(bars), alt.Step(17))


def _finished(chart: alt.LayerChart | alt.FacetChart, height: int | alt.Step) -> alt.LayerChart | alt.FacetChart:
    size = chart.properties(width="container", height=height, background="transparent")
    return size.configure_view(stroke=None)
