"""The loop over steps, once: how every recurrence is read where torch's own kernel is not used.

What is held, changed or weighed otherwise is put between the equations: a gate before the state is made from it, a
state after the step, so that everything later reads the changed one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import torch
from torch import Tensor

from core_models.cells.cell import Cell, Hold, Values, Weights, as_computed

Found = dict[str, Tensor]
HoldAt = Callable[[int, str, Tensor], Tensor]
"""By step in reading order, quantity key and computed value ``[row, unit]``, what a gate or candidate is to be."""

ChangeAt = Callable[[int, Found, Mapping[str, Tensor]], Mapping[str, Tensor]]
"""By step, the states after it and the states before it ``[row, unit]``, what the states after it are to be."""

WeighAt = Callable[[int, Tensor], Tensor]
"""By step and computed attention ``[row, head, 1, key]``, what the attention is to be."""

Step = Callable[[int, Values, Hold], Found]
"""By step, the states before it and what is held, every quantity of the step and the states after it."""


def take_step(cell: Cell, weights: Weights, from_input: Tensor, before: Values, hold: Hold = as_computed) -> Found:
    """Every gate, candidate and state of one step, ``[..., unit]``.

    Args:
        cell: whose equations.
        weights: of its layer.
        from_input: ``W x + b`` of the step, ``[..., parts * unit]``.
        before: states before it, ``[..., unit]``.
        hold: what a gate or candidate is to be; see ``Cell.gates``.
    """
    gates = cell.gates(from_input, before, weights, hold)
    return gates | cell.update(gates, before)


def walk(
    step: Step, count: int, initial: Values, hold: HoldAt | None = None, change: ChangeAt | None = None
) -> Iterator[Found]:
    """What ``count`` steps find, one after the other, each from the states that the step before it left."""
    state = dict(initial)
    for number in range(count):
        found = step(number, state, _held(hold, number))
        after = {key: found[key] for key in state}
        state = after if change is None else dict(change(number, after, state))
        yield found | state


def _held(hold: HoldAt | None, number: int) -> Hold:
    return as_computed if hold is None else lambda key, computed: hold(number, key, computed)


def read_steps(
    cell: Cell,
    weights: Weights,
    x: Tensor,
    initial: Values | None = None,
    *,
    hold: HoldAt | None = None,
    change: ChangeAt | None = None,
) -> Iterator[Found]:
    """Every quantity of one step after the other, ``[row, unit]`` each.

    Args:
        cell: whose equations.
        weights: of its layer.
        x: inputs of the layer in reading order, ``[row, step, feature]``.
        initial: states before the first step, ``[row, unit]``; zeros if None.
        hold: what gates and candidates are to be; as computed if None.
        change: what states are to be after a step; as computed if None.
    """
    from_input = weights.project(x).unbind(1)
    before = initial or {key: x.new_zeros(len(x), weights.size_of(key)) for key in cell.states}

    def step(number: int, state: Values, held: Hold) -> Found:
        return take_step(cell, weights, from_input[number], state, held)

    return walk(step, len(from_input), before, hold, change)


def read_all(cell: Cell, weights: Weights, x: Tensor, initial: Values | None = None) -> Found:
    """Every state after each step, ``[row, step, unit]``, by quantity key; arguments as for ``read_steps``.

    Where no part reads a state, the gates of all steps are computed at once, and the states as the cell unrolls them.
    """
    if cell.reading_parts:
        steps = read_steps(cell, weights, x, initial)
        return gather([{key: found[key] for key in cell.states} for found in steps])
    before = initial or {key: x.new_zeros(len(x), weights.size_of(key)) for key in cell.states}
    unrolled = cell.unroll(cell.gates(weights.project(x.transpose(0, 1)), {}, weights), before)
    return {key: unrolled[key].transpose(0, 1) for key in cell.states}


def gather(steps: Sequence[Found]) -> Found:
    """What the steps found as one tensor a quantity: ``[row, step, unit]``, attention ``[row, head, query, key]``.

    What had not been read at a step has no score and no weight there.
    """
    found: Found = {}
    for key, first in steps[0].items():
        if first.ndim == 2:
            found[key] = torch.stack([step[key] for step in steps], dim=1)
        else:
            size = steps[-1][key].shape[-1]
            size = max(size, len(steps))
            rows = [torch.nn.functional.pad(step[key], (0, size - step[key].shape[-1])) for step in steps]
            found[key] = torch.cat(rows, dim=-2)
    return found
