r"""The first-order linear recurrence c_t = f_t ⊙ c_{t-1} + w_t for all t, in about 3.5 √T vectorised operations.

The T steps are cut into chunks of about √(T/3). All chunks are scanned side by side as if each began from
zero, together with the running product of f inside the chunk; then the true value at the end of each chunk is carried
into the next; then every step adds (running product) ⊙ (value carried in). Only products of factors in [0, 1] and sums
appear, never a division, so it is as exact as the plain loop. Half precision is summed in float32 and rounded once, at
the end: a sum of bfloat16 stops growing once it is 256 times as large as what is added.

Its gradient is a scan too, from the last step to the first: with ḡ_t the derivative of the loss by c_t as it is read,

    ∂/∂w_t = ḡ_t + f_{t+1} ⊙ ∂/∂w_{t+1},   ∂/∂f_t = c_{t-1} ⊙ ∂/∂w_t,   ∂/∂c_0 = f_1 ⊙ ∂/∂w_1

so that training needs neither a loop over steps nor a graph of one. Cells whose gates read no state are trained so
(Martin & Cundy 2018, "Parallelizing linear recurrent neural nets over sequence length", arXiv 1709.04057, section 2.2).
"""

from __future__ import annotations

import math
from typing import Any, cast

import torch
from torch import Tensor

SHORT = 32
"""Up to this many steps the plain loop is faster than chunking."""


def scan(factor: Tensor, addend: Tensor, initial: Tensor) -> Tensor:
    """c at every step of ``c_t = factor_t * c_{t-1} + addend_t``.

    Args:
        factor: ``[step, ..., unit]``.
        addend: ``[step, ..., unit]``.
        initial: c before the first step, ``[..., unit]``.

    Returns:
        ``[step, ..., unit]``.
    """
    if factor.dtype in (torch.bfloat16, torch.float16):
        return scan(factor.float(), addend.float(), initial.float()).to(factor.dtype)
    flat = _Scan.apply(factor.flatten(1), addend.flatten(1), initial.flatten())
    return cast("Tensor", flat).view(factor.shape)


class _Scan(torch.autograd.Function):
    """The scan of ``[step, unit]`` with its gradient."""

    @staticmethod
    def forward(ctx: Any, factor: Tensor, addend: Tensor, initial: Tensor) -> Tensor:
        """c at every step."""
        found = _scanned(factor, addend, initial)
        ctx.save_for_backward(factor, initial, found)
        return found

    @staticmethod
    def backward(ctx: Any, *given: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Derivatives by factor, addend and initial value."""
        (gradient,), (factor, initial, found) = given, ctx.saved_tensors
        later = torch.cat([factor[1:], torch.zeros_like(factor[:1])]).flip(0)
        by_addend = scan(later, gradient.flip(0), torch.zeros_like(initial)).flip(0)
        before = torch.cat([initial[None], found[:-1]])
        return by_addend * before, by_addend, by_addend[0] * factor[0]


def _scanned(factor: Tensor, addend: Tensor, initial: Tensor) -> Tensor:
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
