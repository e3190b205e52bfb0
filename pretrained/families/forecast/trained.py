"""A trained forecaster: windows of any length of series, and a copy that learns further."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core_models.encoded import Encoded
from core_models.explain.outputs import Output, Outputs
from core_models.language import mark, say, say_n
from core_models.target import Target
from core_models.trace import Trace
from pretrained.families.forecast.calibration import misses_of, rolling_stretch
from pretrained.families.forecast.survey import SeriesSurvey
from pretrained.families.forecast.tuning import Tuning, begin_tuning
from pretrained.families.forecast.windows import Windows
from pretrained.kinds.forecast import MARK, Series, SeriesTask
from pretrained.trained import Trained


@dataclass(frozen=True)
class TrainedForecaster(Trained):
    """A trained forecaster; see ``Trained``.

    Attributes:
        learned: whether it is a copy that learned from a person's series, so that its errors there tell little.
    """

    task: SeriesTask
    learned: bool = False

    @property
    def recent(self) -> int:
        """Windows before the one that is shown whose errors set its interval; see ``calibration``."""
        return int(self.recipe.scores["looked_back"])

    def encode(self, text: str, content: Any = None) -> Encoded:
        """A window, with the factors of its interval where enough windows lie before it; see ``calibration``."""
        encoded = super().encode(text, content)
        if self.learned:
            return encoded
        name, _, number = text.partition(MARK)
        series = self.task.open(name, content)
        return replace(encoded, stretch=self._rolling(series, self.task.last_step(series, number)))

    def _rolling(self, series: Series, last: int) -> Tensor | None:
        """By how much the interval of the window that ends at ``last`` is stretched, ``[horizon]``.

        None where not enough windows lie before it. Nothing after its last step is looked at.
        """
        task, span = self.task, self.recent + self.task.horizon - 1
        missing = int(np.isnan(series.numbers[max(0, last - 2 * span) : last]).sum())
        back = min(span + 2 * missing, 2 * span)
        frame = series.frame.iloc[max(0, last + 1 - back - task.window) : last + 1]
        windows = Windows.of(task, frame, series.mean, series.sd)
        ends = windows.ends(0, len(frame) - 1, tuple(range(1, task.horizon + 1)))
        if len(ends) < self.recent:
            return None
        misses = misses_of(*windows.forecasts(self.network, ends))
        factors = torch.from_numpy(rolling_stretch(misses, ends, np.array([len(frame) - 1]), self.recent)[0])
        own = self.network.head("forecast").get_buffer("stretch")
        return None if factors.isnan().any() else own * factors.to(own)

    @torch.inference_mode()
    def predict(self, batch: Sequence[Encoded]) -> list[NDArray]:
        """Centre, lower and upper end of the forecast, standardised, ``[horizon, 3]``, for each window."""
        return list(self.network(*self.padded(batch))["forecast"].cpu().numpy())

    def outputs(self, encoded: Encoded, trace: Trace) -> Outputs:
        """What is forecast for every step ahead."""
        noun = self.task.noun
        known = tuple(
            Output(Target("forecast", k), say_n("+{n} {noun}", "+{n} {noun}s", k + 1, noun=say(noun)))
            for k in range(self.task.horizon)
        )
        return Outputs(self.network, encoded, known, what=mark("a step that is forecast"))

    def survey(self, series: Series) -> SeriesSurvey:
        """A series of any length, about to be read once."""
        return SeriesSurvey(self.task, self.network, series)

    def tuning(self, series: Series) -> Tuning:
        """A copy of the network, ready to learn from a series; raises ``InputError`` if it is too short."""
        return begin_tuning(self.network, self.task, series)
