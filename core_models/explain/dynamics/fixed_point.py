"""Points at which a recurrence rests while its input is held, as explain.dynamics.fixed_points finds them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core_models.language import mark

FIXED = 1e-9
"""Speed ‖F(s) - s‖ below which a point is a fixed point."""


class Stability(StrEnum):
    """What a point does to states near it."""

    ATTRACTOR = mark("attractor")
    SADDLE = mark("saddle")
    REPELLER = mark("repeller")
    SLOW = mark("slow point")


@dataclass(frozen=True)
class RestPoint:
    """One fixed or slow point.

    Attributes:
        state: s, ``[state]``: h, or h and c end to end.
        speed: ‖F(s) - s‖.
        eigenvalues: of ∂F/∂s at s, complex, largest modulus first, ``[state]``.
        arrivals: how many starts flow to it when the input is held.
    """

    state: NDArray[np.float64]
    speed: float
    eigenvalues: NDArray[np.complex128]
    arrivals: int = 0

    @property
    def unstable(self) -> int:
        """Number of directions that lead away."""
        return int((np.abs(self.eigenvalues) > 1.0).sum())

    @property
    def stability(self) -> Stability:
        """What it does to states near it."""
        if self.speed > FIXED:
            return Stability.SLOW
        if self.unstable == 0:
            return Stability.ATTRACTOR
        return Stability.REPELLER if self.unstable == len(self.eigenvalues) else Stability.SADDLE

    @property
    def half_life(self) -> float:
        """Steps in which half of the slowest fading deviation is gone; infinite where a direction leads away."""
        slowest = float(np.abs(self.eigenvalues[0]))
        return float(np.log(0.5) / np.log(slowest)) if 0.0 < slowest < 1.0 else (np.inf if slowest else 0.0)


@dataclass(frozen=True)
class Attractors:
    """What was found for one held input.

    Attributes:
        points: attractors first, most arrivals first, then saddles and repellers, then slow points.
        flows: path of each start while the input is held, ``[step + 1, start, state]``, thinned to powers of two.
        restless: how many starts had not come to rest after ``FLOW`` steps: on a cycle, or still on the way.
    """

    points: tuple[RestPoint, ...]
    flows: NDArray[np.float64]
    restless: int
