"""Forecasters: intervals in order, windows that never look ahead, naive figures by hand, series read or refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from core_models.edits.run import run as edited
from core_models.encoded import Encoded
from core_models.explain.arithmetic.sequence import explain
from core_models.heads.forecast import CENTRE, FORECAST, LOWER, STRETCH, UPPER
from core_models.inputs import SeriesInput
from core_models.networks.architecture import Architecture
from core_models.networks.sequence import SequenceNetwork
from core_models.trace import Tokens
from pretrained.families.forecast import naive
from pretrained.families.forecast.calibration import (
    LOOKED_BACK,
    held_on_test,
    look_back,
    misses_of,
    rank,
    rolling_stretch,
    shares,
    stretch_of,
)
from pretrained.families.forecast.corpus import SeriesCorpus, Windows, by_step, coverage_of, errors_of
from pretrained.families.forecast.loss import forecast_loss
from pretrained.kinds.forecast import SeriesTask
from pretrained.registry import load, recipes
from pretrained.task import InputError
from pretrained.tasks import TASKS
from viz.kinds.series.picture import headline

TASK = {task.key: task for task in TASKS if isinstance(task, SeriesTask)}
SMALL = [
    Architecture("gru", 4, anchor="last"),
    Architecture("gru", 3, anchor="last", linear=4),
    Architecture("lstm", 3, anchor="mean", linear=40),
    Architecture("lstm", 3, anchor="both"),
    Architecture("gru", 4, attention="additive", readout="concatenated", anchor="both"),
    Architecture("lstm", 4, attention="scaled_dot", readout="context", anchor="mean"),
]
CHANNELS, HORIZON, STEPS = 3, 5, 6


def small(architecture: Architecture) -> SequenceNetwork:
    torch.manual_seed(3)
    return SequenceNetwork(architecture, CHANNELS, {"forecast": HORIZON}).eval()


def forecast(network: SequenceNetwork, values: torch.Tensor) -> torch.Tensor:
    """Centre, lower and upper end, ``[window, horizon, 3]``, of ``[window, step, channel]``."""
    with torch.no_grad():
        return network(values, torch.full((len(values),), values.shape[1]))["forecast"]


def random_values(seed: int = 0) -> torch.Tensor:
    return torch.randn(STEPS, CHANNELS, generator=torch.Generator().manual_seed(seed))


def ids(architecture: Architecture) -> str:
    return f"{architecture.cell}-{architecture.attention}-{architecture.anchor}"


@pytest.mark.parametrize("architecture", SMALL, ids=ids)
def test_arithmetic_calls_a_step_what_it_is(architecture):
    network = small(architecture)
    tokens = Tokens(tuple(f"{step:02d}h" for step in range(STEPS)), noun="hour")
    trace = network.trace(Encoded(tokens, values=random_values().numpy()))
    for site, key in trace:
        if site == SeriesInput.address[0]:
            continue
        found = explain(network, trace, site, key, 1, 0)
        assert "token" not in " ".join([found.title, *found.lines, *(term.source for term in found.terms)])
        assert ("hour ahead" if site == FORECAST else "hour 2 “01h”") in found.title


@pytest.mark.parametrize("architecture", [a for a in SMALL if a.anchor == "last"], ids=ids)
def test_an_anchored_network_moves_with_the_level_of_the_series(architecture):
    network, values = small(architecture), random_values()
    raised = values + torch.tensor([7.0, 0.0, 0.0])
    np.testing.assert_allclose(forecast(network, raised[None]), forecast(network, values[None]) + 7.0, atol=1e-5)


@pytest.mark.parametrize("architecture", SMALL, ids=ids)
def test_the_ends_of_the_interval_stand_in_order(architecture):
    answer = forecast(small(architecture), 3.0 * torch.randn(50, STEPS, CHANNELS))
    assert (answer[..., 1] < answer[..., 0]).all()
    assert (answer[..., 0] < answer[..., 2]).all()


def test_the_loss_is_the_squared_error_and_two_pinballs_of_what_was_observed():
    answer = torch.tensor([[[1.0, 0.0, 3.0], [5.0, 4.0, 9.0]]])
    loss = forecast_loss(answer, torch.tensor([[4.0, torch.nan]]), absolute=False)
    assert float(loss) == pytest.approx(9.0 + 0.1 * 4.0 + 0.9 * 1.0)
    assert float(forecast_loss(answer, torch.tensor([[torch.nan, 3.0]]), absolute=True)) == pytest.approx(
        2.0 + 0.9 * 1.0 + 0.1 * 6.0
    )


SERIES = np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])


def test_naive_forecasts_are_those_found_by_hand():
    ends = np.array([3, 4])
    np.testing.assert_array_equal(naive.persist(SERIES, ends, 2), [[8, 8], [16, 16]])
    np.testing.assert_array_equal(naive.repeat_season(SERIES, ends, 3, 2), [[4, 8, 4], [8, 16, 8]])
    np.testing.assert_array_equal(naive.move_season(SERIES, ends, 2, 2), [[10, 14], [20, 28]])
    assert np.isnan(naive.repeat_season(SERIES, np.array([1]), 1, 5)).all()


def test_errors_and_coverage_leave_out_what_is_not_known():
    errors = errors_of(np.array([3.0, -4.0, np.nan]))
    assert errors == {"rmse": pytest.approx(12.5**0.5), "mae": 3.5, "mse": 12.5}
    came = np.array([0.0, 2.0, np.nan, 5.0])
    inside, width = coverage_of(np.zeros(4), np.full(4, 4.0), came)
    assert (inside, width) == (pytest.approx(2 / 3), 4.0)


def test_a_miss_is_how_many_times_as_wide_an_interval_would_have_to_be():
    answer = np.array([[[0.0, -1.0, 2.0]], [[5.0, 4.0, 7.0]], [[0.0, -1.0, 1.0]]])
    np.testing.assert_array_equal(misses_of(answer, np.array([[-3.0], [6.0], [np.nan]])), [[3.0], [0.5], [np.nan]])


def test_a_stretched_interval_holds_eight_values_of_ten():
    assert stretch_of(np.append(np.arange(9.0), np.nan)[:, None]) == [7.0]
    misses = np.random.default_rng(0).exponential(3.0, size=(2000, 2))
    assert (misses <= stretch_of(misses)).mean(axis=0) == pytest.approx([0.8, 0.8], abs=1e-3)


def test_the_interval_of_a_network_is_stretched_and_its_arithmetic_says_so():
    network, values = small(SMALL[0]), random_values()
    plain = forecast(network, values[None])[0]
    head: Any = network.head("forecast")
    head.stretch.copy_(torch.tensor([1.0, 2.0, 0.5, 1.0, 3.0]))
    wide = forecast(network, values[None])[0]
    np.testing.assert_allclose(wide[:, 0], plain[:, 0])
    np.testing.assert_allclose((wide[:, 2] - wide[:, 1]) / (plain[:, 2] - plain[:, 1]), [1, 2, 0.5, 1, 3], rtol=1e-5)
    tokens = Tokens(tuple(f"{step:02d}h" for step in range(STEPS)), noun="hour")
    trace = network.trace(Encoded(tokens, values=values.numpy()))
    for key in (LOWER, UPPER):
        found = explain(network, trace, FORECAST, key, 0, 4)
        assert found.value == pytest.approx(found.shown, abs=1e-5)
        assert "3.000000" in found.lines[2]


def test_a_rolling_interval_is_set_by_the_last_windows_whose_outcome_is_known():
    misses = np.array([[9.0, 9.0], [3.0, 5.0], [1.0, 6.0], [2.0, 7.0], [np.nan, 8.0], [4.0, 9.0]])
    ends, asked = np.arange(10, 16), np.array([13, 14, 16])
    found = rolling_stretch(misses, ends, asked, 3)
    np.testing.assert_array_equal(found, [[9.0, np.nan], [3.0, 9.0], [4.0, 8.0]])
    spoilt = misses + np.where(ends[:, None] + [1, 2] > 14, 99.0, 0.0)
    np.testing.assert_array_equal(rolling_stretch(spoilt, ends, asked[:2], 3), found[:2])


def test_how_many_windows_are_looked_back_at_is_settled_by_those_that_are_asked_for_alone():
    ends, draw = np.arange(600), np.random.default_rng(1)
    misses = np.abs(draw.normal(size=(600, 3))) * np.exp(np.arange(600) / 100.0)[:, None]
    dev = ends[300:420]
    found = look_back(misses, ends, dev)
    held = {count: shares(misses[dev], rolling_stretch(misses, ends, dev, count)) for count in LOOKED_BACK}
    assert np.abs(held[found] - 0.8).max() == min(np.abs(each - 0.8).max() for each in held.values())
    later = np.where(ends[:, None] >= 420, 99.0, misses)
    assert look_back(later, ends, dev) == found
    assert look_back(np.ones((600, 1)), ends, dev) == LOOKED_BACK[0]


@pytest.mark.parametrize(("count", "ahead"), [(72, 1), (96, 6), (108, 12), (120, 24)])
def test_an_interval_set_by_windows_that_overlap_holds_eight_of_ten_where_steps_are_independent(count, ahead):
    steps = np.random.default_rng(ahead).normal(size=(4000, count + 2 * ahead))
    sums = np.abs(np.cumsum(steps, axis=1)[:, ahead:] - np.cumsum(steps, axis=1)[:, :-ahead])
    limit = np.sort(sums[:, -ahead - count : -ahead], axis=1)[:, rank(count, ahead) - 1]
    assert (sums[:, -1] <= limit).mean() == pytest.approx(0.8, abs=0.03)


def test_windows_that_overlap_count_for_less_than_windows_apart():
    assert [rank(45, ahead) for ahead in (1, 2, 12)] == [37, 37, 39]
    assert rank(96, 24) == 83
    assert rank(3, 1) == rank(3, 24) == 3
    draw, held = np.random.default_rng(0), []
    for _ in range(400):
        steps = np.abs(np.convolve(draw.normal(size=200), np.ones(12), "valid"))
        stretch = rolling_stretch(steps[:, None].repeat(12, 1), np.arange(len(steps)), np.array([len(steps) - 1]), 60)
        held.append(steps[-1] <= stretch[0, -1])
    assert np.mean(held) == pytest.approx(0.8, abs=0.04)


@pytest.mark.parametrize("key", ["co2-gru", "seattle-gru"])
def test_an_interval_is_set_by_the_past_where_there_is_enough_of_it_and_by_nothing_later(key):
    model = load(key)
    task, name = model.task, model.task.examples[0].text
    series = task.open(name)
    late = model.encode(name)
    assert late.stretch is not None
    early = model.encode(f"{name}@{task.window + model.recent}")
    assert early.stretch is None
    changed = series.frame.copy()
    changed.iloc[series.last + 1 :] = -99.0
    again = model.encode(name, replace(series, frame=changed))
    assert torch.equal(again.stretch, late.stretch)
    moved = series.frame.copy()
    moved.iloc[series.last - model.recent // 2] += 3.0 * series.sd
    assert (model.encode(name, replace(series, frame=moved)).stretch >= late.stretch).any()
    assert replace(model, learned=True).encode(name).stretch is None
    wide, plain = model.trace(late), model.trace(replace(late, stretch=None))
    np.testing.assert_array_equal(wide.array(FORECAST, CENTRE), plain.array(FORECAST, CENTRE))
    factors = wide.array(FORECAST, STRETCH) / plain.array(FORECAST, STRETCH)
    for end in (LOWER, UPPER):
        first, second = (trace.array(FORECAST, end) - trace.array(FORECAST, CENTRE) for trace in (wide, plain))
        np.testing.assert_allclose(first, second * factors, rtol=1e-4)
        found = model.explain(wide, FORECAST, end, 0, task.horizon - 1)
        assert found.value == pytest.approx(found.shown, abs=1e-5)
    held = edited(model.network, late, ())
    np.testing.assert_array_equal(held.array(FORECAST, UPPER), wide.array(FORECAST, UPPER))


def made(task: SeriesTask) -> pd.DataFrame:
    """A series around the begin of every split, whose values are the number of their step; every tenth is missing."""
    begin = pd.Timestamp(task.splits[0]) - pd.Timedelta(seconds=task.step.seconds * 600)
    times = pd.date_range(begin, task.splits[2], freq=task.step.rule)
    frame = pd.DataFrame({channel.key: np.arange(len(times), dtype=float) for channel in task.channels}, index=times)
    frame.iloc[5::10, 0] = np.nan
    return frame


def test_intervals_are_set_by_dev_alone_and_test_says_how_often_they_held(monkeypatch):
    task, count = TASK["co2"], 999
    corpus = SeriesCorpus(task, Path())
    monkeypatch.setitem(corpus.__dict__, "frame", made(task))
    draw, read = np.random.default_rng(0), []

    def drawn(spread: float) -> tuple[np.ndarray, np.ndarray]:
        answer = np.broadcast_to([0.0, -1.0, 1.0], (count, task.horizon, 3))
        return answer, draw.uniform(-spread, spread, (count, task.horizon))

    def forecasts(_: Windows, __: SequenceNetwork, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        read.append(ends)
        return drawn(1.0)

    monkeypatch.setattr(Windows, "forecasts", forecasts)
    network = SequenceNetwork(SMALL[0], CHANNELS, {"forecast": task.horizon})
    factors = corpus.calibrate(network)
    assert [ends.tolist() for ends in read] == [corpus.ends("dev").tolist()]
    assert np.mean(factors) == pytest.approx(0.8, abs=0.03)
    held = by_step(misses_of(*drawn(2.0)))
    assert held.keys() == {str(step) for step in range(1, task.horizon + 1)}
    assert np.mean(list(held.values())) == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("key", TASK)
def test_windows_never_look_ahead_and_splits_never_overlap(key, monkeypatch):
    task = TASK[key]
    corpus = SeriesCorpus(task, Path())
    monkeypatch.setitem(corpus.__dict__, "frame", made(task))
    number = corpus.windows.series * corpus.windows.sd + corpus.windows.mean
    dev = corpus.frame.index.searchsorted(np.datetime64(task.splits[0]))
    test = corpus.frame.index.searchsorted(np.datetime64(task.splits[1]))
    ends = {split: corpus.ends(split) for split in ("train", "dev", "test")}
    assert all(len(found) for found in ends.values())
    assert ends["train"].max() + task.horizon < dev
    scored = np.array(task.scored)
    assert (ends["dev"] + scored.min()).min() >= dev
    assert (ends["dev"] + scored.max()).max() < test
    assert (ends["test"] + scored.min()).min() >= test
    for found in ends.values():
        assert not np.isnan(number[found]).any()
        read = corpus.windows.read[found[:, None] + np.arange(1 - task.window, 1), 0]
        np.testing.assert_allclose(read[:, -1] * corpus.windows.sd + corpus.windows.mean, found, rtol=1e-3)
        assert (np.diff(read, axis=1) > 0).all()
        came = corpus.windows.targets(found) * corpus.windows.sd + corpus.windows.mean
        np.testing.assert_allclose(came[:, 0][~np.isnan(came[:, 0])], (found + 1)[~np.isnan(came[:, 0])], rtol=1e-6)


@pytest.mark.parametrize("key", TASK)
def test_a_window_is_read_alike_whatever_comes_after_it(key):
    task = TASK[key]
    series = task.open(task.examples[0].text)
    whole, _ = task.cut(series, series.last)
    short = series.frame.iloc[: series.last + 1]
    changed = pd.concat([short, series.frame.iloc[series.last + 1 :] * 0 - 99])
    again, _ = task.cut(type(series)(series.name, "", changed, series.mean, series.sd), series.last)
    np.testing.assert_array_equal(whole, again)


def shape_of(reading: Encoded) -> tuple[int, ...]:
    assert reading.values is not None  # noqa: PD011
    return reading.values.shape  # noqa: PD011


@pytest.mark.parametrize("key", TASK)
def test_examples_are_read_with_a_label_for_every_step(key):
    task = TASK[key]
    for example in task.examples:
        reading = task.encode(example.text)
        assert shape_of(reading) == (task.window, task.width)
        assert len(set(reading.tokens.labels)) == task.window
        series = task.open(example.text)
        assert len(series) - series.last > task.horizon
        assert shape_of(task.encode(f"{example.text}@99999")) == shape_of(task.encode(f"{example.text}@0"))
        assert reading.notices or all(reading.tokens.known)


def test_a_gap_is_filled_by_a_straight_line_and_said():
    reading = TASK["beijing-pm25"].encode("gap")
    assert reading.tokens.known.count(False) > 0
    assert f"{reading.tokens.known.count(False)} of the 96 values that are read are missing" in reading.notices[0]


@pytest.mark.parametrize("name", ["upload-0123456789abcdef", "nothing", "", "@5"])
def test_a_series_that_is_not_here_is_answered_with_what_to_do(name):
    with pytest.raises(InputError, match="choose an example"):
        TASK["co2"].encode(name)


MANY = [key for key, recipe in recipes("forecast").items() if recipe.scores["test_count"] > 100]
"""Those with so many windows that shares of them can be told from luck."""


@pytest.mark.parametrize("key", MANY)
def test_shipped_forecasters_hold_what_their_recipes_claim(key):
    model = load(key)
    scores, task = model.recipe.scores, model.task
    assert list(scores["dev_coverage_ahead"].values()) == pytest.approx([0.8] * task.horizon, abs=0.01)
    assert len(scores["test_coverage_ahead"]) == task.horizon
    assert model.recent in LOOKED_BACK
    assert list(scores["dev_rolling_coverage_ahead"].values()) == pytest.approx([0.8] * task.horizon, abs=0.03)
    assert held_on_test(scores, rolling=True).shape == (task.horizon,)
    assert model.network.head("forecast").stretch.tolist() == pytest.approx(scores["stretch"])
    errors = scores["dev_mae_ahead"]
    assert task.season_moved == (errors["seasonal_moved"] < errors["seasonal"])
    assert scores[f"test_{task.measure}"] < scores["test_persistence"]
    for example in task.examples:
        trace = model.trace(task.encode(example.text))
        assert len(trace.array(FORECAST, CENTRE)) == task.horizon


def test_nothing_that_was_learned_from_a_share_price_beats_its_last_value():
    model = load("stocks-gru")
    scores, told = model.recipe.scores, headline(model)
    assert scores["test_persistence"] == min(scores[f"test_{name}"] for name in ("persistence", "seasonal", "ridge"))
    assert scores["test_persistence"] < scores["test_mae"]
    assert scores["test_mae_interval"][0] < scores["test_persistence"]
    assert "more than last value, which wins here" in told
    assert f"{scores['test_mae']:.3g} [{scores['test_mae_interval'][0]:.3g}" in told
    for number in (scores["test_mae"], scores["test_persistence"], *scores["test_mae_interval"]):
        assert f"{number:.4f}" in model.task.data["limits"]


def test_windows_of_a_short_series_are_none():
    task = TASK["co2"]
    frame = made(task).iloc[: task.window - 1]
    assert len(Windows.of(task, frame, 0.0, 1.0).ends(0, 10**6, (1,))) == 0
