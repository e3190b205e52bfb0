r"""How long a unit remembers, read from its gate: a half-life in tokens.

A unit whose gate keeps the share k_t of its past at token t, and to which nothing else gave its old value back, would
have Π k_t left of it. With k̄ the geometric mean of the k_t, half is left after

    half-life = ln ½ / ln k̄   tokens.

That a gate's value is the unit's time scale is Tallec & Ollivier 2018, "Can recurrent neural networks warp time?",
arXiv 1804.11188, section 1 (there 1/gate, in the convention where 1 overwrites). It is bookkeeping, not a measurement:
what a unit held also comes back through other units, and through its own candidate (with inputs that go on, the reading
holds only where the gradient fades exponentially: Ohno & Kumagai 2021, arXiv 2111.03282). The measurement is
core_models.explain.memory.perturbation. Nothing here needs torch.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core_models.convention import Convention
from core_models.trace import Site, Trace


def keeping_gate(convention: Convention) -> tuple[str, bool] | None:
    """Quantity key of the gate that decides what survives a step, and whether 1 keeps; None where there is none."""
    return next(iter(convention.keeps_past.items()), None)


def retention(trace: Trace, site: Site) -> NDArray[np.float64] | None:
    """Share of the past that every unit keeps at every token, ``[step, unit]``; None where no gate decides that."""
    gate = keeping_gate(trace.cells[site]) if site in trace.cells else None
    if gate is None or (site, gate[0]) not in trace:
        return None
    key, keeps = gate
    values = trace.array(site, key).astype(np.float64)
    return values if keeps else 1.0 - values


def half_lives(trace: Trace, site: Site, *, after: int | None = None) -> NDArray[np.float64] | None:
    """Half-life of every unit from its mean retention, in tokens, ``[unit]``; None where the cell has no keeping gate.

    Infinite where everything is always kept, 0 where all is lost at some token.

    Args:
        trace: what the network computed.
        site: layer and direction.
        after: position of a token; only those read after it count. All tokens if None, or if none is read after it.
    """
    kept = retention(trace, site)
    if kept is None:
        return None
    if after is not None:
        later = kept[:after] if site.direction == "backward" else kept[after + 1 :]
        kept = later if len(later) else kept
    with np.errstate(divide="ignore"):
        return np.abs(np.log(0.5) / np.log(kept).mean(axis=0))


def kept_shares(trace: Trace, site: Site, start: int) -> NDArray[np.float64] | None:
    """What the gate alone would leave of every unit after the token at ``start``, ``[lag, unit]``, the first row 1.

    None where the cell has no keeping gate.
    """
    kept = retention(trace, site)
    if kept is None:
        return None
    later = kept[:start][::-1] if site.direction == "backward" else kept[start + 1 :]
    return np.concatenate([np.ones_like(kept[:1]), later]).cumprod(axis=0)


def first_halving(left: NDArray[np.floating]) -> NDArray[np.float64]:
    """When what is left first falls to half, in steps, ``[unit]``; infinite where it never does within the steps.

    Between two steps what is left is taken to fade exponentially, as it would at a constant retention.

    Args:
        left: what is left of 1 after each step, not negative, ``[lag, unit]``, the first row before any step.
    """
    below = left <= 0.5
    lag = np.where(below.any(axis=0), below.argmax(axis=0), 0)
    unit = np.arange(left.shape[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        high, low = np.log(left[lag - 1, unit]), np.log(left[lag, unit])
        within = np.where(np.isfinite(low), (high - np.log(0.5)) / (high - low), 0.0)
    return np.where(lag > 0, lag - 1 + within, np.inf)
