r"""Concat-tanh attention scores: one row of weights over the two states joined, squashed.

    e_ti = tanh(W [h_t; h_i] + b)

Source: the "concat" family of Luong, Pham & Manning 2015, arXiv 1508.04025, eq. 8, in the one-row form without v that
attention-GRU papers use. W has one row, so that a score is a number: with as many rows as units, as some published code
has it, the "score" is a vector and the softmax that follows has no positions to run over.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from core_models.attention.score import Score, double
from core_models.explain.arithmetic.term import Term, weighted
from core_models.language import mark


class ConcatScore(Score):
    """e_ti = tanh(W [h_t; h_i] + b), between -1 and 1."""

    squash = "tanh"
    equation = r"e_{ti} = \tanh(W [h_t ; h_i] + b)"
    source = "after Luong et al. 2015, arXiv 1508.04025, eq. 8, in the one-row form"
    note = mark(
        "Scores lie between -1 and 1, so that no weight can be more than e² = 7.4 times another: never very sharp."
    )

    def __init__(self, hidden: int) -> None:
        super().__init__(hidden)
        self.query = nn.Linear(hidden, 1)
        self.key = nn.Linear(hidden, 1, bias=False)

    def keys(self, states: Tensor) -> Tensor:
        """The share of every token; see ``Score.keys``. The row over [h_t; h_i] is held as its two halves."""
        return self.key(states)

    def compare(self, keys: Tensor, query: Tensor) -> Tensor:
        """Scores; see ``Score.compare``."""
        return torch.tanh(self.query(query) + keys.transpose(-1, -2))[..., None, :, :]

    def terms(self, query: np.ndarray, key: np.ndarray, head: int) -> list[Term]:
        """Terms of the sum inside tanh; see ``Score.terms``."""
        bias = self.query.bias.item()
        found = weighted("state", "h query[{}]", double(self.query.weight)[0], query)
        found += weighted("attention", "h key[{}]", double(self.key.weight)[0], key)
        return [*found, Term("bias", "bias", bias, 1.0, bias)]
