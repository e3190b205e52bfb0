"""Training of forecasters: how one is built, begun and taught."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from core_models.networks.forecaster import ForecasterArchitecture, SeriesForecaster
from core_models.tracing import cell_of
from pretrained.families.family import Family
from pretrained.families.forecast.corpus import SeriesCorpus
from pretrained.families.forecast.loss import forecast_loss
from pretrained.families.forecast.trained import TrainedForecaster
from pretrained.families.forecast.windows import SeriesBatch
from pretrained.kinds.forecast import SeriesTask
from pretrained.recipe import Training
from pretrained.training.initial_weights import begin_recurrence


class ForecastFamily(Family):
    """Series forecasters; see ``Family``."""

    trained = TrainedForecaster

    def corpus(self, task: SeriesTask, folder: Path) -> SeriesCorpus:
        return SeriesCorpus(task, folder)

    def build(self, task: SeriesTask, architecture: Mapping[str, Any], dropout: float = 0.0) -> SeriesForecaster:
        return SeriesForecaster(ForecasterArchitecture(**architecture), task.width, task.horizon, dropout)

    def initialise(self, network: SeriesForecaster) -> None:
        begin_recurrence(network.rnn, cell_of(network.rnn), network.architecture.hidden)
        with torch.no_grad():
            network.readout.weight.mul_(0.1)
            network.readout.bias.zero_()
            if network.linear is not None:
                network.linear.weight.zero_()

    def learn(
        self,
        network: SeriesForecaster,
        batch: SeriesBatch,
        settings: Training,
        generator: torch.Generator,
        device: torch.device,
    ) -> float:
        values = batch.windows.clone()
        without = torch.rand(len(values), generator=generator) < settings.word_dropout
        values[without, :, 1 : batch.beside] = 0.0
        loss = forecast_loss(network(values.to(device)), batch.targets.to(device), batch.absolute)
        loss.backward()
        return float(loss.detach())
