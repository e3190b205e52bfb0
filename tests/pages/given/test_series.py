"""Explore shows every forecaster: its picture, a window that slides, a file of one's own, further training."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core_models.heads.forecast import FORECAST, STRETCH
from pretrained.families.forecast.calibration import held_on_test, is_rolling
from pretrained.kinds.forecast import SeriesTask
from pretrained.registry import load, recipes, task_of
from tests.pages.given.test_open_file import give
from tests.pages.test_pages import choose_model, use_example
from tests.support.pages import open_page, sentences
from viz.figures import VIEWS
from viz.figures.sequences.forecast import Forecast, draw, draw_curve, tabulate
from viz.kinds.series.input import DRAWER, HELD
from viz.kinds.series.picture import forecast_of, headline
from viz.kinds.series.tuning import DRAWER as TUNING_DRAWER
from viz.kinds.series.tuning import TUNING
from viz.view import Options

KEYS = list(recipes("forecast"))
MONTHLY = "co2-gru"


@pytest.mark.parametrize("key", KEYS)
def test_every_forecaster_opens_on_explore_with_its_own_picture(key):
    page = open_page(model=key)
    assert not page.exception
    assert not page.error
    assert page.selectbox(key="model").value == key
    assert page.metric[0].label.startswith("Expected ")
    assert "What was read, and what is forecast" in sentences(page)
    page.session_state["menu"] = page.session_state["card"] = True
    assert "of what came fell inside, depending on how far ahead; where too little lies before" in sentences(page.run())
    said = sentences(page.segmented_control(key="tab").set_value("answer").run())
    assert not page.exception
    assert ("attention that the last step pays" in said) == bool(recipes("forecast")[key].architecture.get("attention"))


@pytest.mark.parametrize(
    "at",
    ["forecast-0-forward.forecast.5.3", "forecast-0-forward.forecast_stretch.5.3", "rnn-0-forward.hidden_state.2.1"],
)
def test_the_arithmetic_of_a_clicked_number_shows_the_number_in_the_trace(at):
    page = open_page(model=MONTHLY, at=at)
    assert not page.exception
    assert "In the trace" in sentences(page)


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.key)
def test_no_figure_calls_an_hour_a_token(view):
    reader = load("ett-lstm-attention")
    trace = reader.trace(reader.task.encode(reader.task.examples[0].text))
    for target in view.targets(trace):
        assert "token" not in json.dumps(view.draw(trace, target, Options(step=3)).to_plotly_json(), default=str)


@pytest.mark.parametrize("query", [{}, {"at": "attention-0-forward.attention_weights.5.3"}])
def test_no_sentence_on_explore_calls_an_hour_a_token(query):
    page = open_page(model="ett-lstm-attention", **query)
    assert not page.exception
    assert "token" not in sentences(page)


@pytest.mark.parametrize("key", KEYS)
def test_every_example_is_one_click_away_and_its_window_slides(key):
    task = task_of(recipes("forecast")[key])
    assert isinstance(task, SeriesTask)
    page = open_page(model=key)
    example = task.examples[-1]
    use_example(page, example.title)
    assert page.selectbox(key="text").value == example.text
    shown = page.metric[0].value
    page.select_slider(key="end").set_value(f"{example.text}@{task.window + 3}").run()
    assert not page.exception
    assert page.metric[0].value != shown
    assert page.query_params["end"] == f"{example.text}@{task.window + 3}"


@pytest.mark.parametrize(
    "query",
    [{"text": "nothing"}, {"end": "recent@9999999"}, {"end": "x"}, {"at": "forecast-0-forward.forecast.1.99"}],
)
def test_whatever_the_url_holds_is_answered_with_a_picture(query):
    page = open_page(model=MONTHLY, **query)
    assert not page.exception
    assert not page.error
    assert page.metric


def test_a_link_to_somebody_else_s_file_is_answered_with_a_sentence():
    page = open_page(model=MONTHLY, text="upload-0123456789abcdef")
    assert "The link points to a file on somebody's computer" in sentences(page)
    assert page.metric


def own_page(frame: pd.DataFrame, key: str = MONTHLY) -> AppTest:
    page = give(open_page(model=key), "sales.csv", frame.to_csv(index=False).encode())
    page.session_state[DRAWER] = True
    return page.run()


SALES = pd.DataFrame(
    {
        "Month": pd.date_range("1990-01-01", periods=150, freq="MS").strftime("%Y-%m"),
        "sales": np.arange(150) + 20.0 * np.sin(np.arange(150) / 6 * np.pi),
        "*profit*": np.arange(150)[::-1] + 3.0,
    }
)


def test_a_file_of_one_s_own_is_read_and_its_columns_can_be_chosen():
    page = own_page(SALES)
    assert not page.exception
    assert str(page.selectbox(key="text").value).startswith("upload-")
    assert "the model learned CO₂ with" in sentences(page)
    assert "Its errors were measured on its own data set" in sentences(page)
    first = page.metric[0].value
    page.selectbox(key="value").select("*profit*").run()
    assert not page.exception
    assert "*profit*" not in sentences(page)
    assert page.metric[0].value != first
    choose_model(page, next(key for key in KEYS if key != MONTHLY))
    assert not page.exception


def test_what_the_cells_leave_open_is_asked_on_the_page_and_the_answer_is_read():
    months = pd.date_range("1990-01-01", periods=80, freq="MS").strftime("%Y-%m")
    rows = "".join(f"{month};{1 + n % 12}.{100 + 7 * n}\n" for n, month in enumerate(months))
    page = give(open_page(model=MONTHLY), "use.csv", f"month;use\n{rows}".encode())
    assert not page.exception
    assert "can be 1.1 or 1,100, and no cell tells which" in sentences(page).replace("\\", "")
    asked, before = page.segmented_control(key="series point"), float(page.metric[0].value)
    assert asked.options == ["1.1", "1,100"]
    page = asked.set_value(",").run()
    assert not page.exception
    assert float(page.metric[0].value) == pytest.approx(1000 * before, rel=1e-2)


def test_a_series_that_no_forecaster_learned_is_opened_as_one_s_own():
    page = give(open_page(model="sst2-gru"), "sales.csv", SALES.to_csv(index=False).encode())
    assert page.selectbox(key="model").value == MONTHLY
    assert "it is opened as a series of your own" in sentences(page)


def test_a_numpy_array_is_a_series_without_dates():
    file = io.BytesIO()
    np.save(file, SALES["sales"].to_numpy())
    page = give(open_page(model=MONTHLY), "mine.npy", file.getvalue())
    assert not page.exception
    assert str(page.selectbox(key="text").value).startswith("upload-")
    assert "There is no column of dates" in sentences(page)


def test_a_file_that_is_too_short_is_refused_and_what_was_there_stays():
    page = open_page(model=MONTHLY)
    for frame, shown in ((SALES.head(12), "recent"), (SALES, "upload-"), (SALES.head(12), "upload-")):
        page = give(page, "sales.csv", frame.to_csv(index=False).encode())
        assert not page.exception
        assert ("this model reads 36" in sentences(page)) == (len(frame) == 12)
        assert str(page.selectbox(key="text").value).startswith(shown)
        assert page.metric


def test_a_held_file_too_short_for_another_model_is_answered_with_a_sentence_and_an_example():
    page = own_page(SALES.head(60))
    choose_model(page, "beijing-gru")
    assert not page.exception
    assert "this model reads 96" in sentences(page)
    assert page.metric


def test_the_chosen_columns_stay_when_their_drawer_is_closed():
    page = own_page(SALES)
    page.selectbox(key="value").select("*profit*").run()
    name = page.selectbox(key="text").value
    page.session_state[DRAWER] = False
    page.run().run()
    assert page.selectbox(key="text").value == name
    page.session_state[DRAWER] = True
    assert page.run().selectbox(key="value").value == "*profit*"


def test_without_a_file_nothing_asks_how_one_is_read():
    page = open_page(model=MONTHLY)
    page.session_state[DRAWER] = True
    page.run()
    assert HELD.name not in page.session_state
    assert [box.key for box in page.selectbox if box.key in ("date", "value")] == []


def test_a_copy_learns_in_the_page_can_be_stopped_and_the_shared_network_stays():
    page = open_page(model=MONTHLY, tab="answer")
    page.session_state[TUNING_DRAWER] = True
    page.run()
    page.button(key="tune").click().run()
    assert not page.exception
    run = page.session_state[TUNING.name]
    assert run.tuning.step > 0
    page.button(key="tune-stop").click().run()
    assert not page.exception
    assert not run.busy
    assert "Stopped after" in sentences(page)
    assert run.tuning.curve[-1][0] == run.tuning.step
    assert "Green squares: a copy that learned" in sentences(page).replace("\\", "")
    page.button(key="tune-forget").click().run()
    assert TUNING.name not in page.session_state
    assert not any(parameter.requires_grad for parameter in load(MONTHLY).network.parameters())


def test_gates_and_forecast_are_those_of_the_copy_that_learned_from_one_s_own_series():
    page = own_page(SALES).segmented_control(key="tab").set_value("answer").run()
    before, text = page.metric[0].value, page.query_params["text"]
    page.session_state[TUNING_DRAWER] = True
    page.run()
    page.button(key="tune").click().run()
    page.button(key="tune-stop").click().run()
    assert not page.exception
    assert page.segmented_control(key="read by").value == "copy"
    learned = page.metric[0].value
    assert learned != before
    page.segmented_control(key="tab").set_value("cell").run()
    assert page.metric[0].value == learned
    page.segmented_control(key="read by").set_value("shared").run()
    assert page.metric[0].value == before
    assert page.query_params["text"] == text


@pytest.mark.parametrize("key", KEYS)
def test_the_figure_holds_the_forecast_in_the_unit_of_the_series(key):
    model = load(key)
    task = model.task
    series = task.open(task.examples[0].text)
    trace = model.trace(task.encode(series.name))
    shown = forecast_of(task, series, series.last, trace)
    np.testing.assert_allclose(shown.history[-1], series.numbers[series.last], rtol=1e-4)
    np.testing.assert_allclose(shown.came, series.numbers[series.last + 1 :][: task.horizon])
    assert np.all(shown.lower < shown.centre)
    assert np.all(shown.centre < shown.upper)
    assert shown.errors()["last value"] == pytest.approx(
        float(np.nanmean(np.abs(series.numbers[series.last] - shown.came))), rel=1e-3
    )
    figure: Any = draw(shown, 3)
    curves = {curve.name: curve for curve in figure.data}
    np.testing.assert_allclose(curves["forecast"].y, shown.centre, rtol=1e-6)
    assert list(curves["forecast"].x) == list(range(task.window, task.window + task.horizon))
    assert ("attention α of the last step" in curves) == (shown.attention is not None)
    assert len(tabulate(shown)) == task.window + task.horizon
    assert f"{model.recipe.scores[f'test_{task.measure}']:.3g}" in headline(model)


@pytest.mark.parametrize("key", KEYS)
def test_beside_an_interval_stands_what_it_held_of_unseen_data(key):
    model = load(key)
    task = model.task
    series = task.open(task.examples[0].text)
    scores, shown = model.recipe.scores, forecast_of(task, series, series.last, model.trace(model.encode(series.name)))
    assert is_rolling(scores, model.trace(model.encode(series.name)).array(FORECAST, STRETCH))
    assert not is_rolling(scores, model.trace(task.encode(series.name)).array(FORECAST, STRETCH))
    shown = replace(shown, held=held_on_test(scores, rolling=True))
    shares, fixed = (held_on_test(scores, rolling=rolling).tolist() for rolling in (True, False))
    np.testing.assert_allclose(tabulate(shown)["held_on_unseen_data"].to_numpy()[task.window :], shares)
    (band,) = (curve for curve in cast(Any, draw(shown)).data if curve.name.startswith("interval"))
    assert band.name == f"interval that held {min(shares):.0%} to {max(shares):.0%} of unseen values"
    np.testing.assert_allclose(band.customdata, shares, rtol=1e-6)
    assert f"{min(shares):.0%} to {max(shares):.0%} of what came fell inside" in headline(model)
    assert f"it was {min(fixed):.0%} to {max(fixed):.0%}." in headline(model)


def test_the_page_says_what_set_the_interval_and_shows_no_factor_of_a_past_that_is_too_short():
    count = load("co2-gru").recent
    page = open_page(model="co2-gru")
    assert f"80% of what followed the {count} windows before; on unseen data such intervals held" in sentences(page)
    page = open_page(model="co2-gru", end="recent@60")
    assert f"Fewer than {count} windows whose outcome is known lie before this one" in sentences(page)


def test_a_window_without_a_future_has_no_errors_and_no_diamonds():
    nothing = np.full(2, np.nan)
    shown = Forecast(list("abcd"), np.array([1.0, 2.0]), np.array([False, True]), nothing * 0 + 3, nothing * 0 + 2,
                     nothing * 0 + 4, nothing, {"last value": np.array([2.0, 2.0])})  # fmt: skip
    figure: Any = draw(shown)
    names = [curve.name for curve in figure.data]
    assert not shown.errors()
    assert "what followed" not in names
    assert "missing, filled in" in names


def test_the_loss_curve_holds_the_errors_and_the_simple_forecasts():
    figure: Any = draw_curve([0, 20], [3.0, 2.0], {"last value": 4.0, "a year before": float("nan")}, "ppm")
    assert list(figure.data[0].y) == [3.0, 2.0]
    assert [curve.name for curve in figure.data] == ["this model", "last value"]
