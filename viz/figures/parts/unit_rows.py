"""Gates and states of one layer as rows of a larger figure: unit by step, one heatmap for each quantity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core_models.language import mark, say
from core_models.trace import Array, Site, Trace
from core_models.vocabulary import Kind
from viz.figures.parts.marks import Number, outline
from viz.figures.parts.order import name_order, order_units
from viz.figures.parts.stack import Row
from viz.figures.parts.token_axis import label_axis
from viz.figures.parts.units import unit_targets
from viz.figures.trace.heatmap import cells
from viz.theme import Scale, scale_of
from viz.view import Target

KINDS = (Kind.GATE, Kind.STATE)
"""What is drawn, in the order from top to bottom."""

PLURALS = {Kind.GATE: mark("gates"), Kind.STATE: mark("states")}
"""What several of them are called."""

LEAST, MOST = 64, 128
"""Pixels of a row: one for each unit, but within these."""

MARK_PIXELS = 7
"""Height of the frame around a selected cell."""


@dataclass(frozen=True, eq=False)
class UnitRow:
    """One quantity of a layer.

    Attributes:
        target: site and quantity.
        values: as the trace holds them, ``[step, unit]``.
        units: number of the unit in every row of the heatmap, from the top.
        order: name of that order.
    """

    target: Target
    values: Array
    units: NDArray[np.intp]
    order: str = "index"

    @property
    def scale(self) -> Scale:
        """Its colours with their ends."""
        return scale_of(self.target.quantity, self.values)

    def columns(self) -> dict[str, Array]:
        """Its values by ``site.quantity.unit``, ``[step]`` each."""
        site, key = self.target.site.key, self.target.key
        return {f"{site}.{key}.{unit}": self.values[:, unit] for unit in range(self.values.shape[1])}


def unit_rows(trace: Trace, site: Site, order: str = "index") -> tuple[UnitRow, ...]:
    """Every gate and state that a trace holds at a site, with their units in the order named ``order``."""
    held = [target for target in unit_targets(trace) if target.site == site and target.quantity.kind in KINDS]
    held.sort(key=lambda target: KINDS.index(target.quantity.kind))
    return tuple(UnitRow(each, trace.array(site, each.key), order_units(trace, each, order), order) for each in held)


def draw_rows(rows: Sequence[UnitRow], noun: str, selected: Number | None = None) -> list[Row]:
    """One row of a figure for each; neighbours of one kind and scale share a colour bar.

    Args:
        rows: what to draw, from the top.
        noun: what a step is called.
        selected: the selected number.
    """
    drawn: list[Row] = []
    for (kind, scale), group in groupby(rows, lambda row: (row.target.quantity.kind, row.scale)):
        alike = list(group)
        label = alike[0].target.quantity.label if len(alike) == 1 else say(PLURALS[kind])
        first = _row(alike[0], noun, {"colorbar": replace(scale, note="").bar(label)}, selected)
        drawn.append(replace(first, bar_rows=len(alike)))
        drawn += [_row(row, noun, {"showscale": False}, selected) for row in alike[1:]]
    return drawn


def _row(row: UnitRow, noun: str, bar: Mapping[str, Any], selected: Number | None) -> Row:
    units, label = row.units.tolist(), row.target.quantity.label
    pixels, numbers = int(np.clip(len(units), LEAST, MOST)), [str(unit) for unit in units]
    heatmap = cells(row.values, row.units, row.scale, label, "unit", noun)
    del heatmap["colorbar"]
    marks = []
    if selected and selected[0] == row.target and selected[2] in units:
        marks = outline(selected[1], units.index(selected[2]), max(1.0, MARK_PIXELS / 2 * len(units) / pixels))
    return Row(
        pixels,
        [{**heatmap, **bar}],
        label_axis(numbers, f"{label}<br>{say('unit')}{name_order(row.order)}", downward=True, most=5),
        part={"pick": "cell", "units": units, "target": row.target.name},
        labels=numbers,
        marks=marks,
    )
