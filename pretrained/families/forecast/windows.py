"""A series cut into windows: what is read, what came after, and what a network forecasts of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from core_models.networks.sequence import SequenceNetwork
from pretrained.kinds.forecast import SeriesTask, fill

AT_ONCE = 256
"""Windows that are read in one call."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SeriesBatch:
    """Windows ``[batch, step, channel]``, what came ``[batch, horizon]``, and how many channels stand for the series.

    What came is NaN where it was not observed. Channels from 1 to ``beside`` may be missing in a person's own series.
    """

    windows: Tensor
    targets: Tensor
    beside: int
    absolute: bool


def errors_of(miss: Floats) -> dict[str, float]:
    """Root mean square, mean absolute and mean square of errors, those that are not known left out."""
    square = float(np.nanmean(miss**2))
    return {"rmse": square**0.5, "mae": float(np.nanmean(np.abs(miss))), "mse": square}


def forecasts_of(network: SequenceNetwork, windows: Tensor) -> Tensor:
    """Centre, lower and upper end, ``[batch, horizon, 3]``, of windows ``[batch, step, channel]``."""
    return network(windows, torch.full((len(windows),), windows.shape[1]))["forecast"]


@dataclass(frozen=True)
class Windows:
    """A standardised series of which windows are cut.

    Attributes:
        task: window, horizon and channels.
        read: what the network reads, gaps filled, ``[time, channel]``.
        series: the series itself, standardised, NaN where it is missing, ``[time]``.
        mean, sd: with which it was standardised.
    """

    task: SeriesTask
    read: NDArray[np.float32]
    series: Floats
    mean: float
    sd: float

    @classmethod
    def of(cls, task: SeriesTask, frame: pd.DataFrame, mean: float, sd: float) -> Windows:
        """Of values in their own units, on the regular grid."""
        series = (frame.iloc[:, 0].to_numpy(dtype=np.float64) - mean) / sd
        return cls(task, task.standardise(fill(frame), mean, sd), series, mean, sd)

    def ends(self, begin: int, stop: int, scored: tuple[int, ...]) -> NDArray[np.intp]:
        """Last steps from ``begin`` up to ``stop`` (without it) whose value is known and of whose forecast some is.

        A gap before a last step whose value is known is filled from values on both its sides, all of them in the past.
        """
        known = ~np.isnan(self.series)
        last = np.arange(max(begin, self.task.window - 1), min(stop, len(self.series)))
        came = np.zeros(len(last), dtype=bool)
        for step in scored:
            place = last + step
            came |= np.where(place < len(known), known[np.minimum(place, len(known) - 1)], False)
        return last[came & known[last]]

    def targets(self, ends: NDArray[np.intp]) -> Floats:
        """What came after every window, NaN where it is not known, ``[window, horizon]``."""
        padded = np.concatenate([self.series, np.full(self.task.horizon, np.nan)])
        return padded[ends[:, None] + 1 + np.arange(self.task.horizon)]

    def batch(self, ends: NDArray[np.intp]) -> SeriesBatch:
        """Windows that end at ``ends``."""
        steps = ends[:, None] + np.arange(1 - self.task.window, 1)
        targets = torch.from_numpy(self.targets(ends).astype(np.float32))
        absolute = self.task.measure == "mae"
        return SeriesBatch(torch.from_numpy(self.read[steps]), targets, len(self.task.channels), absolute)

    @torch.no_grad()
    def forecasts(self, network: SequenceNetwork, ends: NDArray[np.intp]) -> tuple[Floats, Floats]:
        """Standardised forecasts ``[window, horizon, 3]`` and what came ``[window, horizon]``."""
        device = next(network.parameters()).device
        found = []
        for start in range(0, len(ends), AT_ONCE):
            batch = self.batch(ends[start : start + AT_ONCE])
            found.append(forecasts_of(network, batch.windows.to(device)).double().cpu().numpy())
        return np.concatenate(found), self.targets(ends)
