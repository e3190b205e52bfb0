"""A recurrence that a person's own loop steps: which steps belong together, and what becomes of each sequence.

Between two steps a loop may hold or clear the states of some sequences, as by ``torch.where(mask, new, old)``,
``m * new + (1 - m) * old`` or ``h * (1 - done)``. Of every sequence the states say what was done:

    they are those that the step left              it went on
    they are those before the step                 it was held: the step is none of its own
    they are zeros                                 it begins anew: another sequence of the same row

So each sequence is read from its own steps alone, and what is shown of it is what the module computed. After the last
step no other says what became of it; there, what the loop made of its states is looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core_models.own.kernel import Kernel, One

WENT_ON, HELD, BEGUN, EITHER, OTHER = range(5)


@dataclass(frozen=True, eq=False)
class Part:
    """One sequence of a row of a batch.

    Attributes:
        row: number of the row.
        steps: the steps of the loop that are its own.
        one: what was computed in them.
    """

    row: int
    steps: tuple[int, ...]
    one: One


class Steps:
    """Runs that go on from one another, of single steps behind the first.

    Attributes:
        kernels: the runs.
        fates: after each but the last, what became of every row; None where all went on.
        last: the same after the last one, as far as it was seen.
    """

    def __init__(self, first: Kernel) -> None:
        self.kernels = [first]
        self.fates: list[Tensor | None] = []
        self.last: Tensor | None = None
        self._left: Tensor | None = None

    def takes(self, found: Kernel) -> bool:
        """Take up a step, and say whether it goes on from the last one."""
        last = self.kernels[-1]
        if last.sizes is not None or last.both or not all(map(_same, last.weights, found.weights)):
            return False
        fate = None
        if not all(map(_same, last.ends, found.initial)):  # of a cell they are the very copies
            fate = _fate(last.ends, last.initial, found.initial)
            masked = self._left is not None and _same(self._left, found.initial[0][0])
            if bool((fate == OTHER).any()) or not (masked or bool((fate == WENT_ON).any())):
                return False
        self.kernels.append(found)
        self.fates.append(fate)
        self.last = self._left = None
        return True

    def look(self, values: Tensor) -> None:
        """Look at what the loop made after the last step, which may be its hidden states with some rows masked."""
        last = self.kernels[-1]
        if not last.single or values.shape != last.ends[0].shape[1:]:
            return
        fate = _fate(last.ends[:1], last.initial[:1], (values.detach()[None],))
        if not bool((fate == OTHER).any()):
            self.last, self._left = fate, values.detach().clone()

    @property
    def masked(self) -> bool:
        """Whether any row was held or began anew."""
        fates = [fate for fate in (*self.fates, self.last) if fate is not None]
        return any(bool((fate != WENT_ON).any()) for fate in fates)

    def parts(self) -> list[Part]:
        """The sequences of every row, in the order of the rows and in that of their steps."""
        levels = [torch.cat(some) for some in zip(*(step.levels() for step in self.kernels), strict=True)]
        known = [fate for fate in self.fates if fate is not None]
        clear = {kind: any(bool((fate == kind).any()) for fate in known) for kind in (HELD, BEGUN)}
        either = BEGUN if clear[BEGUN] and not clear[HELD] else HELD
        found = []
        starts = [step for step in self.kernels for _ in step.x]
        for row in range(levels[0].shape[1]):
            fates: list[int] = []
            for kernel, fate in zip(self.kernels, (*self.fates, self.last), strict=True):
                own = WENT_ON if fate is None else int(fate[row])
                own = either if own == EITHER else own
                fates += [*[HELD if own == HELD else WENT_ON] * (len(kernel.x) - 1), own]
            for steps in _apart(fates):
                initial = tuple(part[:, row] for part in starts[steps[0]].initial)
                x, *hidden = (level[list(steps), row] for level in levels)
                found.append(Part(row, steps, One(x, initial, tuple(hidden))))
        return found


def _apart(fates: Sequence[int]) -> list[tuple[int, ...]]:
    """The steps of each sequence of a row."""
    found: list[list[int]] = [[]]
    for step, fate in enumerate(fates):
        if fate != HELD:
            found[-1].append(step)
        if fate == BEGUN:
            found.append([])
    return [tuple(steps) for steps in found if steps]


def _same(ours: Tensor, theirs: Tensor) -> bool:
    return ours.shape == theirs.shape and (ours.data_ptr() == theirs.data_ptr() or torch.equal(ours, theirs))


def _fate(left: Sequence[Tensor], before: Sequence[Tensor], after: Sequence[Tensor]) -> Tensor:
    """What became of every row, ``[batch]``, from states ``[layer, batch, unit]`` after and before a step and later."""
    if any(one.shape != other.shape for one, other in zip(left, after, strict=True)):
        return torch.tensor([OTHER])
    went, held = (
        torch.stack([(one == other).all(-1).all(0) for one, other in zip(some, after, strict=True)]).all(0)
        for some in (left, before)
    )
    begun = torch.stack([(part == 0).all(-1).all(0) for part in after]).all(0)
    fate = torch.full_like(went, OTHER, dtype=torch.long)
    fate[begun] = BEGUN
    fate[held] = HELD
    fate[held & begun] = EITHER
    fate[went] = WENT_ON
    return fate
