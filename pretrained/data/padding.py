"""Sequences of different lengths in one batch."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


def padded(sequences: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Ids ``[batch, step]`` padded with 0, and lengths ``[batch]``."""
    rows = [torch.tensor(sequence) for sequence in sequences]
    lengths = torch.tensor([len(row) for row in rows])
    return nn.utils.rnn.pad_sequence(rows, batch_first=True), lengths
