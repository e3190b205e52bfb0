r"""Could the network have attended quite differently and still have said the same?

    maximise JSD(α′, α)  subject to  |p(α′) − p(α)| ≤ ε        after Jain & Wallace 2019, arXiv 1902.10186, 4.2.2

For a binary answer |Δp| is their total variation distance. As there, the constraint becomes a hinge in the objective
and α′ is the softmax of scores that Adam climbs; several starts (shuffled weights, and nearly all weight on one token)
climb side by side. Unlike there, what counts at the end is only what satisfies the constraint: the most different
weights that were met on the way and answer within ε. Of what does not, the mixture with α is taken that just does.

How to read it: Wiegreffe & Pinter 2019, arXiv 1908.04626, object that weights found for one input, free of everything
that a trained attention must fit, are easy to find. A large divergence says that this answer does not hang on this
attention; it does not say that the attention means nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core_models.explain.faithfulness.attended import Attended
from core_models.explain.faithfulness.reweighting import divergence, shuffled

TOLERANCE = 0.01
"""ε: how far the answer may move; Jain & Wallace's value for the probability of a class."""

STARTS, STEPS, RATE, PRESSURE = 8, 40, 0.8, 10.0
"""Climbers, steps of Adam, its learning rate on the scores, and the weight λ of the hinge."""

MIXTURES = 20


@dataclass(frozen=True)
class Adversary:
    """The most different attention that was found to give the same answer.

    Attributes:
        weights: ``[head, query, key]``.
        divergence: from the network's own weights, in nats, between 0 and ln 2.
        answer: the answer with these weights.
    """

    weights: Tensor
    divergence: float
    answer: float


def find_adversary(
    attended: Attended, *, tolerance: float = TOLERANCE, starts: int = STARTS, steps: int = STEPS, seed: int = 0
) -> Adversary:
    """Search for a different attention with the same answer; the network's own weights if nothing else is found."""
    own = attended.weights
    with torch.no_grad():
        answer = attended.answers(own[None])
    best = _Best(own, torch.zeros((), device=own.device), answer[0])
    scores = _starts(attended, starts, seed)
    climb, rows = _Adam(scores), own
    with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):
        for _ in range(steps):
            scores = scores.detach().requires_grad_()
            rows = _rows(scores, attended)
            apart, found = divergence(rows, own, attended.free), attended.answers(rows)
            best.take(rows, apart, found, (found - answer).abs() <= tolerance)
            hinge = ((found - answer).abs() - tolerance).clamp(min=0.0)
            (slope,) = torch.autograd.grad((PRESSURE * hinge - apart).sum(), scores)
            scores = scores.detach() - RATE * climb.direction(slope)
    _mix(attended, rows.detach(), answer, tolerance, best)
    return Adversary(best.weights, float(best.apart), float(best.answer))


@dataclass
class _Best:
    """The most different weights so far."""

    weights: Tensor
    apart: Tensor
    answer: Tensor

    def take(self, rows: Tensor, apart: Tensor, answers: Tensor, fits: Tensor) -> None:
        """Keep the most different of those that fit, if it beats what is held."""
        at = int(apart.detach().masked_fill(~fits, -1.0).argmax())
        if bool(fits[at]) and bool(apart[at] > self.apart):
            self.weights, self.apart, self.answer = rows[at].detach(), apart[at].detach(), answers[at].detach()


class _Adam:
    """Kingma & Ba 2015, arXiv 1412.6980, algorithm 1; torch's own takes seconds to import and one tensor to update."""

    def __init__(self, like: Tensor) -> None:
        self.mean, self.square, self.count = torch.zeros_like(like), torch.zeros_like(like), 0

    def direction(self, slope: Tensor) -> Tensor:
        """The step to take against, per unit of the learning rate."""
        self.count += 1
        self.mean = 0.9 * self.mean + 0.1 * slope
        self.square = 0.999 * self.square + 0.001 * slope**2
        mean, square = self.mean / (1.0 - 0.9**self.count), self.square / (1.0 - 0.999**self.count)
        return mean / (square.sqrt() + 1e-8)


def _starts(attended: Attended, count: int, seed: int) -> Tensor:
    """Scores to begin with: shuffled weights, and weight on one of the tokens that got least."""
    own = attended.weights
    some = shuffled(attended, count - count // 2, torch.Generator().manual_seed(seed))
    least = attended.received.argsort()[: count // 2]
    single = torch.nn.functional.one_hot(least, own.shape[-1]).to(own)[:, None, None].expand(-1, *own.shape)
    mixed = 0.9 * torch.cat([some, single]) + 0.1 * own
    return mixed.clamp(min=1e-4).log()


def _rows(scores: Tensor, attended: Attended) -> Tensor:
    """Softmax among the places where a query may look; empty rows and rows with one place stay as they are."""
    rows = torch.softmax(scores.masked_fill(~attended.mask, -1e9), dim=-1)
    return torch.where(attended.free[:, None], rows, attended.weights)


@torch.no_grad()
def _mix(attended: Attended, rows: Tensor, answer: Tensor, tolerance: float, best: _Best) -> None:
    """Try mixtures of the last rows with the network's own weights, from far to near."""
    shares = torch.linspace(1.0, 0.0, MIXTURES + 1, device=rows.device)[:-1, None, None, None, None]
    mixed = (shares * rows + (1.0 - shares) * attended.weights).flatten(0, 1)
    found = attended.answers(mixed)
    apart = divergence(mixed, attended.weights, attended.free)
    best.take(mixed, apart, found, (found - answer).abs() <= tolerance)
