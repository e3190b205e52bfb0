r"""What other letters would have changed: every place of a sequence replaced in turn, and the network asked again.

    o_k    = ln p_k - ln(1 - p_k)                log-odds of class k against all others
    Δ_ta   = o_k(x with a at place t) - o_k(x)   one letter replaced, all others as they are

With the letter that stands for "not known" in its place, -Δ is what a letter was worth (occlusion, Zeiler & Fergus
2014, arXiv 1311.2901). With every other letter it is in-silico mutagenesis (Zhou & Troyanskaya 2015, Nature
Methods 12).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from core_models.networks.sequence import SequenceNetwork

AT_ONCE = 512
"""Sequences read in one call."""


@torch.no_grad()
def class_logits(network: SequenceNetwork, sequences: NDArray[np.integer]) -> NDArray[np.float64]:
    """Logits ``[sequence, class]`` of sequences of ids ``[sequence, step]``."""
    device, found = next(network.parameters()).device, []
    for some in torch.from_numpy(np.ascontiguousarray(sequences, dtype=np.int64)).split(AT_ONCE):
        found.append(network(some.to(device), torch.full((len(some),), some.shape[1]))["answer"].double().cpu())
    return torch.cat(found).numpy()


def log_odds(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Log-odds of every class against all others together, ``[..., class]``, from logits of the same shape."""
    z = np.asarray(logits, dtype=np.float64)
    others = np.stack([np.delete(z, k, axis=-1) for k in range(z.shape[-1])], axis=-2)
    return z - np.logaddexp.reduce(others, axis=-1)


def substitute(network: SequenceNetwork, ids: Sequence[int], letters: Sequence[int]) -> NDArray[np.float64]:
    """Change of every class's log-odds, ``[step, letter, class]``, with the id of a letter in a place instead."""
    original = np.asarray(ids, dtype=np.int64)
    steps = len(original)
    changed = np.tile(original, (steps, len(letters), 1))
    changed[np.arange(steps), :, np.arange(steps)] = np.asarray(letters)
    found = log_odds(class_logits(network, np.concatenate([original[None], changed.reshape(-1, steps)])))
    return (found[1:] - found[0]).reshape(steps, len(letters), -1)
