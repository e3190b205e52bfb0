r"""A label for every token: p(y_t = k) = softmax(W s_t + b)_k.

Source: Graves & Schmidhuber 2005, "Framewise phoneme classification with bidirectional LSTM", Neural Networks 18.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

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


def best_path(
    probability: NDArray[np.floating], allowed: NDArray[np.bool_], begins: NDArray[np.bool_]
) -> NDArray[np.intp]:
    """The most probable labels ``[step]`` among those whose order is allowed (Viterbi 1967).

    Args:
        probability: of every label at every token, ``[step, tag]``.
        allowed: whether a label (row) may be followed by another (column), ``[tag, tag]``.
        begins: whether a sequence may begin with a label, ``[tag]``.
    """
    logs = np.log(np.maximum(probability.astype(np.float64), 1e-300))
    forbidden = np.where(allowed, 0.0, -np.inf)
    score, came = logs[0] + np.where(begins, 0.0, -np.inf), []
    for row in logs[1:]:
        ways = score[:, None] + forbidden
        came.append(ways.argmax(axis=0))
        score = ways.max(axis=0) + row
    path = [int(score.argmax())]
    for before in came[::-1]:
        path.append(int(before[path[-1]]))
    return np.array(path[::-1])
