"""What a token really does to the answer: read the text once more without it.

All texts that lack one token are read side by side. Whatever is read after a missing token is read by gates that never
saw it, so this is cause and effect, where the memory ledger is bookkeeping.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from core_models.explain.memory.ledger import Floats
from core_models.networks.classifier import SequenceClassifier

TOGETHER = 64
"""Texts read at once; bounds memory for long ones."""


@torch.no_grad()
def erase_each(network: SequenceClassifier, ids: Sequence[int]) -> Floats:
    """Logit of the text without each of its tokens in turn, ``[token]``; NaN where nothing is left to read."""
    count = len(ids)
    if count < 2:
        return np.full(count, np.nan)
    device = next(network.parameters()).device
    whole = torch.tensor(tuple(ids), device=device)
    others = torch.arange(count)[None].expand(count, -1)[~torch.eye(count, dtype=torch.bool)].view(count, count - 1)
    found = [
        network.classify(network.embedding(whole[some.to(device)]), torch.full((len(some),), count - 1))
        for some in others.split(TOGETHER)
    ]
    return torch.cat(found).double().cpu().numpy()
