"""Other attention weights in the place of the network's own: uniform, shuffled, erased. All are rows that sum to 1."""

from __future__ import annotations

import torch
from torch import Tensor

from core_models.explain.faithfulness.attended import Attended


def uniform(attended: Attended) -> Tensor:
    """The same weight everywhere a query may look, ``[1, head, query, key]``."""
    allowed = attended.mask.to(attended.weights.dtype)
    rows = allowed / allowed.sum(-1, keepdim=True).clamp(min=1.0)
    return rows.expand_as(attended.weights)[None].contiguous()


def shuffled(attended: Attended, count: int, generator: torch.Generator) -> Tensor:
    """The weights in other orders, ``[count, head, query, key]``; each head and query has an order of its own.

    Where a query may look at the first n positions only, its weights are shuffled among these.
    """
    shape = (count, *attended.weights.shape)
    keys = torch.rand(shape, generator=generator).to(attended.weights.device)
    order = keys.masked_fill(~attended.mask, torch.inf).argsort(-1)
    return attended.weights.expand(shape).gather(-1, order)


def erased(attended: Attended, tokens: Tensor) -> Tensor:
    """The weights with some tokens' set to 0 and the others' raised in proportion, ``[set, head, query, key]``.

    A query that looked at these alone looks at all others alike; one that may look nowhere else keeps its weights.

    Args:
        attended: the input and its attention.
        tokens: which tokens are erased, ``[set, key]``, true or false.
    """
    kept = (attended.mask & ~tokens[:, None, :])[:, None]
    rest = attended.weights * kept
    total, places = rest.sum(-1, keepdim=True), kept.sum(-1, keepdim=True)
    even = kept.to(rest.dtype) / places.clamp(min=1)
    rows = torch.where(total > 0, rest / total.clamp(min=torch.finfo(rest.dtype).tiny), even)
    return torch.where(places > 0, rows, attended.weights)


def divergence(one: Tensor, other: Tensor, free: Tensor) -> Tensor:
    """Jensen-Shannon divergence of rows in nats, mean over heads and free queries, ``[batch]``; at most ln 2."""
    middle = (one + other) / 2.0
    found = (_entropy(middle) - (_entropy(one) + _entropy(other)) / 2.0)[..., free]
    return found.mean(dim=(-1, -2)).clamp(min=0.0)


def _entropy(rows: Tensor) -> Tensor:
    """Entropy over the last axis in nats; a weight of 0 adds nothing, and no slope either."""
    tiny = torch.finfo(rows.dtype).tiny
    return -(rows * rows.clamp(min=tiny).log()).sum(-1)
