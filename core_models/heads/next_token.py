r"""What comes next: p(token_{t+1} = k) = softmax(W s_t + b)_k.

What a network finds probable before it has read anything is the same readout of the state that it begins from.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from core_models.heads.head import Concluded, Head
from core_models.trace import Site
from core_models.tracing import Replay

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


def candidates(expected: Sequence[float] | Tensor, count: int = RANKS) -> list[int]:
    """Ids of the most probable tokens, the best first; of equals the one with the smaller id."""
    return torch.as_tensor(expected).argsort(descending=True, stable=True)[:count].tolist()
