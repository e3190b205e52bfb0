"""How the past fades, as dynamics.gradient_flow and memory.perturbation find it: plain arrays, no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core_models.convention import Convention
from core_models.trace import Site

Doubles = NDArray[np.float64]


@dataclass(frozen=True)
class StateGradients:
    """How the state after the last step depends on the states before, in one layer and direction, on the token axis.

    Attributes:
        site: layer and direction.
        convention: the cell's.
        norms: by quantity key of a state, ``[step]``: spectral norm of the derivative of its value after the last step
            with respect to its value after step s; 1 where s is the last.
        steps: ‖J_t‖, ``[step]``: the largest factor by which one step can pass on a small change of the whole state;
            None where a state acts on other steps than the next, so that the derivative is no product.
        kept: share of the past that the keeping gate leaves, ``[step, unit]``; None where the cell has none.
        slopes: φ'(a_t), ``[step, unit]``, where each step squashes the whole state, as in Elman's cell; else None.
        stretch: ‖W_hh‖, where there are ``slopes``: the largest factor of the recurrent weights; else None.
    """

    site: Site
    convention: Convention
    norms: Mapping[str, Doubles]
    steps: Doubles | None
    kept: Doubles | None
    slopes: Doubles | None
    stretch: float | None

    @property
    def memory(self) -> Doubles:
        """``norms`` of the state that the cell's memory is in (c of an LSTM, else h), ``[step]``."""
        return self.norms[self.convention.memory]

    @property
    def lags(self) -> NDArray[np.intp]:
        """Steps from each token to the last one read, ``[step]``."""
        forward = np.arange(len(self.memory))[::-1]
        return forward[::-1] if self.site.direction == "backward" else forward

    @property
    def bound(self) -> Doubles | None:
        """Product of ‖J_t‖ over the tokens read after each, ``[step]``: no derivative of the whole state is larger."""
        return None if self.steps is None else self._product_after(self.steps)

    @property
    def kept_paths(self) -> Doubles | None:
        """Derivative of every unit by itself along the keeping gate alone, Π_t k_t, ``[step, unit]``."""
        return None if self.kept is None else self._product_after(self.kept)

    @property
    def kept_path(self) -> Doubles | None:
        """Norm of the derivative along the keeping gate alone, ``[step]``: the largest Π_t k_t of any unit."""
        paths = self.kept_paths
        return None if paths is None else paths.max(axis=1)

    def passed(self, key: str) -> Doubles:
        """What each token did to the gradient on its way back, ``[step]``: ``norms[key]`` before it over that after it.

        The product over the tokens after s is the norm at s. Not a number at the token read first, before which there
        is no state that anything wrote, and where the gradient is 0 on both sides.
        """
        reading = self.norms[key][::-1] if self.site.direction == "backward" else self.norms[key]
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.concatenate([[np.nan], reading[:-1] / reading[1:]])
        return found[::-1] if self.site.direction == "backward" else found

    def _product_after(self, factors: Doubles) -> Doubles:
        reading = factors[::-1] if self.site.direction == "backward" else factors
        later = np.concatenate([np.ones_like(reading[:1]), reading[:0:-1]]).cumprod(axis=0)
        return later if self.site.direction == "backward" else later[::-1]


@dataclass(frozen=True)
class Fading:
    """What is left of a nudge to each unit, in steps after the token where it was given.

    Attributes:
        site: layer and direction.
        start: position of the token after which the nudge was given, on the token axis.
        size: ε.
        own: the nudged unit's own deviation, as a share of the nudge, ``[lag, unit]``; 1 at lag 0.
        whole: length of the whole memory's deviation, as a share of the nudge, ``[lag, unit]``; 1 at lag 0.
    """

    site: Site
    start: int
    size: float
    own: NDArray[np.float64]
    whole: NDArray[np.float64]
