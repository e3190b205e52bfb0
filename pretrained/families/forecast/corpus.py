"""The windows of a forecasting task: training, dev and test kept apart by the times of what is forecast."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from core_models.networks.sequence import SequenceNetwork
from pretrained.data.intervals import block_interval
from pretrained.families.family import Corpus, Score
from pretrained.families.forecast import naive
from pretrained.families.forecast.calibration import (
    LOOKED_BACK,
    look_back,
    misses_of,
    rolling_stretch,
    shares,
    stretch_of,
)
from pretrained.families.forecast.windows import Floats, SeriesBatch, Windows, errors_of
from pretrained.kinds.forecast import SeriesTask

LEAST = {"train": 0, "dev": 1, "test": 2}


@dataclass(frozen=True)
class SeriesCorpus(Corpus):
    """The splits of a forecasting task."""

    task: SeriesTask

    @cached_property
    def frame(self) -> pd.DataFrame:
        """All values in their own units, with gaps."""
        return self.task.load(self.folder)

    @cached_property
    def windows(self) -> Windows:
        """All values as the network reads them."""
        return Windows.of(self.task, self.frame, self.task.learned["mean"][0], self.task.learned["sd"][0])

    @property
    def unit(self) -> float:
        """What a standard deviation of the series is in the unit of the scores."""
        return 1.0 if self.task.relative else self.windows.sd

    def ends(self, split: str) -> NDArray[np.intp]:
        """The last step of every window of a split, counted from 0.

        A window belongs where the scored steps of its forecast lie. Of training windows no forecast step at all reaches
        into dev. The value at the last step was observed, as was at least one scored value.
        """
        task = self.task
        bounds = [0, *self.frame.index.searchsorted(pd.DatetimeIndex(task.splits)).tolist()]
        begin, stop = bounds[LEAST[split]], bounds[LEAST[split] + 1]
        far = task.horizon if split == "train" else max(task.scored)
        return self.windows.ends(begin - min(task.scored), stop - far, task.scored)

    @cached_property
    def training(self) -> NDArray[np.intp]:
        """Ends of the training windows."""
        return self.ends("train")

    def training_batches(self, size: int, generator: torch.Generator) -> Iterator[SeriesBatch]:
        """One epoch of training windows in an order drawn from ``generator``."""
        order = torch.randperm(len(self.training), generator=generator).numpy()
        for start in range(0, len(order), size):
            yield self.windows.batch(self.training[order[start : start + size]])

    def evaluate(self, network: SequenceNetwork, split: str) -> Score:
        """The headline as loss, and as accuracy the share of values that fell into the interval."""
        answer, came = self.windows.forecasts(network, self.ends(split))
        found = self.score(answer, came)
        return Score(found["coverage"], found["count"], found[self.task.measure])

    def measure(self, network: SequenceNetwork, split: str) -> dict[str, Any]:
        """Everything that is measured on a split, the headline first, and simple forecasts on the same windows."""
        ends = self.ends(split)
        answer, came = self.windows.forecasts(network, ends)
        found = self.score(answer, came)
        headline = self.task.measure
        found = {headline: found.pop(headline), f"{headline}_interval": self.interval(answer, came), **found}
        found["coverage_ahead"] = by_step(misses_of(answer, came))
        stretch = rolling_stretch(*self.misses(network, ends), ends, self.look_back(network))
        found["rolling_coverage_ahead"] = by_step(misses_of(answer, came), stretch)
        simple = naive.simple(self.windows.series, ends, self.task)
        simple["ridge"] = naive.fit_ridge(self.windows, self.training, self.ends("dev"), self.task)(ends)
        for name, forecast in simple.items():
            found[name] = self.score(forecast, came)[self.task.measure]
        ahead = {name: float(np.nanmean(np.abs(forecast - came))) for name, forecast in simple.items()}
        return found | {"mae_ahead": {name: round(error * self.unit, 4) for name, error in ahead.items()}}

    def calibrate(self, network: SequenceNetwork) -> list[float]:
        """Stretch the intervals of a network by dev, as ``calibration`` says; returns the factors, ``[horizon]``."""
        stretch = network.head("forecast").get_buffer("stretch")
        answer, came = self.windows.forecasts(network, self.ends("dev"))
        factors = [round(value, 4) for value in (stretch_of(misses_of(answer, came)) * stretch.cpu().numpy())]
        stretch.copy_(torch.tensor(factors))
        return factors

    def look_back(self, network: SequenceNetwork) -> int:
        """How many windows before it set an interval, settled by dev alone; see ``calibration``."""
        asked = self.ends("dev")
        return look_back(*self.misses(network, asked), asked)

    def misses(self, network: SequenceNetwork, asked: NDArray[np.intp]) -> tuple[Floats, NDArray[np.intp]]:
        """Misses ``[window, horizon]`` and last steps of windows that are asked for and of those before them."""
        first = int(asked[0]) - 2 * (LOOKED_BACK[-1] + self.task.horizon)
        ends = self.windows.ends(first, int(asked[-1]) + 1, tuple(range(1, self.task.horizon + 1)))
        return misses_of(*self.windows.forecasts(network, ends)), ends

    def score(self, answer: Floats, came: Floats) -> dict[str, Any]:
        """Errors over the scored steps, and how often what came fell into the interval.

        Args:
            answer: standardised; ``[window, horizon]``, or with centre, lower and upper end ``[window, horizon, 3]``.
            came: what came, ``[window, horizon]``.
        """
        places = [step - 1 for step in self.task.scored]
        miss = self._misses(answer, came)
        came = came[:, places]
        errors = errors_of(miss)
        found: dict[str, Any] = {name: round(value, 4) for name, value in errors.items()}
        if answer.ndim == 3:
            inside, width = coverage_of(answer[:, places, 1], answer[:, places, 2], came)
            found |= {"coverage": round(inside, 4), "width": round(width * self.unit, 4)}
        return found | {"count": int((~np.isnan(miss)).any(axis=1).sum())}

    def interval(self, answer: Floats, came: Floats) -> list[float]:
        """95% interval of the headline; for the arguments see ``score``. Neighbouring windows have alike errors."""
        miss = self._misses(answer, came)
        low, high = block_interval(np.abs(miss) if self.task.measure == "mae" else miss**2)
        power = 0.5 if self.task.measure == "rmse" else 1.0
        return [round(low**power, 4), round(high**power, 4)]

    def _misses(self, answer: Floats, came: Floats) -> Floats:
        """Forecast less what came at the scored steps, in the unit of the scores, ``[window, step]``."""
        places = [step - 1 for step in self.task.scored]
        centre = answer if answer.ndim == 2 else answer[..., 0]
        return (centre - came)[:, places] * self.unit


def by_step(misses: Floats, stretch: Floats | float = 1.0) -> dict[str, float]:
    """Share of what came that fell into the interval, by step ahead, where that is stretched as much as is given."""
    return {str(step): round(share, 4) for step, share in enumerate(shares(misses, stretch).tolist(), start=1)}


def coverage_of(lower: Floats, upper: Floats, came: Floats) -> tuple[float, float]:
    """Share of what came that fell into the interval, and the interval's mean width."""
    seen = ~np.isnan(came)
    inside = (came >= lower) & (came <= upper)
    return float(inside[seen].mean()), float((upper - lower)[seen].mean())
