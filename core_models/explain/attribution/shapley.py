r"""Shapley values of the tokens of one input: what a token adds when it joins those before it, over orders of joining.

    φ_i = mean over all orders of f(those before i, and i) − f(those before i)
        = Σ over subsets S without i of |S|! (n − |S| − 1)! / n! · (f(S and i) − f(S))

A token that has not joined has the baseline in its place. Up to ``EXACT`` tokens every subset is read once and the sum
is exact. Beyond that the mean is over random orders (Castro, Gómez & Tejada 2009, "Polynomial calculation of the
Shapley value based on sampling", algorithm 1), with the standard error of that mean. The orders come from a generator
of the call's own: the same input always gets the same numbers. Either way the values add up to f(x) − f(baseline).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial

import torch
from torch import Tensor

from core_models.explain.attribution.methods import ROWS_AT_ONCE, Read

EXACT = 12
"""Tokens up to which all subsets are read."""

ORDERS = 25
"""Random orders of more tokens than that."""


@dataclass(frozen=True)
class Shapley:
    """Shapley values of one input.

    Attributes:
        values: of every token, ``[step]``.
        error: standard error of each, ``[step]``; None where they are exact.
    """

    values: Tensor
    error: Tensor | None = None


@torch.no_grad()
def shapley(read: Read, x: Tensor, baseline: Tensor, orders: int = ORDERS) -> Shapley:
    """Shapley values of one input ``[step, feature]``, by all subsets or, of many tokens, by random orders."""
    if len(x) <= EXACT:
        return Shapley(_by_subsets(read, x, baseline))
    found = _by_orders(read, x, baseline, orders, torch.Generator().manual_seed(0))
    return Shapley(found.mean(0).to(x.dtype), found.std(0).to(x.dtype) / orders**0.5)


def shapley_values(read: Read, x: Tensor, baseline: Tensor) -> Tensor:
    """Shapley values ``[batch, step]`` of inputs ``[batch, step, feature]``."""
    return torch.stack([shapley(read, one, baseline).values for one in x])


def _by_subsets(read: Read, x: Tensor, baseline: Tensor) -> Tensor:
    """Exact values from all 2^n subsets; bit i of a subset's number says whether token i has joined."""
    count = len(x)
    numbers = torch.arange(2**count, device=x.device)
    joined = (numbers[:, None] >> torch.arange(count, device=x.device) & 1).bool()
    answers, sizes = _answers(read, x, baseline, joined), joined.sum(1).tolist()
    whole = factorial(count)
    weights = [factorial(size) * factorial(count - size - 1) / whole if size < count else 0.0 for size in sizes]
    weight = torch.tensor(weights, dtype=torch.float64, device=x.device)
    found = []
    for token in range(count):
        without = numbers[~joined[:, token]]
        found.append((weight[without] * (answers[without + 2**token] - answers[without])).sum())
    return torch.stack(found).to(x.dtype)


def _by_orders(read: Read, x: Tensor, baseline: Tensor, orders: int, generator: torch.Generator) -> Tensor:
    """What every token adds in every order, ``[order, step]``."""
    count = len(x)
    found = torch.empty(orders, count, dtype=torch.float64, device=x.device)
    for row in found:
        order = torch.randperm(count, generator=generator).to(x.device)
        place = torch.empty_like(order)
        place[order] = torch.arange(count, device=x.device)
        joined = place[None, :] < torch.arange(count + 1, device=x.device)[:, None]
        row[order] = _answers(read, x, baseline, joined).diff()
    return found


def _answers(read: Read, x: Tensor, baseline: Tensor, joined: Tensor) -> Tensor:
    """The output, in double precision, with the tokens in ``joined`` ``[subset, step]`` and no others, ``[subset]``."""
    parts = [read(torch.where(some[..., None], x, baseline)) for some in joined.split(ROWS_AT_ONCE)]
    return torch.cat(parts).double()
