"""Do two scores put the same tokens first? Rank correlations of magnitudes, with intervals.

    Kendall's τ_b = (pairs in the same order − pairs in opposite order) / √(pairs untied in one · pairs untied in other)
    Spearman's ρ  = correlation of the ranks, ties sharing their mean rank

Both are 1 for the same order and −1 for the opposite one. Kendall 1945, "The treatment of ties in ranking problems".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Doubles = NDArray[np.float64]

SAME = 1e-7
"""Scores closer than this share of the largest are tied: float32 tells no more."""

RESAMPLES = 400


def kendall(one: ArrayLike, other: ArrayLike) -> float:
    """Kendall's τ_b; not a number if one of the two ties everything."""
    return _tau(_orders(one), _orders(other))


def spearman(one: ArrayLike, other: ArrayLike) -> float:
    """Spearman's ρ; not a number if one of the two ties everything."""
    first, second = _rounded(one), _rounded(other)
    if not (np.ptp(first) and np.ptp(second)):
        return float("nan")
    return float(np.corrcoef(mean_ranks(first), mean_ranks(second))[0, 1])


def mean_ranks(values: ArrayLike) -> Doubles:
    """The rank of every number, counted from 1, ties sharing their mean rank."""
    _, place, counts = np.unique(np.asarray(values, dtype=np.float64), return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2.0)[place]


def kendall_interval(one: ArrayLike, other: ArrayLike) -> tuple[float, float]:
    """95% percentile bootstrap interval of Kendall's τ_b over the tokens (Efron & Tibshirani 1993, chapter 13).

    The order of every pair is worked out once for all resamples.
    """
    first, second = _orders(one), _orders(other)
    drawn = np.random.default_rng(0).integers(0, len(first), (RESAMPLES, len(first)))
    return interval(np.array([_tau(first[np.ix_(rows, rows)], second[np.ix_(rows, rows)]) for rows in drawn]))


def _orders(values: ArrayLike) -> NDArray[np.int8]:
    """Signs of all differences, ``[token, token]``."""
    found = _rounded(values)
    return np.sign(np.subtract.outer(found, found)).astype(np.int8)


def _tau(first: NDArray[np.int8], second: NDArray[np.int8]) -> float:
    """Kendall's τ_b from the signs of all differences, ``[token, token]``."""
    untied = float(np.count_nonzero(first)) * float(np.count_nonzero(second))
    return float(np.sum(first * second, dtype=np.int64) / np.sqrt(untied)) if untied else float("nan")


def mean_interval(values: ArrayLike) -> tuple[float, float]:
    """95% percentile bootstrap interval of a mean."""
    known = np.asarray(values, dtype=np.float64)
    known = known[np.isfinite(known)]
    if not len(known):
        return float("nan"), float("nan")
    drawn = np.random.default_rng(0).integers(0, len(known), (RESAMPLES, len(known)))
    return interval(known[drawn].mean(axis=1))


def interval(values: Doubles) -> tuple[float, float]:
    """The middle 95% of some numbers; those that are not numbers are left out."""
    known = values[np.isfinite(values)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, (0.025, 0.975))
    return float(low), float(high)


def _rounded(values: ArrayLike) -> Doubles:
    """Numbers as multiples of what still tells them apart."""
    found = np.asarray(values, dtype=np.float64)
    unit = SAME * np.abs(found).max(initial=0.0)
    return np.round(found / unit) if unit else found
