"""How does a language model's surprise change along a text? The mean over all rows, by position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import altair as alt
import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st
from numpy.typing import NDArray

from core_models.encoded import Encoded
from core_models.language import say
from viz.batch.again import Again, follow
from viz.batch.job import Job
from viz.cards import Card, Origin, show
from viz.kept import Latest
from viz.params import Param
from viz.theme import MARK

DRAWER = Param("batch-positions", public=False)
MOST_ROWS, LEAST = 2_000, 5
"""Rows that are read once more, and rows of which a mean is drawn."""


@dataclass(eq=False)
class Surprise:
    """Sums by position, and what is still to be read.

    Attributes:
        total, squares, count: of the surprise of the characters at each position, from the first.
        again: the rows.
    """

    total: NDArray[np.float64]
    squares: NDArray[np.float64]
    count: NDArray[np.int64]
    again: Again = field(init=False)

    def table(self) -> pd.DataFrame:
        """Position, mean in nats, ends of its 95% interval, and rows; positions with too few rows are left out."""
        kept = np.flatnonzero(self.count >= LEAST)
        count = self.count[kept]
        mean = self.total[kept] / count
        spread = np.sqrt(np.maximum(self.squares[kept] / count - mean**2, 0.0) / np.maximum(count - 1, 1))
        return pd.DataFrame(
            {"position": kept + 1, "mean": mean, "low": mean - 1.96 * spread, "high": mean + 1.96 * spread,
             "rows": count}
        )  # fmt: skip


HELD = Latest[Surprise]("batch surprise by position")


def offer(job: Job, table: pa.Table) -> None:
    """The curve behind a line that opens, for models that say what comes next."""
    if job.model.task.kind != "next_token":
        return
    title = say("Surprise by position in the text")
    with st.expander(title, icon=":material/show_chart:", key=DRAWER, on_change="rerun") as drawer:
        if drawer.open:
            _show(job, table)


def _begin(job: Job, table: pa.Table) -> Surprise:
    limit = job.model.task.limit
    found = Surprise(np.zeros(limit), np.zeros(limit), np.zeros(limit, dtype=np.int64))

    def take(places: Sequence[int], readings: Sequence[Encoded]) -> None:
        for chances in job.model.predict(readings):
            some = -np.asarray(chances, dtype=np.float64)[:limit]
            found.total[: len(some)] += some
            found.squares[: len(some)] += some**2
            found.count[: len(some)] += 1

    found.again = Again(job.model, table["text"].slice(0, MOST_ROWS).to_pylist(), take)
    return found


def _show(job: Job, table: pa.Table) -> None:
    found = HELD.made(job, lambda: _begin(job, table))
    if found.again.busy:
        follow(found.again, "positions")
    rows = found.table()
    if rows.empty:
        st.caption(say("At least {n} rows are needed.", n=LEAST))
        return
    first, last = rows["mean"].head(10).mean(), rows["mean"].tail(max(1, len(rows) // 2)).mean()
    show(Card(
        key="positions", title=say("Surprise by position in the text"), group="positions",
        origin=Origin(job.model.recipe.key, job.name),
        question=say("Does the model expect better, the more it has read?"),
        how_to_read=say("Mean surprise of the characters at each position, over all rows that are so long; the band is "
                        "the 95% interval of the mean."),
        figure=draw(rows), numbers=lambda: rows,
        found=say("The first ten characters: {first:.2f} nats on average; the second half: {last:.2f}.", first=first,
                  last=last),
    ))  # fmt: skip


def draw(rows: pd.DataFrame) -> alt.LayerChart | alt.FacetChart:
    """The mean as a line in its interval."""
    x = alt.X("position", type="quantitative", title=say("position"))
    y = alt.Y("mean", type="quantitative", title=say("mean surprise (nats)"), scale=alt.Scale(zero=True))
    tips = [
        alt.Tooltip("position", type="quantitative", title=say("position")),
        alt.Tooltip("mean", type="quantitative", title=say("mean surprise (nats)"), format=".3f"),
        alt.Tooltip("rows", type="quantitative", title=say("count"), format="d"),
    ]
    band = alt.Chart(rows).mark_area(opacity=0.25, color=MARK).encode(
        x=x, y=alt.Y("low", type="quantitative"), y2=alt.Y2("high")
    )  # fmt: skip
    line = alt.Chart(rows).mark_line(color=MARK, point=False).encode(x=x, y=y, tooltip=tips)
    return (
        alt.layer(band, line)
        .properties(width="container", height=240, background="transparent")
        .configure_view(stroke=None)
    )
