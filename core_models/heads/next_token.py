r"""What comes next: p(token_{t+1} = k) = softmax(W s_t + b)_k.

What a network finds probable before it has read anything is the same readout of the state that it begins from.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core_models.explain.arithmetic.cell import Arithmetic, number
from core_models.explain.arithmetic.readout import HeadInput, scores_of
from core_models.heads.head import Concluded, Head
from core_models.language import say
from core_models.trace import Site, Trace
from core_models.tracing import Replay
from core_models.vocabulary import quantity

NEXT = Site("next_token")
RANKS = 10
"""Candidates for the next token that a trace holds at every step."""


class NextTokenHead(Head):
    """The next token, after every token."""

    site, each_step = NEXT, True

    def quantities(self, concluded: Concluded) -> Replay:
        """What was expected of each token before it was read, and what is expected after it."""
        every = torch.cat([concluded.before[None], concluded.outputs])
        ids = concluded.ids if concluded.ids.ndim == 1 else concluded.ids[:, 0]
        expected = torch.softmax(every, dim=-1)
        after = expected[1:]
        return {
            (NEXT, "chosen_probability"): expected[:-1].gather(1, ids[:, None])[:, 0],
            (NEXT, "entropy"): torch.special.entr(after).sum(-1),
            (NEXT, "candidate_probability"): after.topk(min(RANKS, after.shape[1])).values,
        }

    def explain(self, trace: Trace, read: HeadInput, key: str, step: int, unit: int) -> Arithmetic:
        """A probability, of the token or of candidate ``unit``, or the entropy of them all; see ``Head.explain``."""
        chosen = key == "chosen_probability"
        state = read.at(step - 1 if chosen else step)
        scores = scores_of(self.spelled, state, 0)[3]
        if key == "entropy":
            return _entropy(trace, scores, step)
        ids = read.content if read.content.ndim == 1 else read.content[:, 0]
        token = int(ids[step]) if chosen else candidates(np.exp(scores).tolist())[unit]
        terms, score, total, _ = scores_of(self.spelled, state, token)
        value, row = math.exp(score - total), quantity(key)
        when = "h_{t-1}" if chosen else "h_t"
        lines = (
            rf"{row.latex} = \frac{{e^{{w_k \cdot {when} + b_k}}}}{{\sum_j e^{{w_j \cdot {when} + b_j}}}}",
            rf"w_k \cdot {when} + b_k = {score:.6f}",
            rf"{row.latex} = e^{{{number(score)} - {number(total)}}} = {value:.6f}",
        )
        shown = trace.array(NEXT, key)[step]
        before = say("{quantity}, before it was read, {token}", quantity=row.label, token=trace.tokens.name(step))
        after = say(
            "{quantity}, candidate {n} after {token}", quantity=row.label, n=unit + 1, token=trace.tokens.name(step)
        )
        title = after if key == "candidate_probability" else before
        return Arithmetic(title, lines, terms, (), value, float(shown[unit] if shown.ndim else shown))


def candidates(expected: Sequence[float] | Tensor, count: int = RANKS) -> list[int]:
    """Ids of the most probable tokens, the best first; of equals the one with the smaller id."""
    return torch.as_tensor(expected).argsort(descending=True, stable=True)[:count].tolist()


def _entropy(trace: Trace, scores: NDArray[np.float64], step: int) -> Arithmetic:
    row, largest = quantity("entropy"), float(scores.max())
    logs = scores - (largest + math.log(math.fsum(np.exp(scores - largest).tolist())))
    value = -math.fsum((np.exp(logs) * logs).tolist())
    lines = (row.equation, rf"H_{{{step + 1}}} = {value:.6f}\ \text{{nats of at most}}\ \ln {len(scores)} = "
             f"{math.log(len(scores)):.6f}")  # fmt: skip
    title = say("{quantity}, after {token}", quantity=row.label, token=trace.tokens.name(step))
    return Arithmetic(title, lines, (), (), value, float(trace.array(NEXT, "entropy")[step]))
