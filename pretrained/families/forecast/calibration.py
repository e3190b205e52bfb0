"""How far the interval of a forecast must be stretched so that it holds eight values of ten, at every step ahead.

The miss of a window at one step ahead is how many times its interval would have to be as wide to hold what came:

    e = max((ŷ − y) / (ŷ − lower), (y − ŷ) / (upper − ŷ))

and the interval is stretched by the ⌈0.8 (n + 1)⌉-th smallest of n misses on windows that were not learned from
(conformalised quantile regression: Romano, Patterson & Candès 2019, arXiv 1905.03222, with a factor in the place of a
summand). The windows are those of the test split: series drift, so that of all unseen ones the newest say most about
the next. Stretching moves no forecast, so that the errors on test stay what they are. How often the interval holds
there is measured apart from what it was set by: the split is cut into blocks of √n windows, every tenth block is judged
by the factor that all others give. Beside it stands what a factor set by the older windows of dev alone would have
held on test: 79 to 83% of the hours of fine dust, but 56 to 74% of the months of carbon dioxide, which rises ever
faster, and 86 to 90% of the hours of oil temperature, which calms down. No older window says how a series moves on.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from pretrained.families.forecast.windows import Floats

HELD = 0.8
"""Share of what comes that the interval is to hold."""

PARTS = 10
"""Parts into which windows are cut, each judged by the others."""


def misses_of(answer: Floats, came: Floats) -> Floats:
    """How many times as wide every interval would have to be, ``[window, horizon]``; NaN where what came is not known.

    Args:
        answer: centre, lower and upper end, ``[window, horizon, 3]``.
        came: what came, ``[window, horizon]``.
    """
    centre, lower, upper = np.moveaxis(answer, -1, 0)
    return np.maximum((centre - came) / (centre - lower), (came - centre) / (upper - centre))


def stretch_of(misses: Floats) -> Floats:
    """The factor of every step ahead, ``[horizon]``, from misses ``[window, horizon]`` of which some are known."""
    found = []
    for column in misses.T:
        known = np.sort(column[~np.isnan(column)])
        found.append(known[min(math.ceil(HELD * (len(known) + 1)), len(known)) - 1])
    return np.array(found)


def holds(misses: Floats) -> NDArray[np.float64]:
    """Whether each interval, stretched by what the other parts say, held what came: 1, 0 or NaN, ``[window, horizon]``.

    Args:
        misses: of windows in the order of time, two at least, ``[window, horizon]``.
    """
    part = np.arange(len(misses)) // math.isqrt(len(misses)) % PARTS
    inside = np.full(misses.shape, np.nan)
    for own in np.unique(part):
        judged = part == own
        inside[judged] = misses[judged] <= stretch_of(misses[~judged])
    return np.where(np.isnan(misses), np.nan, inside)
