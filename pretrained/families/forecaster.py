"""Training and scoring of forecasters: the centre by the measure that the task is scored by, the ends as quantiles.

    pinball_q(y, ŷ) = max(q (y - ŷ), (q - 1) (y - ŷ))       Koenker & Bassett 1978

The centre is trained to be the mean where the score is a squared error, and the median where it is an absolute one: no
other centre can do best in it (Gneiting 2011, "Making and evaluating point forecasts", JASA 106).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from core_models.networks.forecaster import ForecasterArchitecture, SeriesForecaster
from core_models.tracing import cell_of
from pretrained.training.initial_weights import begin_recurrence

if TYPE_CHECKING:
    from pretrained.recipe import Training
    from pretrained.series.corpus import SeriesCorpus
    from pretrained.series.task import SeriesTask

QUANTILES = (0.1, 0.9)
"""What share of the values should fall below the lower and the upper end of the interval."""


@dataclass(frozen=True)
class SeriesBatch:
    """Windows ``[batch, step, channel]``, what came ``[batch, horizon]``, and how many channels stand for the series.

    What came is NaN where it was not observed. Channels from 1 to ``beside`` may be missing in a person's own series.
    """

    windows: Tensor
    targets: Tensor
    beside: int
    absolute: bool


def forecast_loss(answer: Tensor, targets: Tensor, absolute: bool) -> Tensor:
    """Mean loss of ``answer`` ``[batch, horizon, 3]`` over what was observed of ``targets`` ``[batch, horizon]``."""
    seen = ~targets.isnan()
    centre, ends, came = answer[..., 0][seen], answer[..., 1:], targets[seen]
    miss = came - centre
    loss = (miss.abs() if absolute else miss.square()).mean()
    offsets = (ends - answer[..., :1])[seen]
    for place, share in enumerate(QUANTILES):
        over = came - (centre.detach() + offsets[:, place])
        loss = loss + torch.maximum(share * over, (share - 1.0) * over).mean()
    return loss


class ForecasterFamily:
    """Series forecasters; see ``pretrained.family.Family``."""

    key = "forecaster"
    architecture = ForecasterArchitecture

    def build(self, task: SeriesTask, architecture: ForecasterArchitecture, dropout: float = 0.0) -> SeriesForecaster:
        return SeriesForecaster(architecture, task.width, task.horizon, dropout)

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

    def extras(self, network: nn.Module, task: SeriesTask, corpus: SeriesCorpus) -> dict[str, Tensor]:
        return {}

    def scores(self, network: SeriesForecaster, corpus: SeriesCorpus) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for split in ("dev", "test"):
            found |= {f"{split}_{name}": value for name, value in corpus.measure(network, split).items()}
        return found


FORECASTER = ForecasterFamily()
