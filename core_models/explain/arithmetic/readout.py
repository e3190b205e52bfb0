"""The arithmetic behind what a linear readout says: sums, and the softmax of them; heads spell theirs out with it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from core_models.attention.score import double
from core_models.explain.arithmetic.cell import Arithmetic, number
from core_models.explain.arithmetic.term import Term, weighted
from core_models.language import say
from core_models.trace import Site, Trace
from core_models.vocabulary import quantity

Affine = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Weights ``[label, feature]`` and biases ``[label]`` of the scores that a softmax is taken of, in double precision."""


@dataclass(frozen=True)
class HeadInput:
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


def explain_softmax(
    made: Affine, summary: np.ndarray | None, trace: Trace, site: Site, key: str, step: int | None, label: int
) -> Arithmetic:
    """A probability: the label's own score, and what all scores together make of it.

    Where the trace does not hold what was read, as for the inner prefixes of a sequence read from both ends, the
    probability is taken as given.
    """
    row, found = quantity(key), trace.array(site, key)
    shown = float(found[label] if step is None else found[step, label])
    title = say("{quantity}, label {n}", quantity=row.label, n=label + 1)
    if step is not None:
        title = say("{place}, {token}", place=title, token=trace.tokens.name(step))
    if summary is None:
        return Arithmetic(title, (row.equation, rf"{row.latex} = {shown:.6f}"), (), (), shown, shown)
    terms, score, total, _ = scores_of(made, summary.astype(float), label)
    value = math.exp(score - total)
    lines = (
        row.equation,
        rf"w_k \cdot h + b_k = {score:.6f}",
        rf"{row.latex} = e^{{{number(score)} - {number(total)}}} = {value:.6f}",
    )
    return Arithmetic(title, lines, terms, (), value, shown)


def scores_of(
    made: Affine, state: np.ndarray, label: int
) -> tuple[tuple[Term, ...], float, float, NDArray[np.float64]]:
    """Terms and sum of one label's score, the logarithm of the sum of all exponentials, and all scores."""
    weight, bias = made
    scores = weight @ state + bias
    terms = [
        *weighted("state", "h[{}]", weight[label], state),
        Term("bias", say("bias"), bias[label], 1.0, bias[label]),
    ]
    largest = float(scores.max())
    total = largest + math.log(math.fsum(np.exp(scores - largest).tolist()))
    return tuple(terms), math.fsum(term.product for term in terms), total, scores


def products(weight: Tensor, bias: Tensor, row: int, summary: np.ndarray) -> list[Term]:
    """What every feature that is read adds to one sum, and the bias."""
    weights, offset = double(weight)[row], double(bias)[row].item()
    return [*weighted("state", "s[{}]", weights, summary), Term("bias", say("bias"), offset, 1.0, offset)]
