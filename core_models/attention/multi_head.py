r"""Multi-head scaled dot-product attention over recurrent states.

    q_t = W_Q h_t,  k_i = W_K h_i,  v_i = W_V h_i         cut into heads of d/n units each
    e_ti = q_tᵀ k_i / √(d/n)                              in every head
    c_t = W_O [Σ_i α_ti v_i of every head, joined]

Source: Vaswani et al. 2017, arXiv 1706.03762, section 3.2.2, with queries, keys and values all made from the recurrent
network's states. A mistake seen in published code is to reshape [step, unit] straight into [head, step, part]: heads
then mix steps, and the softmax runs over heads instead of positions. The cut is along the units, and only then are the
axes exchanged.
"""

from __future__ import annotations

import math

import numpy as np
from torch import Tensor, nn

from core_models.attention.score import Score, double
from core_models.explain.arithmetic.term import Term, weighted
from core_models.language import mark


class MultiHeadScore(Score):
    """Scaled dot products of projected states in ``heads`` heads.

    Raises:
        ValueError: if the units cannot be shared out evenly.
    """

    equation = r"e_{ti} = \frac{(W_Q h_t)^\top (W_K h_i)}{\sqrt{d / n}}"
    source = "Vaswani et al. 2017, arXiv 1706.03762, section 3.2.2"
    note = mark("Each head compares its own share of the units; the heads' contexts are joined and mixed.")

    def __init__(self, hidden: int, heads: int = 4) -> None:
        super().__init__(hidden)
        if hidden % heads:
            raise ValueError(f"attention: expected a number of heads that divides {hidden} units, got {heads}")
        self.heads = heads
        self.query, self.key, self.value, self.output = (nn.Linear(hidden, hidden) for _ in range(4))

    @property
    def scale(self) -> float:
        """Factor on the inner product."""
        return 1.0 / math.sqrt(self.hidden / self.heads)

    @property
    def equations(self) -> tuple[str, ...]:
        """Projections, score, weights and context in LaTeX."""
        _, weights, _ = super().equations
        return (
            self.equation,
            weights,
            r"c_t = W_O \big[ \textstyle\sum_{i \le t} \alpha_{ti}\, W_V h_i \big]_{\text{heads}}",
        )

    def keys(self, states: Tensor) -> Tensor:
        """Projected states, cut into heads; see ``Score.keys``."""
        return self._cut(self.key(states))

    def compare(self, keys: Tensor, query: Tensor) -> Tensor:
        """Scores; see ``Score.compare``."""
        return (self._cut(self.query(query)) * self.scale) @ keys.transpose(-1, -2)

    def values(self, states: Tensor) -> Tensor:
        """Projected states, cut into heads; see ``Score.values``."""
        return self._cut(self.value(states))

    def join(self, mixed: Tensor) -> Tensor:
        """Heads joined and mixed; see ``Score.join``."""
        return self.output(mixed.transpose(-2, -3).flatten(-2))

    def terms(self, query: np.ndarray, key: np.ndarray, head: int) -> list[Term]:
        """Terms of one score; see ``Score.terms``."""
        part = self.hidden // self.heads
        rows = slice(head * part, (head + 1) * part)
        q = double(self.query.weight)[rows] @ query + double(self.query.bias)[rows]
        k = double(self.key.weight)[rows] @ key + double(self.key.bias)[rows]
        return weighted("attention", f"head {head + 1}: q × k [{{}}]", q, k, self.scale)

    def contributions(self, states: np.ndarray, weights: np.ndarray, unit: int) -> tuple[np.ndarray, float]:
        """Through values, heads and output projection; see ``Score.contributions``."""
        values = states @ double(self.value.weight).T + double(self.value.bias)
        parts = values.reshape(len(states), self.heads, -1)
        row = double(self.output.weight)[unit].reshape(self.heads, -1)
        return np.einsum("hk,khp,hp->k", weights, parts, row), self.output.bias[unit].item()

    def _cut(self, units: Tensor) -> Tensor:
        """``[..., step, unit]`` as ``[..., head, step, part]``."""
        return units.unflatten(-1, (self.heads, -1)).transpose(-2, -3)
