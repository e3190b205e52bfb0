"""What a view is: one question about a trace, and the figure that answers it.

A view never asks which model made a trace. It names the places in the trace it can draw (``targets``), and draws one of
them at a time. Pages choose and place views; exports call the same ``draw`` and ``numbers``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import altair as alt
import pandas as pd
import plotly.graph_objects as go

from core_models.trace import Site, Trace
from core_models.vocabulary import Quantity, quantity

Figure = go.Figure | alt.Chart | alt.LayerChart | alt.VConcatChart | alt.HConcatChart | alt.FacetChart


@dataclass(frozen=True)
class Target:
    """One drawable part of a trace."""

    site: Site
    key: str

    @property
    def quantity(self) -> Quantity:
        """Row of the vocabulary that the target holds."""
        return quantity(self.key)

    @property
    def name(self) -> str:
        """Short name for widget keys, URLs and file names."""
        return f"{self.site.key}-{self.key}"


@dataclass(frozen=True)
class Options:
    """What a person chose to see; every view takes the same options and uses those that concern it.

    Attributes:
        order: key of the unit order, one of ``viz.figures.parts.order.ORDERS``.
        step: selected token, counted from 0, or None.
        unit: selected unit, counted from 0 (its index in the network, whatever the order on screen), or None.
        units: units whose lines are drawn; empty means the view chooses.
        stage: stage of attention to draw: ``scores``, ``mask``, ``softmax`` or ``weights``.
        head: attention head, counted from 0.
        space: 2 or 3 dimensions for the trajectory.
    """

    order: str = "index"
    step: int | None = None
    unit: int | None = None
    units: tuple[int, ...] = ()
    stage: str = "weights"
    head: int = 0
    space: int = 2


def _tidy(trace: Trace, target: Target) -> pd.DataFrame:
    return trace[target.site, target.key].to_dataframe().reset_index()


@dataclass(frozen=True)
class View:
    """One question about a trace and the figure that answers it.

    Attributes:
        key: short name for code and URLs.
        title: heading on screen.
        question: the question it answers, one sentence.
        targets: the parts of a trace it can draw; empty when the trace does not suit it.
        how_to_read: one or two sentences for what is drawn, in the convention of the cell that made it.
        draw: pure function of (trace, target, options) that returns the figure.
        numbers: the drawn values as a tidy table, for CSV.
    """

    key: str
    title: str
    question: str
    targets: Callable[[Trace], tuple[Target, ...]]
    how_to_read: Callable[[Trace, Target, Options], str]
    draw: Callable[[Trace, Target, Options], Figure]
    numbers: Callable[[Trace, Target], pd.DataFrame] = _tidy
