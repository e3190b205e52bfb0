r"""What an attention score is, and what all attention shares: mask, softmax over positions, weighted sum.

    e_ti = score(h_t, h_i)                 how well token i fits what token t looks for
    α_ti = softmax over i of e_ti          among the positions i that the mask allows
    c_t  = Σ_i α_ti v_i                    v_i = h_i unless the score projects its values

A mistake seen in published code is a softmax over the wrong axis (batch or heads, where a two-dimensional score leaves
only those): weights of one text then depend on the others in its batch. Here the positions are always the last axis.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from core_models.explain.arithmetic.term import Term


class Score(nn.Module):
    """One way to compare states; a subclass says how, in ``compare`` and, spelled out, in ``terms``.

    Attributes:
        heads: number of comparisons made side by side.
        squash: what is applied to the sum of ``terms``.
        equation: the score in LaTeX, from its left-hand side on.
        source: paper and equation.
        note: what to beware of, in one sentence.
    """

    heads: int = 1
    squash: Literal["identity", "tanh"] = "identity"
    equation: str
    source: str
    note: str

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.hidden = hidden

    def forward(self, states: Tensor, query: Tensor) -> Tensor:
        """Scores ``[..., head, query, key]`` from states ``[..., key, unit]`` and queries ``[..., query, unit]``."""
        return self.compare(self.keys(states), query)

    def keys(self, states: Tensor) -> Tensor:
        """What of the states is compared; it needs no query, so a decoder computes it once for all its steps."""
        return states

    def compare(self, keys: Tensor, query: Tensor) -> Tensor:
        """Scores ``[..., head, query, key]`` from what ``keys`` returned and queries ``[..., query, unit]``."""
        raise TypeError(f"{type(self).__name__}: expected a score function of its own")

    def values(self, states: Tensor) -> Tensor:
        """What is summed, ``[..., head, key, part]``: the states themselves."""
        return states[..., None, :, :]

    def join(self, mixed: Tensor) -> Tensor:
        """Context ``[..., query, unit]`` from the heads' sums ``[..., head, query, part]``."""
        return mixed[..., 0, :, :]

    def terms(self, query: np.ndarray, key: np.ndarray, head: int) -> list[Term]:
        """The products whose sum, squashed, is one score, in double precision, from two states ``[unit]``."""
        raise TypeError(f"{type(self).__name__}: expected terms of its own")

    def contributions(self, states: np.ndarray, weights: np.ndarray, unit: int) -> tuple[np.ndarray, float]:
        """What every token adds to one unit of the context, ``[key]``, and what is added besides.

        Args:
            states: ``[key, unit]``, double precision.
            weights: attention weights of one reader, ``[head, key]``.
            unit: unit of the context.
        """
        return weights[0] * states[:, unit], 0.0

    @property
    def equations(self) -> tuple[str, ...]:
        """Score, weights and context in LaTeX."""
        return (
            self.equation,
            r"\alpha_{ti} = \frac{e^{e_{ti}}}{\sum_{k \le t} e^{e_{tk}}}",
            r"c_t = \sum_{i \le t} \alpha_{ti} h_i",
        )


def masked_softmax(scores: Tensor, mask: Tensor) -> Tensor:
    """Softmax over the last axis among the positions where ``mask`` is true; exactly 0 elsewhere."""
    return torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1)


def double(parameter: Tensor) -> np.ndarray:
    """A parameter in double precision, for arithmetic that is spelled out."""
    return parameter.detach().cpu().double().numpy()
