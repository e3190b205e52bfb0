"""Attention weights inside a person's own model: those of ``nn.MultiheadAttention``, and of a softmax that is named."""

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
        return Attended(torch.empty(0), refused="its weights were dropped at random: call model.eval() first")
    with torch.no_grad():
        given |= {"need_weights": True, "average_attn_weights": False}
        again, weights = nn.functional.multi_head_attention_forward(**given)
    own = result[0].detach()
    scale = max(1.0, float(own.abs().max()))
    if weights is None or float((again - own).abs().max()) > 10 * TOLERANCE[own.dtype] * scale:
        return Attended(torch.empty(0), refused="its output is not what its weights give")
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
