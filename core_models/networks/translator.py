r"""An encoder-decoder with attention: it reads a source sequence, then writes a target sequence token by token.

    h_1 ... h_T = recurrence over the source              core_models.cells; both directions joined
    s_0         = tanh(W [h→_T; h←_1] + b)                and likewise for an LSTM's cell state
    c_t         = Σ_i α_ti h_i,  α from score(s_{t-1}, h_i)  core_models.attention
    s_t         = cell(y_{t-1}, s_{t-1}), with C c_t added to the sums in the cell's gates and candidate
    o_t         = tanh(W_o [s_t; c_t; y_{t-1}] + b_o)
    p(y_t)      = softmax(E o_t + b)                      E is the table of target embeddings

Convention: attention is asked by the state *before* the step, s_{t-1}, and its context enters the step, as in Bahdanau,
Cho & Bengio 2015, arXiv 1409.0473, section 3.1 and appendix A.2 (Luong et al. 2015 ask with s_t, after it). The output
layer is theirs with tanh in place of maxout; E is in core_models.heads.written.
Without attention c_t is the source's last state at every step (Cho et al. 2014, arXiv 1406.1078, section 2.2).

The encoder is read as every sequence is (core_models.networks.reader). The decoder's step is written once, in ``step``:
training, searching, tracing, edits and attributions all call it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout1d

from core_models.attention import masked_softmax, score_of
from core_models.cells import CELLS, Cell, Weights
from core_models.cells.parameters import CellParameters
from core_models.cells.recurrence import recurrence
from core_models.cells.steps import ChangeAt, Found, HoldAt, WeighAt, take_step
from core_models.heads import Head, WrittenHead
from core_models.inputs import TokenInput
from core_models.networks.architecture import Architecture
from core_models.networks.reader import Reader

PADDING, UNKNOWN, BEGIN, END = range(4)
"""Ids that mean the same on both sides."""


@dataclass(frozen=True)
class TranslatorArchitecture:
    """Sizes and choices that define a translator; what a recipe's ``[model]`` table holds.

    Attributes:
        cell: key of that of encoder and decoder, one of ``core_models.cells``.
        embedding: features of a token, on both sides.
        hidden: units of the decoder, and of the encoder with its directions joined.
        layers: of the encoder; the decoder has one.
        bidirectional: whether the encoder reads both ways, with half the units each.
        attention: key of the score, one of ``core_models.attention``; None for a fixed context, the last source state.
        heads: of multi-head attention.
    """

    cell: str
    embedding: int
    hidden: int
    layers: int = 1
    bidirectional: bool = True
    attention: str | None = None
    heads: int = 1


@dataclass(frozen=True)
class Course:
    """What is to be otherwise while a target is written; steps are those of the target, counted from 0.

    Attributes:
        hold: what a gate or candidate is to be; see core_models.cells.steps.
        change: what the states are to be after a step.
        compare: scores ``[row, head, 1, key]`` from those that were computed, the encoder's states ``[row, key, unit]``
            and the queries ``[row, unit]``.
        weigh: what attention weights ``[row, head, 1, key]`` are to be.
    """

    hold: HoldAt | None = None
    change: ChangeAt | None = None
    compare: Callable[[Tensor, Tensor, Tensor], Tensor] | None = None
    weigh: WeighAt | None = None


AS_TRAINED = Course()


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


class Translator(Reader):
    """An encoder-decoder whose every inner value can be traced.

    Args:
        architecture: sizes and choices.
        sources: number of source token ids.
        targets: number of target token ids.
        dropout: probability with which embeddings and the output layer's input are dropped in training.

    Raises:
        ValueError: if the units cannot be shared out between two directions.
    """

    recurrence = "encoder"
    join = None
    running = None

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
        read = Architecture(architecture.cell, hidden // ways, size, architecture.layers, architecture.bidirectional)
        source = TokenInput(read, (sources,), UNKNOWN)
        self.source_embedding = source.embedding
        self.target_embedding = nn.Embedding(targets, size, padding_idx=PADDING)
        self.encoder = recurrence(
            cell, size, read.hidden, layers=read.layers, bidirectional=read.bidirectional, dropout=dropout
        )
        self.bridge = nn.Linear(hidden, hidden * (len(cell.states) - len(cell.zeroed)))
        self.attention = score_of(architecture.attention, hidden, architecture.heads)
        self.decoder = CellParameters(cell, size, hidden)
        self.from_context = nn.Linear(hidden, hidden * len(self.cell.parts), bias=False)
        self.deep_output = nn.Linear(2 * hidden + size, size)
        self.output_bias = nn.Parameter(torch.zeros(targets))
        self.dropout = SharedDropout(dropout)
        self._know("input", source)
        self._know("rnn", self.encoder)
        self._know("written", WrittenHead(self.target_embedding, self.output_bias))

    def _know(self, name: str, part: nn.Module) -> None:
        """Hold a part under a second name, beside the modules: its weights are kept under the first alone."""
        object.__setattr__(self, name, part)

    written: WrittenHead

    def head(self, name: str) -> Head:
        """The one head, ``written``; see ``Reader.head``."""
        return self.written if name == "written" else super().head(name)

    @property
    def weights(self) -> Weights:
        """The decoder cell's parameters for the previous token and the previous state; C is ``from_context``."""
        return self.decoder.weights

    def encode(self, ids: Tensor, lengths: Tensor) -> Memory:
        """Memory of padded sources ``[batch, key]`` with their lengths ``[batch]`` (on the CPU)."""
        states, _ = self.recur(self.dropout(self.input.embed(ids)), lengths)
        return self.remember(states, lengths)

    def remember(self, states: Tensor, lengths: Tensor) -> Memory:
        """Memory made of encoder states ``[batch, key, unit]`` of sources of these lengths ``[batch]``."""
        mask = (torch.arange(states.shape[1])[None] < lengths[:, None]).to(states.device)
        summary = self.ends(states, lengths)
        if self.attention is None:
            return Memory(states, mask, summary, states.new_empty(len(states)), states.new_empty(len(states)))
        return Memory(states, mask, summary, self.attention.keys(states), self.attention.values(states))

    def begin(self, memory: Memory) -> dict[str, Tensor]:
        """The decoder's state before its first step, ``[batch, unit]`` by quantity key."""
        given = [key for key in self.cell.states if key not in self.cell.zeroed]
        parts = torch.tanh(self.bridge(memory.summary)).chunk(len(given), dim=-1)
        zeros = torch.zeros_like(parts[0])
        return dict(zip(given, parts, strict=True)) | dict.fromkeys(self.cell.zeroed, zeros)

    def attend(self, memory: Memory, query: Tensor, course: Course = AS_TRAINED, step: int = 0) -> dict[str, Tensor]:
        """Scores and weights ``[batch, head, key]`` and context ``[batch, unit]`` for the states ``[batch, unit]``."""
        if self.attention is None:
            return {"context": memory.summary}
        scores = self.attention.compare(memory.keys, query[:, None])
        if course.compare is not None:
            scores = course.compare(scores, memory.states, query)
        weights = masked_softmax(scores, memory.mask[:, None, None])
        if course.weigh is not None:
            weights = course.weigh(step, weights)
        return {"attention_scores": scores[:, :, 0], "attention_weights": weights[:, :, 0],
                "context": self.gather(memory, weights)}  # fmt: skip

    def gather(self, memory: Memory, weights: Tensor) -> Tensor:
        """The context ``[batch, unit]`` that weights ``[batch, head, 1, key]`` make of what was read."""
        if self.attention is None:
            return memory.summary
        return self.attention.join(weights @ memory.values)[:, 0]

    def project(self, previous: Tensor) -> Tensor:
        """What the embedded previous tokens ``[..., feature]`` add to the cell's sums; it needs no state."""
        return self.weights.project(previous)

    def step(
        self,
        memory: Memory,
        state: Mapping[str, Tensor],
        projected: Tensor,
        course: Course = AS_TRAINED,
        step: int = 0,
    ) -> Found:
        """One step of the decoder: attention, gates and the next states, by quantity key.

        Args:
            memory: of the sources.
            state: the states before the step, ``[batch, unit]``.
            projected: what ``project`` made of the previous token, ``[batch, parts * unit]``.
            course: what is to be otherwise.
            step: number of the step, from 0.
        """
        found = self.attend(memory, state["hidden_state"], course, step)
        return found | self.turn(found["context"], state, projected, course, step)

    def turn(
        self,
        context: Tensor,
        state: Mapping[str, Tensor],
        projected: Tensor,
        course: Course = AS_TRAINED,
        step: int = 0,
    ) -> Found:
        """Gates and the next states from the context ``[batch, unit]``; see ``step``."""
        from_input = torch.addmm(projected.expand(len(context), -1), context, self.from_context.weight.t())
        hold = course.hold
        if hold is None:
            found = take_step(self.cell, self.weights, from_input, state)
        else:
            found = take_step(self.cell, self.weights, from_input, state, lambda key, value: hold(step, key, value))
        if course.change is None:
            return found
        after = {key: found[key] for key in self.cell.states}
        return found | dict(course.change(step, after, state))

    def write(self, memory: Memory, previous: Tensor, course: Course = AS_TRAINED) -> list[Found]:
        """What each step found, one after the other, under teacher forcing.

        Args:
            memory: of the sources.
            previous: embedded tokens that the decoder reads, ``BEGIN`` first, ``[batch, step, feature]``.
            course: what is to be otherwise.
        """
        state, steps = self.begin(memory), []
        for number, projected in enumerate(self.project(previous).unbind(1)):
            steps.append(self.step(memory, state, projected, course, number))
            state = {key: steps[-1][key] for key in self.cell.states}
        return steps

    def summarise(self, state: Tensor, context: Tensor, previous: Tensor) -> Tensor:
        """o_t from states, contexts and embedded previous tokens, ``[..., feature]``."""
        return torch.tanh(self.deep_output(self.dropout(torch.cat([state, context, previous], dim=-1))))

    def logits(self, summary: Tensor) -> Tensor:
        """Logits ``[..., target id]`` from what ``summarise`` returned."""
        return self.written(summary)

    def forward(self, sources: Tensor, lengths: Tensor, targets: Tensor) -> Tensor:
        """o_t at every step under teacher forcing, ``[batch, step, feature]``.

        Args:
            sources: padded ids ``[batch, key]``.
            lengths: of the sources, ``[batch]``, on the CPU.
            targets: padded ids that the decoder reads, ``BEGIN`` first, ``[batch, step]``.
        """
        previous = self.dropout(self.target_embedding(targets))
        steps = self.write(self.encode(sources, lengths), previous)
        states, contexts = (torch.stack([found[key] for found in steps], 1) for key in ("hidden_state", "context"))
        return self.summarise(states, contexts, previous)

    def written_at(self, memory: Memory, target: Tensor, steps: Tensor, course: Course = AS_TRAINED) -> Tensor:
        """Logits ``[batch, target id]`` of each row at a step of its own, the tokens before it given.

        Args:
            memory: of the sources.
            target: ids that are written, ``[step]``, the same for all rows.
            steps: which step of the target each row is asked about, ``[batch]``, counted from 0.
            course: what is to be otherwise.
        """
        count, last = len(memory.states), int(steps.max()) + 1
        read = torch.cat([target.new_tensor([BEGIN]), target[: last - 1]])
        previous = self.target_embedding(read).expand(count, -1, -1)
        found = self.write(memory, previous, course)
        states, contexts = (torch.stack([one[key] for one in found], 1) for key in ("hidden_state", "context"))
        at = torch.arange(count, device=states.device), steps.to(states.device)
        return self.logits(self.summarise(states[at], contexts[at], previous[at]))
