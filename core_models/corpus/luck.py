r"""What luck would have found: the same search where nothing is to be found.

Two questions are asked of every list of places.

*Do the units of a pattern go together?* The track of every unit is turned round the corpus by an offset of its own,
which keeps how often and how long it is on, and breaks only what it has to do with the others. The lift is the number
of places of at least some score over the mean number that the turned tracks have. One unit alone has nothing to go
together with.

*Have the places something in common?* For something that is true or false of every token, such as a word or a label,
the share of places where it is true is held against the same places moved round the corpus together, which keeps their
distances. Luck's best is the largest share of many such moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core_models.corpus.places import Flags, Ints, scored

TURNS, MOVES = 5, 200
"""How often tracks are turned, and places are moved."""


@dataclass(frozen=True)
class Lift:
    """How often something was found, and how often by luck."""

    found: int
    luck: float

    @property
    def ratio(self) -> float:
        """Found over luck; infinite where luck found nothing at all."""
        return self.found / self.luck if self.luck else float("inf")


@dataclass(frozen=True)
class Common:
    """Something that places have in common.

    Attributes:
        name: what it is.
        share: of the places where it is true.
        base: of all tokens.
        luck: the largest share that places moved round the corpus have.
        untrained: the share that the places of the same search in an untrained network have; None where none was made.
        seed: the same in a network that was trained from another seed.
    """

    name: str
    share: float
    base: float
    luck: float
    untrained: float | None = None
    seed: float | None = None

    @property
    def by_luck(self) -> bool:
        """Whether luck finds as much."""
        return self.share <= max(self.luck, self.untrained or 0.0)

    @property
    def lift(self) -> float:
        """Share over that of all tokens."""
        return self.share / self.base if self.base else float("inf")

    def telling(self, count: int) -> float:
        """How many standard errors a share of ``count`` places lies above the share of all tokens."""
        spread = max(self.base * (1.0 - self.base), 1.0 / count) / count
        return (self.share - self.base) / float(np.sqrt(spread))


def lift_of(on: Flags, bounds: Ints, margins: tuple[int, int], score: float, *, seed: int = 0) -> Lift | None:
    """How many places of at least ``score`` there are, and with every unit's track turned by itself.

    Args:
        on: ``[token, unit]``, the units of a pattern alone.
        bounds: of the documents, ``[document + 1]``.
        margins: steps before and after.
        score: from which a place counts.
        seed: of the offsets.

    Returns:
        None where there is one unit only.
    """
    if on.shape[1] < 2:
        return None
    found = int((scored(on, bounds, *margins)[2] >= score).sum())
    draw = np.random.default_rng(seed)
    counts = []
    for _ in range(TURNS):
        offsets = draw.integers(1, max(2, len(on)), size=on.shape[1])
        turned = np.stack([np.roll(on[:, unit], offset) for unit, offset in enumerate(offsets)], axis=1)
        counts.append(int((scored(turned, bounds, *margins)[2] >= score).sum()))
    return Lift(found, float(np.mean(counts)))


def common_to(places: Ints, tracks: Mapping[str, Flags], *, seed: int = 0) -> list[Common]:
    """What is true at the places more often than elsewhere, the most telling first.

    Args:
        places: tokens.
        tracks: by name, whether something is true of every token, ``[token]``.
        seed: of the moves.
    """
    if not len(places):
        return []
    found = []
    for name, track in tracks.items():
        share, base = float(track[places].mean()), float(track.mean())
        moves = np.random.default_rng(seed).integers(1, max(2, len(track)), size=MOVES)
        moved = track[(places[None] + moves[:, None]) % len(track)].mean(axis=1)
        found.append(Common(name, share, base, float(moved.max())))
    return sorted(found, key=lambda each: -each.telling(len(places)))
