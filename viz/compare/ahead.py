"""The forecasts of the compared traces, each in the unit of its own series."""

from __future__ import annotations

import numpy as np

from core_models.heads.forecast import CENTRE, FORECAST, LOWER, STRETCH, UPPER
from core_models.language import say
from core_models.trace import Trace
from pretrained.families.forecast.calibration import held_on_test, is_rolling
from pretrained.kinds.forecast import MARK, SeriesTask
from pretrained.task import Given
from viz.compare.sides import Side
from viz.figures.compare.comparison import Style
from viz.figures.compare.forecasts import Ahead
from viz.models import every_recipe, task_of


def ahead_of(side: Side) -> tuple[list[Ahead], str]:
    """The forecast of every trace of a side, and their unit; none where they are no forecasts."""
    traces = side.comparison.traces
    task = task_of(every_recipe()[traces[0].model])
    if not isinstance(task, SeriesTask):
        return [], ""
    found = zip(side.comparison.names, side.comparison.styles, side.givens, traces, strict=False)
    return [_ahead(task, *each) for each in found], _unit(task, side.givens[0])


def title_of(side: Side) -> str:
    """What is forecast, with its unit."""
    given = side.givens[0]
    task = task_of(every_recipe()[side.comparison.traces[0].model])
    if not isinstance(task, SeriesTask):
        return ""
    own, unit = task.open(given.text.partition(MARK)[0], given.content).column, _unit(task, given)
    name = own or say(task.channels[0].title)
    return say("{name}, {place}", name=name, place=unit) if unit else name


def _unit(task: SeriesTask, given: Given) -> str:
    own = task.open(given.text.partition(MARK)[0], given.content).column
    return "" if own else task.channels[0].unit


def _ahead(task: SeriesTask, name: str, style: Style, given: Given, trace: Trace) -> Ahead:
    text, _, number = given.text.partition(MARK)
    series = task.open(text, given.content)
    last = task.last_step(series, number)
    values = np.append(series.numbers, np.full(task.horizon, np.nan))
    centre, lower, upper = (
        trace.array(FORECAST, key).astype(float) * series.sd + series.mean for key in (CENTRE, LOWER, UPPER)
    )
    read, came = values[last - task.window + 1 : last + 1], values[last + 1 : last + 1 + task.horizon]
    scores = every_recipe()[trace.model].scores
    held = held_on_test(scores, rolling=is_rolling(scores, trace.array(FORECAST, STRETCH)))
    return Ahead(name, style, centre, lower, upper, read, came, held)
