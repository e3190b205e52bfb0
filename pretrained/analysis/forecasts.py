"""How far forecasts are off over a whole series: window by window, beside simple forecasts of the same steps.

A window ends at every step whose value is known and after which some value is. What is read of it is what Explore
reads: nothing after its last step is looked at, and its interval is stretched by the windows before it (see
``pretrained.families.forecast.calibration``). A ridge regression, where there are enough windows, learns from the first
half of them and is compared with the others on the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isqrt

import numpy as np
import torch
from numpy.typing import NDArray

from core_models.language import mark, say
from core_models.networks.sequence import SequenceNetwork
from pretrained.analysis.labelled import Flags, Floats
from pretrained.analysis.measured import Measured
from pretrained.data.intervals import block_interval
from pretrained.families.forecast import naive
from pretrained.families.forecast.calibration import misses_of, rolling_stretch
from pretrained.families.forecast.survey import SeriesSurvey
from pretrained.families.forecast.windows import AT_ONCE, forecasts_of
from pretrained.kinds.forecast import Series, SeriesTask
from pretrained.task import InputError

MOST = 10_000
"""Windows that are scored at most, the last ones of a series."""

LEARNED, TUNED, A_WEIGHT = 0.4, 0.5, 5
"""Shares of the windows up to which a ridge regression learns and its penalty is chosen, and how many windows it learns
from at least for each step that it reads."""


NOTHING = mark("No window of this series has a known outcome: choose a longer one.")


@dataclass(frozen=True, eq=False)
class Scored:
    """Windows with their forecasts, in the unit of the series.

    Attributes:
        task: window, horizon and measure.
        series: what was read.
        ends: last step of every window, ``[window]``.
        centre, lower, upper: forecast and its interval, ``[window, horizon]``.
        came: what came, NaN where it is not known, ``[window, horizon]``.
        simple: simple forecasts by the name that scores have for them, NaN where there is none, ``[window, horizon]``.
    """

    task: SeriesTask
    series: Series
    ends: NDArray[np.intp]
    centre: Floats
    lower: Floats
    upper: Floats
    came: Floats
    simple: Mapping[str, Floats]

    @cached_property
    def shared(self) -> Flags:
        """The cells for which there are a value and every forecast, ``[window, horizon]``."""
        found: Flags = np.isfinite(self.came) & np.isfinite(self.centre)
        for forecast in self.simple.values():
            found &= np.isfinite(forecast)
        return found

    def loss(self, forecast: Floats) -> Floats:
        """What a forecast costs, as the task measures it, NaN in cells that are not shared, ``[window, horizon]``."""
        miss = np.where(self.shared, forecast - self.came, np.nan)
        return np.abs(miss) if self.task.measure == "mae" else miss**2

    def shown(self, loss: float) -> float:
        """A mean loss as an error."""
        return max(loss, 0.0) ** 0.5 if self.task.measure == "rmse" else loss

    def error(self, forecast: Floats) -> tuple[float, float, float]:
        """Error of a forecast over all shared cells, and its 95% interval."""
        loss = self.loss(forecast)[self.shared.any(axis=1)]
        low, high = block_interval(loss)
        return self.shown(float(np.nanmean(loss))), self.shown(low), self.shown(high)

    @cached_property
    def strongest(self) -> str:
        """The simple forecast that is off least."""
        return min(self.simple, key=lambda name: float(np.nanmean(self.loss(self.simple[name]))))

    @cached_property
    def better_by(self) -> tuple[float, float, float]:
        """By how much less than the strongest simple forecast the model costs, and the 95% interval of that."""
        apart = (self.loss(self.simple[self.strongest]) - self.loss(self.centre))[self.shared.any(axis=1)]
        return float(np.nanmean(apart)), *block_interval(apart)

    @property
    def held(self) -> Floats:
        """Whether what came lies inside the interval, 1 or 0, NaN where it is not known, ``[window, horizon]``."""
        inside = (self.lower <= self.came) & (self.came <= self.upper)
        return np.where(np.isfinite(self.came), inside, np.nan).astype(np.float64)

    @cached_property
    def blocks(self) -> NDArray[np.intp]:
        """Windows together that are alike, ``[window]``: so many that those of two blocks hardly share a step."""
        return np.arange(len(self.ends)) // max(self.task.horizon, isqrt(len(self.ends)))

    def measured(self, values: Floats, *, high_is_bad: bool = True) -> tuple[Measured, Flags]:
        """The known ones of values ``[window, horizon]``, and which these are, ``[window * horizon]``."""
        flat = values.ravel()
        known = np.isfinite(flat)
        return Measured(flat[known], np.repeat(self.blocks, self.task.horizon)[known], high_is_bad), known


class Scoring:
    """One series on its way through a forecaster.

    Attributes:
        ends: last step of every window that is read; the first ``lead`` of them only set intervals.
        recent: windows before each that set its interval.
        done: how many were read.
        stopped: whether somebody ended it.

    Raises:
        InputError: if no window has a known outcome.
    """

    def __init__(self, task: SeriesTask, network: SequenceNetwork, series: Series, recent: int) -> None:
        self.task, self.network, self.series, self.recent = task, network, series, recent
        self._survey = SeriesSurvey(task, network, series)
        ends = self._survey.windows.ends(0, len(series), tuple(range(1, task.horizon + 1)))
        if not len(ends):
            raise InputError(say(NOTHING))
        first = max(0, len(ends) - MOST)
        before = max(0, first - 2 * (recent + task.horizon))
        self.ends, self.lead = ends[before:], first - before
        self.left_out = first
        self.done, self.stopped = 0, False
        self._answers: list[Floats] = []

    @property
    def busy(self) -> bool:
        """Whether it goes on."""
        return not self.stopped and self.done < len(self.ends)

    def stop(self) -> None:
        """End it; what was read stays."""
        self.stopped = True

    @torch.inference_mode()
    def run(self) -> Iterator[float]:
        """Read on; gives the share that was read, after every batch of windows."""
        device = next(self.network.parameters()).device
        while self.busy:
            values = torch.from_numpy(self._survey.values(self.ends[self.done : self.done + AT_ONCE])).to(device)
            self._answers.append(forecasts_of(self.network, values).double().cpu().numpy())
            self.done = min(self.done + AT_ONCE, len(self.ends))
            yield self.done / len(self.ends)

    def scored(self) -> Scored:
        """The windows that were read.

        Raises:
            InputError: if it was ended before there was one.
        """
        windows, task = self._survey.windows, self.task
        if self.done <= self.lead:
            raise InputError(say("It was stopped before the first window was read."))
        ends = self.ends[: self.done]
        answer, came = np.concatenate(self._answers), windows.targets(ends)
        stretch = rolling_stretch(misses_of(answer, came), ends, ends, self.recent)
        stretch = np.where(np.isnan(stretch).any(axis=1, keepdims=True), 1.0, stretch)
        centre = answer[..., :1]
        answer = centre + (answer - centre) * stretch[..., None]
        kept = slice(self.lead, None)
        simple = {name: self._unit(values[kept]) for name, values in self._simple(ends).items()}
        low, high = self._unit(answer[kept, :, 1]), self._unit(answer[kept, :, 2])
        found = Scored(task, self.series, ends[kept], self._unit(answer[kept, :, 0]), low, high,
                       self._unit(came[kept]), simple)  # fmt: skip
        if not found.shared.any():
            raise InputError(say(NOTHING))
        return found

    def _unit(self, standardised: Floats) -> Floats:
        return standardised * self.series.sd + self.series.mean

    def _simple(self, ends: NDArray[np.intp]) -> dict[str, Floats]:
        """Simple forecasts, standardised; a season that no window has behind it is left out."""
        task, known = self.task, self._survey.windows.series
        found = naive.simple(known, ends, task)
        found = {name: values for name, values in found.items() if np.isfinite(values[self.lead :]).mean() > 0.5}
        ridge = self._ridge(ends)
        return found if ridge is None else found | {"ridge": ridge}

    def _ridge(self, ends: NDArray[np.intp]) -> Floats | None:
        """A ridge regression that learned from the first windows, NaN for these; None where there are too few."""
        task, windows = self.task, self._survey.windows
        learned, tuned = round(LEARNED * len(ends)), round(TUNED * len(ends))
        if learned < A_WEIGHT * task.window:
            return None
        later = np.flatnonzero(ends >= ends[tuned] + task.horizon)
        training, dev = ends[:learned], ends[learned:tuned]
        dev = dev[dev >= training[-1] + task.horizon]
        if not len(dev) or not len(later):
            return None
        found = np.full((len(ends), task.horizon), np.nan)
        found[later] = naive.fit_ridge(windows, training, dev, task)(ends[later])
        return found
