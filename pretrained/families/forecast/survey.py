"""A series of any length, forecast again and again along its whole length: how far off, and what every unit held."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from core_models.language import mark
from core_models.networks.sequence import SequenceNetwork
from core_models.ranges import Range, summarise_known
from pretrained.families.forecast import naive
from pretrained.families.forecast.windows import AT_ONCE, Windows
from pretrained.kinds.forecast import Series, SeriesTask
from pretrained.task import InputError


class SeriesSurvey:
    """One series on its way through a forecaster, window by window.

    A forecast begins where the one before it ends, so that every step behind the first window is forecast once. What
    is read of a window is what is read of it alone: nothing after its last step is looked at.

    Args:
        task: what is read, and how far ahead it is forecast.
        network: the network, in ``eval()``; it is not changed.
        series: what is read.

    Attributes:
        ends: last step of every window, ``[window]``. What follows from reading them is there once all are read.
    """

    def __init__(self, task: SeriesTask, network: SequenceNetwork, series: Series) -> None:
        self.task, self.network, self.series = task, network, series
        self.windows = Windows.of(task, series.frame, series.mean, series.sd)
        self.ends = np.arange(task.window - 1, len(series) - 1, task.horizon)
        self._forecasts: list[NDArray[np.float64]] = []
        self._states: list[NDArray[np.float32]] = []
        self._missing = series.frame.isna().any(axis=1).to_numpy()

    def __len__(self) -> int:
        """Number of steps of the series."""
        return len(self.series)

    @torch.no_grad()
    def read(self) -> Iterator[float]:
        """Read it all; gives the share that was read, after every batch of windows."""
        device = next(self.network.parameters()).device
        for start in range(0, len(self.ends), AT_ONCE):
            values = torch.from_numpy(self.values(self.ends[start : start + AT_ONCE])).to(device)
            lengths = torch.full((len(values),), values.shape[1])
            states, _ = self.network.recur(values, lengths)
            self._states.append(states[:, -1].cpu().numpy())
            forecast = self.network.conclude(states, values, lengths)["forecast"][..., 0]
            self._forecasts.append(forecast.double().cpu().numpy())
            yield min(1.0, (start + AT_ONCE) / len(self.ends))

    def values(self, ends: NDArray[np.intp]) -> NDArray[np.float32]:
        """What is read of windows, ``[window, step, channel]``.

        One that begins or ends in a gap is filled by itself: the whole series would lend it values from outside.
        """
        steps = ends[:, None] + np.arange(1 - self.task.window, 1)
        values = self.windows.read[steps]
        for place in np.flatnonzero(self._missing[steps[:, 0]] | self._missing[steps[:, -1]]):
            try:
                values[place] = self.task.cut(self.series, int(ends[place]))[0]
            except InputError:  # there is no value in this window
                values[place] = np.nan
        return values

    @cached_property
    def states(self) -> NDArray[np.float32]:
        """State of every unit after the last step of every window that was read, ``[window, unit]``."""
        return np.concatenate(self._states)

    @cached_property
    def error(self) -> NDArray[np.float64]:
        """How far every step is off its forecast, in the unit of the series, ``[step]``.

        NaN where no value is known, where none is forecast (the first window), and where its window holds no value.
        """
        return self._off(np.concatenate(self._forecasts))

    @cached_property
    def mean_errors(self) -> dict[str, float]:
        """Mean error of the model and of simple forecasts, over the steps for which there is each of them."""
        task, known = self.task, self.windows.series
        every = {
            mark("this model"): self.error,
            mark("last value"): self._off(naive.persist(known, self.ends, task.horizon)),
            task.seasonal_name: self._off(naive.seasonal(known, self.ends, task)),
        }
        shared = np.isfinite(list(every.values())).all(axis=0)
        return {name: float(error[shared].mean()) if shared.any() else float("nan") for name, error in every.items()}

    def _off(self, forecasts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Distance of standardised forecasts, ``[window, horizon]``, from what came, ``[step]``."""
        found = np.full(len(self), np.nan)
        steps = self.ends[:, None] + 1 + np.arange(self.task.horizon)
        inside = steps < len(self)
        found[steps[inside]] = forecasts[inside] * self.series.sd + self.series.mean
        return np.abs(found - self.series.numbers)

    def within(self, part: range, most: int) -> tuple[NDArray[np.intp], int, Range]:
        """What every unit held when the steps of a part were forecast, in at most ``most`` columns.

        Returns:
            First of the steps that the windows of a column forecast, the step behind those of the last, and the
            smallest, largest and mean state, ``[column, unit]``: of one window each where there are few of them.
        """
        first = max(0, int(np.searchsorted(self.ends, part.start - self.task.horizon)))
        stop = max(first + 1, int(np.searchsorted(self.ends, part.stop - 1)))
        first = min(first, len(self.ends) - 1)
        chosen = np.arange(first, min(stop, len(self.ends)))
        starts = np.arange(0, len(chosen), -(-len(chosen) // most))
        ends = self.ends[chosen]
        behind = min(int(ends[-1]) + 1 + self.task.horizon, len(self))
        return ends[starts] + 1, behind, summarise_known(self.states[chosen], starts)
