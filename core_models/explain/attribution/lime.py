"""LIME, by Captum: a linear model of many subsets of the tokens, the coefficients of the one that is closest to f.

A token that is not in a subset has the baseline in its place; subsets near the whole input count most. Source: Ribeiro,
Singh & Guestrin 2016, arXiv 1602.04938, algorithm 1. Captum (Kokhlikyan et al. 2020, arXiv 2009.07896) draws, masks and
adds up; it only calls the network. Subsets come from a generator of the call's own: the same input always gets the same
numbers, whatever else is drawn meanwhile.

Captum fits LIME by scikit-learn, which nothing else here needs; ``Ridge`` solves the same weighted least squares.
Subsets are drawn by size, each size alike, then the tokens: among subsets drawn token by token those near the whole
input, which the weights are all about, would hardly occur in a long sentence.
"""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor

from core_models.explain.attribution.methods import Read

SUBSETS = 300
"""Subsets that LIME's linear model is fitted to."""

WIDTH = 0.5
"""LIME's kernel: a subset that lacks the share d of the tokens counts as much as exp(−d² / WIDTH²)."""

PENALTY = 1e-3
"""Ridge penalty of LIME's linear model, relative to the sum of the weights; it keeps the solution unique."""


class Ridge:
    """Weighted least squares with a small penalty, as the linear model that Captum's LIME asks for."""

    def __init__(self) -> None:
        self.coefficients = torch.empty(0)

    def fit(self, train_data: Any, **settings: Any) -> dict[str, float]:
        """Fit to batches of (subsets, values, weights)."""
        subsets, values, weights = (torch.cat(parts).double() for parts in zip(*train_data, strict=True))
        share = weights / weights.sum()
        z = subsets - (share[:, None] * subsets).sum(0)
        y = values.flatten() - (share * values.flatten()).sum()
        gram = z.T @ (share[:, None] * z) + PENALTY * torch.eye(z.shape[1], dtype=z.dtype, device=z.device)
        self.coefficients = torch.linalg.solve(gram, z.T @ (share * y))
        return {}

    def representation(self) -> Tensor:
        """The coefficients, ``[1, step]``."""
        return self.coefficients[None].float()


def lime(read: Read, x: Tensor, baseline: Tensor, subsets: int = SUBSETS) -> Tensor:
    """LIME's coefficients ``[step]`` of one input ``[step, feature]``."""
    from captum.attr import Lime

    generator = torch.Generator().manual_seed(0)

    def draw(original: Tensor, **settings: Any) -> Tensor:
        count = settings["num_interp_features"]
        size = int(torch.randint(0, count + 1, (1,), generator=generator))
        kept = torch.zeros(1, count)
        kept[0, torch.randperm(count, generator=generator)[:size]] = 1.0
        return kept.to(original.device)

    def near(original: Tensor, perturbed: Tensor, subset: Tensor, **settings: Any) -> Tensor:
        return torch.exp(-(((1.0 - subset).mean() / WIDTH) ** 2))

    method = Lime(read, interpretable_model=Ridge(), similarity_func=near, perturb_func=draw)  # type: ignore[arg-type]  # captum types its own models alone
    with torch.no_grad(), warnings.catch_warnings():
        tokens = torch.arange(len(x), device=x.device)[None, :, None]
        found = method.attribute(
            x[None], baselines=baseline.expand_as(x)[None], feature_mask=tokens, n_samples=subsets,
            perturbations_per_eval=subsets,
        )  # fmt: skip
    return found[0, :, 0]
