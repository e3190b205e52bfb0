"""Whether an English sentence is about films: which words it has, beside those of reviews and of other English.

A logistic regression on the distinct words of a text, of n words in all, and how far its sum lies from that of reviews
of the same length:

    s = Σ β_w,   z = (s - m(n)) / d(n),   m(n) = m₀ + m₁ √n + m₂ n,   d(n) = d₀ + d₁ √n

Reviews and every kind of other English weigh alike in it. m and d are fitted to reviews of the dev split, and the limit
is the 2% point of z there. A ratio of likelihoods (Ren et al. 2019, NeurIPS, arXiv 1906.02845), which needs no fit,
finds less at as many false alarms. ``pretrained.analysis.subjects`` measures it anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load

from core_models.language import mark, say
from pretrained.shipped import read, understood

FILE = Path(__file__).parent / "tasks" / "classes" / "sentiment.subject.safetensors"
FEWEST, NARROWEST = 4, 0.1
"""Words below which nothing is said, and the least deviation of reviews."""

SAID = mark(
    "This reads less like a film review than like other English, so the answer may mean little: the model learned from "
    "film reviews alone."
)

Ids = Sequence[int]


@dataclass(frozen=True)
class Subject:
    """What tells reviews from other English.

    Attributes:
        weights: β of every word by its id, ``[word]``; NaN for marks such as a comma, which are left out.
        middle, spread: m ``[3]`` and d ``[2]`` of reviews, as above.
        limit: below which a text is likely about something else.
    """

    weights: NDArray[np.floating]
    middle: NDArray[np.floating]
    spread: NDArray[np.floating]
    limit: float = -np.inf

    def total(self, ids: Ids) -> tuple[float, int]:
        """Sum over the distinct words of a text, and how many words it has in all."""
        found = np.asarray(ids, dtype=np.int64)
        found = found[~np.isnan(self.weights[found])]
        return float(self.weights[np.unique(found)].sum()), len(found)

    def score(self, ids: Ids) -> float:
        """How much like reviews of its length a text is, in deviations; NaN where it has too few words."""
        total, count = self.total(ids)
        if count < FEWEST:
            return float("nan")
        length = lengths(np.array([count]))[0]
        return float((total - length @ self.middle) / max(length[:2] @ self.spread, NARROWEST))

    def is_elsewhere(self, ids: Ids) -> bool:
        """Whether a text is likely about something else."""
        return self.score(ids) < self.limit


def lengths(counts: NDArray[np.integer]) -> NDArray[np.float64]:
    """What m and d are made of, ``[text, 3]``, of numbers of words."""
    return np.stack([np.ones(len(counts)), np.sqrt(counts), counts], axis=1).astype(np.float64)


@cache
def subject() -> Subject:
    """What was measured.

    Raises:
        ModelError: if its file is missing or damaged.
    """
    with understood(FILE, Exception):  # the library has no class of its own for what it cannot read
        held = load(read(FILE))
        numbers = held["numbers"].astype(np.float64)
        return Subject(held["weights"].astype(np.float64), numbers[:3], numbers[3:5], float(numbers[5]))


def remark(ids: Ids) -> str:
    """What is said beside the answer; "" for what may be a review.

    Raises:
        ModelError: as ``subject``.
    """
    return say(SAID) if subject().is_elsewhere(ids) else ""
