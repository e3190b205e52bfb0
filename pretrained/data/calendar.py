"""Steps of time: how far apart values stand, what a step is called, its place in the day, the week and the year."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core_models.language import mark, say

SHORT = re.compile(r"(?<!\d)0(?=\d[ 月日])")
"""What is left out where a day or a month is one digit."""


@dataclass(frozen=True)
class Step:
    """One distance between values.

    Attributes:
        rule: pandas' name of the regular grid.
        name: in words, one of them.
        label: how a time is written on an axis, as ``strftime`` takes it, in English.
        seconds: length; of a month the mean one.
        stamp: how a time is written where a series may span years.
    """

    rule: str
    name: str
    label: str
    seconds: float
    stamp: str = "%Y-%m-%d"

    def labels(self, times: pd.DatetimeIndex) -> tuple[str, ...]:
        """The times as they stand on an axis, a day below 10 as one digit."""
        return tuple(SHORT.sub("", label) for label in times.strftime(str.__str__(say(self.label))))

    def stamps(self, times: pd.DatetimeIndex) -> tuple[str, ...]:
        """The times with their years."""
        return tuple(times.strftime(self.stamp))

    def ahead(self, times: pd.DatetimeIndex, count: int) -> pd.DatetimeIndex:
        """The ``count`` times after the last one."""
        return pd.date_range(times[-1], periods=count + 1, freq=self.rule)[1:]


HOUR = Step("h", mark("hour"), mark("%d %b %H:%M"), 3600.0, "%Y-%m-%d %H:%M")
DAY = Step("D", mark("day"), mark("%d %b %Y"), 86400.0)
WEEK = Step("W-MON", mark("week"), mark("%d %b %Y"), 7 * 86400.0)
MONTH = Step("MS", mark("month"), mark("%b %Y"), 365.2425 / 12 * 86400.0, "%Y-%m")


def phases(times: pd.DatetimeIndex, cycles: Sequence[str]) -> NDArray[np.float64]:
    """Sine and cosine of the place in every cycle, ``[step, 2 * cycle]``.

    Args:
        times: the steps.
        cycles: any of ``day``, ``week`` and ``year``.
    """
    hour = times.hour + times.minute / 60.0
    place = {
        "day": hour / 24.0,
        "week": (times.day_of_week + hour / 24.0) / 7.0,
        "year": (times.day_of_year - 1 + hour / 24.0) / 365.2425,
    }
    found = [np.zeros((len(times), 0))]
    for cycle in cycles:
        angle = 2.0 * np.pi * np.asarray(place[cycle], dtype=np.float64)
        found.append(np.column_stack([np.sin(angle), np.cos(angle)]))
    return np.concatenate(found, axis=1)
