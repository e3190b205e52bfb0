"""Is attention an explanation of this answer? Every test on one input, each in one batch.

    uniform     the same weight everywhere: does attention say more than an average?        Wiegreffe & Pinter
    shuffled    the network's weights in other orders: does it matter who gets how much?    Jain & Wallace, 4.2.1
    muted       weights of the most attended tokens set to 0, against as many at random     Serrano & Smith
    removed     the most attended tokens taken out of the text, against as many at random
    left out    every token taken out by itself: do those that matter get attention?        Jain & Wallace, 4.1
    gradient    |gradient × input| of every token, as another opinion about what matters    Jain & Wallace, 4.1
    adversary   the most different weights that give the same answer                        Jain & Wallace, 4.2.2

Sources: Jain & Wallace 2019, arXiv 1902.10186; Serrano & Smith 2019, arXiv 1906.03731; Wiegreffe & Pinter 2019, arXiv
1908.04626. Answers are the probability of what is asked about, or a forecast in standard deviations; for two classes
the change of one probability is the total variation distance that these papers use.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core_models.edits.run import edited_outputs
from core_models.explain.attribution.erasure import erasing
from core_models.explain.attribution.methods import ROWS_AT_ONCE, gradient_times_input
from core_models.explain.attribution.ranks import kendall
from core_models.explain.faithfulness.adversary import STARTS, STEPS, find_adversary
from core_models.explain.faithfulness.attended import Attended, Place, attend
from core_models.explain.faithfulness.reweighting import erased, shuffled, uniform
from core_models.explain.outputs import Outputs
from core_models.language import say
from core_models.target import Target

Doubles = NDArray[np.float64]


class FaithfulnessError(ValueError):
    """An input on which attention cannot be tested; the message says why and what to do instead."""


@dataclass(frozen=True)
class Settings:
    """How much is tried.

    Attributes:
        shuffles: orders of the weights.
        most: tokens taken out together at most.
        draws: random sets of every size.
        starts: climbers of the search for another attention.
        steps: their steps.
        seed: of everything drawn.
    """

    shuffles: int = 200
    most: int = 5
    draws: int = 40
    starts: int = STARTS
    steps: int = STEPS
    seed: int = 0


@dataclass(frozen=True)
class Erasure:
    """The answer without some tokens, for 1, 2, ... tokens.

    Attributes:
        top: without the most attended ones, ``[size]``.
        random: without as many drawn at random, ``[size, draw]``.
    """

    top: Doubles
    random: Doubles


@dataclass(frozen=True)
class Faithfulness:
    """Everything that was tried on one input.

    Attributes:
        place: where the attention stands.
        answer: as the network gives it.
        attention: what every token got, ``[step]``; see ``Attended.received``.
        uniform: the answer with uniform attention.
        shuffled: the answers with shuffled attention, ``[shuffle]``.
        muted: the answers when attention may not look at some tokens.
        removed: the answers when some tokens are not in the text.
        left_out: the answer without each token, ``[step]``.
        gradient: gradient × input of the output, ``[step]``.
        adversary: what every token gets from the most different attention with the same answer, ``[step]``.
        adversary_answer: the answer with it.
        divergence: how different it is: Jensen-Shannon divergence in nats, at most ln 2.
    """

    place: Place
    answer: float
    attention: Doubles
    uniform: float
    shuffled: Doubles
    muted: Erasure
    removed: Erasure
    left_out: Doubles
    gradient: Doubles
    adversary: Doubles
    adversary_answer: float
    divergence: float

    @property
    def effects(self) -> Doubles:
        """How much the answer moves when a token is left out, ``[step]``."""
        return np.abs(self.left_out - self.answer)

    @property
    def agreement(self) -> float:
        """Kendall's τ of attention with the effect of leaving tokens out."""
        return kendall(self.attention, self.effects)

    @property
    def gradient_agreement(self) -> float:
        """Kendall's τ of attention with |gradient × input|."""
        return kendall(self.attention, np.abs(self.gradient))

    @property
    def reference_agreement(self) -> float:
        """Kendall's τ of |gradient × input| with the effect of leaving tokens out: what to compare the others with."""
        return kendall(np.abs(self.gradient), self.effects)


def examine(outputs: Outputs, target: Target, settings: Settings | None = None) -> Faithfulness:
    """Every test about one output of one input.

    Raises:
        FaithfulnessError: if the network has no attention, or the input is too short for weights to be otherwise.
    """
    settings, attended = settings or Settings(), attend(outputs, target)
    if attended is None:
        raise FaithfulnessError(say("This network has no attention to test; choose one with attention from the list."))
    if not bool(attended.free.any()):
        raise FaithfulnessError(
            say("There is only one place to look at: make it longer, so that attention could be otherwise.")
        )
    generator = torch.Generator().manual_seed(settings.seed)
    received = attended.received.detach()
    sets = _sets(received, settings, generator)
    muted, removed = _mute(attended, sets), _remove(outputs, target, sets)
    other = find_adversary(attended, starts=settings.starts, steps=settings.steps, seed=settings.seed)
    steps, size = len(received), min(settings.most, len(received) - 1)
    return Faithfulness(
        place=attended.place,
        answer=float(_answers(attended, attended.weights[None])[0]),
        attention=_doubles(received),
        uniform=float(_answers(attended, uniform(attended))[0]),
        shuffled=_answers(attended, shuffled(attended, settings.shuffles, generator)),
        muted=_erasure(muted[steps:], size),
        removed=_erasure(removed[steps:], size),
        left_out=removed[:steps],
        gradient=_doubles(_gradient(outputs, target)),
        adversary=_doubles(replace(attended, weights=other.weights).received),
        adversary_answer=other.answer,
        divergence=other.divergence,
    )


def _doubles(values: Tensor) -> Doubles:
    return values.detach().double().cpu().numpy()


def _sets(received: Tensor, settings: Settings, generator: torch.Generator) -> Tensor:
    """Sets of tokens ``[set, step]``: each alone; then for each size the most attended, and as many at random."""
    steps = len(received)
    ranks = received.argsort(descending=True, stable=True).argsort().cpu()
    found = [torch.eye(steps, dtype=torch.bool)]
    for size in range(1, min(settings.most, steps - 1) + 1):
        drawn = torch.rand(settings.draws, steps, generator=generator).argsort(1).argsort(1)
        found += [ranks[None] < size, drawn < size]
    return torch.cat(found)


def _erasure(answers: Doubles, sizes: int) -> Erasure:
    by_size = answers.reshape(sizes, -1)
    return Erasure(by_size[:, 0], by_size[:, 1:])


@torch.no_grad()
def _answers(attended: Attended, weights: Tensor) -> Doubles:
    return _doubles(torch.cat([attended.answers(some) for some in weights.split(ROWS_AT_ONCE)]))


def _mute(attended: Attended, sets: Tensor) -> Doubles:
    return _answers(attended, erased(attended, sets.to(attended.weights.device)))


def _remove(outputs: Outputs, target: Target, sets: Tensor) -> Doubles:
    """Answers for the input without each set of tokens, read anew."""
    network = outputs.network
    edits = [erasing(network, step, target) for step in range(sets.shape[1])]
    stacks = [[edits[step] for step in gone.nonzero()[:, 0].tolist()] for gone in sets]
    return _doubles(network.head(target.head).squash(edited_outputs(network, outputs.encoded, stacks, target)))


def _gradient(outputs: Outputs, target: Target) -> Tensor:
    return gradient_times_input(outputs.about(target), outputs.x[None], torch.zeros_like(outputs.x[0]))[0]
