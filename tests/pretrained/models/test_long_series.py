"""Long series: each step is forecast once, as its window alone would forecast it, and the overview shows it all."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core_models.heads.forecast import CENTRE, FORECAST
from core_models.trace import Site
from core_models.vocabulary import quantity
from pretrained.families.forecast.survey import SeriesSurvey
from pretrained.kinds.forecast import MARK, UPLOAD, Series, SeriesTask
from pretrained.registry import load, recipes
from pretrained.task import InputError
from tests.pages.given.test_open_file import give
from tests.pages.test_pages import choose_model
from tests.support.pages import open_page, sentences
from viz.figures.parts.stretches import Stretches
from viz.figures.sequences.overview import Line, UnitColumns, draw
from viz.kinds.long.series import END, LONG
from viz.kinds.series.end import TIME
from viz.plain import to_json

KEYS = list(recipes("forecast"))
HOURLY = "ett-gru"


def long_series(task: SeriesTask, length: int, gaps: tuple[range, ...] = ()) -> Series:
    """A rhythm with noise, and some stretches without values."""
    noise = np.random.default_rng(4).normal(size=length)
    values = 20.0 + 5.0 * np.sin(np.arange(length) / 24 * 2 * np.pi) + noise
    for gap in gaps:
        values[gap.start : gap.stop] = np.nan
    times = pd.date_range("1990-01-01", periods=length, freq=task.step.rule)
    frame = pd.DataFrame({task.channels[0].key: values}, index=times)
    return Series(UPLOAD + "0" * 16, "mine", frame, 20.0, 4.0, (), length - 1, "y")


def surveyed(key: str, series: Series) -> SeriesSurvey:
    model = load(key)
    survey = SeriesSurvey(model.task, model.network, series)
    assert list(survey.read())[-1] == 1.0
    return survey


@pytest.mark.parametrize("key", KEYS)
def test_every_step_is_forecast_as_the_window_that_is_opened_there_forecasts_it(key: str) -> None:
    model = load(key)
    task = model.task
    length = task.window + 9 * task.horizon + 3
    edge = task.window + 2 * task.horizon  # a gap over the end of one window and the beginning of later ones
    series = long_series(task, length, (range(2, 5), range(edge - 3, edge + 2)))
    survey = surveyed(key, series)
    assert np.isnan(survey.error[: task.window]).all()
    assert np.isfinite(survey.error[task.window :]).sum() == np.isfinite(series.numbers[task.window :]).sum()
    for place, end in enumerate(survey.ends):
        trace = model.trace(task.encode(f"{series.name}{MARK}{end}", series))
        expected = np.abs(trace.array(FORECAST, CENTRE) * series.sd + series.mean - np.resize(
            np.append(series.numbers[end + 1 :], np.full(task.horizon, np.nan)), task.horizon))  # fmt: skip
        found = survey.error[end + 1 : end + 1 + task.horizon]
        np.testing.assert_allclose(found, expected[: len(found)], rtol=1e-3, atol=1e-3)
        states = trace.array(Site("rnn"), "hidden_state")[-1]
        np.testing.assert_allclose(survey.states[place], states, atol=1e-5)


def test_a_window_without_a_value_has_no_forecast_and_the_others_stay() -> None:
    task = load("co2-gru").task
    survey = surveyed("co2-gru", long_series(task, 200, (range(60, 130),)))
    assert np.isnan(survey.states).any(axis=1).sum() == np.isnan(survey.states).all(axis=1).sum() > 0
    assert np.isfinite(survey.error[-60:]).all()
    with pytest.raises(InputError):
        task.cut(survey.series, 110)


def test_simple_forecasts_are_measured_on_the_same_steps() -> None:
    task = load(HOURLY).task
    survey = surveyed(HOURLY, long_series(task, 1500))
    errors = survey.mean_errors
    repeated = np.abs(survey.series.numbers[task.season :] - survey.series.numbers[: -task.season])[task.window - 24 :]
    assert errors[task.season_name] == pytest.approx(repeated.mean(), rel=1e-6)
    assert errors["this model"] == pytest.approx(np.nanmean(survey.error), rel=1e-6)


def test_a_spike_stays_in_the_overview_of_a_hundred_thousand_steps_and_little_is_sent() -> None:
    task = load(HOURLY).task
    series = long_series(task, 100_000)
    series.frame.iloc[54_321, 0] = 900.0
    survey = surveyed(HOURLY, series)
    starts = np.arange(0, 100_000, 250)
    stretches = Stretches(
        starts, 100_000, 0, 168, "hour", 100_000, None, lambda steps: task.step.stamps(series.times[steps])
    )
    columns, stop, found = survey.within(range(100_000), 400)
    units = UnitColumns(found, quantity("hidden_state"), replace(stretches, starts=columns, stop=stop))
    figure: Any = draw([Line(series.numbers, "y"), Line(survey.error, "error")], units, stretches)
    assert len(to_json(figure)) < 1_000_000
    assert max(figure.data[1].y) == 900.0
    assert figure.data[2].text[54_321 // 250].startswith("1996-03-")
    assert np.argmax(figure.data[4].y) == 54_321 // 250
    assert {curve.yaxis for curve in figure.data[:3]} != {curve.yaxis for curve in figure.data[3:6]}
    assert columns[0] == task.window
    assert len(columns) <= 400


@pytest.fixture(scope="module")
def days() -> SeriesSurvey:
    """Of more days than are ever looked at one by one."""
    return surveyed("seattle-gru", long_series(load("seattle-gru").task, 100_000))


@pytest.mark.parametrize("part", [range(100_000), range(50_000, 50_100), range(0, 50), range(99_990, 100_000)])
def test_the_columns_of_a_part_are_the_windows_that_forecast_it(part: range, days: SeriesSurvey) -> None:
    window = days.task.window
    starts, stop, found = days.within(part, 400)
    assert starts[0] <= max(part.start, window)
    assert stop >= min(part.stop, 100_000) or part.stop <= window
    assert len(starts) == len(found.low) <= 400
    if len(part) < 400:
        first = int(np.searchsorted(days.ends, starts[0] - 1))
        np.testing.assert_array_equal(found.mean[0], days.states[first])


def open_long(length: int = 3000, begin: str = "2020-01-01", **query: str):
    frame = pd.DataFrame(
        {"date": pd.date_range(begin, periods=length, freq="h"), "y": np.sin(np.arange(length) / 24) + 3.0}
    )
    page = give(open_page(model=HOURLY), "mine.csv", frame.to_csv(index=False).encode())
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def test_a_long_series_of_one_s_own_has_an_overview_and_its_parts_are_opened() -> None:
    page = open_long()
    said = sentences(page)
    assert "**The whole series**" in said
    assert "3,000 hours, in 375 stretches of 8" in said
    assert "Over the whole series its average error is" in said
    assert not page.select_slider
    last = page.query_params[END]
    page.button(key="part-before").click().run()
    assert not page.exception
    assert int(page.query_params[END].split(MARK)[1]) == int(last.split(MARK)[1]) - 168
    shown = page.metric[0].value
    page.slider(key=TIME).set_value(pd.Timestamp("2020-02-01 05:00").to_pydatetime()).run()
    assert page.query_params[END].endswith(f"{MARK}{31 * 24 + 5}")
    assert page.metric[0].value != shown


@pytest.mark.parametrize("begin", ["1500-01-01", "2490-01-01"])
def test_where_a_browser_cannot_count_the_times_the_slider_counts_the_steps(begin: str) -> None:
    page = open_long(begin=begin)
    page.slider(key=TIME).set_value(1000).run()
    assert not page.exception
    assert page.query_params[END].endswith(f"{MARK}999")


@pytest.mark.parametrize(("key", "limit"), [("ett-gru", 200_000), ("seattle-gru", 109_572), ("co2-gru", 3_600)])
def test_numbers_without_dates_are_read_up_to_the_limit(key: str, limit: int) -> None:
    file = io.BytesIO()
    np.save(file, np.sin(np.arange(limit + 100) / 24))
    page = give(open_page(model=key), "mine.npy", file.getvalue())
    assert not page.exception
    assert f"Only the last {limit:,} {load(key).task.step.name}s are read" in sentences(page)
    assert f"{limit:,} {load(key).task.step.name}s, in" in sentences(page)


def test_a_part_of_a_long_series_is_shown_value_by_value() -> None:
    said = sentences(open_long(zoom="1001-1100"))
    assert "**A part of the series**" in said
    assert "100 of 3,000 hours, from 2020-02-11 16:00 on, one by one: every value is exact" in said.replace("\\", "")


def test_the_part_that_is_zoomed_to_follows_the_part_that_is_opened() -> None:
    page = open_long(zoom="2700-2900")
    for _ in range(4):
        page.button(key="part-before").click().run()
    first, last = (int(end) for end in page.query_params["zoom"].split("-"))
    end = int(page.query_params[END].split(MARK)[1])
    assert last - first == 200
    assert first <= end <= last


def test_a_series_of_one_s_own_goes_along_to_the_next_forecaster_and_stays_while_a_text_is_read() -> None:
    page = open_long()
    for key in ("seattle-gru", "sst2-gru", "beijing-gru"):
        choose_model(page, key)
        assert not page.exception
        assert str(page.query_params["text"]).startswith(UPLOAD) == (key != "sst2-gru")
    page.selectbox(key="text").select("smog").run()
    choose_model(page, "seattle-gru")
    assert page.query_params["text"] == "heat"  # an example was on the screen, so one is now


def test_a_link_to_a_place_in_a_file_is_answered_once_the_file_is_opened() -> None:
    page = open_long()
    page.button(key="part-before").click().run()
    link = {name: str(page.query_params[name]) for name in ("model", "text", END)}
    other = open_page(**link)
    assert "The link points to a file on somebody's computer" in sentences(other)
    frame = pd.DataFrame(
        {"date": pd.date_range("2020-01-01", periods=3000, freq="h"), "y": np.sin(np.arange(3000) / 24) + 3.0}
    )
    give(other, "mine.csv", frame.to_csv(index=False).encode())
    assert other.query_params[END].split(MARK)[1] == link[END].split(MARK)[1]


def test_one_content_in_files_of_two_names_is_shown_to_each_person_under_the_name_of_their_own() -> None:
    dates = pd.date_range("2020-01-01", periods=300, freq="h")
    content = pd.DataFrame({"date": dates, "y": np.sin(np.arange(300) / 24) + 3.0}).to_csv(index=False).encode()
    for file in ("first.csv", "second.csv"):
        page = open_page(model=HOURLY)
        give(page, file, content)
        assert f"Your own: {file}, y" in page.selectbox(key="text").options


def test_a_short_series_has_no_overview() -> None:
    page = open_long(LONG)
    assert "**The whole series**" not in sentences(page)
    assert page.select_slider(key=END)
