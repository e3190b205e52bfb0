r"""A recurrent forecaster of series: stock torch recurrence, optional attention over the history, linear readout.

    x_t = v_t, its first channel (the series itself) taken from its last value where the network is anchored there
    h_t = recurrence(x_t, h_{t-1})                        core_models.cells
    s   = h_T, or made of the context c_T = Σ_i α_Ti h_i  core_models.attention, and h_T
    ŷ_{T+k} = y_T + w_k · s + b_k                         the centre; without y_T where the network is not anchored
            + Σ_j A_kj (y_{T-j} − y_T)                    where a linear autoregression runs beside the recurrence
    lower, upper = ŷ_{T+k} ∓ softplus(a · s + d)          the ends of the interval

All values are in standard deviations of the series from its mean. Anchoring at the last value makes a network that has
learned nothing repeat that value, the forecast that many published networks do not beat; the level may then drift
away from what was seen in training without harm (Kim et al. 2022, "Reversible instance normalization", ICLR; Zeng et
al. 2023, "Are transformers effective for time series forecasting?", arXiv 2205.13504, NLinear). The ends are trained
as quantiles (Koenker & Bassett 1978, "Regression quantiles", Econometrica 46), so that the interval is wide where the
past says that errors are large; the softplus keeps them in order. A linear autoregression beside the recurrence takes
what is linear off it (Lai et al. 2018, "Modeling long- and short-term temporal patterns", arXiv 1703.07015, sec. 3.6).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from core_models.attention import SCORES, Score, masked_softmax
from core_models.attention.join import JOINS
from core_models.attention.score import look_back
from core_models.cells.recurrence import recurrence
from core_models.convention import Convention
from core_models.trace import Site, Tokens, Trace
from core_models.tracing import Replay, Schedule, as_entries, cell_of, layers_of, replay

INPUT, ATTENTION, FORECAST = Site("input"), Site("attention"), Site("forecast")

CENTRE, LOWER, UPPER = "forecast", "forecast_lower", "forecast_upper"
"""Quantities of the forecast, in the order of the last axis of what the network returns."""


@dataclass(frozen=True)
class ForecasterArchitecture:
    """Sizes and choices that define a forecaster; what a recipe's ``[model]`` table holds.

    Attributes:
        cell: kind of recurrence.
        hidden: its units.
        attention: how the last state compares itself with all states; None for no attention.
        readout: what the readout reads: the context alone, or joined with the last state.
        anchor: what the series is taken from: ``mean`` its mean, ``last`` its last value, ``both`` side by side.
        linear: steps of the linear autoregression beside the recurrence; 0 for none.
    """

    cell: Literal["rnn", "gru", "lstm"]
    hidden: int
    attention: Literal["additive", "dot", "scaled_dot"] | None = None
    readout: Literal["context", "concatenated"] = "concatenated"
    anchor: Literal["mean", "last", "both"] = "last"
    linear: int = 0


class SeriesForecaster(nn.Module):
    """A network that forecasts a series, and whose every inner value can be traced.

    Args:
        architecture: sizes and choices.
        channels: number of channels that are read; the first is the series that is forecast.
        horizon: number of steps that are forecast.
        dropout: probability with which the readout's input is dropped in training.
    """

    def __init__(self, architecture: ForecasterArchitecture, channels: int, horizon: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.architecture = architecture
        self.horizon = horizon
        self.rnn = recurrence(architecture.cell, channels + (architecture.anchor == "both"), architecture.hidden)
        self.attention: Score | None = None
        self.join = None
        size = architecture.hidden
        if architecture.attention:
            self.attention = SCORES[architecture.attention](size)
            self.join = JOINS[architecture.readout](size)
            size = self.join.size
        self.dropout = nn.Dropout(dropout)
        self.readout = nn.Linear(size, horizon)
        self.spread = nn.Linear(size, 2 * horizon)
        self.linear = nn.Linear(architecture.linear, horizon, bias=False) if architecture.linear else None

    @property
    def convention(self) -> Convention:
        """Equations, source and convention of the recurrent cell."""
        return cell_of(self.rnn).convention

    @property
    def anchored(self) -> bool:
        """Whether the forecast is added to the last value."""
        return self.architecture.anchor != "mean"

    def look(self, values: Tensor) -> Tensor:
        """What the recurrence reads, ``[..., step, feature]``, of values ``[..., step, channel]``."""
        if not self.anchored:
            return values
        moved = values[..., :1] - values[..., -1:, :1]
        return torch.cat([moved, values if self.architecture.anchor == "both" else values[..., 1:]], dim=-1)

    def forward(self, values: Tensor) -> Tensor:
        """Centre, lower and upper end, ``[batch, horizon, 3]``, of standardised values ``[batch, step, channel]``."""
        return self.conclude(self.states(values), values)

    def states(self, values: Tensor) -> Tensor:
        """State after every step, ``[batch, step, unit]``, of standardised values ``[batch, step, channel]``."""
        states, _ = self.rnn(self.look(values).transpose(0, 1))
        return states.transpose(0, 1)

    def conclude(self, states: Tensor, values: Tensor) -> Tensor:
        """The forecast, ``[batch, horizon, 3]``, from the states and the values that were read."""
        summary = states[:, -1]
        if self.attention is not None and self.join is not None:
            every = torch.ones(1, dtype=torch.bool, device=values.device)
            weights = masked_softmax(self.attention(states, states[:, -1:]), every)
            context = self.attention.join(weights @ self.attention.values(states))[:, 0]
            summary = self.join.summary(context, summary)
        return self.answer(self.dropout(summary), values[..., 0])

    def recent(self, series: Tensor) -> Tensor:
        """What the linear autoregression reads of a series ``[..., step]``: its last steps less the last value.

        Steps before its beginning count as no different from the last value.
        """
        steps = self.architecture.linear
        moved = (series - series[..., -1:])[..., -steps:]
        return nn.functional.pad(moved, (steps - moved.shape[-1], 0))

    def answer(self, summary: Tensor, series: Tensor) -> Tensor:
        """Centre, lower and upper end, ``[..., horizon, 3]``, from what the readout reads, ``[..., size]``.

        Args:
            summary: the last state, or what attention made of it.
            series: the series as it was read, ``[..., step]``.
        """
        centre = self.readout(summary) + (series[..., -1:] if self.anchored else 0.0)
        if self.linear is not None:
            centre = centre + self.linear(self.recent(series))
        below, above = softplus(self.spread(summary)).chunk(2, dim=-1)
        return torch.stack([centre, centre - below, centre + above], dim=-1)

    @torch.no_grad()
    def trace(self, values: Tensor, tokens: Tokens, *, name: str = "", schedule: Schedule = "parallel") -> Trace:
        """Everything computed on one window of standardised values ``[step, channel]``, as in ``eval()``.

        Attention is traced after every step, each over the steps up to it; the forecast reads that of the last one.

        Raises:
            ValueError: if there is no step, or an impossible value came out (damaged weights, for example).
        """
        x = self.look(values)
        found: Replay = {(INPUT, "input_values"): values}
        found |= replay(self.rnn, x, schedule=schedule)
        layers = [layer for directions in layers_of(self.rnn) for layer in directions]
        states = found[layers[-1].site, "hidden_state"]
        summary = states[-1]
        if self.attention is not None and self.join is not None:
            read = look_back(self.attention, states)
            found |= {(ATTENTION, key): value for key, value in read.items()}
            summary = self.join.summary(read["context"][-1], summary)
        answer = self.answer(summary, values[:, 0])
        found |= {(FORECAST, key): answer[:, place] for place, key in enumerate((CENTRE, LOWER, UPPER))}
        return Trace(tokens, as_entries(found), {layer.site: layer.cell.convention for layer in layers}, name)
