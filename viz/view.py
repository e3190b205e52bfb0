"""What a view is: one question about a trace, and the figure that answers it.

A view never asks which model made a trace. It names the places in the trace it can draw (``targets``), and draws one of
them at a time; and it says where on a page it belongs. A page places all views of a section without knowing them by
name; exports call the same ``draw`` and ``numbers``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import altair as alt
import pandas as pd
import plotly.graph_objects as go

from core_models.trace import Site, Trace
from core_models.vocabulary import Kind, Quantity, quantity

Figure: TypeAlias = "go.Figure | alt.Chart | alt.LayerChart | alt.VConcatChart | alt.HConcatChart | alt.FacetChart"


class Section(StrEnum):
    """A part of the page about one trace, by its key: the answer stands above all others, each of which is a tab."""

    ANSWER = "answer"
    UNITS = "gates"
    ATTENTION = "attention"
    PATH = "path"
    MEMORY = "memory"


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
        most: rows of units that are drawn, from the top of the order; 0 for all.
        stage: stage of attention to draw: ``scores``, ``mask``, ``softmax`` or ``weights``.
        head: attention head, counted from 0.
        space: 2 or 3 dimensions for the trajectory.
        dot: the state of another input that was clicked beside the trajectory, counted from 0, or None.
        before: the same reading without a gate held, to be drawn pale behind it; None if none is held.
    """

    order: str = "index"
    step: int | None = None
    unit: int | None = None
    units: tuple[int, ...] = ()
    most: int = 0
    stage: str = "weights"
    head: int = 0
    space: int = 2
    dot: int | None = None
    before: Trace | None = None


def _tidy(trace: Trace, target: Target) -> pd.DataFrame:
    return trace[target.site, target.key].to_dataframe().reset_index()


def _label(target: Target, options: Options) -> str:
    return target.quantity.label


def _same(target: Target, options: Options) -> Target:
    return target


@dataclass(frozen=True, kw_only=True)
class View:
    """One question about a trace and the figure that answers it.

    Attributes:
        key: short name for code and URLs.
        title: heading on screen.
        question: the question it answers, one sentence.
        section: the part of the page where it stands; within it views stand in the order of ``VIEWS``.
        targets: the parts of a trace it can draw; empty when the trace does not suit it.
        how_to_read: one or two sentences for what is drawn, in the convention of the cell that made it.
        draw: pure function of (trace, target, options) that returns the figure.
        numbers: the drawn values as a tidy table, for CSV.
        kinds: the kinds of quantity that a page draws, where that is not every target.
        columns: figures side by side; 0 puts all targets into one row.
        label: what its heading says of the target, behind the title; nothing if empty.
        follows: whether it draws the units that a person names.
        each: whether it draws units one by one, in an order.
        shown: the target whose numbers the figure shows under these options; a click in it selects one of those.
    """

    key: str
    title: str
    question: str
    section: Section
    targets: Callable[[Trace], tuple[Target, ...]]
    how_to_read: Callable[[Trace, Target, Options], str]
    draw: Callable[[Trace, Target, Options], Figure]
    numbers: Callable[[Trace, Target], pd.DataFrame] = _tidy
    kinds: tuple[Kind, ...] = ()
    columns: int = 2
    label: Callable[[Target, Options], str] = _label
    follows: bool = False
    each: bool = True
    shown: Callable[[Target, Options], Target] = _same

    def placed(self, trace: Trace, site: Site | None = None) -> tuple[Target, ...]:
        """The targets that a page draws: of one site, or of all."""
        return tuple(
            target
            for target in self.targets(trace)
            if site in (None, target.site) and (not self.kinds or target.quantity.kind in self.kinds)
        )
