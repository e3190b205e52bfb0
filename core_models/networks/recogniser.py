r"""A recogniser: one class, of several, for a whole sequence of tokens or of frames of numbers.

    x_t = E[token_t] + P_t                               tokens, P_t a learned code of the place where asked; or a frame
    u_t = relu(Σ_k C_k x_{t-k} + b)                      where there is a convolution over what came just before
    h_t = recurrence, in one direction or both           core_models.cells
    c_t = Σ_i α_ti h_i                                   core_models.attention
    s_t = c_t, or made of c_t and h_t                    core_models.attention.join
    p(class = k) = softmax(V s_t + d)_k                  t: the last step, or the place that the question is about

Read in one direction, every step looks at itself and those before it, so that the answer after every prefix is known.
Read from both ends, every step may look at all others, and the answer is taken at the ``place`` that the question is
about: a plain attention-weighted sum of states would not know where in the sequence it stands.

Source: attention pooling as in Yang et al. 2016, N16-1174, eqs. 5-7, with a state as the query (Luong et al. 2015).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import pad
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from core_models.attention import SCORES, MultiHeadScore, Score, attend, pool
from core_models.attention.join import JOINS
from core_models.cells.recurrence import recurrence
from core_models.convention import Convention
from core_models.networks.tagger import NEIGHBOURS
from core_models.trace import Site, Tokens, Trace
from core_models.tracing import Replay, Schedule, as_entries, cell_of, layers_of, replay

EMBEDDING, FRAMES, ATTENTION, ANSWER = Site("embedding"), Site("frames"), Site("attention"), Site("answer")


@dataclass(frozen=True)
class RecogniserArchitecture:
    """Sizes and choices that define a recogniser; what a recipe's ``[model]`` table holds.

    Attributes:
        cell: kind of recurrence.
        hidden: units of each direction.
        attention: how states are compared.
        embedding: features of a token; 0 where the input is frames of numbers.
        positions: steps that have a learned code of their own, added to the token's; 0 for none.
        channels: outputs of the convolution over a step and those just before it; 0 for none.
        width: steps that it sees.
        layers: recurrent layers.
        bidirectional: whether the sequence is read from both ends.
        place: step, from 0, from which the answer is read; the last one if None, as it must be in one direction.
        heads: attention heads, where the score has several.
        readout: what the readout reads of context and state.
    """

    cell: Literal["rnn", "gru", "lstm"]
    hidden: int
    attention: Literal["additive", "concat", "dot", "scaled_dot", "multi_head"]
    embedding: int = 0
    positions: int = 0
    channels: int = 0
    width: int = 1
    layers: int = 1
    bidirectional: bool = False
    place: int | None = None
    heads: int = 1
    readout: Literal["context", "concatenated", "fused"] = "context"


class SequenceRecogniser(nn.Module):
    """A network that names the class of a sequence, and whose every inner value can be traced.

    Args:
        architecture: sizes and choices.
        inputs: number of token ids, padding (0) included; of numbers in a frame where ``embedding`` is 0.
        classes: number of classes.
        dropout: probability with which inputs of recurrence and readout are dropped in training.

    Raises:
        ValueError: if a place is named for one direction or none for two, or codes of places for frames.
    """

    def __init__(self, architecture: RecogniserArchitecture, inputs: int, classes: int, dropout: float = 0.0) -> None:
        super().__init__()
        if architecture.bidirectional != (architecture.place is not None):
            wanted = "a place" if architecture.bidirectional else "no place"
            raise ValueError(f"recogniser: expected {wanted} to answer from, got {architecture.place}")
        if architecture.positions and not architecture.embedding:
            raise ValueError(f"recogniser: expected no codes of places for frames, got {architecture.positions}")
        self.architecture = architecture
        width, units = architecture.embedding or inputs, architecture.hidden * (2 if architecture.bidirectional else 1)
        self.embedding = nn.Embedding(inputs, width, padding_idx=0) if architecture.embedding else None
        self.positions = nn.Embedding(architecture.positions, width) if architecture.positions else None
        self.neighbours = None
        if architecture.channels:
            self.neighbours = nn.Conv1d(width, architecture.channels, architecture.width)
            width = architecture.channels
        self.rnn = recurrence(
            architecture.cell, width, architecture.hidden, layers=architecture.layers,
            bidirectional=architecture.bidirectional, dropout=dropout,
        )  # fmt: skip
        self.attention: Score = (
            MultiHeadScore(units, architecture.heads)
            if architecture.attention == "multi_head"
            else SCORES[architecture.attention](units)
        )
        self.join = JOINS[architecture.readout](units)
        self.dropout = nn.Dropout(dropout)
        self.readout = nn.Linear(self.join.size, classes)

    @property
    def convention(self) -> Convention:
        """Equations, source and convention of the recurrent cell."""
        return cell_of(self.rnn).convention

    def embed(self, sequence: Tensor) -> Tensor:
        """What the recurrence reads, ``[..., step, feature]``, of ids ``[..., step]``; frames are read as they are."""
        if self.embedding is None:
            return sequence
        x = self.embedding(sequence)
        return x if self.positions is None else x + self.positions.weight[: sequence.shape[-1]]

    def look_back(self, x: Tensor) -> Tensor:
        """``x [batch, step, feature]`` with what came just before, ``[batch, step, channel]``; or as it is."""
        if self.neighbours is None:
            return x
        return torch.relu(self.neighbours(pad(x.mT, (self.architecture.width - 1, 0)))).mT

    def forward(self, sequences: Tensor, lengths: Tensor) -> Tensor:
        """Logits ``[batch, class]`` of padded ids ``[batch, step]`` or frames ``[batch, step, channel]``.

        Args:
            sequences: padded with 0.
            lengths: ``[batch]``, on the CPU.
        """
        return self.classify(self.dropout(self.embed(sequences)), lengths)

    def classify(self, x: Tensor, lengths: Tensor) -> Tensor:
        """As a call, from what ``embed`` gives, ``[batch, step, feature]``."""
        states = self._states(self.look_back(x), lengths)
        place = self.architecture.place
        asked = lengths - 1 if place is None else torch.full_like(lengths, place)
        query = states[torch.arange(len(states)), asked]
        context = pool(self.attention, states, query, lengths)
        return self.readout(self.dropout(self.join.summary(context, query)))

    def _states(self, x: Tensor, lengths: Tensor) -> Tensor:
        """States ``[batch, step, unit]``; what comes behind the end of a sequence reaches those read backward alone."""
        if not self.architecture.bidirectional or int(lengths.min()) == x.shape[1]:
            return self.rnn(x.transpose(0, 1))[0].transpose(0, 1)
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        return pad_packed_sequence(self.rnn(packed)[0], batch_first=True)[0]

    @torch.no_grad()
    def trace(self, sequence: Tensor, tokens: Tokens, *, name: str = "", schedule: Schedule = "parallel") -> Trace:
        """Everything computed on one sequence of ids ``[step]`` or frames ``[step, channel]``, as in ``eval()``.

        Raises:
            ValueError: if there is no step, or an impossible value came out (damaged weights, for example).
        """
        x = self.embed(sequence)
        values: Replay = {(EMBEDDING, "embedding") if self.embedding is not None else (FRAMES, "frame"): x}
        if self.neighbours is not None:
            x = self.look_back(x[None])[0]
            values[NEIGHBOURS, "local_features"] = x
        values |= replay(self.rnn, x, schedule=schedule)
        layers = layers_of(self.rnn)
        states = torch.cat([values[layer.site, "hidden_state"] for layer in layers[-1]], dim=-1)
        values |= self.read(states)
        cells = {layer.site: layer.cell.convention for depth in layers for layer in depth}
        if self.join.convention is not None:
            cells[ATTENTION] = self.join.convention
        return Trace(tokens, as_entries(values), cells, name)

    def read(self, states: Tensor) -> Replay:
        """Attention and answers, from the states ``[step, unit]`` of the topmost layer."""
        mask = torch.ones(len(states), len(states), dtype=torch.bool, device=states.device)
        place = self.architecture.place
        found = attend(self.attention, states, mask.tril() if place is None else mask)
        context = found["context"]
        found |= self.join(context, states)
        chances = torch.softmax(self.readout(self.join.summary(context, states)), dim=-1)
        values = {(ATTENTION, key): value for key, value in found.items()}
        if place is None:
            return values | {(ANSWER, "running_probability"): chances, (ANSWER, "class_probability"): chances[-1]}
        return values | {(ANSWER, "class_probability"): chances[place]}
