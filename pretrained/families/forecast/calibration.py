"""How far the interval of a forecast must be stretched so that it holds eight values of ten, at every step ahead.

The miss of a window at one step ahead is how many times its interval would have to be as wide to hold what came:

    e = max((ŷ − y) / (ŷ − lower), (y − ŷ) / (upper − ŷ))

and the interval is stretched by the ⌈0.8 (n + 1)⌉-th smallest of n misses on windows that were not learned from
(conformalised quantile regression: Romano, Patterson & Candès 2019, arXiv 1905.03222, with a factor in the place of a
summand). The windows are those of dev; test is only measured on. Eight in ten is what a series gets that goes on as it
was, and no older window says how a series moves on: carbon dioxide rises ever faster, so that fewer of its months fall
inside, and the oil temperature calms down, so that more of its hours do. This is why the share that fell inside on test
stands beside every interval that is drawn, step by step.
"""

from __future__ import annotations

import math

import numpy as np

from pretrained.families.forecast.windows import Floats

HELD = 0.8
"""Share of what comes that the interval is to hold."""


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
