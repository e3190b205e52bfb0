r"""A recurrent language model: embedding, stock torch recurrence, linear readout over the vocabulary.

    x_t = E[token_t]
    h_t = recurrence(x_t, h_{t-1})                  core_models.cells
    p(token_{t+1} = k) = softmax(W h_t + b)_k

The state runs on from text to text in training (truncated back-propagation through time, Mikolov et al. 2010), so the
network has no first token of its own. A text is read from a state of zeros; what it finds probable before it has read
anything is softmax(b).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from core_models.cells.recurrence import recurrence
from core_models.convention import Convention
from core_models.trace import Site, Tokens, Trace
from core_models.tracing import Replay, Schedule, State, as_entries, cell_of, layers_of, replay

EMBEDDING, NEXT = Site("embedding"), Site("next_token")
RANKS = 10
"""Candidates for the next token that a trace holds at every step."""


@dataclass(frozen=True)
class LanguageArchitecture:
    """Sizes and choices that define a language model; what a recipe's ``[model]`` table holds."""

    cell: Literal["rnn", "gru", "lstm"]
    embedding: int
    hidden: int
    layers: int = 1


class LanguageModel(nn.Module):
    """A network that says at every token how probable each next one is, and whose every inner value can be traced.

    Args:
        architecture: sizes and choices.
        vocabulary: number of token ids.
        dropout: probability with which embeddings and the readout's input are dropped in training.
    """

    def __init__(self, architecture: LanguageArchitecture, vocabulary: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.architecture = architecture
        self.embedding = nn.Embedding(vocabulary, architecture.embedding)
        self.rnn = recurrence(
            architecture.cell, architecture.embedding, architecture.hidden, layers=architecture.layers, dropout=dropout
        )
        self.dropout = nn.Dropout(dropout)
        self.readout = nn.Linear(architecture.hidden, vocabulary)

    @property
    def convention(self) -> Convention:
        """Equations, source and convention of the recurrent cell."""
        return cell_of(self.rnn).convention

    def forward(self, ids: Tensor, state: State = None) -> tuple[Tensor, State]:
        """Logits of the next token after each of ``ids`` ``[step]`` or ``[step, batch]``, and the state after the last.

        ``state`` is as the recurrence takes it, ``[layers, unit]`` or ``[layers, batch, unit]``; zeros if None.
        """
        return self.foretell(self.dropout(self.embedding(ids)), state)

    def foretell(self, x: Tensor, state: State = None) -> tuple[Tensor, State]:
        """As a call, from embedded tokens ``[step, feature]`` or ``[step, batch, feature]``."""
        states, after = self.rnn(x, state)
        return self.readout(self.dropout(states)), after

    @torch.no_grad()
    def trace(
        self, ids: Tensor, tokens: Tokens, *, name: str = "", schedule: Schedule = "parallel", state: State = None
    ) -> Trace:
        """Everything computed on one sequence of ids ``[step]``, as in ``eval()``.

        Args:
            ids: what is read.
            tokens: their names.
            name: of the model.
            schedule: see core_models.tracing.
            state: from which it is read on, as the recurrence takes it; zeros if None.

        Raises:
            ValueError: if there is no token, or an impossible value came out (damaged weights, for example).
        """
        x = self.embedding(ids)
        values: Replay = {(EMBEDDING, "embedding"): x}
        values |= replay(self.rnn, x, state=state, schedule=schedule)
        layers = [layer for directions in layers_of(self.rnn) for layer in directions]
        initial = self._named(state)
        top = layers[-1].site, "hidden_state"
        values |= self._choices(self.expectations(values[top], initial.get(top)), ids)
        cells = {layer.site: layer.cell.convention for layer in layers}
        return Trace(tokens, as_entries(values), cells, name, initial=as_entries(initial))

    def _named(self, state: State) -> Replay:
        """An initial state by layer and quantity."""
        parts = () if state is None else state if isinstance(state, tuple) else (state,)
        keys = cell_of(self.rnn).states
        return {
            (layer.site, key): part[depth]
            for depth, (layer,) in enumerate(layers_of(self.rnn))
            for key, part in zip(keys, parts, strict=False)
        }

    @torch.no_grad()
    def expectations(self, states: Tensor, before: Tensor | None = None) -> Tensor:
        """Probability of every next token before the first step and after each, ``[step + 1, token]``.

        Args:
            states: hidden states of the last layer, ``[step, unit]``.
            before: its hidden state before the first step, ``[unit]``; zeros if None.
        """
        first = states.new_zeros(states.shape[1]) if before is None else before
        return torch.softmax(self.readout(torch.cat([first[None], states])), dim=-1)

    def _choices(self, expected: Tensor, ids: Tensor) -> Replay:
        """What was expected of each token before it was read, and what is expected after it."""
        after = expected[1:]
        return {
            (NEXT, "chosen_probability"): expected[:-1].gather(1, ids[:, None])[:, 0],
            (NEXT, "entropy"): torch.special.entr(after).sum(-1),
            (NEXT, "candidate_probability"): after.topk(min(RANKS, after.shape[1])).values,
        }


def candidates(expected: Sequence[float] | Tensor, count: int = RANKS) -> list[int]:
    """Ids of the most probable tokens, the best first; of equals the one with the smaller id."""
    return torch.as_tensor(expected).argsort(descending=True, stable=True)[:count].tolist()
