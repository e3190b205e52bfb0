r"""The next values of a series, with an interval.

    ŷ_{T+k} = y_T + w_k · s + b_k                         the centre; without y_T where the network is not anchored
            + Σ_j A_kj (y_{T-j} − y_T)                    where a linear autoregression runs beside the recurrence
    lower, upper = ŷ_{T+k} ∓ λ_k softplus(a · s + d)      the ends of the interval

The ends are trained as quantiles (Koenker & Bassett 1978, "Regression quantiles", Econometrica 46), so that the
interval is wide where the past says that errors are large; the softplus keeps them in order. The factors λ_k, 1 in
training, are set afterwards from errors on windows that were not learned from, or given with the input. A linear
autoregression beside the recurrence takes what is linear off it (Lai et al. 2018, arXiv 1703.07015, sec. 3.6).
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from core_models.attention.score import double
from core_models.explain.arithmetic.cell import Arithmetic, number
from core_models.explain.arithmetic.readout import HeadInput, products
from core_models.explain.arithmetic.term import Term
from core_models.heads.head import Concluded, Head
from core_models.language import mark, say, say_n
from core_models.trace import Site, Trace
from core_models.tracing import Replay
from core_models.vocabulary import quantity

FORECAST = Site("forecast")
CENTRE, LOWER, UPPER, STRETCH = "forecast", "forecast_lower", "forecast_upper", "forecast_stretch"
"""Quantities of the forecast, the first three in the order of the last axis of what the head returns."""


class ForecastHead(Head):
    """Centre, lower and upper end of every step ahead.

    Attributes:
        anchored: whether the forecast is added to the last value.
        stretch: λ, by which the interval is stretched, ``[horizon]``; no part of the weights.
    """

    site, unit = FORECAST, mark("standard deviations")
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
        """Centre and both ends, and by how much the interval was stretched."""
        stretch, outputs = self.stretch, concluded.outputs
        if concluded.stretch is not None:
            stretch, centre = concluded.stretch.to(outputs), outputs[:, :1]
            outputs = centre + (outputs - centre) * (stretch / self.stretch)[:, None]
        every = (*outputs.unbind(-1), stretch)
        return {(FORECAST, key): value for key, value in zip((CENTRE, LOWER, UPPER, STRETCH), every, strict=True)}

    def explain(self, trace: Trace, read: HeadInput, key: str, step: int, unit: int) -> Arithmetic:
        """The centre, an end of the interval or its factor, ``unit`` + 1 steps ahead; see ``Head.explain``."""
        summary = read.at(None)
        title = say_n(
            "{quantity}, {n} {noun} ahead", "{quantity}, {n} {noun}s ahead", unit + 1,
            quantity=quantity(key).label, noun=say(trace.tokens.noun),
        )  # fmt: skip
        shown, row = float(trace.array(FORECAST, key)[unit]), quantity(key)
        if key == STRETCH:  # set by the errors of other windows, which no reading of this one holds
            return Arithmetic(title, (row.equation, rf"{row.latex} = {shown:.6f}"), (), (), shown, shown)
        if key == CENTRE:
            terms, start = products(self.readout.weight, self.readout.bias, unit, summary), 0.0
            if self.anchored:
                start = float(read.content[-1, 0])
                terms.append(Term("input", say("last value"), 1.0, start, start))
            terms += self._linear_terms(read.content, unit)
            value = math.fsum(term.product for term in terms)
            equation = row.equation if self.anchored else r"\hat y_k = w_k \cdot s + b_k"
            equation += r" + \sum_j A_{kj} (y_{T-j} - y_T)" if self.linear is not None else ""
            body = rf"{number(start)} + {number(value - start)}" if self.anchored else number(value)
            return Arithmetic(title, (equation, rf"{row.latex} = {body} = {value:.6f}"), tuple(terms), (), value, shown)
        lower = key == LOWER
        terms = products(self.spread.weight, self.spread.bias, unit + (0 if lower else self.count), summary)
        total = math.fsum(term.product for term in terms)
        stretch = float(trace.array(FORECAST, STRETCH)[unit])
        width = stretch * (max(total, 0.0) + math.log1p(math.exp(-abs(total))))
        centre = float(trace.array(FORECAST, CENTRE)[unit])
        value, sign = (centre - width, "-") if lower else (centre + width, "+")
        lines = (
            row.equation,
            rf"a_k \cdot s + d_k = {total:.6f}",
            rf"{row.latex} = {number(centre)} {sign} {stretch:.6f} \cdot \mathrm{{softplus}}({total:.6f})",
            rf"= {number(centre)} {sign} {width:.6f} = {value:.6f}",
        )
        return Arithmetic(title, lines, tuple(terms), ((quantity(CENTRE).label, centre),), value, shown)

    def _linear_terms(self, values: np.ndarray, ahead: int) -> list[Term]:
        """What the linear autoregression adds, step by step; its steps are counted back from the last."""
        if self.linear is None:
            return []
        moved = self.recent(torch.from_numpy(values[:, 0].astype(float))).numpy()
        weights, back = double(self.linear.weight)[ahead], range(len(moved) - 1, -1, -1)
        pairs = zip(back, weights.tolist(), moved.tolist(), strict=True)
        return [Term("input", say("y of {j} back − last", j=j), w, x, w * x) for j, w, x in pairs if x]
