"""Forecasts over a whole series: the numbers of Explore, simple forecasts by hand, and what is planted."""

import numpy as np
import pandas as pd
import pytest

from core_models.heads.forecast import CENTRE, FORECAST, LOWER, UPPER
from pretrained.analysis.forecasts import Scored, Scoring
from pretrained.kinds.forecast import MARK, Series
from pretrained.registry import load
from pretrained.task import InputError


def scored(key: str, series: Series | None = None) -> Scored:
    model = load(key)
    run = Scoring(model.task, model.network, series or model.task.open(model.task.examples[0].text), model.recent)
    for _ in run.run():
        pass
    return run.scored()


@pytest.mark.parametrize("key", ["beijing-gru", "seattle-gru", "co2-gru"])
def test_every_window_has_the_forecast_and_the_interval_that_explore_shows(key):
    model, found = load(key), scored(key)
    series = found.series
    for at in (0, len(found.ends) // 2, len(found.ends) - 1):
        trace = model.trace(model.encode(f"{series.name}{MARK}{found.ends[at]}"))
        for name, values in ((CENTRE, found.centre), (LOWER, found.lower), (UPPER, found.upper)):
            shown = trace.array(FORECAST, name) * series.sd + series.mean
            np.testing.assert_allclose(values[at], shown, rtol=1e-4, atol=1e-4 * series.sd)
        np.testing.assert_array_equal(found.came[at, 0], series.numbers[found.ends[at] + 1])


def waves(count: int) -> Series:
    """Hours of a daily wave, but for noon, where nothing can be known."""
    draw = np.random.default_rng(0)
    times = pd.date_range("2020-01-01", periods=count, freq="h")
    values = 100.0 + 50.0 * np.sin(np.arange(count) * np.pi / 12.0) + draw.normal(0.0, 1.0, count)
    noon = times.hour.to_numpy() == 12
    values[noon] += draw.normal(0.0, 200.0, int(noon.sum()))
    return Series("upload-0", "waves", pd.DataFrame({"pm2.5": values}, index=times), 100.0, 40.0, column="waves")


@pytest.fixture(scope="module")
def wave() -> Scored:
    return scored("beijing-gru", waves(2000))


def test_errors_are_those_by_hand_over_the_windows_that_all_forecasts_have(wave):
    assert set(wave.simple) == {"persistence", "seasonal", "seasonal_moved", "ridge"}
    last = wave.series.numbers[wave.ends][:, None]
    miss = np.where(wave.shared, np.broadcast_to(last, wave.came.shape) - wave.came, np.nan)
    own, low, high = wave.error(wave.simple["persistence"])
    assert own == pytest.approx(np.sqrt(np.nanmean(miss**2)))
    assert low < own < high
    assert wave.strongest == min(wave.simple, key=lambda name: wave.error(wave.simple[name])[0])
    assert not wave.shared[: len(wave.ends) // 2].any()  # what the ridge regression learned from
    assert wave.shared[-30].all()
    mean, low, high = wave.better_by
    assert low < mean < high


def test_an_hour_at_which_nothing_can_be_known_is_found(wave):
    measured, known = wave.measured(wave.loss(wave.centre))
    hour = wave.series.times.hour.to_numpy()
    hours = hour[np.minimum(wave.ends[:, None] + 1 + np.arange(wave.task.horizon), len(hour) - 1)].ravel()[known]
    worst = measured.slices({str(hour): hours == hour for hour in range(24)})
    assert (worst[0].name, worst[0].worse) == ("12", True)
    assert worst[0].low < worst[0].mean < worst[0].high


def test_a_series_of_one_window_with_nothing_after_it_is_refused_with_a_sentence():
    model = load("beijing-gru")
    with pytest.raises(InputError, match="choose a longer one"):
        Scoring(model.task, model.network, waves(model.task.window), model.recent)
