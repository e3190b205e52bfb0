"""What a number did in the stretches of a long sequence. Needs no torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Range:
    """The smallest, the largest and the mean value in every stretch, each ``[stretch, unit]``."""

    low: Floats
    high: Floats
    mean: Floats

    @property
    def extreme(self) -> Floats:
        """Of the smallest and the largest value that which is farther from what the unit does on average."""
        usual = self.mean.mean(axis=0, dtype=np.float64)
        return np.where(self.high - usual >= usual - self.low, self.high, self.low)


def summarise(values: Floats, starts: NDArray[np.intp]) -> Range:
    """What values ``[step, unit]`` did in the stretches that begin at ``starts``; no value is left out."""
    counts = np.diff(np.append(starts, len(values)))[:, None]
    sums = np.add.reduceat(values, starts, axis=0, dtype=np.float64)
    low, high = (reduce.reduceat(values, starts, axis=0) for reduce in (np.minimum, np.maximum))
    return Range(low, high, (sums / counts).astype(np.float32))


def summarise_known(values: Floats, starts: NDArray[np.intp]) -> Range:
    """As ``summarise`` for values ``[step, unit]`` of which some are missing (NaN): a stretch without any has NaN."""
    known = np.isfinite(values)
    counts = np.add.reduceat(known, starts, axis=0, dtype=np.float64)
    sums = np.add.reduceat(np.where(known, values, 0.0), starts, axis=0, dtype=np.float64)
    low, high = (reduce.reduceat(values, starts, axis=0) for reduce in (np.fmin, np.fmax))
    mean = np.divide(sums, counts, out=np.full_like(sums, np.nan), where=counts > 0)
    return Range(low, high, mean.astype(values.dtype))


def join(parts: list[Range]) -> Range:
    """Stretches that follow on each other."""
    if len(parts) == 1:
        return parts[0]
    return Range(*(np.concatenate([getattr(part, name) for part in parts]) for name in ("low", "high", "mean")))
