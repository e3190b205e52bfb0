"""A series longer than can be shown step by step: an overview of it all, and the window that is open below.

The model forecasts the whole series once, window after window; the overview shows where it was far off, and what every
unit held when it forecast.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core_models.language import say
from core_models.survey import STRETCHES
from core_models.vocabulary import quantity
from pretrained.families.forecast.survey import SeriesSurvey
from pretrained.families.forecast.trained import TrainedForecaster
from pretrained.kinds.forecast import MARK, Series
from viz import params
from viz.cards import Card, Origin, show_zoomed
from viz.figures.parts.stretches import Names, Stretches
from viz.figures.parts.token_axis import escape, spell
from viz.figures.sequences import overview
from viz.figures.sequences.overview import SHOWN, Line, UnitColumns
from viz.kept import Kept
from viz.kinds.long import view as long_view
from viz.kinds.long.view import clicked_step, offer_steps, open_at, read_once, shelf_of, zoomed_part
from viz.params import Param

END, COLUMN = Param("end"), Param("column", SHOWN, "mean")
"""The last step that is read, and what a column shows."""

LAST_SERIES = Kept[str]("series in the overview")
"""The series on the screen."""

LONG = 1000
"""Steps beyond which a series has an overview."""


def show_overview(reader: TrainedForecaster, series: Series, last: int) -> None:
    """The whole of a long series at a glance; a click opens the window that ends there."""
    if (LAST_SERIES.get() or series.name) != series.name:
        long_view.forget_zoom()
    LAST_SERIES.put(series.name)
    if len(series) <= LONG:
        return
    length, zoomed, task = len(series), zoomed_part(len(series)), reader.task
    survey = _read(reader, series)
    part = zoomed or range(length)
    starts = np.arange(part.start, part.stop, -(-len(part) // STRETCHES))
    begin = last - task.window + 1
    stretches = Stretches(starts, length, begin, last + 1, task.step.name, part.stop, zoomed, _namer(reader, series))
    step = clicked_step(show_zoomed(_card(reader, survey, stretches, part)))
    moved = last + task.window * offer_steps(begin, last + 1, length, zoomed)
    target = max(task.window - 1, min(moved if step is None else step, length - 1))
    if target != last:
        long_view.follow(zoomed, range(target - task.window + 1, target + 1), length)
        open_at(END, f"{series.name}{MARK}{target}")


def _read(reader: TrainedForecaster, series: Series) -> SeriesSurvey:
    def begin() -> tuple[SeriesSurvey, Iterator[float]]:
        survey = SeriesSurvey(reader.task, reader.network, series)
        return survey, survey.read()

    said = say("Forecasting {n:,} {noun}s …", n=len(series), noun=say(reader.task.step.name))
    return read_once(shelf_of(reader.recipe.key, series.name), begin, said)


def _namer(reader: TrainedForecaster, series: Series) -> Names:
    def name(steps: NDArray[np.intp]) -> Sequence[str]:
        return reader.task.step.stamps(series.times[steps])

    return name


def _tabulate(survey: SeriesSurvey, stretches: Stretches) -> pd.DataFrame:
    """Values and errors by stretch."""
    tables = [
        overview.tabulate(row, stretches).rename(columns=lambda name, said=said: f"{said}{name}")
        for row, said in ((survey.series.numbers, ""), (survey.error, "error "))
    ]
    return tables[0].join(tables[1].iloc[:, 2:])


def _card(reader: TrainedForecaster, survey: SeriesSurvey, stretches: Stretches, part: range) -> Card:
    """The series, how far each step was off its forecast, and the state that each forecast was made from."""
    task, series = reader.task, survey.series
    unit = f", {task.channels[0].unit}" if not series.column else ""
    name = escape(spell(series.column, 40)) if series.column else say(task.channels[0].title)
    starts, stop, found = survey.within(part, STRETCHES)
    column = params.choose(say("Each column of states shows"), COLUMN)
    columns = UnitColumns(found, quantity("hidden_state"), replace(stretches, starts=starts, stop=stop), column)
    lines = [Line(series.numbers, f"{name}{unit}", from_zero=False), Line(survey.error, say("error") + unit)]
    figure = overview.draw(lines, columns, stretches)
    step = say(task.step.name)
    return Card(
        key="overview",
        title=say("A part of the series") if stretches.shown else say("The whole series"),
        question=say(
            "The framed window of {window} {step}s is open below with every exact number; click anywhere "
            "to open the one that ends there.",
            window=task.window,
            step=step,
        ),
        how_to_read=say(
            "{zoom} Below the series, the error of the model: every {horizon} {step}s it reads the "
            "{window} before and forecasts the next {horizon}, so that every {step} is forecast once. "
            "{errors} At the bottom, the state from which each forecast was made, of every unit.",
            zoom=long_view.say_zoom(stretches),
            horizon=task.horizon,
            step=step,
            window=task.window,
            errors=_say_errors(survey),
        ),
        figure=figure,
        numbers=lambda: _tabulate(survey, stretches),
        alt=say("The series, the model’s error, and its states"),
        origin=Origin(reader.recipe.key, series.name),
        group="overview",
    )


def _say_errors(survey: SeriesSurvey) -> str:
    """How far off the model is over the whole series, beside simple forecasts of the same steps."""
    (_, own), *others = survey.mean_errors.items()
    beside = say(" and ").join(say("“{name}” by {error:.4g}", name=say(name), error=error) for name, error in others)
    return (
        say("Over the whole series its average error is {own:.4g}; {beside}.", own=own, beside=beside)
        if np.isfinite(own)
        else ""
    )
