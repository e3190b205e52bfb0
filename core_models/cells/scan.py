r"""The first-order linear recurrence c_t = f_t ⊙ c_{t-1} + w_t for all t, in about 2 √T vectorised operations.

The steps are cut into about √T chunks of about √T steps. All chunks are scanned side by side as if each began from
zero, together with the running product of f inside the chunk; then the true value at the end of each chunk is carried
into the next; then every step adds (running product) ⊙ (value carried in). Only products of factors in [0, 1] and sums
appear, never a division, so it is as exact as the plain loop.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

SHORT = 32
"""Up to this many steps the plain loop is faster than chunking."""


def scan(factor: Tensor, addend: Tensor, initial: Tensor) -> Tensor:
    """c at every step of ``c_t = factor_t * c_{t-1} + addend_t``.

    Args:
        factor: ``[step, unit]``.
        addend: ``[step, unit]``.
        initial: c before the first step, ``[unit]``.

    Returns:
        ``[step, unit]``.
    """
    steps, units = factor.shape
    if steps <= SHORT:
        return _loop(factor, addend, initial)
    length = math.isqrt(steps - 1) + 1
    chunks = -(-steps // length)
    pad = chunks * length - steps
    factor = torch.nn.functional.pad(factor, (0, 0, 0, pad)).view(chunks, length, units)
    local = torch.nn.functional.pad(addend, (0, 0, 0, pad)).view(chunks, length, units)
    if pad == 0:
        local = local.clone()
    product = factor.clone(memory_format=torch.contiguous_format)
    for step in range(1, length):
        local[:, step].addcmul_(factor[:, step], local[:, step - 1])
        product[:, step].mul_(product[:, step - 1])
    carried = torch.empty_like(local[:, 0])
    carried[0] = initial
    for chunk in range(1, chunks):
        torch.addcmul(local[chunk - 1, -1], product[chunk - 1, -1], carried[chunk - 1], out=carried[chunk])
    local.addcmul_(product, carried[:, None])
    return local.view(chunks * length, units)[:steps]


def _loop(factor: Tensor, addend: Tensor, initial: Tensor) -> Tensor:
    result = torch.empty_like(addend)
    before = initial
    for step in range(len(result)):
        before = torch.addcmul(addend[step], factor[step], before, out=result[step])
    return result
