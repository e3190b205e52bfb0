r"""Additive attention scores (Bahdanau et al.), between hidden states.

    e_ti = vᵀ tanh(W h_i + U h_t)

Source: Bahdanau, Cho & Bengio 2015, arXiv 1409.0473, eqs. 5-6 and appendix A.1.2, with the state that reads (there the
decoder's s_{i-1}) taken to be the recurrent network's own state h_t. Pooling a whole text reads at t = T.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from core_models.attention.score import Score, double
from core_models.explain.arithmetic.term import Term, weighted
from core_models.language import mark


class AdditiveScore(Score):
    """e_ti = vᵀ tanh(W h_i + U h_t).

    Args:
        hidden: units of the states.
        compared: rows of W and U: size of the space in which they are compared; ``hidden`` if None.
    """

    equation = r"e_{ti} = v^\top \tanh(W h_i + U h_t)"
    source = "Bahdanau et al. 2015, arXiv 1409.0473, appendix A.1.2"
    note = mark("The comparison happens in a learned space, so that query and key may be of different kinds.")

    def __init__(self, hidden: int, compared: int | None = None) -> None:
        super().__init__(hidden)
        size = compared or hidden
        self.w = nn.Linear(hidden, size, bias=False)
        self.u = nn.Linear(hidden, size, bias=False)
        self.v = nn.Linear(size, 1, bias=False)

    def keys(self, states: Tensor) -> Tensor:
        """W h_i of every token; see ``Score.keys``."""
        return self.w(states)

    def compare(self, keys: Tensor, query: Tensor) -> Tensor:
        """Scores; see ``Score.compare``."""
        compared = torch.tanh(keys[..., None, :, :] + self.u(query)[..., :, None, :])
        return self.v(compared)[..., None, :, :, 0]

    def terms(self, query: np.ndarray, key: np.ndarray, head: int) -> list[Term]:
        """Terms of one score; see ``Score.terms``."""
        w, u, v = (double(part.weight) for part in (self.w, self.u, self.v))
        compared = np.tanh(w @ key + u @ query)
        return weighted("attention", "tanh(W h + U h)[{}]", v[0], compared)
