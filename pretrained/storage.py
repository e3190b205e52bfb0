"""How weights lie in a file: float16, and tables with a row for each token, most of a small model, as 8-bit integers.

    E[token] ≈ scale[token] · q[token],   q in -127 ... 127,   scale[token] = max |E[token]| / 127

Such a table is the embedding, and the readout where it has thousands of rows. What is scored and shipped is always the
network after this rounding.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

TABLE, SCALE = "input.embedding.weight", "input.embedding.scale"
LARGE = {"heads.next_token.readout.weight": "heads.next_token.readout.scale"}
"""Tables that are packed if they have at least ``MANY`` rows, with the names of their scales."""

MANY = 1000

REFERENCE = "reference."
"""Prefix of the background states and classes beside the weights in a model's file."""


def pack(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors to store for a network's state."""
    packed = {name: value.half().contiguous() for name, value in state.items()}
    large = {name: scale for name, scale in LARGE.items() if name in state and len(state[name]) >= MANY}
    for table, scale_name in ({TABLE: SCALE} | large).items():
        if table in state:
            scale = (state[table].abs().amax(dim=1, keepdim=True) / 127.0).half()
            steps = (state[table] / scale.float().clamp(min=1e-12)).round().clamp(-127, 127)
            packed |= {table: steps.to(torch.int8), scale_name: scale}
    return packed


def unpack(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The state, float32, from stored tensors."""
    scales = {TABLE: SCALE} | LARGE
    state = {name: value.float() for name, value in tensors.items() if name not in scales.values()}
    for table, scale in scales.items():
        if scale in tensors:
            state[table] = state[table] * tensors[scale].float()
    return state
