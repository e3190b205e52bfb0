"""The arithmetic behind any number of a forecaster's trace."""

from __future__ import annotations

import math

import numpy as np
import torch

from core_models.attention.score import double
from core_models.explain.arithmetic.cell import Arithmetic, explain_cell, number
from core_models.explain.arithmetic.pooling import explain_attention
from core_models.explain.arithmetic.term import Term, weighted
from core_models.networks.forecaster import ATTENTION, CENTRE, FORECAST, INPUT, LOWER, SeriesForecaster
from core_models.trace import Site, Trace
from core_models.tracing import layers_of
from core_models.vocabulary import quantity


def explain(
    network: SeriesForecaster, trace: Trace, site: Site, key: str, step: int, unit: int = 0, head: int = 0
) -> Arithmetic:
    """The arithmetic behind one number of a trace that ``network`` made.

    Args:
        network: the network.
        trace: the trace.
        site: where the number stands.
        key: its quantity.
        step: step read (for attention the one that reads), counted from 0; for the forecast any.
        unit: unit (for attention the step looked at, for the forecast the step ahead), counted from 0.
        head: attention head, counted from 0.

    Raises:
        KeyError: if there is no such number, or nothing to say about it beyond its definition.
    """
    (layer,) = layers_of(network.rnn)[0]
    states = trace.array(layer.site, "hidden_state")
    if site == ATTENTION and network.attention is not None:
        return explain_attention(network.attention, site, trace, states, key, step, unit, head)
    if site == FORECAST:
        return _explain_forecast(network, trace, states[-1], key, unit)
    if site == layer.site:
        read = network.look(torch.from_numpy(trace.array(INPUT, "input_values").astype(float))).numpy()
        return explain_cell(layer, trace, read, key, step, unit)
    raise KeyError(f"explain: expected a recurrent layer, attention or the forecast, got {site.key}")


def _explain_forecast(network: SeriesForecaster, trace: Trace, state: np.ndarray, key: str, ahead: int) -> Arithmetic:
    summary: list[tuple[str, str, np.ndarray]] = [("state", "h[{}]", state)]
    if network.join is not None:
        context: tuple[str, str, np.ndarray] = ("attention", "c[{}]", trace.array(ATTENTION, "context")[-1])
        summary = [context] if network.join.size == len(state) else [context, *summary]
    title = f"{quantity(key).label}, {ahead + 1} {trace.tokens.noun}{'s' if ahead else ''} ahead"
    shown = float(trace.array(FORECAST, key)[ahead])
    if key == CENTRE:
        terms = _products(network.readout.weight, network.readout.bias, ahead, summary)
        start = 0.0
        if network.anchored:
            start = float(trace.array(INPUT, "input_values")[-1, 0])
            terms.append(Term("input", "last value", 1.0, start, start))
        terms += _linear_terms(network, trace, ahead)
        value = math.fsum(term.product for term in terms)
        row = quantity(key)
        equation = row.equation if network.anchored else r"\hat y_k = w_k \cdot s + b_k"
        equation += r" + \sum_j A_{kj} (y_{T-j} - y_T)" if network.linear is not None else ""
        body = rf"{number(start)} + {number(value - start)}" if network.anchored else number(value)
        return Arithmetic(title, (equation, rf"{row.latex} = {body} = {value:.6f}"), tuple(terms), (), value, shown)
    lower = key == LOWER
    terms = _products(network.spread.weight, network.spread.bias, ahead + (0 if lower else network.horizon), summary)
    total = math.fsum(term.product for term in terms)
    width = max(total, 0.0) + math.log1p(math.exp(-abs(total)))
    centre = float(trace.array(FORECAST, CENTRE)[ahead])
    value = centre - width if lower else centre + width
    sign, row = "-" if lower else "+", quantity(key)
    lines = (
        row.equation,
        rf"a_k \cdot s + d_k = {total:.6f}",
        rf"{row.latex} = {number(centre)} {sign} \mathrm{{softplus}}({total:.6f})",
        rf"= {number(centre)} {sign} {width:.6f} = {value:.6f}",
    )
    return Arithmetic(title, lines, tuple(terms), ((quantity(CENTRE).label, centre),), value, shown)


def _linear_terms(network: SeriesForecaster, trace: Trace, ahead: int) -> list[Term]:
    """What the linear autoregression adds, step by step; its steps are counted back from the last."""
    if network.linear is None:
        return []
    series = torch.from_numpy(trace.array(INPUT, "input_values")[:, 0].astype(float))
    moved, weights = network.recent(series).numpy(), double(network.linear.weight)[ahead]
    back = range(len(moved) - 1, -1, -1)
    pairs = zip(back, weights.tolist(), moved.tolist(), strict=True)
    return [Term("input", f"y of {j} back − last", w, x, w * x) for j, w, x in pairs if x]


def _products(weight: object, bias: object, row: int, summary: list[tuple[str, str, np.ndarray]]) -> list[Term]:
    weights, offset = double(weight)[row], double(bias)[row].item()  # type: ignore[arg-type]
    terms, start = [], 0
    for source, name, values in summary:
        terms += weighted(source, name, weights[start : start + len(values)], values.astype(float))
        start += len(values)
    return [*terms, Term("bias", "bias", offset, 1.0, offset)]
