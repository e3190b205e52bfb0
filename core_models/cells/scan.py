r"""The first-order linear recurrence c_t = f_t ⊙ c_{t-1} + w_t for all t, in about 3.5 √T vectorised operations.

The T steps are cut into chunks of about √(T/3). All chunks are scanned side by side as if each began from
zero, together with the running product of f inside the chunk; then the true value at the end of each chunk is carried
into the next; then every step adds (running product) ⊙ (value carried in). Only products of factors in [0, 1] and sums
appear, never a division, so it is as exact as the plain loop. Half precision is summed in float32 and rounded once, at
the end: a sum of bfloat16 stops growing once it is 256 times as large as what is added.
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
    if factor.dtype in (torch.bfloat16, torch.float16):
        return scan(factor.float(), addend.float(), initial.float()).to(factor.dtype)
    steps, units = factor.shape
    if steps <= SHORT:
        return _loop(factor, addend, initial)
    length = math.isqrt(steps // 3) + 1
    chunks = -(-steps // length)
    pad = (0, 0, 0, chunks * length - steps)
    factors = torch.nn.functional.pad(factor, pad).view(chunks, length, units).unbind(1)
    local = torch.nn.functional.pad(addend, pad).view(chunks, length, units)
    local = local.clone() if local.data_ptr() == addend.data_ptr() else local
    values, products = local.unbind(1), [factors[0]]
    for step in range(1, length):
        values[step].addcmul_(factors[step], values[step - 1])
        products.append(products[-1] * factors[step])
    ends = _loop(products[-1][:-1], values[-1][:-1], initial) if chunks > 1 else initial.new_empty(0, units)
    carried = torch.cat([initial[None], ends])
    for step in range(length):
        values[step].addcmul_(products[step], carried)
    return local.view(chunks * length, units)[:steps]


def _loop(factor: Tensor, addend: Tensor, initial: Tensor) -> Tensor:
    found = [initial]
    for f, a in zip(factor.unbind(0), addend.unbind(0), strict=True):
        found.append(torch.addcmul(a, f, found[-1]))
    return torch.stack(found[1:])
