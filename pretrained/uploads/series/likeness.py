"""Whether a series is like the one that a forecaster learned: by its values, whatever its column is called.

Five things are looked at: where the values lie, how far half of them are spread, how far a value lies from the one
before it beside that spread, how often rise and fall take turns, and whether the changes return after a season.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core_models.language import Number, listed

SHARES = (0.0, 0.01, 0.25, 0.5, 0.75, 0.99)
"""Of the values that lie below the quantiles that are kept."""

FEWEST = 50
"""Values by which a series is judged at least."""

NEAR, FAR = 3.0, 6.0
"""Factor by which spread and changes may differ where a series is like the learned one, and where it is named so."""

RHYTHM = 0.4
"""How far the autocorrelation at a season may differ."""

MOST_BELOW = 0.02
"""Share of values that may lie below 0 where none of training does."""


@dataclass(frozen=True)
class Likeness:
    """What is looked at of a series.

    Attributes:
        quantiles: of the values, in their own unit, at ``SHARES``.
        roughness: median distance of neighbouring values, as a share of the distance between the quartiles.
        turning: share of the changes that go the other way than the one before.
        rhythm: autocorrelation of the changes at a season; NaN where the series is too short.
    """

    quantiles: tuple[float, ...]
    roughness: float
    turning: float
    rhythm: float = float("nan")

    @property
    def spread(self) -> float:
        """Distance between the quartiles."""
        return self.quantiles[4] - self.quantiles[2]


def likeness_of(values: ArrayLike, season: int) -> Likeness | None:
    """What is looked at of values ``[step]``, NaN where one is missing; None where they are too few or all the same."""
    numbers = np.asarray(values, dtype=np.float64)
    known = numbers[np.isfinite(numbers)]
    if len(known) < FEWEST:
        return None
    found = tuple(np.quantile(known, SHARES).tolist())
    changes = np.diff(numbers)
    changes = np.where(np.isfinite(changes), changes, 0.0)
    if not found[4] > found[2]:
        return None
    rhythm = _returning(changes, season) if len(changes) >= 2 * season else float("nan")
    moved = np.sign(changes[changes != 0.0])
    turning = float((moved[1:] != moved[:-1]).mean()) if len(moved) > 1 else 0.0
    return Likeness(found, float(np.median(np.abs(np.diff(known)))) / (found[4] - found[2]), turning, rhythm)


def _returning(changes: NDArray[np.float64], season: int) -> float:
    first, second = changes[:-season] - changes.mean(), changes[season:] - changes.mean()
    return float((first * second).mean() / max(float(changes.var()), 1e-30))


def is_like(own: Likeness, learned: Likeness) -> bool:
    """Whether a series could be one that the model learned."""
    low, high = learned.quantiles[1], learned.quantiles[-1]
    reach = 0.5 * (high - low)
    level = low <= own.quantiles[3] <= high and low - reach <= own.quantiles[1] and own.quantiles[-1] <= high + reach
    rhythm = not abs(own.rhythm - learned.rhythm) > RHYTHM  # also where it is unknown
    mine, theirs = ((each.spread, each.roughness, each.turning) for each in (own, learned))
    return level and rhythm and all(map(_within, mine, theirs))


def is_unlike(own: Likeness, learned: Likeness, below: float) -> bool:
    """Whether a series cannot be what its column is named: half of it lies elsewhere, or it is spread otherwise.

    Args:
        own, learned: what is looked at.
        below: share of the values below 0.
    """
    low, high = learned.quantiles[1], learned.quantiles[-1]
    elsewhere = not low - (high - low) <= own.quantiles[3] <= high + (high - low)
    return (
        elsewhere
        or (learned.quantiles[0] >= 0.0 and below > MOST_BELOW)
        or not _within(own.spread, learned.spread, FAR)
    )


def _within(own: float, learned: float, most: float = NEAR) -> bool:
    return learned / most <= own <= learned * most


def halves(found: Sequence[float]) -> str:
    """Between what values half of a series lies."""
    return listed([f"{Number(value):.4g}" for value in (found[2], found[4])])
