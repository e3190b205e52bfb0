r"""Attention weights inside a person's own model.

    nn.MultiheadAttention              computed once more by torch's own function from what it was given
    F.scaled_dot_product_attention     α = softmax(q kᵀ s + mask), s = 1/√d if no other is given
    a softmax that is named            what it returned

The first two are held to the output of the call: what weights and values give is what came out. Source: torch.nn
documentation.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from core_models.own.traced import TOLERANCE, OwnError, OwnTrace
from core_models.trace import Site, Tokens

ATTENTION = Site("attention")

SAME = {**TOLERANCE, torch.float32: 1e-6}
"""How far an output may be from what its weights give, as a share of the largest output."""

DROPPED = "its weights were dropped at random: call model.eval() first"
OTHER = "its output is not what its weights give"

_DOT_PRODUCT = ("query", "key", "value", "attn_mask", "dropout_p", "is_causal", "scale", "enable_gqa")
_PARAMETERS = list(inspect.signature(nn.functional.multi_head_attention_forward).parameters)


@dataclass(frozen=True, eq=False)
class Attended:
    """Attention of one call.

    Attributes:
        weights: ``[batch, head, query, key]``.
        allowed: where there may be weight, as ``weights``; None where there may be everywhere.
        refused: why they cannot be shown; empty where they can.
        stepwise: whether each call is one query, so that calls go on from one another.
    """

    weights: Tensor
    allowed: Tensor | None = None
    refused: str = ""
    stepwise: bool = False

    def goes_on(self, other: Attended) -> bool:
        """Whether another call is the next query of the same attention."""
        ours, theirs = self.weights.shape, other.weights.shape
        return self.stepwise and other.stepwise and (ours[0], ours[1], ours[3]) == (theirs[0], theirs[1], theirs[3])

    def with_next(self, other: Attended) -> Attended:
        """Both, one query after the other."""
        return replace(self, weights=torch.cat([self.weights, other.weights], dim=2))

    def traces(self, name: str) -> list[OwnTrace]:
        """One trace for each row of the batch; queries are the steps, keys what they look at.

        Raises:
            OwnError: if the weights cannot be shown.
        """
        if self.refused:
            raise OwnError(f"{name}: {self.refused}")
        found = []
        for row, weights in enumerate(self.weights.float().cpu()):
            entries: dict[tuple[Site, str], Any] = {(ATTENTION, "attention_weights"): weights.numpy()}
            if self.allowed is not None:
                entries[ATTENTION, "attention_mask"] = self.allowed[row].float().cpu().numpy()
            queries, keys = weights.shape[1:]
            sources = None if queries == keys else Tokens.numbered(keys)
            found.append(OwnTrace(Tokens.numbered(queries), entries, model=name, sources=sources))
        return found


def attended(args: Sequence[Any], kwargs: Mapping[str, Any], result: Any) -> Attended:
    """The weights of a call of torch's multi-head attention, computed once more from what it was given.

    The weights that it may have returned itself are means over the heads.
    """
    given: dict[str, Any] = dict(zip(_PARAMETERS, args, strict=False)) | dict(kwargs)
    if given["training"] and given["dropout_p"]:
        return Attended(torch.empty(0), refused=DROPPED)
    with torch.no_grad():
        given |= {"need_weights": True, "average_attn_weights": False}
        again, weights = nn.functional.multi_head_attention_forward(**given)
    own = result[0].detach()
    scale = max(1.0, float(own.abs().max()))
    if weights is None or not float((again - own).abs().max()) <= SAME[own.dtype] * scale:
        return Attended(torch.empty(0), refused=OTHER)
    weights = weights.detach().clone()
    weights = weights if weights.ndim == 4 else weights[None]
    allowed = torch.ones_like(weights, dtype=torch.bool)
    if (mask := given.get("attn_mask")) is not None:
        open_ = ~mask if mask.dtype is torch.bool else mask > -torch.inf
        allowed &= open_ if open_.ndim == 2 else open_.view(weights.shape)
    if (padding := given.get("key_padding_mask")) is not None:
        seen = ~padding if padding.dtype is torch.bool else padding > -torch.inf
        allowed &= seen.view(-1, 1, 1, weights.shape[-1])
    return Attended(weights, None if bool(allowed.all()) else allowed)


def scaled_dot_product(args: Sequence[Any], kwargs: Mapping[str, Any], result: Tensor) -> Attended:
    """The weights of a call of torch's scaled dot-product attention, whatever kernel computed it.

    Where there are several axes before queries and keys, the last of them counts heads.
    """
    given: dict[str, Any] = dict(zip(_DOT_PRODUCT, args, strict=False)) | dict(kwargs)
    if given.get("dropout_p"):
        return Attended(torch.empty(0), refused=DROPPED)
    query, key, value = (given[name].detach() for name in _DOT_PRODUCT[:3])
    if given.get("enable_gqa"):
        key, value = (part.repeat_interleave(query.shape[-3] // part.shape[-3], -3) for part in (key, value))
    wide = torch.float64
    scale = given.get("scale")
    scores = query.to(wide) @ key.to(wide).mT * (query.shape[-1] ** -0.5 if scale is None else scale)
    allowed = torch.ones_like(scores, dtype=torch.bool)
    if given.get("is_causal"):
        allowed = allowed.tril()
    mask = given.get("attn_mask")
    if mask is not None and mask.dtype is torch.bool:
        allowed = allowed & mask
    elif mask is not None:
        scores, allowed = scores + mask.detach(), allowed & (mask > -torch.inf)
    weights = torch.softmax(scores.masked_fill(~allowed, -torch.inf), dim=-1)
    if not allowed.any(dim=-1).all():
        return Attended(torch.empty(0), refused="a query has no key that it may look at, so that it has no weights")
    own = result.detach().to(wide)
    gap, reach = (weights @ value.to(wide) - own).abs(), max(1.0, float(own.abs().max()))
    if not float(gap.max()) <= SAME[result.dtype] * reach:
        return Attended(torch.empty(0), refused=OTHER)
    *_, queries, keys = weights.shape
    heads = weights.shape[-3] if weights.ndim > 3 else 1
    weights, allowed = (part.reshape(-1, heads, queries, keys) for part in (weights, allowed))
    return Attended(weights, None if bool(allowed.all()) else allowed)


def named_softmax(args: Sequence[Any], kwargs: Mapping[str, Any], result: Tensor) -> Attended:
    """What a softmax returned: the axis that sums to 1 holds the keys, the axis before it the queries."""
    axis = kwargs.get("dim", args[1] if len(args) > 1 else None)
    weights = result.detach().clone().movedim(-1 if axis is None else int(axis), -1)
    if weights.ndim > 4:
        return Attended(weights, refused=f"a softmax of {weights.ndim} axes is not understood as attention")
    stepwise = weights.ndim < 3
    while weights.ndim < 4:
        weights = weights[None] if weights.ndim == 1 else weights.unsqueeze(1)
    return Attended(weights, stepwise=stepwise)
