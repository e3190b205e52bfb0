"""How a sequence too long to be drawn step by step is divided into stretches, and what each is called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core_models.language import say

Names = Callable[[NDArray[np.intp]], Sequence[str]]
"""What steps are called, given their numbers, counted from 0."""


@dataclass(frozen=True, eq=False)
class Stretches:
    """How a sequence, or the part of it that a person zoomed to, was divided.

    Attributes:
        starts: first step of every stretch, counted in the whole.
        length: steps of the whole.
        begin, end: the part that is open below: its first step and the step behind its last.
        noun: what one step is called, such as ``character``.
        stop: the step behind the last stretch; that of the whole if None.
        shown: the part that a person zoomed to; None for the whole.
        names: names of steps, such as their times, given their numbers; numbers from 1 if None.
    """

    starts: NDArray[np.intp]
    length: int
    begin: int
    end: int
    noun: str
    stop: int | None = None
    shown: range | None = None
    names: Names | None = None

    @property
    def edges(self) -> NDArray[np.intp]:
        """Where the stretches begin, and where the last ends."""
        return np.append(self.starts, self.length if self.stop is None else self.stop)

    @property
    def width(self) -> int:
        """Steps of the longest stretch."""
        return int(np.diff(self.edges).max())

    @property
    def middles(self) -> NDArray[np.float32]:
        """Where each stretch stands on the axis, which counts steps from 1, as people do."""
        edges = self.edges
        return ((edges[:-1] + edges[1:] + 1) / 2).astype(np.float32)

    @property
    def labels(self) -> list[str]:
        """What each stretch is called: its first and last step."""
        first, last = self.edges[:-1], self.edges[1:] - 1
        if self.names is None:
            called = [(f"{a + 1:,}", f"{b + 1:,}") for a, b in zip(first, last, strict=True)]
        else:
            called = list(zip(self.names(first), self.names(last), strict=True))
        one, several = say("{noun} {n}"), say("{noun}s {first} to {last}")
        if self.names:
            one, several = "{n}", say("{first} to {last}")
        noun = say(self.noun)
        return [one.format(n=a, noun=noun) if a == b else several.format(first=a, last=b, noun=noun) for a, b in called]
