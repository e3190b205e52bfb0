r"""The answer as a function of the attention weights: everything else stays as the network computed it.

Where attention stands decides what a forced weight can change:

    pooling  the last token looks at all states once; the answer is read from their weighted sum   [head, 1, key]
    self     every token looks at itself and those before it, and the answers are averaged         [head, query, key]
    inside   every step of the recurrence looks back before it writes its state                    [head, query, key]

In the first two the states are computed before anyone attends, and a forced weight mixes the same states anew. Inside
the recurrence a forced weight changes the state, and so everything after it: the steps are run again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from core_models.attention import Score, masked_softmax
from core_models.cells import Unrolled
from core_models.networks.classifier import SequenceClassifier

Place = Literal["pooling", "self", "inside"]

PLACES: dict[Place, str] = {
    "pooling": "Attention stands behind the recurrence: the last token looks once at all states, and shuffling the "
    "weights mixes the same states in other shares.",
    "self": "Every token looks at itself and at those before it; each one's weights are shuffled among the tokens that "
    "it may look at, and the states stay as they are.",
    "inside": "Attention stands inside the recurrence: every step looks back at the steps before it. Weights are "
    "shuffled at every step, and everything after it is computed anew; the first steps, which have one place to look "
    "at or none, stay as they are.",
}
"""What is tested, in a sentence, by where the attention stands."""


@dataclass(frozen=True)
class Attended:
    """One input of a network with attention.

    Attributes:
        place: where the attention stands.
        weights: as the network gave them, ``[head, query, key]``.
        mask: where a query may look, ``[query, key]``.
        logits: the answers with other weights, ``[batch]`` from ``[batch, head, query, key]``; differentiable.
    """

    place: Place
    weights: Tensor
    mask: Tensor
    logits: Callable[[Tensor], Tensor]

    @property
    def free(self) -> Tensor:
        """Queries that have at least two places to look at, ``[query]``: the others' weights cannot be otherwise."""
        return self.mask.sum(-1) > 1

    @property
    def received(self) -> Tensor:
        """Attention that each token got, ``[key]``: mean over the heads and over the queries that could look at it."""
        return self.weights.mean(0).sum(0) / self.mask.sum(0).clamp(min=1)


@torch.no_grad()
def attend(network: SequenceClassifier, x: Tensor) -> Attended | None:
    """One embedded input ``[step, feature]`` with its attention; None if the network has none."""
    if isinstance(network.rnn, Unrolled):
        return _inside(network, network.rnn, x)
    if network.attention is None:
        return None
    states = network.rnn(x[:, None])[0][:, 0]
    return (_self if network.join.every_query else _pooling)(network, network.attention, states)


def _pooling(network: SequenceClassifier, score: Score, states: Tensor) -> Attended:
    last, values = states[-1], score.values(states)
    weights = torch.softmax(score(states, last[None]), dim=-1)

    def logits(forced: Tensor) -> Tensor:
        context = score.join(forced @ values)[:, 0]
        return network.readout(network.join.summary(context, last.expand_as(context)))[:, 0]

    return Attended("pooling", weights, torch.ones(1, len(states), dtype=torch.bool, device=states.device), logits)


def _self(network: SequenceClassifier, score: Score, states: Tensor) -> Attended:
    mask = torch.ones(len(states), len(states), dtype=torch.bool, device=states.device).tril()
    values = score.values(states)

    def logits(forced: Tensor) -> Tensor:
        summary = network.join.summary(score.join(forced @ values), states)
        return network.readout(summary[:, -1])[:, 0]

    return Attended("self", masked_softmax(score(states, states), mask), mask, logits)


def _inside(network: SequenceClassifier, recurrence: Unrolled, x: Tensor) -> Attended:
    found = recurrence.replay(x)
    mask = recurrence.mask(len(x)).to(x.device)

    def logits(forced: Tensor) -> Tensor:
        def weigh(step: int, computed: Tensor) -> Tensor:
            return forced[:, :, step, None, : computed.shape[-1]]

        *_, last = recurrence.steps(x.expand(len(forced), -1, -1), weigh=weigh)
        return network.readout(last["hidden_state"])[:, 0]

    return Attended("inside", found["attention_weights"], mask, logits)
