"""Groups of rows by a number that each row has, such as the error of a forecast: their means, and which are worse.

What comes at neighbouring times is alike, so that many rows say less than as many apart would. Rows come in blocks, and
with the mean m of n rows in B blocks

    var(m) = B / (B - 1) · Σ_b (Σ_{i in b} (x_i - m) / n)²

(Cameron & Miller 2015, "A practitioner's guide to cluster-robust inference", Journal of Human Resources 50, section
II); where each row is a block of its own, this is s² / n. A p-value is one-sided, of the normal distribution, for a
group that is no worse than all other rows, and corrected for the number of groups that were looked at.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pretrained.analysis.labelled import Flags, Floats, Slice, holm, large_enough

WIDE, FEWEST = 1.959964, 8
"""Standard deviations on either side that hold 95%, and blocks below which nothing is said of a group."""


@dataclass(frozen=True, eq=False)
class Measured:
    """A number of every row.

    Attributes:
        values: ``[row]``, all known.
        blocks: the number of the block that each row belongs to, ``[row]``.
        high_is_bad: whether a larger number is worse.
    """

    values: Floats
    blocks: NDArray[np.intp]
    high_is_bad: bool = False

    @classmethod
    def alone(cls, values: Floats) -> Measured:
        """Rows that have nothing to do with each other, of which more is better."""
        return cls(values, np.arange(len(values)))

    def mean(self, rows: Flags) -> tuple[float, float, float]:
        """Mean of some rows, and its 95% interval; NaN where there is none."""
        if not rows.any():
            return math.nan, math.nan, math.nan
        mean, half = float(self.values[rows].mean()), WIDE * self._spread(self._pull(rows), rows)
        return mean, mean - half, mean + half

    def slices(self, groups: Mapping[str, Flags]) -> list[Slice]:
        """Every group of enough rows, the worst first; by name whether each row belongs to it."""
        known = {name: rows for name, rows in large_enough(groups, len(self.values)).items()
                 if min(self._blocks(rows), self._blocks(~rows)) >= FEWEST}  # fmt: skip
        p = holm({name: self._chance(rows) for name, rows in known.items()})
        made = [Slice(name, int(known[name].sum()), *self.mean(known[name]), p[name]) for name in p]
        return sorted(made, key=lambda each: (each.p, each.mean * (-1 if self.high_is_bad else 1)))

    def _chance(self, rows: Flags) -> float:
        """Chance that the mean of a group is so much worse than that of the others, if it is no worse."""
        apart = float(self.values[rows].mean() - self.values[~rows].mean())
        spread = self._spread(self._pull(rows) - self._pull(~rows), np.ones(len(rows), dtype=bool))
        worse = apart if self.high_is_bad else -apart
        return 0.5 * math.erfc(worse / spread / math.sqrt(2.0)) if spread > 0.0 else 1.0

    def _blocks(self, rows: Flags) -> int:
        """How many blocks some rows are of."""
        return int((np.bincount(self.blocks[rows]) > 0).sum())

    def _pull(self, rows: Flags) -> Floats:
        """By how much each row moves the mean of some rows, ``[row]``."""
        return np.where(rows, self.values - self.values[rows].mean(), 0.0) / rows.sum()

    def _spread(self, pull: Floats, rows: Flags) -> float:
        """Standard deviation of what such pulls add up to; NaN for a single block."""
        count = self._blocks(rows)
        if count < 2:
            return math.nan
        return math.sqrt(count / (count - 1) * float(np.square(np.bincount(self.blocks, weights=pull)).sum()))
