"""A trained forecaster: windows of any length of series, and a copy that learns further."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from numpy.typing import NDArray

from core_models.encoded import Encoded
from core_models.explain.attribution.question import Question, ask_forecaster
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
        return list(self.network(self.padded(batch)[0]).cpu().numpy())

    def question(self, encoded: Encoded, trace: Trace) -> Question:
        """What is forecast for every step ahead, as a function of the whole window."""
        ahead = [f"+{step} {self.task.noun}" for step in range(1, self.task.horizon + 1)]
        return ask_forecaster(self.network, self.sequence(encoded), trace.tokens.labels, ahead)

    def survey(self, series: Series) -> SeriesSurvey:
        """A series of any length, about to be read once."""
        return SeriesSurvey(self.task, self.network, series)

    def tuning(self, series: Series) -> Tuning:
        """A copy of the network, ready to learn from a series; raises ``InputError`` if it is too short."""
        return begin_tuning(self.network, self.task, series)
