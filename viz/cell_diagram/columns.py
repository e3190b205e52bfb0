"""The columns of a cell's picture, from left to right, and the rows of its states, in pixels.

A state made from the one before it alone goes on at its height: the lane that does so runs on top, on a conveyor.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from viz.cell_diagram.circuit import BEFORE, Circuit, Lane, Stage
from viz.cell_diagram.expression import Node, operands


@dataclass(frozen=True)
class Size:
    """Widths of columns and heights of rows; ``room`` is what columns may grow to fill."""

    room: float
    source: float
    tower: float
    plus: float
    function: float
    state: float
    strip: float
    box: float
    bus: float
    wide: bool


WIDE = Size(900, 104, 116, 56, 64, 84, 18, 62, 46, wide=True)
NARROW = Size(352, 40, 48, 24, 36, 40, 12, 48, 54, wide=False)
MOST_GROWTH = 1.5

TOP, CONVEYOR = 78.0, 150.0
"""Middle of the first conveyor, and distance of conveyors."""

Place = tuple[str, str]
"""A column: what kind it is, and whose."""


@dataclass(frozen=True)
class Columns:
    """Where columns and conveyors stand in a picture of this size."""

    circuit: Circuit
    size: Size

    @cached_property
    def rows(self) -> dict[str, float]:
        """The height of each state's conveyor."""
        rows: dict[str, float] = {}
        for stage in self.circuit.stages:
            top = self.top(stage)
            goes_on = top is not None and top.source in rows
            rows[stage.state] = rows[top.source] if top and goes_on else TOP + CONVEYOR * len({*rows.values()})
        return rows

    @cached_property
    def on_top(self) -> dict[str, str]:
        """States before the step that run on a conveyor, with the state that is made there."""
        tops = {stage.state: self.top(stage) for stage in self.circuit.stages}
        return {top.source: state for state, top in tops.items() if top and top.source.startswith(BEFORE)}

    @cached_property
    def middle(self) -> dict[Place, float]:
        """The middle of every column."""
        found, x = {}, 0.0
        for place, asked in self._asked.items():
            found[place] = x + asked * self.grown / 2
            x += asked * self.grown
        return found

    @cached_property
    def grown(self) -> float:
        """By what columns are wider than they ask for, where there is room."""
        return min(MOST_GROWTH, self.size.room / sum(self._asked.values()))

    @property
    def width(self) -> float:
        """Of all columns together."""
        return sum(self._asked.values()) * self.grown

    @cached_property
    def _asked(self) -> dict[Place, float]:
        size = self.size
        widths = {"source": size.source, "tower": size.tower, "plus": size.plus, "state": size.state}
        widths["times"] = size.tower * (0.85 if self.circuit.gathered else 0.5)
        return {(kind, whose): widths.get(kind, size.function) for kind, whose in self._places()}

    def lanes_below(self, stage: Stage) -> int:
        """How many lanes of a state run below its conveyor."""
        return len(stage.lanes) - (self.top(stage) is not None or len(stage.lanes) == 1)

    def top(self, stage: Stage) -> Lane | None:
        """The lane that runs on the conveyor: the first one that starts at no part."""
        return next((lane for lane in stage.lanes if lane.source not in self.circuit.parts), None)

    def times(self, stage: Stage, factor: Node) -> float:
        """Where a lane is multiplied by a factor: above its tower, or in a column of its own."""
        return self.middle.get(("times", column(stage, factor))) or self.middle["tower", operands(factor)[0]]

    def _places(self) -> list[Place]:
        found: list[Place] = [("source", "")]

        def tower(key: str) -> None:
            if ("tower", key) not in found:
                part = self.circuit.parts.get(key)
                for gate in (part.gated_by, part.gated_inside) if part else ():
                    if gate:
                        tower(gate)
                found.append(("tower", key))

        for stage in self.circuit.stages:
            top = self.top(stage)
            others = [lane for lane in stage.lanes if lane is not top]
            below = {name for lane in others for valve in lane.valves for name in operands(valve)}
            for name in (name for lane in stage.lanes for name in lane.joined if name in self.circuit.parts):
                tower(name)
            if top and top.function:
                found.append(("function", column(stage, top.value)))
            for name in (name for valve in (top.valves if top else ()) for name in operands(valve)):
                if name not in below and name in self.circuit.parts:
                    tower(name)
            for lane in others:
                if lane.source in self.circuit.parts:
                    tower(lane.source)
                elif lane.source not in self.circuit.cell.made:
                    found.append(("entry", lane.source))
                for name in (name for valve in lane.valves for name in operands(valve) if name in self.circuit.parts):
                    tower(name)
                if lane.function:
                    found.append(("function", column(stage, lane.value)))
            for factor in (factor for lane in stage.lanes for factor in lane.times):
                name = operands(factor)[0]
                tower(name) if name in self.circuit.parts else found.append(("times", column(stage, factor)))
            if len(stage.lanes) > 1:
                found.append(("plus", stage.state))
            found.append(("state", stage.state))
        spare = [key for key in self.circuit.parts if ("tower", key) not in found]
        return [found[0], *(("tower", key) for key in spare), *found[1:]]


def column(stage: Stage, node: Node) -> str:
    """Whose column it is in which a node of a state's formula stands."""
    return f"{stage.state}:{operands(node)[0]}"
