r"""How long a unit remembers, read from its gate: a half-life in tokens.

A unit whose gate keeps the share k_t of its past at token t, and to which nothing else gave its old value back, would
have Π k_t left of it. With k̄ the arithmetic mean of the |k_t|, half is left after

    half-life = ln ½ / ln k̄   tokens,

infinite where all is kept at every token, 0 where nothing is kept at any. The share kept is the gate's value where 1
keeps and one less it where 1 overwrites; where something multiplies the memory before the next step reads it, that
counts too (core_models.convention: ``scaled_by``). The arithmetic mean is taken, not the geometric one that the product
suggests, because one token at which a gate closes is not the rule of a unit: of the two it predicts better how fast a
nudge really fades.

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
from core_models.language import say
from core_models.trace import Site, Trace
from core_models.vocabulary import quantity


def keeping_gate(convention: Convention) -> tuple[str, bool] | None:
    """Quantity key of the gate that decides what survives a step, and whether 1 keeps; None where there is none."""
    return next(iter(convention.keeps_past.items()), None)


def name_kept(convention: Convention) -> str | None:
    """The share of the past that a cell keeps, such as ``1 − update gate zₜ``; None where no gate decides."""
    gate = keeping_gate(convention)
    if gate is None:
        return None
    row = quantity(gate[0])
    share = row.label if gate[1] else f"1 − {row.label}"
    if convention.shared and convention.writes:
        share = f"{row.label} / ({row.symbol} + {quantity(convention.writes).symbol})"
    if convention.scaled_by is None:
        return share
    factor = quantity(convention.scaled_by)
    before = factor.symbol.replace("ₜ", "ₜ₋₁")
    return say("{share} × {name} {symbol}, without sign", share=share, name=say(factor.name), symbol=before)


def retention(trace: Trace, site: Site) -> NDArray[np.float64] | None:
    """Share of the past that every unit keeps at every token, ``[step, unit]``; None where no gate decides that.

    Below 0 where what is kept also changes its sign. The first step of a memory that is scaled is taken as unscaled.
    """
    convention = trace.cells.get(site)
    gate = keeping_gate(convention) if convention else None
    if convention is None or gate is None or (site, gate[0]) not in trace:
        return None
    kept = convention.kept(lambda key: trace.array(site, key).astype(np.float64))
    if convention.scaled_by is None or (site, convention.scaled_by) not in trace:
        return kept
    factor = np.ones_like(kept)
    scaled = trace.array(site, convention.scaled_by)
    if site.direction == "backward":
        factor[:-1] = scaled[1:]
    else:
        factor[1:] = scaled[:-1]
    return kept * factor


def half_lives(trace: Trace, site: Site, *, after: int | None = None) -> NDArray[np.float64] | None:
    """Half-life of every unit from its mean retention, in tokens, ``[unit]``; None where the cell has no keeping gate.

    Infinite where everything is always kept, 0 where nothing ever is.

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
        return np.abs(np.log(0.5) / np.log(np.abs(kept).mean(axis=0)))


def kept_shares(trace: Trace, site: Site, start: int) -> NDArray[np.float64] | None:
    """What the gate alone would leave of every unit after the token at ``start``, ``[lag, unit]``, the first row 1.

    None where the cell has no keeping gate.
    """
    kept = retention(trace, site)
    if kept is None:
        return None
    later = np.abs(kept[:start][::-1] if site.direction == "backward" else kept[start + 1 :])
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
