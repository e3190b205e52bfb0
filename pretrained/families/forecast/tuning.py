"""Training a copy of a forecaster further on one series: a little at every call, so that nobody waits for it.

The last fifth of the series is held out: no window whose forecast reaches into it is learned from, and the error there
is what is shown before, during and after. The network that was given is never touched.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from core_models.language import mark, say
from core_models.networks.sequence import SequenceNetwork
from pretrained.families.forecast import naive
from pretrained.families.forecast.loss import forecast_loss
from pretrained.families.forecast.windows import Windows, errors_of, forecasts_of
from pretrained.kinds.forecast import Series, SeriesTask
from pretrained.task import InputError
from pretrained.uploads.series.own_series import LEARNED

STEPS, BATCH, RATE, MEASURED = 300, 32, 1e-3, 20
"""Batches in all, windows in each, Adam's learning rate at the start, and batches between two measurements."""

LEAST = 16
"""Windows to learn from, and half as many to measure on, below which nothing can be learned."""

MOST_HELD_OUT = 400
"""Windows on which it is measured, evenly spread."""


@dataclass
class Tuning:
    """A network on its way; ``advance`` takes it further.

    Attributes:
        network: the copy.
        windows: the series as it reads it.
        learned: ends of the windows that are learned from.
        held_out: ends of those that it is measured on.
        curve: batches so far, error on what is held out in the unit of the series, and mean training loss since then.
    """

    network: SequenceNetwork
    windows: Windows
    learned: NDArray[np.intp]
    held_out: NDArray[np.intp]
    curve: list[tuple[int, float, float]] = field(default_factory=list)
    step: int = 0

    def __post_init__(self) -> None:
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=RATE)
        self.generator = torch.Generator().manual_seed(0)
        self._losses: list[float] = []
        self._measure()

    @property
    def done(self) -> bool:
        """Whether all batches were learned."""
        return self.step >= STEPS

    @property
    def before(self) -> float:
        """Error on what is held out before anything was learned."""
        return self.curve[0][1]

    @property
    def after(self) -> float:
        """Error on what is held out now: never the best one met on the way, which would be chosen by the answer."""
        return self.curve[-1][1]

    def advance(self, batches: int) -> None:
        """Learn from some batches more."""
        for _ in range(min(batches, STEPS - self.step)):
            chosen = torch.randint(len(self.learned), (min(BATCH, len(self.learned)),), generator=self.generator)
            self._learn(self.learned[chosen.numpy()])
            self.step += 1
            if self.step % MEASURED == 0 or self.done:
                self._measure()

    def stop(self) -> None:
        """Learn no more: what is held out is measured where the learning ended."""
        if self.curve[-1][0] != self.step:
            self._measure()

    def simple(self) -> dict[str, float]:
        """Errors of simple forecasts on what is held out, by name."""
        task, series = self.windows.task, self.windows.series
        return {
            mark("last value"): self._error(naive.persist(series, self.held_out, task.horizon)),
            "seasonal": self._error(naive.seasonal(series, self.held_out, task)),
        }

    def tuned(self) -> SequenceNetwork:
        """The network as it is now, a copy that is not trained further."""
        return copy.deepcopy(self.network).eval().requires_grad_(False)

    def _learn(self, ends: NDArray[np.intp]) -> None:
        batch = self.windows.batch(ends)
        self.optimizer.param_groups[0]["lr"] = RATE * (1.0 - 0.9 * self.step / STEPS)
        self.optimizer.zero_grad()
        with torch.enable_grad():
            loss = forecast_loss(forecasts_of(self.network, batch.windows), batch.targets, batch.absolute)
            loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self._losses.append(float(loss.detach()))

    def _measure(self) -> None:
        answer, _ = self.windows.forecasts(self.network, self.held_out)
        error = self._error(answer[..., 0])
        self.curve.append((self.step, error, float(np.mean(self._losses)) if self._losses else float("nan")))
        self._losses.clear()

    def _error(self, forecast: NDArray[np.float64]) -> float:
        """Mean absolute error over all steps ahead, in the unit of the series; NaN where there is no forecast."""
        miss = forecast - self.windows.targets(self.held_out)
        return errors_of(miss)["mae"] * self.windows.sd if not np.isnan(miss).all() else float("nan")


def begin_tuning(network: SequenceNetwork, task: SeriesTask, series: Series) -> Tuning:
    """A copy of ``network``, ready to learn from a series.

    Raises:
        InputError: if the series is too short to learn from and to be measured on.
    """
    windows = Windows.of(task, series.frame, series.mean, series.sd)
    border = round(LEARNED * len(series))
    every = tuple(range(1, task.horizon + 1))
    learned = windows.ends(0, border - task.horizon, every)
    held_out = windows.ends(border - 1, len(series), every)
    if len(learned) < LEAST or len(held_out) < LEAST // 2:
        least = round((task.window + task.horizon + LEAST) / LEARNED)
        raise InputError(
            say(
                "The series has {n} values; to learn from it, the model needs about {least}: of "
                "every window it reads {window} and forecasts {horizon}, and the last fifth is "
                "kept to measure on.",
                n=len(series),
                least=least,
                window=task.window,
                horizon=task.horizon,
            )
        )
    spread = np.linspace(0, len(held_out) - 1, min(MOST_HELD_OUT, len(held_out))).astype(int)
    own = copy.deepcopy(network).cpu().train().requires_grad_(True)
    return Tuning(own, windows, learned, held_out[spread])
