"""A recurrent cell as a circuit, from its own declaration: what flows in, which valves it meets, where flows join.

The formula of each state is a sum of lanes. A lane carries one value, past valves (factors made of gates alone) and
signs of multiplication (all other factors), to the place where lanes are added up. Gates and candidates are towers: a
sum of the input and of what they read, a squashing function, and a row of units.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from core_models.cells.cell import Described, Part
from core_models.vocabulary import Kind, quantity
from viz.cell_diagram.expression import Node, factors, operands, parse, product, terms

INPUT, BEFORE = "input", "before_"


@dataclass(frozen=True)
class Lane:
    """One term of a state's formula.

    Attributes:
        value: what enters it: a quantity, or a function of quantities.
        valves: factors made of gates alone.
        times: all other factors.
    """

    value: Node
    valves: tuple[Node, ...]
    times: tuple[Node, ...]

    @property
    def source(self) -> str:
        """The quantity that enters."""
        return operands(self.value)[0]

    @property
    def function(self) -> str:
        """What is applied to it on the way in; nothing if empty."""
        return "" if self.value[0] == "of" else self.value[0]

    @property
    def joined(self) -> tuple[str, ...]:
        """Quantities that the function takes besides the one that enters."""
        return operands(self.value)[1:] if self.function else ()

    @property
    def whole(self) -> Node:
        """What arrives at its end."""
        return product([self.value, *self.valves, *self.times])


@dataclass(frozen=True)
class Stage:
    """How one state, or a gate that is no part, is made.

    The lanes are added up; the first one that does not start at a part runs on top.
    """

    state: str
    lanes: tuple[Lane, ...]


@dataclass(frozen=True)
class Circuit:
    """Everything that a picture of a cell must show.

    Attributes:
        cell: its declaration.
    """

    cell: Described

    @cached_property
    def parts(self) -> dict[str, Part]:
        """Gates and candidates by key."""
        return {part.key: part for part in self.cell.parts}

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """The states, and the gates that are made on the way to them, in the order in which they are computed."""
        trees = {key: parse(self.cell.formulas[key].latex) for key in (*self.cell.made, *self.cell.states)}
        found: list[str] = []
        while len(found) < len(trees):
            ready = [s for s in trees if s not in found and not set(operands(trees[s])) & (set(trees) - {*found})]
            if not ready:
                raise ValueError(f"circuit: expected states that can be computed in turn, got {', '.join(trees)}")
            found += ready
        return tuple(Stage(state, tuple(map(self._lane, terms(trees[state])))) for state in found)

    def _lane(self, term: Node) -> Lane:
        found = factors(term)
        valves = [factor for factor in found if self._is_valve(factor)]
        values = [factor for factor in found if factor not in valves]
        if not values:  # a state made of gates alone
            values, valves = valves[:1], valves[1:]
        if any(valve[0] == "/" for valve in valves):  # shares, such as f / (f + i), are one valve
            valves = [product(valves)]
        # What comes along (a part or a state) enters; what is gathered elsewhere, such as attention, multiplies it.
        values.sort(key=lambda factor: _gathered(operands(factor)[0]) if operands(factor) else True)
        return Lane(values[0], tuple(valves), tuple(values[1:]))

    def _is_valve(self, factor: Node) -> bool:
        names = operands(factor)
        return bool(names) and all(quantity(base(name)).kind is Kind.GATE for name in names)

    @cached_property
    def gathered(self) -> tuple[str, ...]:
        """Quantities in formulas that are neither part nor state, such as what attention gathered."""
        named = [name for stage in self.stages for lane in stage.lanes for name in operands(lane.whole)]
        known = {*self.cell.computed, *self.cell.states}
        return tuple(dict.fromkeys(name for name in named if base(name) not in known))

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """What flows in from the left: states before the step, what parts read besides, and the input, last.

        A part may also read a state that this very step makes; that one stands further right.
        """
        lanes = [name for stage in self.stages for lane in stage.lanes for name in operands(lane.whole)]
        read = [name for part in self.cell.parts for name in reads_of(part) if name not in self.cell.states]
        before = [name for name in [*lanes, *read] if name.startswith(BEFORE)]
        return (*dict.fromkeys([*before, *(name for name in read if not name.startswith(BEFORE))]), INPUT)

    @cached_property
    def peeked(self) -> tuple[str, ...]:
        """States of this very step that a part reads."""
        read = [name for part in self.cell.parts for name in reads_of(part)]
        return tuple(dict.fromkeys(name for name in read if name in self.cell.states))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every quantity that the picture shows, each once; a state before the step has ``before_`` in front."""
        return tuple(dict.fromkeys([*self.sources, *self.cell.computed, *self.gathered, *self.cell.states]))


def reads_of(part: Part) -> tuple[str, ...]:
    """What a part reads besides the input: through a matrix, and through a peephole."""
    return tuple(name for name in (part.reads, part.peeks) if name is not None)


def base(name: str) -> str:
    """Key of the quantity that a name stands for."""
    return name.removeprefix(BEFORE)


def _gathered(name: str) -> bool:
    return not name.startswith(BEFORE) and quantity(name).kind is Kind.CONTEXT
