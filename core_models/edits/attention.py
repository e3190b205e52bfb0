"""Edits of attention: of each row's weights, for the readout and for attention inside a recurrence."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

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
    if step >= len(kept) or (edit.steps is not None and kept[step] not in edit.steps):
        return own
    return pool(edit, own, kept[: len(kept) if both else step + 1])


def pool(edit: PoolAttention, own: Tensor, read: tuple[int, ...]) -> Tensor:
    """Weights ``[head, key]`` of one reader who sees the tokens ``read``, under an edit."""
    if edit.how == "permuted":
        order = shuffled(torch.arange(len(read)).numpy(), edit.seed)
        found = own.clone()
        found[:, : len(read)] = own[:, torch.from_numpy(order)]
        return found
    amounts = torch.tensor(_amounts(edit, read), dtype=torch.float64)
    if not amounts.sum() > 0.0:
        return own
    found = torch.zeros_like(own)
    found[:, : len(read)] = (amounts / amounts.sum()).to(own)
    return found


def _amounts(edit: PoolAttention, read: tuple[int, ...]) -> list[float]:
    """What the tokens that are seen get, before it is shared out."""
    if edit.how == "uniform":
        return [1.0] * len(read)
    if edit.how == "one":
        return [float(position == edit.position) for position in read]
    return [edit.weights[position] for position in read]
