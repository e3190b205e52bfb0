"""Training of forecasters: how one is built, begun and taught."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from core_models.heads import ForecastHead
from core_models.networks.architecture import Architecture
from core_models.networks.sequence import SequenceNetwork
from core_models.tracing import cell_of
from pretrained.families.family import Family
from pretrained.families.forecast.corpus import SeriesCorpus
from pretrained.families.forecast.loss import forecast_loss
from pretrained.families.forecast.trained import TrainedForecaster
from pretrained.families.forecast.windows import SeriesBatch, forecasts_of
from pretrained.kinds.forecast import SeriesTask
from pretrained.recipe import Training
from pretrained.training.initial_weights import begin_recurrence


class ForecastFamily(Family):
    """Series forecasters; see ``Family``."""

    trained = TrainedForecaster

    def corpus(self, task: SeriesTask, folder: Path) -> SeriesCorpus:
        return SeriesCorpus(task, folder)

    def build(self, task: SeriesTask, architecture: Mapping[str, Any], dropout: float = 0.0) -> SequenceNetwork:
        return SequenceNetwork(Architecture(**architecture), task.width, {"forecast": task.horizon}, dropout=dropout)

    def initialise(self, network: SequenceNetwork) -> None:
        begin_recurrence(network.rnn, cell_of(network.rnn), network.architecture.hidden)
        with torch.no_grad():
            head = network.head("forecast")
            head.readout.weight.mul_(0.1)
            head.readout.bias.zero_()
            if isinstance(head, ForecastHead) and head.linear is not None:
                head.linear.weight.zero_()

    def settle(self, network: SequenceNetwork, scores: Mapping[str, Any]) -> None:
        network.head("forecast").get_buffer("stretch").copy_(torch.tensor(scores["stretch"]))

    def scores(self, network: SequenceNetwork, corpus: SeriesCorpus) -> dict[str, Any]:
        stretch = corpus.calibrate(network)
        return super().scores(network, corpus) | {
            "stretch": stretch,
            "looked_back": corpus.look_back(network),
        }

    def learn(
        self,
        network: SequenceNetwork,
        batch: SeriesBatch,
        settings: Training,
        generator: torch.Generator,
        device: torch.device,
    ) -> float:
        values = batch.windows.clone()
        without = torch.rand(len(values), generator=generator) < settings.word_dropout
        values[without, :, 1 : batch.beside] = 0.0
        loss = forecast_loss(forecasts_of(network, values.to(device)), batch.targets.to(device), batch.absolute)
        loss.backward()
        return float(loss.detach())
