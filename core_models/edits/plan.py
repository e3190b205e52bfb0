"""Stacks of edits as tensors: many edited readings of one text side by side, one in each row.

Rows may have tokens deleted, so that they differ in length; they are padded on the right. Everything that has a step is
kept in reading order of its layer, so that a loop over steps takes slices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from core_models.edits.edit import (
    ChangeState,
    Edit,
    HoldGate,
    MaskToken,
    PoolAttention,
    ReplaceToken,
    SetValue,
    Some,
    Stack,
    StateChange,
    Transplant,
    kept_steps,
)
from core_models.trace import Site

Act = StateChange | Literal["transplant"]
States = dict[str, Tensor]


@dataclass(frozen=True)
class Change:
    """One change of a layer's states in some rows.

    Attributes:
        how: what is done.
        where: which row, step and unit, ``[row, step, unit]``, in reading order.
        order: for a shuffle, the unit whose value each unit takes, ``[row, unit]``.
        donors: for a transplant, by state, the values that are put in, ``[row, unit]``.
    """

    how: Act
    where: Tensor
    order: Tensor | None = None
    donors: States = field(default_factory=dict)

    def to(self, like: Tensor) -> Change:
        """The change on the device of ``like``."""
        order = None if self.order is None else self.order.to(like.device)
        donors = {key: values.to(like.device) for key, values in self.donors.items()}
        return Change(self.how, self.where.to(like.device), order, donors)

    def apply(self, step: int, after: States, before: States) -> States:
        """The states ``[row, unit]`` after a step, changed."""
        where = self.where[:, step]
        if not where.any():
            return after
        return {key: torch.where(where, self._instead(key, after, before), value) for key, value in after.items()}

    def _instead(self, key: str, after: States, before: States) -> Tensor:
        if self.how == "zero":
            return torch.zeros_like(after[key])
        if self.how == "freeze":
            return before[key]
        if self.how == "shuffle" and self.order is not None:
            return after[key].gather(1, self.order.expand(len(after[key]), -1))
        return self.donors[key]


@dataclass(frozen=True)
class Rows:
    """The inputs that are read.

    Attributes:
        content: ids ``[row, step]`` or ``[row, step, column]``, or numbers ``[row, step, channel]``; 0 behind the end.
        zeros: which steps are embedded as a vector of zeros, ``[row, step]``.
        lengths: of the rows.
        kept: the steps of the original that each row has.
    """

    content: Tensor
    zeros: Tensor
    lengths: Tensor
    kept: tuple[tuple[int, ...], ...]

    def in_reading_order(self, values: Tensor, backward: bool) -> Tensor:
        """Values ``[row, step, ...]`` turned round within each row's length; the same call turns them back."""
        if not backward:
            return values
        count = torch.arange(values.shape[1])[None]
        order = torch.where(count < self.lengths[:, None], self.lengths[:, None] - 1 - count, count)
        order = order.view(*order.shape, *[1] * (values.ndim - 2)).expand_as(values)
        return values.gather(1, order.to(values.device))


def plan_rows(content: Tensor, stacks: Sequence[Stack], ends: Sequence[int] | None = None) -> Rows:
    """The inputs after the edits of each stack that change what is read.

    Args:
        content: the input, as ``InputLayer.tensor`` gives it, on the CPU.
        stacks: one stack a row.
        ends: how many steps of the input each row has before any is deleted; all of them if None.

    Raises:
        EditError: if a stack leaves nothing to read.
    """
    lasts = ends or [len(content)] * len(stacks)
    kept = tuple(kept_steps(stack, end) for stack, end in zip(stacks, lasts, strict=True))
    table = content.new_zeros(len(stacks), max(map(len, kept)), *content.shape[1:])
    zeros = torch.zeros(table.shape[:2], dtype=torch.bool)
    for row, (stack, steps) in enumerate(zip(stacks, kept, strict=True)):
        changed, empty = _read_instead(content, stack)
        table[row, : len(steps)] = changed[list(steps)]
        zeros[row, : len(steps)] = empty[list(steps)]
    return Rows(table, zeros, torch.tensor([len(steps) for steps in kept]), kept)


def _read_instead(content: Tensor, stack: Stack) -> tuple[Tensor, Tensor]:
    """The input with its tokens and numbers exchanged, and which steps are zeros, before any is left out."""
    changed, empty = content, torch.zeros(len(content), dtype=torch.bool)
    for edit in stack:
        if isinstance(edit, ReplaceToken | MaskToken | SetValue) and changed is content:
            changed = content.clone()
        if isinstance(edit, ReplaceToken):
            changed[edit.step], empty[edit.step] = torch.tensor(edit.token), False
        elif isinstance(edit, MaskToken):
            empty[edit.step] = edit.unknown is None
            if edit.unknown is not None:
                changed[edit.step] = edit.unknown
        elif isinstance(edit, SetValue):
            steps = torch.arange(len(content)) if edit.steps is None else torch.tensor(edit.steps)
            channels = torch.arange(content.shape[1]) if edit.channels is None else torch.tensor(edit.channels)
            means = content.mean(0)[channels]
            changed[steps[:, None], channels] = means if edit.value is None else torch.full_like(means, edit.value)
    return changed, empty


def plan_holds(rows: Rows, stacks: Sequence[Stack], site: Site, units: int) -> dict[str, Tensor]:
    """By gate, the value at which it is held, ``[row, step, unit]`` in reading order; NaN where it is not."""
    found: dict[str, np.ndarray] = {}
    for row, stack in enumerate(stacks):
        for edit in stack:
            if isinstance(edit, HoldGate) and edit.site == site:
                held = found.setdefault(edit.gate, _blank(rows, units, np.nan))
                held[row][_places(edit.steps, edit.units, rows.kept[row], units)] = edit.value
    backward = site.direction == "backward"
    return {key: rows.in_reading_order(torch.from_numpy(held), backward) for key, held in found.items()}


def plan_changes(
    rows: Rows, stacks: Sequence[Stack], site: Site, units: int, donors: dict[Edit, States]
) -> list[Change]:
    """Changes of one layer's states, those of all rows with the same place in their stack and the same kind together.

    Args:
        donors: by transplant, the states ``[unit]`` that it puts in.
    """
    found: dict[tuple[int, Act], list[tuple[int, ChangeState | Transplant]]] = {}
    for row, stack in enumerate(stacks):
        for place, edit in enumerate(stack):
            if isinstance(edit, ChangeState | Transplant) and edit.site == site:
                how: Act = edit.how if isinstance(edit, ChangeState) else "transplant"
                found.setdefault((place, how), []).append((row, edit))
    return [_change(rows, units, how, found[place, how], site, donors) for place, how in sorted(found)]


def _change(rows: Rows, units: int, how: Act, edits: list, site: Site, donors: dict[Edit, States]) -> Change:
    where = _blank(rows, units, False, dtype=bool)
    order, put = np.tile(np.arange(units), (len(where), 1)), {}
    for row, edit in edits:
        steps = (edit.step,) if isinstance(edit, Transplant) else edit.steps
        where[row][_places(steps, edit.units, rows.kept[row], units)] = True
        if isinstance(edit, ChangeState) and how == "shuffle":
            chosen = np.arange(units) if edit.units is None else np.array(sorted(set(edit.units)))
            order[row, chosen] = shuffled(chosen, edit.seed)
        if isinstance(edit, Transplant):
            for key, values in donors[edit].items():
                put.setdefault(key, values.new_zeros(len(where), units))[row] = values
    turned = rows.in_reading_order(torch.from_numpy(where), site.direction == "backward")
    return Change(how, turned, torch.from_numpy(order) if how == "shuffle" else None, put)


def shuffled(items: np.ndarray, seed: int) -> np.ndarray:
    """The items in another order, the same for the same seed; where there are two or more, never as they were."""
    random = np.random.default_rng(seed)
    found = random.permutation(items)
    return np.roll(items, 1) if np.array_equal(found, items) else found


def pool_edits(stack: Stack) -> list[PoolAttention]:
    """The edits of the readout's attention in a stack, in order."""
    return [edit for edit in stack if isinstance(edit, PoolAttention)]


def _blank(rows: Rows, units: int, value: float | bool, dtype: type = np.float32) -> np.ndarray:
    return np.full((*rows.zeros.shape, units), value, dtype=dtype)


def _places(steps: Some, chosen: Some, kept: tuple[int, ...], units: int) -> tuple[np.ndarray, ...]:
    """Index of some steps and units of a row; steps that the row does not have are left out."""
    rank = {step: place for place, step in enumerate(kept)}
    rows = list(range(len(kept))) if steps is None else [rank[step] for step in steps if step in rank]
    return np.ix_(np.array(rows, dtype=np.intp), np.arange(units) if chosen is None else np.array(chosen))
