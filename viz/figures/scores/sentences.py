"""How much of the attention lies on each sentence of a story."""

from __future__ import annotations

import altair as alt
import pandas as pd

from core_models.language import say
from viz.theme import MARK, MUTED


def draw_sentences(table: pd.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """A bar for each sentence, those that the answer rests on in another colour.

    Args:
        table: columns sentence, attention (shares that sum to 1), needed (bool); in the order of the text.
    """
    names = alt.Axis(labelLimit=320, ticks=False, domain=False)
    bars = (
        alt.Chart(table)
        .mark_bar(height=14)
        .encode(
            y=alt.Y("sentence", type="nominal", sort=list(table["sentence"]), title=None, axis=names),
            x=alt.X("attention", type="quantitative", title=say("share of the attention"), axis=alt.Axis(format="%")),
            color=alt.condition("datum.needed", alt.value(MARK), alt.value(MUTED)),
            tooltip=[
                alt.Tooltip("sentence", type="nominal", title=say("sentence")),
                alt.Tooltip("attention", type="quantitative", title=say("share of the attention"), format=".1%"),
            ],
        )
    )
    size = alt.layer(bars).properties(width="container", height=alt.Step(24), background="transparent")
    return size.configure_view(stroke=None)
