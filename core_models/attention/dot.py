r"""Dot-product attention scores: the inner product of the two states, as it is or scaled.

    dot           e_ti = h_tᵀ h_i
    scaled dot    e_ti = h_tᵀ h_i / √d

Sources: Luong, Pham & Manning 2015, arXiv 1508.04025, eq. 8 (dot); Vaswani et al. 2017, arXiv 1706.03762, eq. 1
(scaled). Neither has a parameter. A sum of d products of numbers of unit variance has variance d; dividing by √d keeps
the softmax from saturating as states grow larger.
"""

from __future__ import annotations

import math

import numpy as np
from torch import Tensor

from core_models.attention.score import Score
from core_models.explain.arithmetic.term import Term, weighted
from core_models.language import mark


class DotScore(Score):
    """e_ti = h_tᵀ h_i."""

    equation = r"e_{ti} = h_t^\top h_i"
    source = "Luong et al. 2015, arXiv 1508.04025, eq. 8 (dot)"
    note = mark("No parameters: a state is compared as it is, so the token read last is often most like itself.")

    @property
    def scale(self) -> float:
        """Factor on the inner product."""
        return 1.0

    def compare(self, keys: Tensor, query: Tensor) -> Tensor:
        """Scores; see ``Score.compare``."""
        return ((query * self.scale) @ keys.transpose(-1, -2))[..., None, :, :]

    def terms(self, query: np.ndarray, key: np.ndarray, head: int) -> list[Term]:
        """Terms of one score; see ``Score.terms``."""
        return weighted("attention", "h query × h key [{}]", query, key, self.scale)


class ScaledDotScore(DotScore):
    """e_ti = h_tᵀ h_i / √d."""

    equation = r"e_{ti} = \frac{h_t^\top h_i}{\sqrt{d}}"
    source = "Vaswani et al. 2017, arXiv 1706.03762, eq. 1, on the states themselves"
    note = mark("Dividing by √d keeps the softmax from saturating when states are large.")

    @property
    def scale(self) -> float:
        """Factor on the inner product."""
        return 1.0 / math.sqrt(self.hidden)
