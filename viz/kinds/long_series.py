"""A series longer than can be shown step by step: an overview of it all, and the window that is open below.

The model forecasts the whole series once, window after window; the overview shows where it was far off, and what every
unit held when it forecast.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core_models.survey import STRETCHES
from core_models.vocabulary import quantity
from pretrained.series.reader import SeriesReader
from pretrained.series.survey import SeriesSurvey
from pretrained.series.task import MARK, Series
from viz import cards, controls
from viz.figures import overview
from viz.figures.overview import SHOWN, Stretches
from viz.figures.token_axis import escape, spell
from viz.kinds import long_view
from viz.kinds.long_view import clicked_step, offer_steps, open_at, read_once, shelf_of, zoomed_part
from viz.linked_plot import Click, Zoom, zoomed_plot

END, COLUMN, LAST_SERIES = "end", "column", "series in the overview"
"""Names of the last step that is read and of what a column shows in the URL; key of the series on the screen."""

LONG = 1000
"""Steps beyond which a series has an overview."""


def show_overview(reader: SeriesReader, series: Series, last: int) -> None:
    """The whole of a long series at a glance; a click opens the window that ends there."""
    if st.session_state.get(LAST_SERIES, series.name) != series.name:
        long_view.forget_zoom()
    st.session_state[LAST_SERIES] = series.name
    if len(series) <= LONG:
        return
    length, zoomed, task = len(series), zoomed_part(len(series)), reader.task
    with st.container(border=True, key="card-overview"):
        survey = _read(reader, series)
        part = zoomed or range(length)
        starts = np.arange(part.start, part.stop, -(-len(part) // STRETCHES))
        begin = last - task.window + 1
        stretches = Stretches(
            starts, length, begin, last + 1, task.step.name, part.stop, zoomed, _namer(reader, series)
        )
        _head(survey, stretches)
        st.caption(
            long_view.say_zoom(stretches)
            + f" The framed window of {task.window} {task.step.name}s is open below with every number exact; **click "
            "anywhere to open the one that ends there**."
        )
        found = [*_show_lines(reader, survey, stretches), _show_units(survey, stretches, part)]
        step = clicked_step(found)
        moved = last + task.window * offer_steps(begin, last + 1, length, zoomed)
    target = max(task.window - 1, min(moved if step is None else step, length - 1))
    if target != last:
        open_at(END, f"{series.name}{MARK}{target}")


def _read(reader: SeriesReader, series: Series) -> SeriesSurvey:
    def begin() -> tuple[SeriesSurvey, Iterator[float]]:
        survey = SeriesSurvey(reader.task, reader.network, series)
        return survey, survey.read()

    said = f"Forecasting {len(series):,} {reader.task.step.name}s …"
    return read_once(shelf_of(reader.recipe.key, series.name), begin, said)


def _namer(reader: SeriesReader, series: Series) -> overview.Names:
    def name(steps: NDArray[np.intp]) -> Sequence[str]:
        return reader.task.step.stamps(series.times[steps])

    return name


def _head(survey: SeriesSurvey, stretches: Stretches) -> None:
    def numbers() -> str:
        values = survey.series.numbers
        tables = [
            overview.tabulate(row, stretches).rename(columns=lambda name, said=said: f"{said}{name}")
            for row, said in ((values, ""), (survey.error, "error "))
        ]
        return tables[0].join(tables[1].iloc[:, 2:]).to_csv(index=False)

    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**A part of the series**" if stretches.shown else "**The whole series**", width="stretch")
        cards.save("overview", "overview", numbers, "csv", "Values and errors by stretch")


def _show_lines(reader: SeriesReader, survey: SeriesSurvey, stretches: Stretches) -> Iterator[Click | Zoom | None]:
    """The series, and how far each step was off its forecast."""
    task, series = reader.task, survey.series
    unit = "" if series.column else task.channels[0].unit
    name = escape(spell(series.column, 40)) if series.column else task.channels[0].title
    of_unit = f", {unit}" if unit else ""
    figure = overview.draw_line(series.numbers, stretches, f"{name}{of_unit}", key="series", from_zero=False)
    yield zoomed_plot(figure, key="overview-series", alt="The whole series", group="overview")
    st.caption(
        f"How far off the model is: every {task.horizon} {task.step.name}s it reads the {task.window} before and "
        f"forecasts the next {task.horizon}, so that every {task.step.name} is forecast once. {_say_errors(survey)}"
    )
    figure = overview.draw_line(survey.error, stretches, f"error{of_unit}", key="error")
    yield zoomed_plot(figure, key="overview-error", alt="Error of the forecasts along the series", group="overview")


def _say_errors(survey: SeriesSurvey) -> str:
    """How far off the model is over the whole series, beside simple forecasts of the same steps."""
    errors = survey.mean_errors()
    own = errors.pop("this model")
    beside = " and ".join(f"“{name}” by {error:.4g}" for name, error in errors.items())
    return f"Over the whole series it is off by {own:.4g} on average; {beside}." if np.isfinite(own) else ""


def _show_units(survey: SeriesSurvey, stretches: Stretches, part: range) -> Click | Zoom | None:
    """The state from which each forecast was made, of every unit."""
    starts, stop, found = survey.within(part, STRETCHES)
    column = controls.choose(
        "Each column shows, of the states that the forecasts were made from", COLUMN, SHOWN, default="mean"
    )
    drawn = Stretches(
        starts, stretches.length, stretches.begin, stretches.end, stretches.noun, stop, stretches.shown, stretches.names
    )
    figure = overview.draw_units(found, quantity("hidden_state"), drawn, column)
    return zoomed_plot(figure, key="overview-units", alt="State of every unit along the series", group="overview")
