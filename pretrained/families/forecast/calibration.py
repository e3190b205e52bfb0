"""How far the interval of a forecast must be stretched so that it holds eight values of ten, at every step ahead.

The miss of a window at one step ahead is how many times its interval would have to be as wide to hold what came:

    e = max((ŷ − y) / (ŷ − lower), (y − ŷ) / (upper − ŷ))

and the interval is stretched by the ⌈0.8 (n + 1)⌉-th smallest of n misses on windows that were not learned from
(conformalised quantile regression: Romano, Patterson & Candès 2019, arXiv 1905.03222, with a factor in the place of a
summand). A series does not stay as it was: carbon dioxide rises ever faster, and the oil temperature calms down. So the
windows are, where there are enough, the last n before the one that is forecast whose outcome is known by then, never
one that is not (a rolling form of Gibbs & Candès 2021, "Adaptive conformal inference under distribution shift", arXiv
2106.00170). Windows that forecast k steps ahead share k − 1 of these steps with the next one, so that n of them say
less than n apart would, and the r-th smallest miss of n is taken, with

    r = ⌈0.8 (n + 1) + 0.2 (k − 1)⌉

which holds eight of ten where what happens in every step is independent. How many windows, n, is settled by dev alone:
of two to ten dozens that number whose interval, at the step ahead where its share of dev is farthest from 80%, is
nearest to it; the fewest of several that are equal. Where fewer lie before, the factors stand that were set by the
windows of dev, with k = 1. Nothing is set on test: the share of it that fell inside, of both kinds of intervals, stands
beside every interval that is drawn, step by step.

Neither a factor of each end (Romano et al., sec. 2), nor one that grows with every miss and shrinks otherwise (Gibbs &
Candès, sec. 2), alone or beside the windows, held dev better.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from pretrained.families.forecast.windows import Floats

HELD = 0.8
"""Share of what comes that the interval is to hold."""

LOOKED_BACK = range(24, 121, 12)
"""Numbers of windows of which one is taken."""


def misses_of(answer: Floats, came: Floats) -> Floats:
    """How many times as wide every interval would have to be, ``[window, horizon]``; NaN where what came is not known.

    Args:
        answer: centre, lower and upper end, ``[window, horizon, 3]``.
        came: what came, ``[window, horizon]``.
    """
    centre, lower, upper = np.moveaxis(answer, -1, 0)
    return np.maximum((centre - came) / (centre - lower), (came - centre) / (upper - centre))


def rank(count: int, ahead: int = 1) -> int:
    """Which of ``count`` misses, the smallest being 1, an interval must reach, ``ahead`` steps ahead; see above."""
    return min(math.ceil(round(HELD * (count + 1) + (1.0 - HELD) * (ahead - 1), 9)), count)


def stretch_of(misses: Floats) -> Floats:
    """The factor of every step ahead, ``[horizon]``, from misses ``[window, horizon]`` of which some are known."""
    found = []
    for column in misses.T:
        known = np.sort(column[~np.isnan(column)])
        found.append(known[rank(len(known)) - 1])
    return np.array(found)


def shares(misses: Floats, stretch: Floats | float = 1.0) -> Floats:
    """Share of what came that fell into intervals stretched as much as is given, ``[horizon]``; NaN is left out."""
    return np.nanmean(np.where(np.isnan(misses) | np.isnan(stretch), np.nan, misses <= stretch), axis=0)


def look_back(misses: Floats, ends: NDArray[np.intp], asked: NDArray[np.intp]) -> int:
    """By how many windows before them the intervals of windows are best set, of ``LOOKED_BACK``; see above.

    Args:
        misses: of windows in the order of time, ``[window, horizon]``.
        ends: the last step of each.
        asked: the last step of each window, among these, by which it is settled.
    """
    came = misses[np.searchsorted(ends, asked)]

    def off(count: int) -> float:
        stretch = rolling_stretch(misses, ends, asked, count)
        if np.isnan(stretch).any():
            return math.inf  # not enough windows lie before
        held = shares(came, stretch)
        return round(float(np.abs(held - HELD).max()), 4)

    return min(LOOKED_BACK, key=off)


def is_rolling(scores: Mapping[str, Any], stretch: NDArray[np.floating]) -> bool:
    """Whether the factors of an interval are those of the windows before it, not the recipe's, set on dev."""
    return not np.allclose(stretch, scores["stretch"], rtol=1e-6)


def held_on_test(scores: Mapping[str, Any], *, rolling: bool) -> Floats:
    """Share of what came on test that fell into such intervals, ``[horizon]``, from a recipe's scores."""
    return np.array(list(scores["test_rolling_coverage_ahead" if rolling else "test_coverage_ahead"].values()))


def rolling_stretch(misses: Floats, ends: NDArray[np.intp], asked: NDArray[np.intp], count: int) -> Floats:
    """The factor of every window that is asked for, from the windows before it alone, ``[asked, horizon]``.

    Args:
        misses: of windows in the order of time, ``[window, horizon]``.
        ends: the last step of each.
        asked: the last step of each window that is forecast.
        count: how many of the last windows, with a known outcome, each factor is set by.

    Returns:
        The factors; NaN where so many do not lie before.
    """
    found = np.full((len(asked), misses.shape[1]), np.nan)
    for place, column in enumerate(misses.T):
        known = ~np.isnan(column)
        stops = np.searchsorted(ends[known], asked - (place + 1), side="right")
        enough, nth = stops >= count, rank(count, place + 1) - 1
        if enough.any():
            last = sliding_window_view(column[known], count)[stops[enough] - count]
            found[enough, place] = np.partition(last, nth, axis=1)[:, nth]
    return found
