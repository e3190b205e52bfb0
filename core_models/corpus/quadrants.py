"""Gate and candidate of a unit together: whether it writes at a token, and whether what it would write is high."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core_models.corpus.places import Floats

HALF, RAREST, NAMED = 0.5, 5, 4
"""Share of the candidate from which on a unit writes; tokens of a name at least, and names that are given."""


@dataclass(frozen=True)
class Quadrant:
    """The tokens at which gate and candidate lie on these sides.

    Attributes:
        writes: whether at least half of the candidate is written.
        high: whether the candidate lies above 0.
        share: of all tokens.
        change: mean of what the memory gains there.
        names: the tokens that stand here most above their share elsewhere, with their lift.
    """

    writes: bool
    high: bool
    share: float
    change: float
    names: tuple[tuple[str, float], ...]


def quadrants(written: Floats, candidate: Floats, change: Floats, labels: Sequence[str]) -> list[Quadrant]:
    """All four, those that write first.

    Args:
        written: share of the candidate that is written, ``[token]``.
        candidate: ``[token]``.
        change: of the memory, ``[token]``.
        labels: of every token.
    """
    every = Counter(labels)
    found = []
    for writes, high in ((True, True), (True, False), (False, True), (False, False)):
        here = ((written >= HALF) == writes) & ((candidate > 0.0) == high)
        count = int(here.sum())
        own = Counter(label for label, kept in zip(labels, here.tolist(), strict=True) if kept)
        lifts = {
            name: times * len(labels) / (every[name] * max(count, 1))
            for name, times in own.items() if every[name] >= RAREST
        }  # fmt: skip
        names = sorted(lifts, key=lambda name: (-lifts[name], -own[name]))[:NAMED]
        mean = float(change[here].mean()) if count else float("nan")
        found.append(Quadrant(writes, high, count / max(len(labels), 1), mean, tuple((n, lifts[n]) for n in names)))
    return found
