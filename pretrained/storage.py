"""How weights lie in a file: float16, and the embedding table, most of a small model, as 8-bit integers.

    E[token] ≈ scale[token] · q[token],   q in -127 ... 127,   scale[token] = max |E[token]| / 127

What is scored and shipped is always the network after this rounding.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

TABLE, SCALE = "embedding.weight", "embedding.scale"


def pack(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors to store for a network's state."""
    packed = {name: value.half().contiguous() for name, value in state.items()}
    if TABLE in state:
        scale = (state[TABLE].abs().amax(dim=1, keepdim=True) / 127.0).half()
        steps = (state[TABLE] / scale.float().clamp(min=1e-12)).round().clamp(-127, 127)
        packed |= {TABLE: steps.to(torch.int8), SCALE: scale}
    return packed


def unpack(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The state, float32, from stored tensors."""
    state = {name: value.float() for name, value in tensors.items() if name != SCALE}
    if SCALE in tensors:
        state[TABLE] = state[TABLE] * tensors[SCALE].float()
    return state
