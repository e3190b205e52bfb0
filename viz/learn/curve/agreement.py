"""How far a drawn curve agrees with a measured one, held against the best line that is flat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Agreement:
    """How two curves differ.

    Attributes:
        away: mean distance of the drawn curve from the measured one.
        flat: that of the best flat line, which stands at the median of the measured curve.
    """

    away: float
    flat: float

    @property
    def score(self) -> float:
        """1 for the same curve, 0 for one that is no nearer than the best flat line: 1 − away / flat."""
        if self.flat == 0.0:
            return float(self.away == 0.0)
        return max(0.0, 1.0 - self.away / self.flat)


def agree(drawn: Sequence[float], measured: Sequence[float]) -> Agreement:
    """How a drawn curve differs from the measured one, both with a value for each token."""
    truth = np.asarray(measured, dtype=float)
    away = np.abs(np.asarray(drawn, dtype=float) - truth).mean()
    return Agreement(float(away), float(np.abs(np.median(truth) - truth).mean()))
