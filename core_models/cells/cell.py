"""What a recurrent cell is: its equations, written once, in two functions.

``gates`` says what the cell computes from the projected input and the previous hidden state; ``update`` says how those
turn the previous state into the next one. Both work over any leading axes, so that the same two functions serve a loop
over steps (core_models.cells.steps: each call one step) and a replay of a whole sequence at once (each call all steps).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn

from core_models.convention import Convention

Values = Mapping[str, Tensor]
Hold = Callable[[str, Tensor], Tensor]
"""By quantity key and computed value, what a gate or candidate is to be instead; see core_models.edits.run."""


def as_computed(key: str, values: Tensor) -> Tensor:
    """What a gate or candidate is where nobody holds it: what the equations say."""
    return values


@dataclass(frozen=True)
class Weights:
    """Parameters of one layer in one direction, stacked part by part as torch.nn stacks them.

    Attributes:
        w_x: input weights, ``[parts * unit, feature]``.
        w_h: recurrent weights, ``[reading parts * unit, unit]``: parts that read no state have no rows.
        b_x: input biases, ``[parts * unit]``; zeros when the module has none.
        b_h: recurrent biases, ``[reading parts * unit]``; zeros when the module has none.
        projection: what makes the hidden state of ``o ⊙ tanh(c)``, ``[projected, unit]``, in an LSTM that has one.
        peepholes: by the key of a part that peeks at a state, what it multiplies that by, ``[unit]``.
    """

    w_x: Tensor
    w_h: Tensor
    b_x: Tensor
    b_h: Tensor
    projection: Tensor | None = None
    peepholes: Mapping[str, Tensor] = field(default_factory=dict)

    @property
    def hidden(self) -> int:
        """Number of units."""
        return self.w_h.shape[1] if self.projection is None else self.projection.shape[1]

    def size_of(self, state: str) -> int:
        """Number of values of one of the cell's states, by quantity key."""
        return self.w_h.shape[1] if state == "hidden_state" else self.hidden

    def to(self, dtype: torch.dtype) -> Weights:
        """The same numbers in another precision."""
        projection = None if self.projection is None else self.projection.to(dtype)
        w_x, w_h, b_x, b_h = (stack.to(dtype) for stack in (self.w_x, self.w_h, self.b_x, self.b_h))
        peepholes = {key: values.to(dtype) for key, values in self.peepholes.items()}
        return Weights(w_x, w_h, b_x, b_h, projection, peepholes)

    def project(self, x: Tensor) -> Tensor:
        """``W x + b`` for the input, ``[..., parts * unit]``: the part of every step that needs no state."""
        return nn.functional.linear(x, self.w_x, self.b_x)

    def recur(self, h: Tensor, part: int = 0, count: int | None = None) -> Tensor:
        """``U h + b`` of a state, ``[..., count * unit]``, ``count`` reading parts from ``part`` on or all."""
        rows = slice(part * self.hidden, None if count is None else (part + count) * self.hidden)
        return nn.functional.linear(h, self.w_h[rows], self.b_h[rows])


@dataclass(frozen=True)
class Part:
    """One block of rows of the weight matrices: what it computes and how its sum is squashed.

    Attributes:
        key: quantity that the block computes.
        squash: function applied to the sum; ``identity`` where the quantity is the sum itself.
        gated_by: quantity whose value multiplies the recurrent sum ``U h + b`` before it is added, if any.
        gated_inside: quantity whose value multiplies the state before the product with ``U``, if any.
        reads: operand that ``U`` multiplies: a quantity key, with ``before_`` in front for the step before; None where
            the part is made from the input alone.
        peeks: a state that is added to the sum too, each unit's own times one weight, named as in ``reads``.
    """

    key: str
    squash: Literal["sigmoid", "log_sigmoid", "tanh", "identity"]
    gated_by: str | None = None
    gated_inside: str | None = None
    reads: str | None = "before_hidden_state"
    peeks: str | None = None


@dataclass(frozen=True)
class Formula:
    """How ``update`` computes one state of one unit, so that the arithmetic can be spelled out.

    Attributes:
        latex: right-hand side with braces around operands: quantity keys, ``before_`` in front of a previous state.
        compute: the same arithmetic on plain numbers, by operand name.
    """

    latex: str
    compute: Callable[[Mapping[str, float]], float]


@dataclass(frozen=True)
class Stock:
    """How torch itself runs a cell.

    Attributes:
        module: makes the module, an ``nn.RNN``, ``nn.GRU`` or ``nn.LSTM``.
        mode: what such a module calls its own cell.
        kernel: the function behind it, which takes weights that need not be a module's.
    """

    module: Callable[..., nn.RNNBase]
    mode: str
    kernel: Callable[..., tuple[Tensor, ...]]


class Described(ABC):
    """What can be said of a recurrent cell without running it.

    Attributes:
        convention: its equations, source and the meaning of its gate values.
        parts: the blocks of rows of the weight matrices, in the order in which they are stacked.
        made: gates that are no part, made of parts and states by their formulas, and which part each grows with.
        states: quantity keys of what it carries to the next step, the hidden state first.
        zeroed: those of them that begin at 0 where another network says what the others begin with.
        formulas: for each state, and what is made on the way there, its arithmetic in one unit.
    """

    convention: ClassVar[Convention]
    parts: ClassVar[tuple[Part, ...]]
    made: ClassVar[Mapping[str, str]] = {}
    states: ClassVar[tuple[str, ...]] = ("hidden_state",)
    zeroed: ClassVar[tuple[str, ...]] = ()
    formulas: ClassVar[Mapping[str, Formula]]

    @property
    def reading_parts(self) -> tuple[Part, ...]:
        """The parts that have recurrent weights, in their order."""
        return tuple(part for part in self.parts if part.reads is not None)

    @property
    def computed(self) -> tuple[str, ...]:
        """Keys of all gates and candidates: the parts, and what is made of them."""
        return (*(part.key for part in self.parts), *self.made)

    def row_of(self, gate: str) -> int:
        """Which part a gate is, or grows with."""
        return [part.key for part in self.parts].index(self.made.get(gate, gate))

    @property
    def peeking_parts(self) -> tuple[Part, ...]:
        """The parts that have a peephole, in their order."""
        return tuple(part for part in self.parts if part.peeks is not None)


class Cell(Described):
    """One kind of recurrent cell whose gates depend on the input and the previous hidden state alone.

    Attributes:
        stock: how torch runs it; None if torch cannot, so that it is run by ``core_models.cells.looped.Looped``.
    """

    stock: ClassVar[Stock | None] = None

    @abstractmethod
    def gates(
        self, from_input: Tensor, before: Values, weights: Weights, hold: Hold = as_computed
    ) -> dict[str, Tensor]:
        """Every gate and candidate of a step, ``[..., unit]``, by quantity key.

        What ``hold`` makes of a gate is what the candidate is made with.

        Args:
            from_input: ``W x + b``, ``[..., parts * unit]``.
            before: those states before the step that its parts read, ``[..., unit]``, by quantity key.
            weights: whose ``recur`` gives ``U h + b``.
            hold: by quantity key and computed value, what a gate or candidate is to be instead.
        """

    @abstractmethod
    def update(self, gates: Values, before: Values) -> dict[str, Tensor]:
        """The state after a step, from its gates and the state before it (all ``[..., unit]``)."""

    def replay(self, gates: Values, initial: Values, known: Values) -> dict[str, Tensor]:
        """The states at all steps, ``[step, unit]``, when those that torch's kernel or the loop gives are known.

        Args:
            gates: what ``gates`` returned for all steps, ``[step, unit]``.
            initial: the state before the first step, ``[unit]``.
            known: states after every step, ``[step, unit]``: the hidden state alone where torch runs the cell.
        """
        return {key: known[key] for key in reversed(self.states)}

    def unroll(self, gates: Values, initial: Values) -> dict[str, Tensor]:
        """The states at all steps, ``[step, row, unit]``, of a cell whose gates read no state.

        Args:
            gates: what ``gates`` returned for all steps, ``[step, row, unit]``.
            initial: the state before the first step, ``[row, unit]``.
        """
        steps, state = [], initial
        for values in zip(*gates.values(), strict=True):
            state = self.update(dict(zip(gates, values, strict=True)), state)
            steps.append(state)
        return {key: torch.stack([state[key] for state in steps]) for key in reversed(self.states)}
