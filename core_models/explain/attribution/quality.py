r"""How far an attribution can be trusted: infidelity and sensitivity (Yeh et al. 2019, arXiv 1901.09392).

    infidelity    E_S [(Σ_{i∈S} φ_i − (f(x) − f(x without S)))²]           definition 2.1, tokens S taken out together
    sensitivity   max over noise of ‖φ(x + noise) − φ(x)‖ / ‖φ(x)‖        definition 3.1, relative to φ itself

Infidelity asks whether the shares of some tokens add up to what happens when just these tokens are replaced by the
baseline; it is given as a share of E_S [(f(x) − f(x without S))²], so that 0 is perfect and 1 is what saying nothing
(φ = 0) gets. For scores that have no unit, such as attention weights, φ is first multiplied by the one number that
suits it best, as in the paper's section 4.2 and Captum's ``normalize=True``; above 1 is then impossible. A
set's size is drawn first, each size alike, then its tokens; the sets are the same for every method: f is called once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core_models.explain.attribution.methods import ROWS_AT_ONCE, Read

SETS = 256
"""Sets of tokens that are taken out."""

NOISE = 0.05
"""Largest noise on a number of an embedding, relative to the root mean square of the input's embeddings."""

DRAWS = 10
"""Noisy copies of the input; Captum's default."""


@dataclass(frozen=True)
class Removals:
    """What f loses when sets of tokens are taken out.

    Attributes:
        sets: which tokens, ``[set, step]``.
        losses: f(x) − f(x without them), ``[set]``.
    """

    sets: NDArray[np.bool_]
    losses: NDArray[np.float64]


@torch.no_grad()
def remove(read: Read, x: Tensor, baseline: Tensor, sets: int = SETS) -> Removals:
    """Replace random sets of tokens of one input ``[step, feature]`` by the baseline."""
    generator = torch.Generator().manual_seed(0)
    steps = len(x)
    sizes = torch.randint(1, steps + 1, (sets, 1), generator=generator)
    places = torch.rand(sets, steps, generator=generator).argsort(1).argsort(1)
    taken = places < sizes
    rows = torch.where(taken[..., None].to(x.device), baseline, x)
    without = torch.cat([read(some) for some in rows.split(ROWS_AT_ONCE)])
    losses = (read(x[None]) - without).double()
    return Removals(taken.numpy(), losses.cpu().numpy())


def infidelity(removals: Removals, shares: NDArray[np.floating], *, scaled: bool = False) -> float:
    """Infidelity of shares ``[step]`` relative to saying nothing; not a number if no removal changes anything.

    Args:
        removals: what ``remove`` found.
        shares: attribution of every token.
        scaled: whether the shares are first multiplied by the number that suits them best.
    """
    said = removals.sets @ np.asarray(shares, dtype=np.float64)
    power = float(said @ said)
    if scaled and power:
        said = said * float(said @ removals.losses) / power
    nothing = float(removals.losses @ removals.losses)
    return float(np.square(said - removals.losses).sum() / nothing) if nothing else float("nan")


def sensitivity(explain: Callable[[Tensor], Tensor], x: Tensor) -> float:
    """Largest relative change of an attribution under small noise; infinite where there is no attribution.

    Args:
        explain: attribution ``[batch, step]`` of inputs ``[batch, step, feature]``.
        x: one input, ``[step, feature]``.
    """
    generator = torch.Generator().manual_seed(0)
    reach = NOISE * x.square().mean().sqrt()
    noise = (2.0 * torch.rand(DRAWS, *x.shape, generator=generator) - 1.0).to(x.device) * reach
    found = explain(torch.cat([x[None], x + noise])).double()
    length = found[0].norm()
    return float((found[1:] - found[0]).norm(dim=1).max() / length) if length else float("inf")
