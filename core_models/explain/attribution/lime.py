"""LIME: a linear model of many subsets of the tokens, the coefficients of the one that is closest to f.

    minimise over w, b   Σ_s π_s (f(x_s) − b − w · s)² + λ |w|²,   π_s = exp(−d_s² / WIDTH²)

A token that is not in a subset s has the baseline in its place, and d_s is the share of such tokens: subsets near the
whole input count most. Source: Ribeiro, Singh & Guestrin 2016, arXiv 1602.04938, algorithm 1. Subsets are drawn by
size, each size alike, then the tokens: among subsets drawn token by token those near the whole input, which the weights
are all about, would hardly occur in a long sentence. They come from a generator of the call's own: the same input
always gets the same numbers, whatever else is drawn meanwhile.
"""

from __future__ import annotations

import torch
from torch import Tensor

from core_models.explain.attribution.methods import Read

SUBSETS = 300
"""Subsets that the linear model is fitted to."""

WIDTH = 0.5
"""A subset that lacks the share d of the tokens counts as much as exp(−d² / WIDTH²)."""

PENALTY = 1e-3
"""Ridge penalty of the linear model, relative to the sum of the weights; it keeps the solution unique."""


@torch.no_grad()
def lime(read: Read, x: Tensor, baseline: Tensor, subsets: int = SUBSETS) -> Tensor:
    """LIME's coefficients ``[step]`` of one input ``[step, feature]``."""
    kept = torch.stack([*_drawn(len(x), subsets)]).to(x.device)
    values = read(torch.where(kept[..., None], x, baseline))
    near = torch.exp(-((((~kept).float().mean(1)) / WIDTH) ** 2))
    return fitted(kept.double(), values.double(), near.double()).float()


def _drawn(count: int, subsets: int) -> list[Tensor]:
    """Which tokens each subset holds, ``[step]``."""
    generator, found = torch.Generator().manual_seed(0), []
    for _ in range(subsets):
        size = int(torch.randint(0, count + 1, (1,), generator=generator))
        found.append(torch.zeros(count, dtype=torch.bool))
        found[-1][torch.randperm(count, generator=generator)[:size]] = True
    return found


def fitted(subsets: Tensor, values: Tensor, weights: Tensor) -> Tensor:
    """Coefficients ``[step]`` of weighted least squares with a small penalty.

    Args:
        subsets: ``[subset, step]``, 1 where a subset holds a token.
        values: f of each, ``[subset]``.
        weights: how much each counts, ``[subset]``.
    """
    share = weights / weights.sum()
    z = subsets - (share[:, None] * subsets).sum(0)
    y = values - (share * values).sum()
    gram = z.T @ (share[:, None] * z) + PENALTY * torch.eye(z.shape[1], dtype=z.dtype, device=z.device)
    return torch.linalg.solve(gram, z.T @ (share * y))
