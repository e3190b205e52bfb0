r"""An encoder-decoder with attention: it reads a source sequence, then writes a target sequence token by token.

    h_1 ... h_T = recurrence over the source              core_models.cells; both directions joined
    s_0         = tanh(W [h→_T; h←_1] + b)                and likewise for an LSTM's cell state
    c_t         = Σ_i α_ti h_i,  α from score(s_{t-1}, h_i)  core_models.attention
    s_t         = cell(y_{t-1}, s_{t-1}), with C c_t added to the sums in the cell's gates and candidate
    o_t         = tanh(W_o [s_t; c_t; y_{t-1}] + b_o)
    p(y_t)      = softmax(E o_t + b)                      E is the table of target embeddings

Convention: attention is asked by the state *before* the step, s_{t-1}, and its context enters the step, as in Bahdanau,
Cho & Bengio 2015, arXiv 1409.0473, section 3.1 and appendix A.2 (Luong et al. 2015 ask with s_t, after it). The output
layer is theirs with tanh in place of maxout; sharing E between input and output is Press & Wolf 2017, arXiv 1608.05859.
Without attention c_t is the source's last state at every step (Cho et al. 2014, arXiv 1406.1078, section 2.2).

The decoder's step is written once, in ``step``: training, searching and tracing all call it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout1d, linear
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from core_models.attention import SCORES, MultiHeadScore, Score, masked_softmax
from core_models.attention.edit import UNEDITED, Edits
from core_models.cells import CELLS, Cell, Weights
from core_models.cells.recurrence import recurrence
from core_models.cells.steps import take_step

PADDING, UNKNOWN, BEGIN, END = range(4)
"""Ids that mean the same on both sides."""


@dataclass(frozen=True)
class TranslatorArchitecture:
    """Sizes and choices that define a translator; what a recipe's ``[model]`` table holds.

    Attributes:
        cell: of encoder and decoder.
        embedding: features of a token, on both sides.
        hidden: units of the decoder, and of the encoder with its directions joined.
        layers: of the encoder; the decoder has one.
        bidirectional: whether the encoder reads both ways, with half the units each.
        attention: the score function; None for a fixed context, the source's last state.
        heads: of multi-head attention.
    """

    cell: Literal["gru", "lstm"]
    embedding: int
    hidden: int
    layers: int = 1
    bidirectional: bool = True
    attention: Literal["additive", "concat", "dot", "scaled_dot", "multi_head"] | None = None
    heads: int = 1


@dataclass(frozen=True)
class Memory:
    """What the encoder hands to the decoder, computed once for a source (all with a leading batch axis).

    Attributes:
        states: encoder states, directions joined, ``[batch, key, unit]``.
        mask: where a source token stands, ``[batch, key]``.
        summary: last state of every direction, joined, ``[batch, unit]``.
        keys: what the attention compares; empty without attention.
        values: what the attention sums, ``[batch, head, key, part]``; empty without attention.
    """

    states: Tensor
    mask: Tensor
    summary: Tensor
    keys: Tensor
    values: Tensor

    def repeated(self, count: int) -> Memory:
        """The memory of one source for ``count`` hypotheses side by side."""
        parts = (self.states, self.mask, self.summary, self.keys, self.values)
        return Memory(*(part.expand(count, *part.shape[1:]) for part in parts))


def _attention(architecture: TranslatorArchitecture) -> Score | None:
    if architecture.attention is None:
        return None
    if architecture.attention == "multi_head":
        return MultiHeadScore(architecture.hidden, architecture.heads)
    return SCORES[architecture.attention](architecture.hidden)


class SharedDropout(nn.Module):
    """Dropout that drops the same features at every step of a sequence (Gal & Ghahramani 2016, arXiv 1512.05287)."""

    def __init__(self, probability: float) -> None:
        super().__init__()
        self.probability = probability

    def forward(self, x: Tensor) -> Tensor:
        """``x``, ``[..., feature]``; in training ``[batch, step, feature]``."""
        if not self.training or self.probability == 0.0:
            return x
        return dropout1d(x.transpose(1, 2), self.probability).transpose(1, 2)


class Translator(nn.Module):
    """An encoder-decoder whose every inner value can be traced.

    Args:
        architecture: sizes and choices.
        sources: number of source token ids.
        targets: number of target token ids.
        dropout: probability with which embeddings and the output layer's input are dropped in training.

    Raises:
        ValueError: if the units cannot be shared out between two directions.
    """

    def __init__(self, architecture: TranslatorArchitecture, sources: int, targets: int, dropout: float = 0.0) -> None:
        super().__init__()
        size, hidden, ways = architecture.embedding, architecture.hidden, 2 if architecture.bidirectional else 1
        if hidden % ways:
            raise ValueError(f"translator: expected an even number of units for two directions, got {hidden}")
        self.architecture = architecture
        cell = CELLS[architecture.cell]
        if not isinstance(cell, Cell):
            raise TypeError(f"translator: expected a cell that a decoder can step, got {cell.convention.name}")
        self.cell = cell
        self.source_embedding = nn.Embedding(sources, size, padding_idx=PADDING)
        self.target_embedding = nn.Embedding(targets, size, padding_idx=PADDING)
        self.encoder = recurrence(
            cell, size, hidden // ways, layers=architecture.layers, bidirectional=architecture.bidirectional,
            dropout=dropout,
        )  # fmt: skip
        self.bridge = nn.Linear(hidden, hidden * len(self.cell.states))
        self.attention = _attention(architecture)
        step = nn.LSTMCell if architecture.cell == "lstm" else nn.GRUCell
        self.decoder: nn.RNNCellBase = step(size, hidden)
        self.from_context = nn.Linear(hidden, hidden * len(self.cell.parts), bias=False)
        self.deep_output = nn.Linear(2 * hidden + size, size)
        self.output_bias = nn.Parameter(torch.zeros(targets))
        self.dropout = SharedDropout(dropout)

    @property
    def weights(self) -> Weights:
        """The decoder cell's parameters for the previous token and the previous state; C is ``from_context``."""
        cell = self.decoder
        return Weights(cell.weight_ih, cell.weight_hh, cell.bias_ih, cell.bias_hh)

    def encode(self, ids: Tensor, lengths: Tensor) -> Memory:
        """Memory of padded sources ``[batch, key]`` with their lengths ``[batch]`` (on the CPU)."""
        return self.read(self.dropout(self.source_embedding(ids)), lengths, ids != PADDING)

    def read(self, x: Tensor, lengths: Tensor, mask: Tensor) -> Memory:
        """Memory of embedded sources ``[batch, key, feature]``; ``mask`` ``[batch, key]`` says where a token stands."""
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        output, last = self.encoder(packed)
        last = last[0] if isinstance(last, tuple) else last
        states, _ = pad_packed_sequence(output, batch_first=True)
        ways = 2 if self.architecture.bidirectional else 1
        return self.remember(states, torch.cat(list(last[-ways:]), dim=-1), mask)

    def remember(self, states: Tensor, summary: Tensor, mask: Tensor) -> Memory:
        """Memory made of encoder states ``[batch, key, unit]``."""
        if self.attention is None:
            return Memory(states, mask, summary, states.new_empty(len(states)), states.new_empty(len(states)))
        return Memory(states, mask, summary, self.attention.keys(states), self.attention.values(states))

    def begin(self, memory: Memory) -> dict[str, Tensor]:
        """The decoder's state before its first step, ``[batch, unit]`` by quantity key."""
        parts = torch.tanh(self.bridge(memory.summary)).chunk(len(self.cell.states), dim=-1)
        return dict(zip(self.cell.states, parts, strict=True))

    def attend(self, memory: Memory, query: Tensor, edits: Edits = UNEDITED, step: int = 0) -> dict[str, Tensor]:
        """Scores and weights ``[batch, head, key]`` and context ``[batch, unit]`` for the states ``[batch, unit]``."""
        if self.attention is None:
            return {"context": memory.summary}
        score, keys = (self.attention, memory.keys) if edits.score is None else (edits.score_of(query), memory.states)
        scores = score.compare(keys, query[:, None]) / edits.temperature
        weights = masked_softmax(scores, memory.mask[:, None, None])
        weights = edits.weights_at(step, weights).expand(-1, self.attention.heads, -1, -1)
        context = self.attention.join(weights @ memory.values)[:, 0]
        shape = weights.shape
        return {"attention_scores": scores.expand(shape)[:, :, 0], "attention_weights": weights[:, :, 0],
                "context": context}  # fmt: skip

    def project(self, previous: Tensor) -> Tensor:
        """What the embedded previous tokens ``[..., feature]`` add to the cell's sums; it needs no state."""
        weights = self.weights
        return linear(previous, weights.w_x, weights.b_x)

    def step(
        self, memory: Memory, state: Mapping[str, Tensor], projected: Tensor, edits: Edits = UNEDITED, step: int = 0
    ) -> dict[str, Tensor]:
        """One step of the decoder: attention, gates and the next states, by quantity key.

        Args:
            memory: of the sources.
            state: the states before the step, ``[batch, unit]``.
            projected: what ``project`` made of the previous token, ``[batch, parts * unit]``.
            edits: what-ifs about the attention.
            step: number of the step, from 0, for the edits.
        """
        found = self.attend(memory, state["hidden_state"], edits, step)
        from_input = torch.addmm(projected, found["context"], self.from_context.weight.t())
        return found | take_step(self.cell, self.weights, from_input, state)

    def summarise(self, state: Tensor, context: Tensor, previous: Tensor) -> Tensor:
        """o_t from states, contexts and embedded previous tokens, ``[..., feature]``."""
        return torch.tanh(self.deep_output(self.dropout(torch.cat([state, context, previous], dim=-1))))

    def logits(self, summary: Tensor) -> Tensor:
        """Logits ``[..., target id]`` from what ``summarise`` returned."""
        return linear(summary, self.target_embedding.weight, self.output_bias)

    def forward(self, sources: Tensor, lengths: Tensor, targets: Tensor) -> Tensor:
        """o_t at every step under teacher forcing, ``[batch, step, feature]``.

        Args:
            sources: padded ids ``[batch, key]``.
            lengths: of the sources, ``[batch]``, on the CPU.
            targets: padded ids that the decoder reads, ``BEGIN`` first, ``[batch, step]``.
        """
        memory = self.encode(sources, lengths)
        previous = self.dropout(self.target_embedding(targets))
        state, states, contexts = self.begin(memory), [], []
        for number, projected in enumerate(self.project(previous).unbind(1)):
            found = self.step(memory, state, projected, step=number)
            state = {key: found[key] for key in self.cell.states}
            states.append(state["hidden_state"])
            contexts.append(found["context"])
        return self.summarise(torch.stack(states, 1), torch.stack(contexts, 1), previous)
