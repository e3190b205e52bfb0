"""Principal component analysis: the few directions in which a cloud of states differs most."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Axes:
    """Directions fitted to a cloud.

    Attributes:
        center: mean of the cloud, ``[unit]``.
        directions: orthonormal, most variance first, ``[axis, unit]``; zeros where the cloud has no further direction.
        shares: share of the cloud's variance along each, ``[axis]``.
    """

    center: Floats
    directions: Floats
    shares: Floats

    def place(self, states: NDArray[np.floating]) -> NDArray[np.float32]:
        """Coordinates of states ``[n, unit]`` along the directions, ``[n, axis]``."""
        return ((states.astype(np.float64) - self.center) @ self.directions.T).astype(np.float32)


@dataclass(frozen=True, eq=False)
class _Cloud:
    """A cloud known by the memory that it is a view of: a model's background is one array in all its traces.

    Two views of one memory are the same cloud where they begin at the same place and are laid out alike.
    """

    states: NDArray[np.floating]
    toward: NDArray[np.bool_] | None

    @property
    def owner(self) -> object:
        return self.states if self.states.base is None else self.states.base

    def __hash__(self) -> int:
        return id(self.owner)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Cloud) or other.owner is not self.owner or other.view != self.view:
            return False
        if self.toward is None or other.toward is None:
            return self.toward is other.toward
        return np.array_equal(self.toward, other.toward)

    @property
    def view(self) -> tuple[object, ...]:
        """Which part of the memory it is."""
        return self.states.ctypes.data, self.states.shape, self.states.strides, self.states.dtype


def fit_once(cloud: NDArray[np.floating], count: int, toward: NDArray[np.bool_] | None = None) -> Axes:
    """``fit_axes``, remembered for the last clouds seen; they must not be changed, as a trace's arrays never are."""
    return _fit(_Cloud(cloud, toward), count)


@lru_cache(maxsize=64)
def _fit(cloud: _Cloud, count: int) -> Axes:
    return fit_axes(cloud.states, count, cloud.toward)


def fit_axes(cloud: NDArray[np.floating], count: int, toward: NDArray[np.bool_] | None = None) -> Axes:
    """The ``count`` principal axes of a cloud ``[sample, unit]``.

    The singular value decomposition is that of the covariance, ``[unit, unit]``: about a millisecond for 64 units,
    where that of the cloud itself takes five. A direction's sign is free; it is chosen so that the samples marked in
    ``toward`` ``[sample]`` lie on the positive side of the others.
    """
    values = cloud.astype(np.float64)
    center = values.mean(axis=0)
    spread = values - center
    vectors, variances, _ = np.linalg.svd(spread.T @ spread, hermitian=True)
    directions, shares = np.zeros((count, values.shape[1])), np.zeros(count)
    found = min(count, len(variances))
    directions[:found] = vectors[:, :found].T
    if variances.sum() > 0:
        shares[:found] = variances[:found] / variances.sum()
    if toward is not None and toward.any() and not toward.all():
        side = directions @ (values[toward].mean(axis=0) - values[~toward].mean(axis=0))
        directions[side < 0] *= -1.0
    return Axes(center, directions, shares)
