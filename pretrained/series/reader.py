"""A trained forecaster, ready for a person's series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core_models.explain.arithmetic.cell import Arithmetic
from core_models.explain.arithmetic.forecaster import explain
from core_models.explain.attribution.question import Question, ask_forecaster
from core_models.networks.forecaster import SeriesForecaster
from core_models.trace import Site, Trace
from pretrained.errors import ModelError, values_of
from pretrained.recipe import Recipe
from pretrained.series.task import SeriesTask
from pretrained.task import Reading


@dataclass(frozen=True)
class SeriesReader:
    """A trained forecaster with all that is needed to read a person's series.

    Attributes:
        recipe: how it was made and how well it does.
        task: what it forecasts, and how a series is read.
        network: the network, in ``eval()``; shared by everyone, so never changed.
    """

    recipe: Recipe
    task: SeriesTask
    network: SeriesForecaster

    def trace(self, reading: Reading) -> Trace:
        """Everything that happens inside when the network reads ``reading``.

        Raises:
            ModelError: if impossible values come out, as they do from damaged weights.
        """
        with values_of(self.recipe.title):
            return self.network.trace(self._values(reading.values), reading.tokens, name=self.recipe.key)

    def question(self, reading: Reading, trace: Trace) -> Question:
        """What is forecast for every step ahead, as a function of the whole window."""
        ahead = [f"+{step} {self.task.step.name}" for step in range(1, self.task.horizon + 1)]
        return ask_forecaster(self.network, self._values(reading.values), trace.tokens.labels, ahead)

    def explain(self, trace: Trace, site: Site, key: str, step: int, unit: int = 0, head: int = 0) -> Arithmetic:
        """The arithmetic behind one number of a trace; see ``core_models.explain.arithmetic.forecaster.explain``."""
        return explain(self.network, trace, site, key, step, unit, head)

    def _values(self, values: NDArray[np.float32] | None) -> torch.Tensor:
        if values is None:
            raise ModelError(f"The model “{self.recipe.title}” reads numbers; choose a series.")
        return torch.from_numpy(values).to(next(self.network.parameters()).device)
