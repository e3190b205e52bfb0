"""Any cell in any depth and direction, where torch has no module for it: a loop over steps, or all steps at once.

Parameters are named and stacked as torch.nn.GRU names and stacks them, so that whatever reads those reads these; parts
that read no state have no recurrent rows. There is one bias a part: a second one would add nothing.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from core_models.cells.cell import Cell, Values
from core_models.cells.parameters import add_parameters, weights_of
from core_models.cells.steps import read_all

States = Tensor | tuple[Tensor, ...]


class Looped(nn.Module):
    """A recurrence of one cell; called as ``torch.nn.GRU`` is, with packed sequences or tensors.

    Args:
        cell: its equations.
        input_size: features of the input.
        hidden_size: units of one direction.
        num_layers: layers.
        bidirectional: whether each layer is read in both directions.
        dropout: probability with which outputs of a layer are dropped in training before the next reads them.
    """

    bias = True

    def __init__(
        self,
        cell: Cell,
        input_size: int,
        hidden_size: int,
        *,
        num_layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.cell, self.input_size, self.hidden_size = cell, input_size, hidden_size
        self.num_layers, self.bidirectional, self.dropout = num_layers, bidirectional, dropout
        ways = 2 if bidirectional else 1
        for depth in range(num_layers):
            for backward in range(ways):
                features = hidden_size * ways if depth else input_size
                add_parameters(self, cell, features, hidden_size, depth, backward=bool(backward))

    def forward(
        self, x: PackedSequence | Tensor, state: States | None = None
    ) -> tuple[PackedSequence, States] | tuple[Tensor, States]:
        """States after every step as ``x`` is given, and the last ones, ``[layers * directions, batch, unit]``.

        Args:
            x: packed sequences, or ``[step, feature]`` or ``[step, batch, feature]``.
            state: states before the first step, as the call returns the last ones; zeros if None.
        """
        if isinstance(x, PackedSequence):
            padded, lengths = pad_packed_sequence(x, batch_first=True)
            states, last = self._read(padded, lengths, state)
            return pack_padded_sequence(states, lengths, batch_first=True, enforce_sorted=False), last
        if x.ndim == 2:
            before = None if state is None else tuple(part[:, None] for part in _as_tuple(state))
            states, last = self(x[:, None], before)
            return states[:, 0], _as_given(tuple(part[:, 0] for part in _as_tuple(last)))
        states, last = self._read(x.transpose(0, 1), torch.full((x.shape[1],), len(x)), state)
        return states.transpose(0, 1), last

    def _read(self, x: Tensor, lengths: Tensor, state: States | None) -> tuple[Tensor, States]:
        """States after every step, ``[batch, step, directions * unit]``, and the last ones."""
        back, ends, ways = _turned(lengths, x), [], 2 if self.bidirectional else 1
        for depth in range(self.num_layers):
            read = []
            for backward in range(ways):
                place = depth * ways + backward
                before = None if state is None else [part[place] for part in _as_tuple(state)]
                initial = None if before is None else dict(zip(self.cell.states, before, strict=True))
                states = self._direction(_reordered(x, back) if backward else x, depth, bool(backward), initial)
                ends.append([values[torch.arange(len(x)), lengths - 1] for values in states])
                read.append(_reordered(states[0], back) if backward else states[0])
            x = torch.cat(read, dim=-1)
            if depth + 1 < self.num_layers:
                x = nn.functional.dropout(x, self.dropout, self.training)
        return x, _as_given(tuple(torch.stack(parts) for parts in zip(*ends, strict=True)))

    def _direction(self, x: Tensor, depth: int, backward: bool, initial: Values | None) -> list[Tensor]:
        """Every state after each step of one layer in one direction, ``[batch, step, unit]``, in reading order."""
        found = read_all(self.cell, weights_of(self, depth, backward=backward), x, initial)
        return list(found.values())


def _as_tuple(states: States) -> tuple[Tensor, ...]:
    return states if isinstance(states, tuple) else (states,)


def _as_given(parts: tuple[Tensor, ...]) -> States:
    first, *others = parts
    return parts if others else first


def _turned(lengths: Tensor, x: Tensor) -> Tensor:
    """Step that is read at each step from the end, ``[batch, step]``; padding stays where it is."""
    steps = torch.arange(x.shape[1], device=x.device)[None]
    ends = lengths.to(x.device)[:, None]
    return torch.where(steps < ends, ends - 1 - steps, steps)


def _reordered(x: Tensor, steps: Tensor) -> Tensor:
    return x.gather(1, steps[..., None].expand_as(x))
