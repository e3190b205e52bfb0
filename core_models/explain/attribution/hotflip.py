r"""Which other token, put in one place of an input, would move an output most: by the gradient, in one backward pass.

    f(x with v at t) − f(x) ≈ (E_v − E_{x_t}) · ∂f/∂x_t        E: embeddings of tokens, v: the one that is put in

It is the first term of Taylor's series, so that it only proposes: what a change really does, a reading tells. Source:
Ebrahimi, Rao, Lowd & Dou 2018 (HotFlip), arXiv 1712.06751, equation 3. Where several columns of ids are read, only the
token's own vector is counted, whatever else of it would change with its spelling.
"""

from __future__ import annotations

import torch
from torch import Tensor

from core_models.explain.attribution.methods import Read, gradients


def expected_changes(read: Read, x: Tensor, table: Tensor, ids: Tensor) -> Tensor:
    """What the gradient expects of every token in every place, ``[step, id]``, in the unit of the output.

    Args:
        read: the output asked about.
        x: the embedded input, ``[step, feature]``; the first of the features are the tokens' own.
        table: vector of every id, ``[id, feature]``.
        ids: of the tokens that are there, ``[step]``.
    """
    slope = gradients(read, x[None])[0, :, : table.shape[1]]
    with torch.no_grad():
        return slope @ table.T - (slope * table[ids]).sum(dim=1, keepdim=True)


@torch.no_grad()
def neighbours(table: Tensor, ids: Tensor, allowed: Tensor, count: int) -> Tensor:
    """The tokens whose vectors are most alike by cosine, ``[step, count]``, the most alike first; never the token.

    Args:
        table: vector of every id, ``[id, feature]``.
        ids: of the tokens, ``[step]``.
        allowed: whether an id may be named, ``[id]``.
        count: how many for each token.
    """
    unit = torch.nn.functional.normalize(table, dim=1)
    alike = (unit[ids] @ unit.T).masked_fill(~allowed, -torch.inf)
    alike[torch.arange(len(ids)), ids] = -torch.inf
    return alike.topk(min(count, int(allowed.sum()) - 1), dim=1).indices
