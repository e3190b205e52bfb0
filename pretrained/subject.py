"""Whether an English sentence is about films: how its words are spread in reviews, beside other English.

The ratio of its likelihoods under two unigram models, of reviews (p) and of other English (q), for one of its n words:

    s = 1/n Σ log p(w) / q(w),   z = (s - m) √n

Both are smoothed by half a word, every logarithm is cut off at ±4, and an unknown word counts by how often held-back
reviews and other English have one. m is the mean of s, and the limit the 1% point of z, over held-back reviews of the
dev split. Source: Ren et al. 2019, NeurIPS, arXiv 1906.02845. ``pretrained.analysis.subjects`` measures it anew.
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
FEWEST = 4
"""Words below which nothing is said."""

SAID = mark(
    "This reads less like a film review than like other English, so the answer may mean little: the model learned from "
    "film reviews alone."
)

Ids = Sequence[int]


@dataclass(frozen=True)
class Subject:
    """What tells reviews from other English.

    Attributes:
        ratio: log p / q of every word by its id, ``[word]``; NaN for marks such as a comma, which are left out.
        mean, limit: of reviews, as above.
    """

    ratio: NDArray[np.floating]
    mean: float
    limit: float

    def score(self, ids: Ids) -> float:
        """How much like reviews a text is, in deviations that grow with its length; NaN where it has too few words."""
        found = self.ratio[np.asarray(ids, dtype=np.int64)]
        found = found[~np.isnan(found)]
        return float((found.mean() - self.mean) * np.sqrt(len(found))) if len(found) >= FEWEST else float("nan")

    def is_elsewhere(self, ids: Ids) -> bool:
        """Whether a text is likely about something else."""
        return self.score(ids) < self.limit


@cache
def subject() -> Subject:
    """What was measured.

    Raises:
        ModelError: if its file is missing or damaged.
    """
    with understood(FILE, Exception):  # the library has no class of its own for what it cannot read
        held = load(read(FILE))
        mean, limit = (float(number) for number in held["numbers"])
        return Subject(held["ratio"].astype(np.float64), mean, limit)


def remark(ids: Ids) -> str:
    """What is said beside the answer; "" for what may be a review.

    Raises:
        ModelError: as ``subject``.
    """
    return say(SAID) if subject().is_elsewhere(ids) else ""
