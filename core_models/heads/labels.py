r"""A label for every token: p(y_t = k) = softmax(W s_t + b)_k.

Source: Graves & Schmidhuber 2005, "Framewise phoneme classification with bidirectional LSTM", Neural Networks 18.
"""

from __future__ import annotations

import torch

from core_models.heads.head import Concluded, Head
from core_models.trace import Site
from core_models.tracing import Replay

TAGS = Site("tags")


class LabelHead(Head):
    """A label of every token."""

    site, each_step = TAGS, True

    def quantities(self, concluded: Concluded) -> Replay:
        """The probability of every label at every token."""
        return {(TAGS, "tag_probability"): torch.softmax(concluded.outputs, dim=-1)}
