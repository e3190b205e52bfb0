"""Edits of attention: of each row's weights, for the readout and for attention inside a recurrence."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from core_models.attention.edit import AttentionEdit, Edits
from core_models.edits.edit import PoolAttention
from core_models.edits.plan import Rows, shuffled

Pools = Sequence[Sequence[PoolAttention]]


def edit_weights(weights: Tensor, steps: Tensor, rows: Rows, pools: Pools, *, both: bool = False) -> Tensor:
    """Weights ``[row, head, query, key]`` under the edits of each row; queries stand at ``steps``, ``[row, query]``.

    ``both`` says that the sequence is read from both ends, so that a query sees what comes after it, too.
    """
    if not any(pools) or not weights.shape[-1]:
        return weights
    weights = weights.clone()
    for row, edits in enumerate(pools):
        for edit in edits:
            for place, step in enumerate(steps[row].tolist()):
                own = weights[row, :, place]
                weights[row, :, place] = _one_query(edit, own, step, rows.kept[row], both=both)
    return weights


def _one_query(edit: PoolAttention, own: Tensor, step: int, kept: tuple[int, ...], *, both: bool) -> Tensor:
    """Weights ``[head, key]`` of one reader, who stands at ``step`` of the tokens ``kept``."""
    if step >= len(kept):
        return own
    seen = len(kept) if both else step + 1
    if edit.how == "permuted":
        order = shuffled(torch.arange(seen).numpy(), edit.seed)
        found = own.clone()
        found[:, :seen] = own[:, torch.from_numpy(order)]
        return found
    amounts = _amounts(edit, kept[:seen])
    if not sum(amounts) > 0.0:
        return own
    padded = [*amounts, *[0.0] * (own.shape[-1] - len(amounts))]
    said = Edits((AttentionEdit.shared(step, padded),))
    return said.weights_at(step, own[None, :, None])[0, :, 0]


def _amounts(edit: PoolAttention, read: tuple[int, ...]) -> list[float]:
    """What the tokens that are seen get, before it is shared out."""
    if edit.how == "uniform":
        return [1.0] * len(read)
    if edit.how == "one":
        return [float(position == edit.position) for position in read]
    return [edit.weights[position] for position in read]
