"""Numbers made of other numbers of the same step."""

import numpy as np

from core_models.language import say
from viz.learn.measures.error import MeasureError


def difference(first: float, second: float) -> float:
    """The first less the second."""
    return first - second


def ratio(first: float, second: float) -> float:
    """The first over the second.

    Raises:
        MeasureError: if the second number is 0.
    """
    if second == 0.0:
        raise MeasureError(say("the second number of the ratio is 0"))
    return first / second


def largest(*numbers: float) -> float:
    """Position of the largest number, counted from 1."""
    return float(np.argmax(numbers)) + 1


def smallest(*numbers: float) -> float:
    """Position of the smallest number, counted from 1."""
    return float(np.argmin(numbers)) + 1
