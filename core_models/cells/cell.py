"""What a recurrent cell is: its equations, written once, in two functions.

``gates`` says what the cell computes from the projected input and the previous hidden state; ``update`` says how those
turn the previous state into the next one. Both work elementwise over any leading axes, so that the same two functions
serve a loop over steps (each call one step) and a replay of a whole sequence at once (each call all steps).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import torch
from torch import Tensor

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
        w_h: recurrent weights, ``[parts * unit, unit]``.
        b_x: input biases, ``[parts * unit]``; zeros when the module has none.
        b_h: recurrent biases, ``[parts * unit]``; zeros when the module has none.
    """

    w_x: Tensor
    w_h: Tensor
    b_x: Tensor
    b_h: Tensor

    @property
    def hidden(self) -> int:
        """Number of units."""
        return self.w_h.shape[1]

    def project(self, x: Tensor) -> Tensor:
        """``W x + b`` for the input, ``[step, parts * unit]``: the part of every step that needs no state."""
        return torch.addmm(self.b_x, x, self.w_x.t())

    def recur(self, h: Tensor) -> Tensor:
        """``U h + b`` for the previous state, ``[step, parts * unit]``."""
        return torch.addmm(self.b_h, h, self.w_h.t())


@dataclass(frozen=True)
class Part:
    """One block of rows of the weight matrices: what it computes and how its sum is squashed.

    Attributes:
        key: quantity that the block computes.
        squash: function applied to the sum; ``identity`` where the quantity is the sum itself.
        gated_by: quantity whose value multiplies the recurrent sum ``U h + b`` before it is added, if any.
        gated_inside: quantity whose value multiplies the state before the product with ``U``, if any.
        reads: operand that ``U`` multiplies: a quantity key, with ``before_`` in front for the step before.
    """

    key: str
    squash: Literal["sigmoid", "tanh", "identity"]
    gated_by: str | None = None
    gated_inside: str | None = None
    reads: str = "before_hidden_state"


@dataclass(frozen=True)
class Formula:
    """How ``update`` computes one state of one unit, so that the arithmetic can be spelled out.

    Attributes:
        latex: right-hand side with braces around operands: quantity keys, ``before_`` in front of a previous state.
        compute: the same arithmetic on plain numbers, by operand name.
    """

    latex: str
    compute: Callable[[Mapping[str, float]], float]


class Described(Protocol):
    """What can be said of a recurrent cell without running it.

    Attributes:
        convention: its equations, source and the meaning of its gate values.
        parts: the blocks of rows of the weight matrices, in the order in which they are stacked.
        states: quantity keys of what it carries to the next step, the hidden state first.
        formulas: for each state, its arithmetic in one unit.
    """

    @property
    def convention(self) -> Convention: ...

    @property
    def parts(self) -> tuple[Part, ...]: ...

    @property
    def states(self) -> tuple[str, ...]: ...

    @property
    def formulas(self) -> Mapping[str, Formula]: ...


class Cell(Described, Protocol):
    """One kind of recurrent cell whose gates depend on the input and the previous state alone."""

    def gates(self, from_input: Tensor, from_state: Tensor, hold: Hold = as_computed) -> dict[str, Tensor]:
        """Every gate and candidate of a step, from ``W x + b`` and ``U h + b`` (both ``[..., parts * unit]``).

        What ``hold`` makes of a gate is what the candidate is made with.
        """
        ...

    def update(self, gates: Values, before: Values) -> dict[str, Tensor]:
        """The state after a step, from its gates and the state before it (all ``[..., unit]``)."""
        ...

    def replay(self, gates: Values, initial: Values, hidden: Tensor) -> dict[str, Tensor]:
        """The states at all steps at once, when the hidden state at every step is already known.

        Args:
            gates: what ``gates`` returned for all steps, ``[step, unit]``.
            initial: the state before the first step, ``[unit]``.
            hidden: hidden state after every step, ``[step, unit]``.
        """
        ...
