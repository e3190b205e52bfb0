"""Where the values stand that are forecast, and how good forecasts are there: by steps ahead and by time."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core_models.language import mark, say
from pretrained.analysis.forecasts import Scored
from pretrained.analysis.labelled import Flags, Floats
from pretrained.data.calendar import DAY, HOUR
from pretrained.kinds.forecast import SeriesTask
from viz.kinds.series.picture import NAMES

WEEKDAYS = (mark("Mon"), mark("Tue"), mark("Wed"), mark("Thu"), mark("Fri"), mark("Sat"), mark("Sun"))
MODEL = mark("this model")


def titles_of(task: SeriesTask) -> dict[str, str]:
    """What errors are told by, where a step of the series is short enough for it."""
    found = {"ahead": say("{noun}s ahead", noun=say(task.noun))}
    if task.step is HOUR:
        found["hour"] = say("hour of the day")
    if task.step in (HOUR, DAY):
        found["weekday"] = say("day of the week")
    return found | {"month": say("month")}


class Places:
    """Where every value stands that is forecast: how far ahead, and in the day, the week and the year."""

    def __init__(self, scored: Scored) -> None:
        self.scored = scored
        self._tables: dict[str, pd.DataFrame] = {}

    @cached_property
    def times(self) -> pd.DatetimeIndex:
        """Of every step of the series and of those behind it."""
        series, step = self.scored.series, self.scored.task.step
        return pd.DatetimeIndex(series.times.append(step.ahead(series.times, self.scored.task.horizon)))

    def of(self, kind: str) -> tuple[NDArray[np.intp], list[str]]:
        """The place of every value, ``[window, horizon]``, and what each place is called."""
        horizon = self.scored.task.horizon
        ahead = np.broadcast_to(np.arange(horizon), (len(self.scored.ends), horizon))
        if kind == "ahead":
            return ahead, [str(step + 1) for step in range(horizon)]
        times = self.times[(self.scored.ends[:, None] + 1 + ahead).ravel()]
        if kind == "hour":
            found, names = times.hour, [str(hour) for hour in range(24)]
        elif kind == "weekday":
            found, names = times.day_of_week, [say(day) for day in WEEKDAYS]
        else:
            found, names = times.month - 1, [str(month) for month in range(1, 13)]
        return np.asarray(found, dtype=np.intp).reshape(ahead.shape), names

    def table(self, kind: str) -> pd.DataFrame:
        """Error of the model and of the strongest simple forecast at every place, made once."""
        if kind not in self._tables:
            self._tables[kind] = self._made(kind)
        return self._tables[kind]

    def _made(self, kind: str) -> pd.DataFrame:
        scored, both = self.scored, {MODEL: self.scored.centre}
        both[NAMES[scored.strongest]] = scored.simple[scored.strongest]
        parts = [self._along(kind, scored.loss(forecast), say(name)) for name, forecast in both.items()]
        found = pd.concat(parts, ignore_index=True)
        for column in ("value", "low", "high"):
            found[column] = found[column].map(scored.shown)
        return found

    @cached_property
    def held(self) -> pd.DataFrame:
        """Share inside the interval by steps ahead."""
        return self._along("ahead", self.scored.held, say(MODEL))

    def _along(self, kind: str, values: Floats, method: str) -> pd.DataFrame:
        """Mean and interval of values ``[window, horizon]`` at every place."""
        measured, known = self.scored.measured(values)
        places, names = self.of(kind)
        flat = places.ravel()[known]
        rows = [(names[at], method, *measured.mean(flat == at), int((flat == at).sum())) for at in np.unique(flat)]
        return pd.DataFrame(rows, columns=["place", "name", "value", "low", "high", "count"])

    def groups(self, known: Flags) -> Mapping[str, Flags]:
        """Groups of the known values: by steps ahead, time, and how high the last value was."""
        scored, found = self.scored, dict[str, Flags]()
        for kind, title in titles_of(scored.task).items():
            places, names = self.of(kind)
            flat = places.ravel()[known]
            found |= {say("{what}: {place}", what=title, place=names[at]): flat == at for at in np.unique(flat)}
        last = np.repeat(scored.series.numbers[scored.ends], scored.task.horizon)[known]
        low, middle, high = np.quantile(last, [0.25, 0.5, 0.75]).tolist()
        return found | {
            say("last value in the lowest quarter, up to {value:.4g}", value=low): last <= low,
            say("last value in the second quarter, up to {value:.4g}", value=middle): (last > low) & (last <= middle),
            say("last value in the third quarter, up to {value:.4g}", value=high): (last > middle) & (last <= high),
            say("last value in the highest quarter, above {value:.4g}", value=high): last > high,
        }
