r"""Sequences too long to hold: what every unit did, stretch by stretch, and any part of it exactly.

    survey = Survey(module, read, length)     read(start, stop) embeds a part, ``[step, feature]``
    for values in survey.pieces(): ...        one pass, piece by piece; values of a piece, by (site, quantity key)
    survey.ranges, survey.state_before(start), survey.within(start, stop)

One pass reads the sequence piece by piece and hands the state on. Of every stretch it keeps the smallest, the largest
and the mean value of every unit of every quantity, so that no spike is lost however narrow, and the state before every
piece. From there any part can be read again: its values are those of the one long reading.

Room: 12 bytes for each stretch, unit and quantity, whatever the length. Time is linear in the length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core_models.ranges import Range, join, summarise
from core_models.trace import Site
from core_models.tracing import Recurrent, Replay, State, cell_of, layers_of, replay

STRETCHES = 400
"""Stretches that a sequence is divided into at most: columns of a picture as wide as a screen."""

PIECE = 1000
"""Steps that are computed at once, more or less: as many whole stretches as fit."""

Read = Callable[[int, int], Tensor]


@dataclass(eq=False)
class Survey:
    """A long sequence, read by a stock module in one direction.

    Attributes:
        module: a ``torch.nn.RNN``, ``GRU`` or ``LSTM``.
        read: embeds the steps from start to stop, ``[step, feature]``.
        length: steps of the whole.
        stretches: stretches that it is divided into at most.
        states: state before every piece that was read.

    Raises:
        ValueError: if the module reads in both directions, or there is nothing to read.
    """

    module: Recurrent
    read: Read
    length: int
    stretches: int = STRETCHES
    states: list[State] = field(default_factory=lambda: [None])
    _found: dict[tuple[Site, str], list[Range]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.module.bidirectional:
            raise ValueError("survey: expected a module that reads in one direction, got one that reads in both")
        if self.length < 1:
            raise ValueError(f"survey: expected at least one step, got {self.length}")

    @property
    def width(self) -> int:
        """Steps of a stretch; the last may be shorter."""
        return -(-self.length // self.stretches)

    @property
    def piece(self) -> int:
        """Steps of a piece; the last may be shorter."""
        return max(1, PIECE // self.width) * self.width

    @property
    def starts(self) -> NDArray[np.intp]:
        """First step of every stretch."""
        return np.arange(0, self.length, self.width)

    def pieces(self) -> Iterator[Replay]:
        """Read the whole once; gives the values of every piece as it is read."""
        for start in range(0, self.length, self.piece):
            values = replay(self.module, self.read(start, min(start + self.piece, self.length)), state=self.states[-1])
            for address, value in values.items():
                array = value.to("cpu", torch.float32).numpy()
                found = summarise(array, np.arange(0, len(array), self.width))
                self._found.setdefault(address, []).append(found)
            self.states.append(self._after(values))
            yield values

    def _after(self, values: Replay) -> State:
        layers = [layer for (layer,) in layers_of(self.module)]
        parts = [torch.stack([values[layer.site, key][-1] for layer in layers]) for key in cell_of(self.module).states]
        return parts[0] if len(parts) == 1 else tuple(parts)

    @property
    def ranges(self) -> dict[tuple[Site, str], Range]:
        """What every quantity did in every stretch that was read; what was joined stays so."""
        for address, found in self._found.items():
            self._found[address] = [join(found)]
        return {address: found[0] for address, found in self._found.items()}

    @torch.no_grad()
    def state_before(self, step: int) -> State:
        """The state from which a step is read; None (zeros) before the first.

        Raises:
            IndexError: if the sequence has no such step, or it was not read that far.
        """
        piece, rest = divmod(step, self.piece)
        if not 0 <= step < self.length or piece >= len(self.states):
            raise IndexError(f"survey: expected a step from 0 to {self.length - 1} that was read, got {step}")
        if not rest:
            return self.states[piece]
        return self._after(replay(self.module, self.read(step - rest, step), state=self.states[piece]))

    def within(self, start: int, stop: int) -> Survey:
        """The steps from ``start`` to ``stop`` (without it), to be surveyed finer: its step 0 is ``start``.

        Raises:
            IndexError: if the sequence has no such steps, or was not read that far.
        """
        if not start < stop <= self.length:
            raise IndexError(f"survey: expected a step after {start} and up to {self.length}, got {stop}")
        read, state = self.read, self.state_before(start)
        return Survey(
            self.module, lambda a, b: read(start + a, start + b), stop - start, self.stretches, states=[state]
        )
