r"""The next values of a series, with an interval.

    ŷ_{T+k} = y_T + w_k · s + b_k                         the centre; without y_T where the network is not anchored
            + Σ_j A_kj (y_{T-j} − y_T)                    where a linear autoregression runs beside the recurrence
    lower, upper = ŷ_{T+k} ∓ λ_k softplus(a · s + d)      the ends of the interval

The ends are trained as quantiles (Koenker & Bassett 1978, "Regression quantiles", Econometrica 46), so that the
interval is wide where the past says that errors are large; the softplus keeps them in order. The factors λ_k, 1 in
training, are set afterwards from errors on unseen windows, so that the interval holds as often as it says. A linear
autoregression beside the recurrence takes what is linear off it (Lai et al. 2018, arXiv 1703.07015, sec. 3.6).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from core_models.heads.head import Concluded, Head
from core_models.trace import Site
from core_models.tracing import Replay

FORECAST = Site("forecast")
CENTRE, LOWER, UPPER = "forecast", "forecast_lower", "forecast_upper"
"""Quantities of the forecast, in the order of the last axis of what the head returns."""


class ForecastHead(Head):
    """Centre, lower and upper end of every step ahead.

    Attributes:
        anchored: whether the forecast is added to the last value.
        stretch: λ, by which the interval is stretched, ``[horizon]``; no part of the weights.
    """

    site, unit = FORECAST, "standard deviations"
    anchored: bool = True
    stretch: Tensor

    def __init__(self, size: int, count: int, linear: int = 0) -> None:
        super().__init__(size, count)
        self.spread = nn.Linear(size, 2 * count)
        self.linear = nn.Linear(linear, count, bias=False) if linear else None
        self.register_buffer("stretch", torch.ones(count), persistent=False)

    def forward(self, summary: Tensor, x: Tensor) -> Tensor:
        """Centre, lower and upper end, ``[..., horizon, 3]``; ``x`` is the series, ``[..., step, channel]``."""
        series = x[..., 0]
        centre = self.readout(summary) + (series[..., -1:] if self.anchored else 0.0)
        if self.linear is not None:
            centre = centre + self.linear(self.recent(series))
        below, above = softplus(self.spread(summary)).chunk(2, dim=-1)
        return torch.stack([centre, centre - self.stretch * below, centre + self.stretch * above], dim=-1)

    def recent(self, series: Tensor) -> Tensor:
        """What the linear autoregression reads of a series ``[..., step]``: its last steps less the last value.

        Steps before its beginning count as no different from the last value.
        """
        steps = 0 if self.linear is None else self.linear.in_features
        moved = (series - series[..., -1:])[..., -steps:]
        return nn.functional.pad(moved, (steps - moved.shape[-1], 0))

    def scalar(self, outputs: Tensor, index: int | Tensor, against: int | None = None) -> Tensor:
        """The centre of one step ahead, in standard deviations; less that of another one if ``against`` is given."""
        chosen = torch.as_tensor(index, device=outputs.device).expand(len(outputs))
        centre = outputs[..., 0]
        found = centre.gather(1, chosen[:, None])[:, 0]
        return found if against is None else found - centre[:, against]

    def squash(self, scalars: Tensor) -> Tensor:
        """A forecast is compared as it is."""
        return scalars

    def quantities(self, concluded: Concluded) -> Replay:
        """Centre and both ends."""
        return {(FORECAST, key): concluded.outputs[:, place] for place, key in enumerate((CENTRE, LOWER, UPPER))}
