r"""A recurrent classifier of sequences: embedding, stock torch recurrence, optional attention pooling, linear readout.

    x_t = E[token_t]
    h_t = recurrence(x_t, h_{t-1})                       core_models.cells
    s_T = h_T, or made of the context c_T = Σ_i α_Ti h_i  core_models.attention, and h_T
    ℓ_T = wᵀ s_T + b,  p_T = σ(ℓ_T)

A bidirectional network reads the forward state at the last token joined with the backward state at the first. The
logit "at token t" is the answer had the text ended there: for a one-directional network the readout of h_t, with
attention of c_t over the tokens up to t; for a bidirectional one every prefix is read anew, since its backward states
depend on where the text ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from core_models.attention import SCORES, MultiHeadScore, Score, pool
from core_models.attention.join import JOINS
from core_models.attention.score import look_back
from core_models.cells import Unrolled
from core_models.cells.recurrence import recurrence
from core_models.convention import Convention
from core_models.trace import Site, Tokens, Trace
from core_models.tracing import (
    Replay,
    Schedule,
    as_entries,
    cell_of,
    fused,
    layers_of,
    plain_layers,
    replay,
)

EMBEDDING, ATTENTION, READOUT = Site("embedding"), Site("attention"), Site("readout")
PREFIX_BATCH = 64
"""Prefixes of a bidirectional network read at once; bounds memory for long texts."""


@dataclass(frozen=True)
class Architecture:
    """Sizes and choices that define a classifier; what a recipe's ``[model]`` table holds."""

    cell: Literal["rnn", "gru", "lstm", "gru_reset_before", "attentive_gru", "attentive_rnn", "multiplied_gru"]
    embedding: int
    hidden: int
    layers: int = 1
    bidirectional: bool = False
    attention: Literal["additive", "concat", "dot", "scaled_dot", "multi_head"] | None = None
    heads: int = 1
    readout: Literal["context", "concatenated", "fused", "pooled"] = "context"
    nonlinearity: Literal["tanh", "relu"] = "tanh"


def _attention(architecture: Architecture) -> Score | None:
    if architecture.attention is None:
        return None
    if architecture.attention == "multi_head":
        return MultiHeadScore(architecture.hidden, architecture.heads)
    return SCORES[architecture.attention](architecture.hidden)


class SequenceClassifier(nn.Module):
    """A binary classifier of token sequences whose every inner value can be traced.

    Args:
        architecture: sizes and choices.
        vocabulary: number of token ids; id 0 is padding.
        dropout: probability with which embeddings and the readout's input are dropped in training.

    Raises:
        ValueError: if attention pooling is asked of a bidirectional network, or several layers or directions of a
            recurrence that has one.
    """

    def __init__(self, architecture: Architecture, vocabulary: int, dropout: float = 0.0) -> None:
        super().__init__()
        if architecture.attention and architecture.bidirectional:
            raise ValueError("classifier: expected attention pooling over one reading direction, got bidirectional")
        self.architecture = architecture
        self.embedding = nn.Embedding(vocabulary, architecture.embedding, padding_idx=0)
        self.rnn = recurrence(
            architecture.cell, architecture.embedding, architecture.hidden, layers=architecture.layers,
            bidirectional=architecture.bidirectional, dropout=dropout, nonlinearity=architecture.nonlinearity,
        )  # fmt: skip
        self.attention = _attention(architecture)
        self.join = JOINS[architecture.readout](architecture.hidden * (2 if architecture.bidirectional else 1))
        self.dropout = nn.Dropout(dropout)
        self.readout = nn.Linear(self.join.size, 1)

    @property
    def convention(self) -> Convention:
        """Equations, source and convention of the recurrent cell."""
        return cell_of(self.rnn).convention

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Logits ``[batch]`` of padded id sequences ``[batch, step]`` with their lengths ``[batch]`` (on the CPU)."""
        return self.classify(self.dropout(self.embedding(ids)), lengths)

    def classify(self, x: Tensor, lengths: Tensor) -> Tensor:
        """Logits ``[batch]`` of embedded sequences ``[batch, step, feature]``; padding never reaches the result."""
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        output, last = self.rnn(packed)
        last = last[0] if isinstance(last, tuple) else last
        if self.architecture.bidirectional:
            summary = torch.cat([last[-2], last[-1]], dim=-1)
        elif self.attention is None:
            summary = last[-1]
        else:
            states, _ = pad_packed_sequence(output, batch_first=True)
            summary = self._pool(self.attention, states, last[-1], lengths)
        return self.readout(self.dropout(summary))[:, 0]

    def _pool(self, attention: Score, states: Tensor, last: Tensor, lengths: Tensor) -> Tensor:
        """What the readout reads of padded states ``[batch, step, unit]`` whose last ones are ``[batch, unit]``."""
        if self.join.every_query:
            context = look_back(attention, states)["context"]
            return self.join.summary(context, states)[torch.arange(len(states)), lengths - 1]
        return self.join.summary(pool(attention, states, last, lengths), last)

    @torch.no_grad()
    def trace(self, ids: Tensor, tokens: Tokens, *, name: str = "", schedule: Schedule = "parallel") -> Trace:
        """Everything computed on one sequence of ids ``[step]``, as in ``eval()``.

        Raises:
            ValueError: if there is no token, or an impossible value came out (damaged weights, for example).
        """
        x = self.embedding(ids)
        values: Replay = {(EMBEDDING, "embedding"): x}
        values |= replay(self.rnn, x, schedule=schedule)
        values |= self._influence(values)
        prefixes = self._read_prefixes(ids) if self.architecture.bidirectional else None
        values |= self.read(self._hidden(values, self.rnn.num_layers - 1), prefixes)
        cells = {layer.site: layer.cell.convention for depth in layers_of(self.rnn) for layer in depth}
        if self.join.convention is not None:
            cells[ATTENTION] = self.join.convention
        return Trace(tokens, as_entries(values), cells, name)

    def _hidden(self, values: Replay, depth: int) -> Tensor:
        """Output of one layer, directions joined, ``[step, directions * unit]``."""
        return torch.cat([values[layer.site, "hidden_state"] for layer in layers_of(self.rnn)[depth]], dim=-1)

    def read(self, states: Tensor, prefixes: Tensor | None = None) -> Replay:
        """Attention and readout after every prefix, from the states of the topmost layer.

        Args:
            states: ``[step, unit]``, directions joined.
            prefixes: logit of every prefix where it cannot be read from its last state, as of a bidirectional network.
        """
        found: Replay = {}
        summary = states
        if self.attention is not None:
            read = look_back(self.attention, summary)
            context = read["context"]
            found = {(ATTENTION, key): value for key, value in read.items()}
            found |= {(ATTENTION, key): value for key, value in self.join(context, summary).items()}
            summary = self.join.summary(context, summary)
        logits = self.readout(summary)[:, 0] if prefixes is None else prefixes
        return found | {(READOUT, "logit"): logits, (READOUT, "probability"): torch.sigmoid(logits)}

    def _read_prefixes(self, ids: Tensor) -> Tensor:
        """Logit of every prefix, each read anew, ``[step]``."""
        lengths = torch.arange(1, len(ids) + 1)
        logits = []
        for some in lengths.split(PREFIX_BATCH):
            x = self.embedding(ids[: int(some[-1])]).expand(len(some), -1, -1)
            logits.append(self.classify(x, some))
        return torch.cat(logits)

    def _influence(self, values: Replay) -> Replay:
        """Gradient times activation of every layer's output, summed over steps; see the vocabulary."""
        found: Replay = {}
        for depth, layers in enumerate(layers_of(self.rnn)):
            with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):
                output = self._hidden(values, depth).detach().requires_grad_()
                (gradient,) = torch.autograd.grad(self._logit_above(output, depth), output)
            shares = (gradient * output.detach()).sum(0).chunk(len(layers))
            found.update({(layer.site, "influence"): share for layer, share in zip(layers, shares, strict=True)})
        return found

    def _logit_above(self, output: Tensor, depth: int) -> Tensor:
        """Logit of the whole sequence from the output of one layer, ``[step, directions * unit]``."""
        above = [] if isinstance(self.rnn, Unrolled) else plain_layers(self.rnn)[depth + 1 :]
        for layers in above:
            zeros = [dict.fromkeys(layer.cell.states, output.new_zeros(self.rnn.hidden_size)) for layer in layers]
            output = fused(layers, output, zeros)
        if self.architecture.bidirectional:
            size = self.architecture.hidden
            summary = torch.cat([output[-1, :size], output[0, size:]])
        elif self.attention is None:
            summary = output[-1]
        else:
            summary = self._pool(self.attention, output[None], output[-1:], torch.tensor([len(output)]))[0]
        return self.readout(summary)[0]
