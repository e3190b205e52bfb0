"""Recurrences that torch has no kernel for: one layer, read forward, step by step.

A subclass writes its equations once, in ``values``, over any number of queries (steps to compute) at a time. They are
run in two ways, as those of the stock modules are (core_models.tracing):

    sequential  one query a step, each seeing what the steps before it left; also how a batch is read in training
    parallel    once the hidden states are known, every step at once, each seeing the past through a mask

Parameters are named and stacked as torch.nn.GRU names and stacks them, so that whatever reads those reads these.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from core_models.attention.score import Score
from core_models.cells.cell import Described, Hold, as_computed

Found = dict[str, Tensor]
Weigh = Callable[[Tensor], Tensor]


def as_weighed(weights: Tensor) -> Tensor:
    """Attention as it was computed."""
    return weights


@dataclass(frozen=True)
class Past:
    """What the steps being computed may see.

    Attributes:
        carried: what the recurrence handed over from the step before, ``[..., query, unit]``.
        states: hidden states, ``[..., key, unit]``.
        inputs: inputs, ``[..., key, feature]``.
        mask: which key each query may look at, ``[query, key]``; None means all of them.
        hold: by quantity key and computed value, what a gate or candidate is to be instead; see core_models.edits.run.
        weigh: by computed weights ``[..., head, query, key]``, what they are to be instead.
    """

    carried: Tensor
    states: Tensor
    inputs: Tensor
    mask: Tensor | None = None
    hold: Hold = as_computed
    weigh: Weigh = as_weighed


class Unrolled(nn.Module):
    """One such recurrence; the call takes and returns packed sequences as torch.nn.GRU does.

    Args:
        input_size: features of the input.
        hidden_size: units.

    Attributes:
        cell: equations, parts and formulas, for captions and arithmetic.
        carries: key of the quantity that the next step reads as the state before it.
        score: how it attends over its own past; None if it does not.
        includes_now: whether step t may attend to position t itself.
        keys: what it attends over: its own states, or what ``squash`` makes of its inputs.
    """

    cell: Described
    carries: str = "hidden_state"
    score: Score | None
    includes_now: bool = False
    keys: Literal["hidden_state", "input"] = "hidden_state"
    num_layers, bidirectional, bias = 1, False, True

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.score = input_size, hidden_size, None
        rows, reach = len(self.cell.parts) * hidden_size, 1.0 / math.sqrt(hidden_size)
        self.weight_ih_l0 = nn.Parameter(torch.empty(rows, input_size).uniform_(-reach, reach))
        self.weight_hh_l0 = nn.Parameter(torch.empty(rows, hidden_size).uniform_(-reach, reach))
        self.bias_ih_l0 = nn.Parameter(torch.empty(rows).uniform_(-reach, reach))
        self.register_buffer("bias_hh_l0", torch.zeros(rows), persistent=False)

    def values(self, projected: Tensor, past: Past) -> Found:
        """Every quantity of some steps, ``[..., query, unit]`` or ``[..., head, query, key]``, by key.

        Args:
            projected: ``W x + b`` of these steps, ``[..., query, parts * unit]``.
            past: what they may see.
        """
        raise TypeError(f"{type(self).__name__}: expected equations of its own")

    def squash(self, inputs: Tensor) -> Tensor:
        """What is attended to, from inputs ``[..., key, feature]``, where ``keys`` is the input."""
        return inputs

    def forward(self, packed: PackedSequence) -> tuple[PackedSequence, Tensor]:
        """Hidden states of every step, packed, and the last of each sequence, ``[1, batch, unit]``."""
        x, lengths = pad_packed_sequence(packed, batch_first=True)
        states = torch.cat([found["hidden_state"] for found in self.steps(x)], dim=1)
        last = states[torch.arange(len(x)), lengths - 1]
        return pack_padded_sequence(states, lengths, batch_first=True, enforce_sorted=False), last[None]

    def steps(self, x: Tensor) -> Iterator[Found]:
        """The quantities of one step after the other, ``[batch, 1, unit]``, from ``[batch, step, feature]``."""
        projected = self.project(x)
        carried = x.new_zeros(len(x), 1, self.hidden_size)
        states = carried[:, :0]
        for t in range(x.shape[1]):
            inputs = x[:, : t + 1] if self.includes_now else x[:, :t]
            found = self.values(projected[:, t : t + 1], Past(carried, states, inputs))
            carried = found[self.carries]
            if self.score is not None and self.keys == "hidden_state":
                states = torch.cat([states, found["hidden_state"]], dim=1)
            yield found

    def project(self, x: Tensor) -> Tensor:
        """``W x + b`` of every step."""
        return nn.functional.linear(x, self.weight_ih_l0, self.bias_ih_l0)

    def attend(self, queries: Tensor, keys: Tensor, past: Past) -> tuple[Tensor, Tensor, Tensor]:
        """Scores, weights (both ``[..., head, query, key]``) and the weighted sum of the keys ``[..., query, unit]``.

        A query that may look nowhere, by the mask of ``past``, gives no weight to anything, and its sum is zero.

        Raises:
            TypeError: if the recurrence has no score function.
        """
        if self.score is None:
            raise TypeError(f"{type(self).__name__}: expected a score function, got none")
        scores = self.score(keys, queries)
        if past.mask is None:
            weights = torch.softmax(scores, dim=-1)
        else:
            weights = torch.softmax(scores.masked_fill(~past.mask, -torch.inf), dim=-1).where(past.mask, 0.0)
        weights = past.weigh(weights)
        return scores, weights, (weights @ self.score.values(keys))[..., 0, :, :]

    def recur(self, state: Tensor, part: int, count: int = 1) -> Tensor:
        """``U h`` of ``count`` parts from ``part`` on."""
        size = self.hidden_size
        return nn.functional.linear(state, self.weight_hh_l0[part * size : (part + count) * size])

    def replay(self, x: Tensor, *, sequential: bool = False) -> Found:
        """Every quantity of one sequence ``[step, feature]``: ``[step, unit]`` or ``[head, query, key]``, by key."""
        rows = [{key: value[0] for key, value in found.items()} for found in self.steps(x[None])]
        past = self._whole_past(x, rows)
        found = self.values(self.project(x), past)
        if past.mask is not None:
            found["attention_mask"] = past.mask.expand_as(found["attention_scores"])
        if sequential:
            found |= {key: torch.cat([row[key] for row in rows]) for key in found if found[key].ndim == 2}
            found |= self._grown(rows)
        return found

    def _whole_past(self, x: Tensor, rows: list[Found]) -> Past:
        states = torch.cat([row["hidden_state"] for row in rows])
        before = torch.cat([row[self.carries] for row in rows[:-1]]) if len(rows) > 1 else states[:0]
        carried = torch.cat([states.new_zeros(1, self.hidden_size), before])
        if self.score is None:
            return Past(carried, states, x)
        mask = torch.ones(len(x), len(x), dtype=torch.bool, device=x.device).tril(0 if self.includes_now else -1)
        return Past(carried, states, x, mask)

    def _grown(self, rows: list[Found]) -> Found:
        """The attention matrix as the loop grew it, row by row; what had not been read yet has no weight."""
        if self.score is None:
            return {}
        weights = [row["attention_weights"] for row in rows]
        padded = [nn.functional.pad(row, (0, len(rows) - row.shape[-1])) for row in weights]
        return {"attention_weights": torch.cat(padded, dim=-2)}
