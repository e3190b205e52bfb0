r"""An output as a function of the attention weights: everything else stays as the network computed it.

Where attention stands decides what a forced weight can change:

    pooling  the last token looks at all states once; the answer is read from their weighted sum   [head, 1, key]
    self     every token looks at itself and those before it, and the answers are averaged         [head, query, key]
    inside   every step of the recurrence looks back before it writes its state                    [head, query, key]
    writing  the step of a decoder that writes a token looks at all that was read                   [head, 1, key]

In the first two the states are computed before anyone attends, and a forced weight mixes the same states anew. Inside
the recurrence a forced weight changes the state, and so everything after it: the steps are run again. At a decoder the
step is taken again from the state before it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from core_models.attention import Score, masked_softmax
from core_models.attention.join import ContextAlone
from core_models.cells import Unrolled
from core_models.explain.outputs import Outputs, repeated
from core_models.explain.written import WrittenOutputs
from core_models.language import mark
from core_models.networks.sequence import SequenceNetwork
from core_models.networks.translator import BEGIN
from core_models.target import Target

Place = Literal["pooling", "self", "inside", "writing"]

PLACES: dict[Place, str] = {
    "pooling": mark(
        "Attention stands behind the recurrence: the last token looks once at all states, and shuffling the weights "
        "mixes the same states in other shares."
    ),
    "self": mark(
        "Every token looks at itself and at those before it; each one's weights are shuffled among the tokens that it "
        "may look at, and the states stay as they are."
    ),
    "inside": mark(
        "Attention stands inside the recurrence: every step looks back at the steps before it. Weights are shuffled "
        "at every step, and everything after it is computed anew; the first steps, which have one place to look at or "
        "none, stay as they are."
    ),
    "writing": mark(
        "Attention stands between what is read and what is written: before each written token the decoder looks once "
        "at all that was read. The weights of the step that writes the one asked about are shuffled; the steps before "
        "it stay as they are."
    ),
}
"""What is tested, in a sentence, by where the attention stands."""


@dataclass(frozen=True)
class Attended:
    """One input of a network with attention.

    Attributes:
        place: where the attention stands.
        weights: as the network gave them, ``[head, query, key]``.
        mask: where a query may look, ``[query, key]``.
        answers: the answer with other weights, ``[batch]`` from ``[batch, head, query, key]``, a probability or a
            forecast (``Head.squash``); differentiable.
    """

    place: Place
    weights: Tensor
    mask: Tensor
    answers: Callable[[Tensor], Tensor]

    @property
    def free(self) -> Tensor:
        """Queries that have at least two places to look at, ``[query]``: the others' weights cannot be otherwise."""
        return self.mask.sum(-1) > 1

    @property
    def received(self) -> Tensor:
        """Attention that each token got, ``[key]``: mean over the heads and over the queries that could look at it."""
        return self.weights.mean(0).sum(0) / self.mask.sum(0).clamp(min=1)


@torch.no_grad()
def attend(outputs: Outputs, target: Target) -> Attended | None:
    """One output of a network as a function of its attention; None if the network has none, or none that it could use.

    A head that answers at each step reads the attention of its own step; the answer for the whole that of the last, or
    of the place that is asked about.
    """
    network, x = outputs.network, outputs.x
    if isinstance(outputs, WrittenOutputs):
        return _writing(outputs, target)
    if not isinstance(network, SequenceNetwork):
        return None
    seen = network.input.look(x[None])[0]
    if isinstance(network.rnn, Unrolled):
        return _inside(outputs, target, network.rnn, seen)
    if network.attention is None or network.join is None:
        return None
    states, _ = network.recur(x[None], torch.tensor([len(x)]), repeated(outputs.encoded.state, 1))
    among = _self if network.join.every_query else _pooling
    return among(outputs, target, network.attention, network.join, states[0])


def _say(outputs: Outputs, target: Target, summary: Tensor) -> Tensor:
    """The answer ``[batch]``, see ``Head.squash``, from what the head reads, ``[batch, size]``."""
    head = outputs.network.head(target.head)
    said = head.scalar(head(summary, outputs.x.expand(len(summary), -1, -1)), target.index, target.against)
    return head.squash(said)


def _network(outputs: Outputs) -> SequenceNetwork:
    if not isinstance(outputs.network, SequenceNetwork):
        raise TypeError(f"attention: expected a network that reads one sequence, got {type(outputs.network).__name__}")
    return outputs.network


def _asked(outputs: Outputs, target: Target) -> int:
    """The step from which the target is read."""
    place, last = _network(outputs).architecture.place, len(outputs.x) - 1
    return target.step if target.step is not None else last if place is None else place


def _pooling(outputs: Outputs, target: Target, score: Score, join: ContextAlone, states: Tensor) -> Attended:
    network, at = _network(outputs), _asked(outputs, target)
    query, values = states[at], score.values(states)
    mask = torch.ones(1, len(states), dtype=torch.bool, device=states.device)
    if not network.architecture.bidirectional:
        mask[:, at + 1 :] = False
    weights = masked_softmax(score(states, query[None]), mask)

    def answers(forced: Tensor) -> Tensor:
        context = score.join(forced @ values)[:, 0]
        return _say(outputs, target, join.summary(context, query.expand_as(context)))

    return Attended("pooling", weights, mask, answers)


def _self(outputs: Outputs, target: Target, score: Score, join: ContextAlone, states: Tensor) -> Attended:
    network, at = _network(outputs), _asked(outputs, target)
    mask = torch.ones(len(states), len(states), dtype=torch.bool, device=states.device)
    if not network.architecture.bidirectional:
        mask = mask.tril()
    values = score.values(states)

    def answers(forced: Tensor) -> Tensor:
        return _say(outputs, target, join.summary(score.join(forced @ values), states)[:, at])

    return Attended("self", masked_softmax(score(states, states), mask), mask, answers)


def _writing(outputs: WrittenOutputs, target: Target) -> Attended | None:
    network, step = outputs.network, target.step or 0
    if network.attention is None:
        return None
    lengths = torch.tensor([len(outputs.x)])
    memory = network.remember(network.recur(outputs.x[None], lengths)[0], lengths)
    previous = network.target_embedding(torch.cat([outputs.ids.new_tensor([BEGIN]), outputs.ids[:step]]))
    steps = network.write(memory, previous[None])
    before = {key: steps[-2][key] for key in network.cell.states} if step else network.begin(memory)
    projected, head = network.project(previous[-1:]), network.head(target.head)

    def answers(forced: Tensor) -> Tensor:
        count = len(forced)
        context = network.gather(memory.repeated(count), forced)
        state = {key: value.expand(count, -1) for key, value in before.items()}
        found = network.turn(context, state, projected)
        said = network.summarise(found["hidden_state"], context, previous[-1:].expand(count, -1))
        return head.squash(head.scalar(network.logits(said), target.index, target.against))

    mask = torch.ones(1, len(outputs.x), dtype=torch.bool, device=outputs.x.device)
    return Attended("writing", steps[-1]["attention_weights"][0, :, None], mask, answers)


def _inside(outputs: Outputs, target: Target, recurrence: Unrolled, seen: Tensor) -> Attended:
    found, at = recurrence.replay(seen), _asked(outputs, target)
    mask = recurrence.mask(len(seen)).to(seen.device)

    def answers(forced: Tensor) -> Tensor:
        def weigh(step: int, computed: Tensor) -> Tensor:
            return forced[:, :, step, None, : computed.shape[-1]]

        steps = recurrence.steps(seen.expand(len(forced), -1, -1), weigh=weigh)
        states = [values["hidden_state"] for values in steps]
        return _say(outputs, target, states[at])

    return Attended("inside", found["attention_weights"], mask, answers)
