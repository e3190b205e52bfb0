"""What a cell's numbers mean: its equations, its source, and what a gate value of 1 does in it.

Papers and libraries disagree about this (PyTorch's GRU keeps the past at z = 1, the textbook GRU overwrites it), so the
trace carries the convention of the cell that produced each value and every caption is made from that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Effect:
    """What the two ends of a gate's scale do, each a clause that can follow "at 1 it ..."."""

    at_one: str
    at_zero: str


@dataclass(frozen=True)
class Convention:
    """The facts about one recurrent cell that a reader needs to read its values.

    Attributes:
        key: short name in code, such as ``gru``.
        name: name on screen.
        equations: the cell's equations in LaTeX, one per line, in the order in which they are computed.
        source: paper and documentation they were checked against.
        note: the convention, in one sentence, and what other texts do differently.
        effects: by quantity key, what the ends of each gate's scale do.
        keeps_past: by quantity key, for each gate that decides what survives a step: True if a value of 1 keeps
            the past state, False if it overwrites it.
        memory: quantity key of the state that the ``keeps_past`` gates act on.
        writes: quantity key of the gate that decides how much of the candidate is written into the memory; None where
            that is whatever share is not kept.
        selects: quantity key of what multiplies the candidate besides, before it is written, if anything.
        scaled_by: quantity key of what multiplies the memory after a step, before the next step reads it, if anything.
        shared: whether the gate that keeps and the one that writes are each divided by their sum before they act, so
            that together they share out one whole; where both are 0, both shares are.
        gates_read_state: whether gates or candidate are made from the state too, so that what a token wrote depends on
            all tokens read before it.
    """

    key: str
    name: str
    equations: tuple[str, ...]
    source: str
    note: str
    effects: Mapping[str, Effect]
    keeps_past: Mapping[str, bool]
    memory: str = "hidden_state"
    writes: str | None = None
    selects: str | None = None
    scaled_by: str | None = None
    shared: bool = False
    gates_read_state: bool = True

    def kept(self, read: Callable[[str], Any]) -> Any:
        """The share of the memory that its gate keeps, from the values of gates by key; None where no gate decides."""
        gate = next(iter(self.keeps_past), None)
        if gate is None:
            return None
        value = read(gate)
        if self.shared and self.writes:
            return _share(value, read(self.writes))
        return value if self.keeps_past[gate] else 1.0 - value

    def written(self, read: Callable[[str], Any]) -> Any:
        """The share of the candidate that is written, as ``kept``."""
        share = self._share_written(read)
        return share if share is None or self.selects is None else share * read(self.selects)

    def _share_written(self, read: Callable[[str], Any]) -> Any:
        if self.writes is None:
            kept = self.kept(read)
            return None if kept is None else 1.0 - kept
        value = read(self.writes)
        return _share(value, read(next(iter(self.keeps_past)))) if self.shared else value

    def equation(self, symbol: str) -> str | None:
        """The cell's own equation for what LaTeX writes as ``symbol``, such as ``z_t``; None if it has none."""
        return next((line for line in self.equations if line.startswith(f"{symbol} =")), None)


def _share(one: Any, other: Any) -> Any:
    """one / (one + other); 0 where both are 0."""
    whole = one + other
    return one / (whole + (whole == 0.0))
