"""A trained forecaster: windows of any length of series, and a copy that learns further."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from numpy.typing import NDArray

from core_models.encoded import Encoded
from core_models.explain.outputs import Output, Outputs
from core_models.target import Target
from core_models.trace import Trace
from pretrained.families.forecast.survey import SeriesSurvey
from pretrained.families.forecast.tuning import Tuning, begin_tuning
from pretrained.kinds.forecast import Series, SeriesTask
from pretrained.trained import Trained


@dataclass(frozen=True)
class TrainedForecaster(Trained):
    """A trained forecaster; see ``Trained``."""

    task: SeriesTask

    @torch.inference_mode()
    def predict(self, batch: Sequence[Encoded]) -> list[NDArray]:
        """Centre, lower and upper end of the forecast, standardised, ``[horizon, 3]``, for each window."""
        return list(self.network(*self.padded(batch))["forecast"].cpu().numpy())

    def outputs(self, encoded: Encoded, trace: Trace) -> Outputs:
        """What is forecast for every step ahead."""
        noun = self.task.noun
        known = tuple(Output(Target("forecast", k), f"+{k + 1} {noun}") for k in range(self.task.horizon))
        return Outputs(self.network, encoded, known, what="a step that is forecast")

    def survey(self, series: Series) -> SeriesSurvey:
        """A series of any length, about to be read once."""
        return SeriesSurvey(self.task, self.network, series)

    def tuning(self, series: Series) -> Tuning:
        """A copy of the network, ready to learn from a series; raises ``InputError`` if it is too short."""
        return begin_tuning(self.network, self.task, series)
