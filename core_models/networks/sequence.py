r"""The network that reads one sequence, made of parts: input layer → recurrence → (attention → join) → heads.

    x_t = input(what came at step t)                     core_models.inputs
    h_t = recurrence(x_t, h_{t-1})                       core_models.cells
    c_t = Σ_i α_ti h_i                                   core_models.attention, where there is attention
    s_t = h_t, or made of c_t and h_t                    core_models.attention.join
    every head reads s                                   core_models.heads

A head that answers at each step reads s_t. One that answers for the whole reads s at the last step; where the sequence
is read from both ends, the forward state at the last step joined with the backward state at the first, or s at the
``place`` that the question is about. Read in one direction every step looks at itself and those before it, so that the
answer after every prefix is known; read from both ends every step may look at all, and prefixes are read anew.

``summarise`` says once what heads read, for training, tracing, prefixes, edits, attribution and tests of attention.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import cast

import torch
from torch import Tensor, nn

from core_models.attention import masked_softmax, score_of
from core_models.attention.join import JOINS, ContextAlone
from core_models.cells.recurrence import recurrence
from core_models.cells.unrolled import Unrolled
from core_models.convention import Convention
from core_models.encoded import Encoded, State
from core_models.heads import HEADS, ForecastHead, Head
from core_models.heads.head import Concluded
from core_models.inputs import FrameInput, InputLayer, SeriesInput, TokenInput
from core_models.inputs.input import NEIGHBOURS
from core_models.networks.architecture import Architecture
from core_models.networks.reader import Reader
from core_models.trace import Site, Trace
from core_models.tracing import (
    Replay,
    Schedule,
    as_entries,
    fused,
    plain_layers,
    replay,
)

ATTENTION = Site("attention")
PREFIX_BATCH = 64
"""Prefixes of a sequence read from both ends that are read at once; bounds memory for long ones."""

Weigh = Callable[[Tensor, Tensor], Tensor]
"""From attention weights ``[row, head, query, key]`` and the steps of queries ``[row, query]`` to those that count."""


def as_attended(weights: Tensor, steps: Tensor) -> Tensor:
    """Attention as it was computed."""
    return weights


class SequenceNetwork(Reader):
    """A network that reads one sequence and whose every inner value can be traced.

    Args:
        architecture: sizes and choices.
        inputs: number of ids of each column where tokens are read, the token's own first; else channels of numbers.
        outputs: by name of a head of ``HEADS``, how many classes, labels, tokens or steps ahead it tells apart.
        unknown: id of every token that is not known.
        dropout: probability with which features and what the heads read are dropped in training.

    Raises:
        ValueError: if its parts do not fit together, or the next token is asked for where it was read already.
    """

    def __init__(
        self,
        architecture: Architecture,
        inputs: int | Sequence[int],
        outputs: Mapping[str, int],
        *,
        unknown: int = 1,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if "next_token" in outputs and architecture.bidirectional:
            raise ValueError("network: expected one direction where the next token is asked for, got both")
        self.architecture = architecture
        self.input = _input(architecture, inputs, unknown, dropout)
        self.rnn = recurrence(
            architecture.cell,
            self.input.size,
            architecture.hidden,
            layers=architecture.layers,
            bidirectional=architecture.bidirectional,
            dropout=dropout,
            nonlinearity=architecture.nonlinearity,
        )
        self.attention = score_of(architecture.attention, architecture.units, architecture.heads)
        self.join: ContextAlone | None = JOINS[architecture.readout](architecture.units) if self.attention else None
        size = self.join.size if self.join else architecture.units
        made = {name: HEADS[name](size, count, architecture.linear) for name, count in outputs.items()}
        for head in made.values():
            if isinstance(head, ForecastHead):
                head.anchored = self.input.looks_ahead
        self.heads = nn.ModuleDict(made)
        if self.running:
            made[self.running].run()
        self.dropout = nn.Dropout(dropout)

    def head(self, name: str) -> Head:
        """One of its heads.

        Raises:
            KeyError: if it has none of that name.
        """
        return cast("Head", self.heads[name])

    def forward(self, content: Tensor, lengths: Tensor, state: State = None) -> dict[str, Tensor]:
        """Raw outputs of every head, by name; see ``conclude``.

        Args:
            content: padded ids ``[batch, step]`` or ``[batch, step, column]``, or numbers ``[batch, step, channel]``.
            lengths: ``[batch]``, on the CPU.
            state: from which sequences are read on, as the recurrence takes it; zeros if None.
        """
        return self.read(self.input(content), lengths, state)

    def read(self, x: Tensor, lengths: Tensor, state: State = None) -> dict[str, Tensor]:
        """As a call, from embedded sequences ``[batch, step, feature]``; padding never reaches an output."""
        return self.conclude(self.recur(x, lengths, state)[0], x, lengths)

    def conclude(self, states: Tensor, x: Tensor, lengths: Tensor) -> dict[str, Tensor]:
        """Raw outputs of every head: ``[batch, step, count]`` where it answers at each step, or ``[batch, count]``."""
        return {name: self.output(name, states, x, lengths) for name in self.heads}

    def output(
        self,
        name: str,
        states: Tensor,
        x: Tensor,
        lengths: Tensor,
        at: Tensor | None = None,
        weigh: Weigh = as_attended,
    ) -> Tensor:
        """Raw outputs of one head.

        Args:
            name: of the head.
            states: of the topmost layer, ``[batch, step, unit]``.
            x: embedded sequences, ``[batch, step, feature]``.
            lengths: ``[batch]``, on the CPU.
            at: step at which a head that answers at each step is asked, ``[batch]``; every step if None.
            weigh: what attention weights are to be instead of what was computed.
        """
        head = self.head(name)
        if head.each_step and at is None:
            return head(self.dropout(self.summarise(states, lengths, weigh)[1]), x)
        return head(self.dropout(self.summary_at(states, lengths, at if head.each_step else None, weigh)), x)

    def summarise(
        self, states: Tensor, lengths: Tensor | None = None, weigh: Weigh = as_attended
    ) -> tuple[dict[str, Tensor], Tensor]:
        """Every quantity of attention, by key, and what the heads read at every step, ``[row, step, size]``."""
        if self.attention is None or self.join is None:
            return {}, states
        count, steps = states.shape[:2]
        scores = self.attention(states, states)
        mask = torch.ones(steps, steps, dtype=torch.bool, device=states.device)
        if not self.architecture.bidirectional:
            mask = mask.tril()
        elif lengths is not None:
            mask = (torch.arange(steps)[None] < lengths[:, None])[:, None, None].to(states.device)
        mask = mask.expand_as(scores)
        weights = weigh(masked_softmax(scores, mask), torch.arange(steps).expand(count, -1))
        context = self.attention.join(weights @ self.attention.values(states))
        found = {"attention_scores": scores, "attention_mask": mask, "attention_weights": weights, "context": context}
        return found | self.join(context, states), self.join.summary(context, states)

    def summary_at(
        self, states: Tensor, lengths: Tensor, at: Tensor | None = None, weigh: Weigh = as_attended
    ) -> Tensor:
        """What a head reads at one step of each row, ``[row, size]``; for the whole sequence where ``at`` is None."""
        every, place = torch.arange(len(states)), self.architecture.place
        if at is None and place is None and self.attention is None and self.architecture.bidirectional:
            return self.ends(states, lengths)
        if at is None:
            at = lengths - 1 if place is None else torch.full_like(lengths, place)
        if self.attention is None or self.join is None:
            return states[every, at]
        if self.join.every_query:
            return self.summarise(states, lengths, weigh)[1][every, at]
        query = states[every, at][:, None]
        end = lengths if self.architecture.bidirectional else at + 1
        inside = (torch.arange(states.shape[1])[None] < end[:, None])[:, None, None]
        weights = weigh(masked_softmax(self.attention(states, query), inside.to(states.device)), at[:, None])
        context = self.attention.join(weights @ self.attention.values(states))
        return self.join.summary(context, query)[:, 0]

    def summary_before(self, before: Tensor) -> Tensor:
        """What a head reads before the first step, ``[size]``: the state ``[unit]`` beside a context of zeros."""
        return before if self.join is None else self.join.summary(torch.zeros_like(before)[None], before[None])[0]

    @torch.no_grad()
    def trace(self, encoded: Encoded, *, name: str = "", schedule: Schedule = "parallel") -> Trace:
        """Everything computed on one input, as in ``eval()``; see ``core_models.edits.run`` for the same under edits.

        Raises:
            ValueError: if there is no step, or an impossible value came out (damaged weights, for example).
        """
        content = self.input.tensor(encoded)
        x = self.input.embed(content)
        values: Replay = {self.input.address: x}
        seen = self.input.look(x[None])[0]
        if self.input.neighbours is not None:
            values[NEIGHBOURS, "local_features"] = seen
        values |= replay(self.rnn, seen, state=encoded.state, schedule=schedule)
        initial = self.initial(encoded.state)
        if self.running is not None:
            values |= self._influence(self.running, values, initial)
        values |= self.conclude_trace(self.top(values), x, content, self.before(initial), stretch=encoded.stretch)
        return Trace(encoded.tokens, as_entries(values), self.conventions, name, initial=as_entries(initial))

    def conclude_trace(
        self,
        states: Tensor,
        x: Tensor,
        content: Tensor,
        before: Tensor,
        weigh: Weigh = as_attended,
        prefixes: Callable[[str], Tensor] | None = None,
        stretch: Tensor | None = None,
    ) -> Replay:
        """Attention and the quantities of every head, of one sequence.

        Args:
            states: of the topmost layer, ``[step, unit]``.
            x: embedded sequence, ``[step, feature]``.
            content: ids or numbers.
            before: the topmost state before the first step, ``[unit]``.
            weigh: what attention weights are to be instead of what was computed.
            prefixes: from a head's name to its raw outputs for every prefix, ``[step, class]``, where they cannot be
                read from the states; each prefix is read anew if None.
            stretch: factors of the interval of a forecast, ``[horizon]``; those of the head if None.
        """
        lengths = torch.tensor([len(states)])
        found, summaries = self.summarise(states[None], lengths, weigh)
        values: Replay = {(ATTENTION, key): value[0] for key, value in found.items()}
        for name in self.heads:
            head, running, both = self.head(name), None, self.architecture.bidirectional
            if name == self.running:
                running = head(summaries[0], x) if not both else (prefixes or partial(self._prefixes, x))(name)
            if head.each_step:
                outputs = head(summaries[0], x)
            elif running is not None and not both:
                outputs = running[-1]
            else:
                outputs = head(self.summary_at(states[None], lengths, None, weigh)[0], x)
            first = head(self.summary_before(before), x) if head.each_step else outputs[:0]
            values |= head.quantities(Concluded(outputs, running, first, content, stretch))
        return values

    @property
    def running(self) -> str | None:
        """The head that is asked after every prefix too: the only one, where it answers for the whole and not for one
        place of it, and prefixes can be read; else None.
        """
        name, *others = self.heads
        whole = not others and not self.head(name).each_step and self.architecture.place is None
        return name if whole and self.input.shortens else None

    @property
    def conventions(self) -> dict[Site, Convention]:
        """Convention of the cell at each site, and of the join where it has one."""
        cells = {layer.site: layer.cell.convention for depth in self.layers for layer in depth}
        if self.join is not None and self.join.convention is not None:
            cells[ATTENTION] = self.join.convention
        return cells

    def before(self, initial: Replay) -> Tensor:
        """The topmost state before the first step, ``[unit]``."""
        first = [
            initial.get((layer.site, "hidden_state"), layer.weights.w_h.new_zeros(self.rnn.hidden_size))
            for layer in self.layers[-1]
        ]
        return torch.cat(first)

    def _prefixes(self, x: Tensor, name: str) -> Tensor:
        """Raw outputs of a head for every prefix, each read anew, ``[step, class]``."""
        found = []
        for some in torch.arange(1, len(x) + 1).split(PREFIX_BATCH):
            rows = x[: int(some[-1])].expand(len(some), -1, -1)
            found.append(self.output(name, self.recur(rows, some)[0], rows, some))
        return torch.cat(found)

    def _influence(self, name: str, values: Replay, initial: Replay) -> Replay:
        """Gradient times activation of every layer's output, summed over steps; see the vocabulary."""
        found: Replay = {}
        for depth, layers in enumerate(self.layers):
            with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):
                output = self.top(values, depth).detach().requires_grad_()
                (gradient,) = torch.autograd.grad(self._answer_above(name, output, depth, initial), output)
            shares = (gradient * output.detach()).sum(0).chunk(len(layers))
            found.update({(layer.site, "influence"): share for layer, share in zip(layers, shares, strict=True)})
        return found

    def _answer_above(self, name: str, output: Tensor, depth: int, initial: Replay) -> Tensor:
        """What a head tells first (log-odds of the named class) from the output of one layer, ``[step, unit]``."""
        above = [] if isinstance(self.rnn, Unrolled) else plain_layers(self.rnn)[depth + 1 :]
        for layers in above:
            zeros = output.new_zeros(self.rnn.hidden_size)
            before = [{key: initial.get((layer.site, key), zeros) for key in layer.cell.states} for layer in layers]
            output = fused(layers, output, before)
        outputs, head = self.output(name, output[None], output[None], torch.tensor([len(output)])), self.head(name)
        return head.scalar(outputs, head.telling(outputs[0]))[0]


def _input(architecture: Architecture, inputs: int | Sequence[int], unknown: int, dropout: float) -> InputLayer:
    if not isinstance(inputs, int):
        return TokenInput(architecture, inputs, unknown, dropout)
    if architecture.anchor == "none":
        return FrameInput(architecture, inputs, dropout)
    return SeriesInput(architecture, inputs)
