"""Forecasts that any forecaster must be held against: the last value, the last season, and a linear regression.

Persistence repeats y_T. The seasonal naive forecast repeats what was a season before the step that is forecast; moved,
it takes only the change since then: y_T + y_{T+k-m} - y_{T-m} (Hyndman & Athanasopoulos 2021, Forecasting: principles
and practice, section 5.2). Ridge regression reads the whole window, one regression for each step ahead; its penalty is
chosen on dev.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pretrained.families.forecast.windows import Floats, Windows
from pretrained.kinds.forecast import SeriesTask

PENALTIES = (1.0, 10.0, 100.0, 1000.0, 10000.0)
THINNED = 6
"""Of channels beside the series, ridge reads every sixth step."""


def persist(series: Floats, ends: NDArray[np.intp], horizon: int) -> Floats:
    """The last value, ``[window, horizon]``, of a series ``[time]`` read up to each of ``ends``."""
    return np.repeat(series[ends][:, None], horizon, axis=1)


def repeat_season(series: Floats, ends: NDArray[np.intp], horizon: int, season: int) -> Floats:
    """What was a season (or as many as it takes) before each step, ``[window, horizon]``; NaN before the series."""
    ahead = np.arange(1, horizon + 1)
    place = ends[:, None] + ahead - season * -(-ahead // season)
    return np.where(place >= 0, series[np.maximum(place, 0)], np.nan)


def seasonal(series: Floats, ends: NDArray[np.intp], task: SeriesTask) -> Floats:
    """Of both seasonal forecasts the one that was closer on the task's own data, ``[window, horizon]``."""
    forecast = move_season if task.season_moved else repeat_season
    return forecast(series, ends, task.horizon, task.season)


def move_season(series: Floats, ends: NDArray[np.intp], horizon: int, season: int) -> Floats:
    """The last value and the change that followed a season before, ``[window, horizon]``; NaN before the series."""
    before = ends - season
    then = np.where(before >= 0, series[np.maximum(before, 0)], np.nan)
    return series[ends][:, None] + repeat_season(series, ends, horizon, season) - then[:, None]


def simple(series: Floats, ends: NDArray[np.intp], task: SeriesTask) -> dict[str, Floats]:
    """The forecasts that need no learning, ``[window, horizon]``, by the names that scores have for them."""
    return {
        "persistence": persist(series, ends, task.horizon),
        "seasonal": repeat_season(series, ends, task.horizon, task.season),
        "seasonal_moved": move_season(series, ends, task.horizon, task.season),
    }


def fit_ridge(
    windows: Windows, training: NDArray[np.intp], dev: NDArray[np.intp], task: SeriesTask
) -> Callable[[NDArray[np.intp]], Floats]:
    """A ridge regression on the whole window, which forecasts ``[window, horizon]`` from the ends of windows."""
    learned, targets = _features(windows, training, task), windows.targets(training)
    centre, spread = learned.mean(axis=0), learned.std(axis=0) + 1e-9
    whole = ~np.isnan(targets).any(axis=1)
    change = targets[whole] - windows.series[training][whole][:, None]
    read = (learned[whole] - centre) / spread
    square, product = read.T @ read, read.T @ (change - change.mean(axis=0))

    def predict(weights: Floats, ends: NDArray[np.intp]) -> Floats:
        found = ((_features(windows, ends, task) - centre) / spread) @ weights
        return found + change.mean(axis=0) + windows.series[ends][:, None]

    every = [np.linalg.solve(square + penalty * np.eye(len(square)), product) for penalty in PENALTIES]
    places, came = [step - 1 for step in task.scored], windows.targets(dev)
    misses = [np.nanmean((predict(weights, dev) - came)[:, places] ** 2) for weights in every]
    best = every[int(np.argmin(misses))]
    return lambda ends: predict(best, ends)


def _features(windows: Windows, ends: NDArray[np.intp], task: SeriesTask) -> Floats:
    """The series relative to its last value, other channels thinned out, the calendar at the last step."""
    steps = ends[:, None] + np.arange(1 - task.window, 1)
    own = windows.read[steps, 0].astype(np.float64)
    beside = windows.read[steps[:, ::-THINNED], 1 : len(task.channels)].reshape(len(ends), -1)
    calendar = windows.read[ends, len(task.channels) :]
    return np.concatenate([own - own[:, -1:], own[:, -1:], beside, calendar], axis=1).astype(np.float64)
