"""How sure a measured share or mean is."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

DRAWS = 1000
"""Draws of a bootstrap."""


def wilson_interval(share: float, count: int) -> tuple[float, float]:
    """95% confidence interval of a share of ``count`` trials (Wilson 1927)."""
    z = 1.959964
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return middle - half, middle + half


def drawn_interval(values: ArrayLike, of: Callable[[NDArray], float] = np.mean) -> tuple[float, float]:
    """95% interval of what is said ``of`` rows ``[n, ...]`` that have nothing to do with each other: a bootstrap."""
    rows, draw = np.asarray(values), np.random.default_rng(0)
    found = [float(of(rows[draw.integers(len(rows), size=len(rows))])) for _ in range(DRAWS)]
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)


def block_interval(values: ArrayLike) -> tuple[float, float]:
    """95% interval of the mean of values ``[time, ...]`` of which neighbours are alike; NaN is left out.

    A circular block bootstrap (Politis & Romano 1992): every draw is made of blocks of √n neighbouring times, n in all.
    """
    rows = np.asarray(values, dtype=np.float64).reshape(len(np.asarray(values)), -1)
    length = math.isqrt(len(rows))
    known = np.stack([np.nansum(rows, axis=1), (~np.isnan(rows)).sum(axis=1)])
    around = np.concatenate([known, known[:, : length - 1]], axis=1)
    totals, counts = (np.convolve(row, np.ones(length), mode="valid") for row in around)
    begins = np.random.default_rng(0).integers(len(rows), size=(DRAWS, -(-len(rows) // length)))
    low, high = np.quantile(totals[begins].sum(axis=1) / counts[begins].sum(axis=1), [0.025, 0.975])
    return float(low), float(high)
