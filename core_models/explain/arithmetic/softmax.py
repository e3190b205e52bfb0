"""The arithmetic behind a probability among several labels."""

from __future__ import annotations

import math

import numpy as np
from torch import nn

from core_models.attention.score import double
from core_models.explain.arithmetic.cell import Arithmetic, number
from core_models.explain.arithmetic.term import Term, weighted
from core_models.trace import Site, Trace
from core_models.vocabulary import quantity


def explain_softmax(
    linear: nn.Linear, state: np.ndarray, trace: Trace, site: Site, key: str, step: int | None, label: int
) -> Arithmetic:
    """A probability: the label's own score, and what all scores together make of it.

    Args:
        linear: the readout.
        state: what it reads, ``[unit]``.
        trace: the trace that holds the probability.
        site: where.
        key: its quantity.
        step: token, counted from 0; None where the sequence has one answer.
        label: label, counted from 0.
    """
    weight, bias, row = double(linear.weight), double(linear.bias), quantity(key)
    state = state.astype(float)
    scores = weight @ state + bias
    terms = [*weighted("state", "h[{}]", weight[label], state), Term("bias", "bias", bias[label], 1.0, bias[label])]
    score = math.fsum(term.product for term in terms)
    largest = float(scores.max())
    total = largest + math.log(math.fsum(np.exp(scores - largest).tolist()))
    value = math.exp(score - total)
    lines = (
        row.equation,
        rf"w_k \cdot h + b_k = {score:.6f}",
        rf"{row.latex} = e^{{{number(score)} - {number(total)}}} = {value:.6f}",
    )
    found = trace.array(site, key)
    where = "" if step is None else f", {trace.tokens.name(step)}"
    shown = float(found[label] if step is None else found[step, label])
    return Arithmetic(f"{row.label}, label {label + 1}{where}", lines, tuple(terms), (), value, shown)
