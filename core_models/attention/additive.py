r"""Additive attention scores (Bahdanau et al.), between hidden states.

    e_ti = vᵀ tanh(W h_i + U h_t)        score of token i for the reader at token t
    α_ti = softmax over i of e_ti        over the positions i that the mask allows, never over batch or heads
    c_t  = Σ_i α_ti h_i

Source: Bahdanau, Cho & Bengio 2015, arXiv 1409.0473, eqs. 5-6 and appendix A.1.2, with the state that reads (there the
decoder's s_{i-1}) taken to be the recurrent network's own state h_t. Pooling a whole text reads at t = T.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class AdditiveScore(nn.Module):
    """The score function e_ti = vᵀ tanh(W h_i + U h_t).

    Args:
        hidden: size of the states.
        size: size of the space in which states are compared; ``hidden`` if None.
    """

    equations = (
        r"e_{ti} = v^\top \tanh(W h_i + U h_t)",
        r"\alpha_{ti} = \frac{e^{e_{ti}}}{\sum_{k \le t} e^{e_{tk}}}",
        r"c_t = \sum_{i \le t} \alpha_{ti} h_i",
    )
    source = "Bahdanau et al. 2015, arXiv 1409.0473, appendix A.1.2"

    def __init__(self, hidden: int, size: int | None = None) -> None:
        super().__init__()
        size = size or hidden
        self.w = nn.Linear(hidden, size, bias=False)
        self.u = nn.Linear(hidden, size, bias=False)
        self.v = nn.Linear(size, 1, bias=False)

    def forward(self, states: Tensor, query: Tensor) -> Tensor:
        """Scores ``[..., query, key]`` from states ``[..., key, unit]`` and queries ``[..., query, unit]``."""
        compared = torch.tanh(self.w(states)[..., None, :, :] + self.u(query)[..., :, None, :])
        return self.v(compared).squeeze(-1)


def masked_softmax(scores: Tensor, mask: Tensor) -> Tensor:
    """Softmax over the last axis among the positions where ``mask`` is true; exactly 0 elsewhere."""
    return torch.softmax(scores.masked_fill(~mask, -torch.inf), dim=-1)
