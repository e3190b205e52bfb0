r"""What padding does to a network that reads from both ends, if it leaks.

Sequences of different lengths stand in one batch as rows of equal length, the shorter ones filled up behind their end.
Packed (``torch.nn.utils.rnn.pack_padded_sequence``), every row is read as if it were alone. If the recurrence is given
the rows as they are, the backward direction begins in the padding: what comes to a row's last token is no state of
zeros but what the padding left there, and all backward states are others than the network has alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core_models.encoded import Encoded
from core_models.inputs import SeriesInput
from core_models.networks.sequence import SequenceNetwork
from core_models.target import Target

Doubles = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Padded:
    """One input with padding behind it, read in three ways; each answer is a probability or a number.

    Attributes:
        packed: the answer as it should be.
        leaked: where the recurrence read the padding, and the answer is asked for at the right places.
        taken: where the padding is taken for input altogether.
        apart: largest difference between packed states and those of the input alone.
        forward, backward: by how much leaking moves the topmost states, as a share of their length, ``[step]``.
    """

    packed: float
    leaked: float
    taken: float
    apart: float
    forward: Doubles
    backward: Doubles


def can_leak(network: object) -> bool:
    """Whether a network reads from both ends, and rows of one batch may have different lengths."""
    if not isinstance(network, SequenceNetwork) or isinstance(network.input, SeriesInput):
        return False
    return network.architecture.bidirectional and not network.architecture.fixed_length


@torch.no_grad()
def pad(network: SequenceNetwork, encoded: Encoded, target: Target, count: int) -> Padded:
    """The answer about ``target`` with ``count`` steps of padding behind the input.

    Raises:
        ValueError: if there is no padding, or the network reads in one direction.
    """
    if count < 1 or not can_leak(network):
        raise ValueError(f"padding: expected a network that reads from both ends and 1 step or more, got {count}")
    content = network.input.tensor(encoded)
    empty = torch.zeros_like(content[:1]).expand(count, *content.shape[1:])
    x = network.input.embed(torch.cat([content, empty])[None])
    own, whole = torch.tensor([len(content)]), torch.tensor([x.shape[1]])
    packed, leaked = (network.recur(x, lengths)[0] for lengths in (own, whole))
    alone = network.recur(x[:, : len(content)], own)[0]
    head, step = network.head(target.head), None if target.step is None else torch.tensor([target.step])

    def answer(states: torch.Tensor, lengths: torch.Tensor) -> float:
        raw = network.output(target.head, states, x, lengths, step)
        return float(head.squash(head.scalar(raw, target.index, target.against).double())[0])

    packed, moved = packed[0, : len(content)], leaked[0, : len(content)] - packed[0, : len(content)]
    apart = float((packed - alone[0]).abs().max())
    forward, backward = (
        (one.norm(dim=-1) / other.norm(dim=-1).clamp_min(1e-12)).double().cpu().numpy()
        for one, other in zip(moved.chunk(2, dim=-1), packed.chunk(2, dim=-1), strict=True)
    )
    answers = answer(alone, own), answer(leaked, own), answer(leaked, whole)
    return Padded(*answers, apart, forward, backward)
