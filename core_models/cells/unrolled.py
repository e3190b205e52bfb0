"""Recurrences that attend over their own past: one layer, read forward, step by step.

A subclass writes its equations once, in ``values``, over any number of queries (steps to compute) at a time. They are
run in two ways, as those of the stock modules are (core_models.tracing):

    sequential  one query a step, each seeing what the steps before it left; also how a batch is read in training
    parallel    once the hidden states are known, every step at once, each seeing the past through a mask

Parameters are named and stacked as torch.nn.GRU names and stacks them, so that whatever reads those reads these.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from core_models.attention.score import Score
from core_models.cells.cell import Described, Hold, Values, Weights, as_computed
from core_models.cells.parameters import add_parameters, weights_of
from core_models.cells.steps import ChangeAt, Found, HoldAt, WeighAt, gather, walk

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


class Attending(Described):
    """A recurrent cell that attends over its own past, described; its equations stand in the module that runs it."""

    @property
    @abstractmethod
    def module(self) -> type[Unrolled]:
        """What runs it."""


class Unrolled(nn.Module):
    """One such recurrence; the call takes and returns packed sequences or tensors as torch.nn.GRU does.

    Args:
        input_size: features of the input.
        hidden_size: units.

    Attributes:
        cell: equations, parts and formulas, for captions and arithmetic.
        carries: key of the quantity that the next step reads as the state before it.
        score: how it attends over its own past.
        includes_now: whether step t may attend to position t itself.
        keys: what it attends over: its own states, or what ``squash`` makes of its inputs.
    """

    cell: Attending
    carries: str = "hidden_state"
    score: Score
    includes_now: bool = False
    keys: Literal["hidden_state", "input"] = "hidden_state"
    num_layers, bidirectional, bias = 1, False, True

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__()
        self.input_size, self.hidden_size = input_size, hidden_size
        add_parameters(self, self.cell, input_size, hidden_size)

    @property
    def weights(self) -> Weights:
        """Parameters of its layer."""
        return weights_of(self)

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

    def forward(self, x: PackedSequence | Tensor) -> tuple[PackedSequence, Tensor] | tuple[Tensor, Tensor]:
        """Hidden states after every step as ``x`` is given, and the last of each sequence, ``[1, batch, unit]``.

        Args:
            x: packed sequences, or ``[step, batch, feature]``.
        """
        if isinstance(x, Tensor):
            states = self.states(x.transpose(0, 1)).transpose(0, 1)
            return states, states[-1:]
        padded, lengths = pad_packed_sequence(x, batch_first=True)
        states = self.states(padded)
        last = states[torch.arange(len(states)), lengths - 1]
        return pack_padded_sequence(states, lengths, batch_first=True, enforce_sorted=False), last[None]

    def states(self, x: Tensor) -> Tensor:
        """Hidden states after every step, ``[batch, step, unit]``, from ``[batch, step, feature]``."""
        return torch.stack([found["hidden_state"] for found in self.steps(x)], dim=1)

    def steps(
        self, x: Tensor, *, hold: HoldAt | None = None, change: ChangeAt | None = None, weigh: WeighAt | None = None
    ) -> Iterator[Found]:
        """The quantities of one step after the other, ``[batch, unit]`` or ``[batch, head, 1, key]``.

        Args:
            x: inputs, ``[batch, step, feature]``.
            hold: what gates and candidates are to be; as computed if None.
            change: what states are to be after a step; as computed if None.
            weigh: what attention is to be; as computed if None.
        """
        held = None if hold is None else lambda step, key, value: hold(step, key, value[:, 0])[:, None]
        changed = None if change is None else lambda *given: _columns(change(given[0], *map(_rows, given[1:])))
        return map(_rows, self.columns(x, hold=held, change=changed, weigh=weigh))

    def columns(
        self, x: Tensor, *, hold: HoldAt | None = None, change: ChangeAt | None = None, weigh: WeighAt | None = None
    ) -> Iterator[Found]:
        """As ``steps``, with an axis for the one query everywhere: ``[batch, 1, unit]``."""
        projected = self.project(x)
        read: list[Tensor] = []

        def step(number: int, before: Values, held: Hold) -> Found:
            if number and self.keys == "hidden_state":
                read.append(before["hidden_state"])
            past = Past(
                before[self.carries],
                torch.cat(read, dim=1) if read else x.new_empty(len(x), 0, self.hidden_size),
                x[:, : number + 1] if self.includes_now else x[:, :number],
                hold=held,
                weigh=as_weighed if weigh is None else partial(weigh, number),
            )
            return self.values(projected[:, number : number + 1], past)

        initial = dict.fromkeys(self.cell.states, x.new_zeros(len(x), 1, self.hidden_size))
        return walk(step, x.shape[1], initial, hold, change)

    def project(self, x: Tensor) -> Tensor:
        """``W x + b`` of every step."""
        return self.weights.project(x)

    def attend(self, queries: Tensor, keys: Tensor, past: Past) -> tuple[Tensor, Tensor, Tensor]:
        """Scores, weights (both ``[..., head, query, key]``) and the weighted sum of the keys ``[..., query, unit]``.

        A query that may look nowhere, by the mask of ``past``, gives no weight to anything, and its sum is zero.
        """
        scores = self.score(keys, queries)
        if past.mask is None:
            weights = torch.softmax(scores, dim=-1)
        else:
            weights = torch.softmax(scores.masked_fill(~past.mask, -torch.inf), dim=-1).where(past.mask, 0.0)
        weights = past.weigh(weights)
        return scores, weights, (weights @ self.score.values(keys))[..., 0, :, :]

    def replay(self, x: Tensor, *, sequential: bool = False) -> Found:
        """Every quantity of one sequence ``[step, feature]``: ``[step, unit]`` or ``[head, query, key]``, by key."""
        looped = {key: value[0] for key, value in gather(list(self.steps(x[None]))).items()}
        mask = self.mask(len(x)).to(x.device)
        before = looped[self.carries][:-1]
        carried = torch.cat([x.new_zeros(1, self.hidden_size), before])
        found = self.values(self.project(x), Past(carried, looped["hidden_state"], x, mask))
        found["attention_mask"] = mask.expand_as(found["attention_scores"])
        return found | {key: looped[key] for key in looped if key != "attention_scores"} if sequential else found

    def mask(self, count: int) -> Tensor:
        """Which of ``count`` steps (keys) each of them (queries) may look at, ``[query, key]``."""
        return torch.ones(count, count, dtype=torch.bool).tril(0 if self.includes_now else -1)


def _rows(found: Values) -> Found:
    """Without the axis of the query, ``[batch, unit]``; attention ``[batch, head, 1, key]`` as it is."""
    return {key: value[:, 0] if value.ndim == 3 else value for key, value in found.items()}


def _columns(states: Values) -> Found:
    return {key: value[:, None] for key, value in states.items()}
