"""The arithmetic behind what the heads of a network say: sums, softmax, entropy, forecasts."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core_models.attention.score import double
from core_models.explain.arithmetic.cell import Arithmetic, number
from core_models.explain.arithmetic.pooling import explain_readout
from core_models.explain.arithmetic.term import Term, weighted
from core_models.heads import ClassHead, ForecastHead, Head, NextTokenHead, ValueHead
from core_models.heads.forecast import CENTRE, FORECAST, LOWER
from core_models.heads.next_token import NEXT, candidates
from core_models.heads.values import VALUES
from core_models.trace import Trace
from core_models.vocabulary import quantity


@dataclass(frozen=True)
class Read:
    """What a head read.

    Attributes:
        summary: what it read after a step, or of the whole if None, ``[size]``; None where the trace does not hold it.
        content: ids of the tokens, or the numbers that were read.
    """

    summary: Callable[[int | None], np.ndarray | None]
    content: np.ndarray

    def at(self, step: int | None) -> np.ndarray:
        """What it read; raises ``KeyError`` where that is not known."""
        found = self.summary(step)
        if found is None:
            raise KeyError("explain: expected what the head read in the trace, got nothing")
        return found.astype(float)


def explain_head(head: Head, trace: Trace, read: Read, key: str, step: int, unit: int) -> Arithmetic:
    """The arithmetic behind one number that a head said.

    Raises:
        KeyError: if it said no such number.
    """
    if isinstance(head, ForecastHead):
        return _explain_forecast(head, trace, read, key, unit)
    if isinstance(head, ValueHead):
        return _explain_value(head, trace, read.at(step), key, step, unit)
    if isinstance(head, NextTokenHead):
        return _explain_next(head, trace, read, key, step, unit)
    if isinstance(head, ClassHead) and head.binary and head.running:
        weight, bias = double(head.readout.weight)[0], head.readout.bias.item()
        return explain_readout(head.site, trace, weight, bias, read.summary(step), key, step)
    at = None if key == "class_probability" else step
    return _explain_softmax(head, read.summary(at), trace, key, at, unit)


def _explain_softmax(
    head: Head, summary: np.ndarray | None, trace: Trace, key: str, step: int | None, label: int
) -> Arithmetic:
    """A probability: the label's own score, and what all scores together make of it.

    Where the trace does not hold what was read, as for the inner prefixes of a sequence read from both ends, the
    probability is taken as given.
    """
    row, found = quantity(key), trace.array(head.site, key)
    shown = float(found[label] if step is None else found[step, label])
    title = f"{row.label}, label {label + 1}" + ("" if step is None else f", {trace.tokens.name(step)}")
    if summary is None:
        return Arithmetic(title, (row.equation, rf"{row.latex} = {shown:.6f}"), (), (), shown, shown)
    terms, score, total, _ = _scores(head, summary.astype(float), label)
    value = math.exp(score - total)
    lines = (
        row.equation,
        rf"w_k \cdot h + b_k = {score:.6f}",
        rf"{row.latex} = e^{{{number(score)} - {number(total)}}} = {value:.6f}",
    )
    return Arithmetic(title, lines, terms, (), value, shown)


def _scores(head: Head, state: np.ndarray, label: int) -> tuple[tuple[Term, ...], float, float, NDArray[np.float64]]:
    """Terms and sum of one label's score, the logarithm of the sum of all exponentials, and all scores."""
    weight, bias = double(head.readout.weight), double(head.readout.bias)
    if len(weight) < head.count:  # of two classes the first has logit 0
        weight, bias = np.pad(weight, ((1, 0), (0, 0))), np.pad(bias, (1, 0))
    scores = weight @ state + bias
    terms = [*weighted("state", "h[{}]", weight[label], state), Term("bias", "bias", bias[label], 1.0, bias[label])]
    largest = float(scores.max())
    total = largest + math.log(math.fsum(np.exp(scores - largest).tolist()))
    return tuple(terms), math.fsum(term.product for term in terms), total, scores


def _explain_next(head: Head, trace: Trace, read: Read, key: str, step: int, rank: int) -> Arithmetic:
    """A probability: the token's own score, and what all scores together make of it; or the entropy of them all."""
    chosen = key == "chosen_probability"
    state = read.at(step - 1 if chosen else step)
    scores = _scores(head, state, 0)[3]
    if key == "entropy":
        return _entropy(trace, scores, step)
    ids = read.content if read.content.ndim == 1 else read.content[:, 0]
    token = int(ids[step]) if chosen else candidates(np.exp(scores).tolist())[rank]
    terms, score, total, _ = _scores(head, state, token)
    value, row = math.exp(score - total), quantity(key)
    when = "h_{t-1}" if chosen else "h_t"
    lines = (
        rf"{row.latex} = \frac{{e^{{w_k \cdot {when} + b_k}}}}{{\sum_j e^{{w_j \cdot {when} + b_j}}}}",
        rf"w_k \cdot {when} + b_k = {score:.6f}",
        rf"{row.latex} = e^{{{number(score)} - {number(total)}}} = {value:.6f}",
    )
    shown = trace.array(NEXT, key)[step]
    told = f"candidate {rank + 1} after" if key == "candidate_probability" else "before it was read,"
    title = f"{row.label}, {told} {trace.tokens.name(step)}"
    return Arithmetic(title, lines, terms, (), value, float(shown[rank] if shown.ndim else shown))


def _entropy(trace: Trace, scores: NDArray[np.float64], step: int) -> Arithmetic:
    row, largest = quantity("entropy"), float(scores.max())
    logs = scores - (largest + math.log(math.fsum(np.exp(scores - largest).tolist())))
    value = -math.fsum((np.exp(logs) * logs).tolist())
    lines = (row.equation, rf"H_{{{step + 1}}} = {value:.6f}\ \text{{nats of at most}}\ \ln {len(scores)} = "
             f"{math.log(len(scores)):.6f}")  # fmt: skip
    title = f"{row.label}, after {trace.tokens.name(step)}"
    return Arithmetic(title, lines, (), (), value, float(trace.array(NEXT, "entropy")[step]))


def _explain_forecast(head: ForecastHead, trace: Trace, read: Read, key: str, ahead: int) -> Arithmetic:
    summary = read.at(None)
    title = f"{quantity(key).label}, {ahead + 1} {trace.tokens.noun}{'s' if ahead else ''} ahead"
    shown, row = float(trace.array(FORECAST, key)[ahead]), quantity(key)
    if key == CENTRE:
        terms, start = _products(head.readout.weight, head.readout.bias, ahead, summary), 0.0
        if head.anchored:
            start = float(read.content[-1, 0])
            terms.append(Term("input", "last value", 1.0, start, start))
        terms += _linear_terms(head, read.content, ahead)
        value = math.fsum(term.product for term in terms)
        equation = row.equation if head.anchored else r"\hat y_k = w_k \cdot s + b_k"
        equation += r" + \sum_j A_{kj} (y_{T-j} - y_T)" if head.linear is not None else ""
        body = rf"{number(start)} + {number(value - start)}" if head.anchored else number(value)
        return Arithmetic(title, (equation, rf"{row.latex} = {body} = {value:.6f}"), tuple(terms), (), value, shown)
    lower = key == LOWER
    terms = _products(head.spread.weight, head.spread.bias, ahead + (0 if lower else head.count), summary)
    total = math.fsum(term.product for term in terms)
    stretch = head.stretch[ahead].item()
    width = stretch * (max(total, 0.0) + math.log1p(math.exp(-abs(total))))
    centre = float(trace.array(FORECAST, CENTRE)[ahead])
    value, sign = (centre - width, "-") if lower else (centre + width, "+")
    lines = (
        row.equation,
        rf"a_k \cdot s + d_k = {total:.6f}",
        rf"{row.latex} = {number(centre)} {sign} {stretch:.6f} \cdot \mathrm{{softplus}}({total:.6f})",
        rf"= {number(centre)} {sign} {width:.6f} = {value:.6f}",
    )
    return Arithmetic(title, lines, tuple(terms), ((quantity(CENTRE).label, centre),), value, shown)


def _explain_value(head: Head, trace: Trace, summary: np.ndarray, key: str, step: int, unit: int) -> Arithmetic:
    terms, row = _products(head.readout.weight, head.readout.bias, unit, summary), quantity(key)
    value = math.fsum(term.product for term in terms)
    title = f"{row.label}, output {unit + 1}, {trace.tokens.name(step)}"
    lines = (row.equation, rf"{row.latex} = {value:.6f}")
    return Arithmetic(title, lines, tuple(terms), (), value, float(trace.array(VALUES, key)[step, unit]))


def _linear_terms(head: ForecastHead, values: np.ndarray, ahead: int) -> list[Term]:
    """What the linear autoregression adds, step by step; its steps are counted back from the last."""
    if head.linear is None:
        return []
    moved = head.recent(torch.from_numpy(values[:, 0].astype(float))).numpy()
    weights, back = double(head.linear.weight)[ahead], range(len(moved) - 1, -1, -1)
    pairs = zip(back, weights.tolist(), moved.tolist(), strict=True)
    return [Term("input", f"y of {j} back − last", w, x, w * x) for j, w, x in pairs if x]


def _products(weight: Tensor, bias: Tensor, row: int, summary: np.ndarray) -> list[Term]:
    weights, offset = double(weight)[row], double(bias)[row].item()
    return [*weighted("state", "s[{}]", weights, summary), Term("bias", "bias", offset, 1.0, offset)]
