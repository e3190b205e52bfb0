"""Up to which step a series is read: a slider over every step that can be the last one of a window."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import streamlit as st

from core_models.language import mark, say
from pretrained.kinds.forecast import MARK, Series, SeriesTask
from viz import params
from viz.kinds.long.series import END, LONG
from viz.params import Param
from viz.params.whole_numbers import nearest

TIME, ENDS_AT = Param("end-time", public=False), mark("The window ends at")

FIRST_YEAR, LAST_YEAR = 1700, 2250
"""A browser counts microseconds from 1970 exactly up to here; beyond, steps are counted."""


def pick_end(task: SeriesTask, series: Series) -> int:
    """A slider over every step that can be the last one of a window."""
    places = range(task.window - 1, len(series))
    last = task.last_step(series)
    if len(places) == 1:
        return last
    said = say(
        "The network reads the {window} {name}s up to here and forecasts the next {horizon}.",
        window=task.window,
        name=say(task.step.name),
        horizon=task.horizon,
    )
    if len(series) > LONG:
        return _pick_time(series, last, places, said)
    labels = task.step.labels(series.times)
    options = {f"{series.name}{MARK}{place}": labels[place] for place in places}
    chosen = params.slide(say(ENDS_AT), END, options, default=f"{series.name}{MARK}{last}", help=said)
    return int(chosen.rpartition(MARK)[2])


def _pick_time(series: Series, last: int, places: range, said: str) -> int:
    """As a slider over times, which a browser can count itself; that of many names would be long to send."""
    name, _, number = (params.asked(END) or "").rpartition(MARK)
    place = nearest(number if name == series.name else "", places, last)
    times = [time.to_pydatetime() for time in series.times[[places[0], place, places[-1]]]]
    move = {"key": TIME, "help": said, "on_change": _move, "args": (series,), "disabled": END.locked}
    params.let_stand(END, f"{series.name}{MARK}{place}")
    if END.hidden:
        return place
    if times[0].year < FIRST_YEAR or times[2].year > LAST_YEAR:
        params.give(TIME, place + 1)
        st.slider(say("{ends_at} step", ends_at=say(ENDS_AT)), places[0] + 1, places[-1] + 1, place + 1, **move)
    else:
        params.give(TIME, times[1])
        step = timedelta(seconds=(times[2] - times[0]).total_seconds() / (len(places) - 1))
        form = "YYYY-MM-DD" if step >= timedelta(days=1) else "YYYY-MM-DD HH:mm"
        st.slider(say(ENDS_AT), times[0], times[2], times[1], step, form, **move)
    return place


def _move(series: Series) -> None:
    """The slider was moved: the step, or that nearest to the time, goes into the URL."""
    chosen = params.held(TIME)
    if isinstance(chosen, int):
        place = chosen - 1
    else:
        place = int(series.times.get_indexer(pd.DatetimeIndex([chosen]), method="nearest")[0])
    params.put(END, f"{series.name}{MARK}{place}")
