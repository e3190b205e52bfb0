"""Which quantity of the compared traces is shown, chosen by what it means and never by the model that holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core_models.explain.memory.timescale import name_kept, retention
from core_models.language import mark, say
from core_models.trace import Array, Site, Trace
from core_models.vocabulary import VOCABULARY, Kind, quantity
from viz.figures.compare.comparison import Comparison, last_forward
from viz.theme import GATE_COLORS, Scale, scale_of

KEPT = "kept"
"""The share of the past that a unit keeps at a token: the gate that decides it, or 1 minus that gate."""

KEPT_LABEL = mark("share of the past kept")


@dataclass(frozen=True, eq=False)
class ShownQuantity:
    """One quantity of every compared trace.

    Attributes:
        label: name for axes, plain text.
        drawn: by trace, ``[column, unit]``; None where the trace does not hold it.
        origins: by trace, what is drawn and where it stands, in words; why there is nothing where there is not.
        scale: the scale that all of them share.
        signed: whether values lie on both sides of 0.
    """

    label: str
    drawn: tuple[Array | None, ...]
    origins: tuple[str, ...]
    scale: Scale
    signed: bool


def quantities(traces: Sequence[Trace]) -> dict[str, str]:
    """What can be shown, name on screen by key: what is kept first, then every quantity by unit that a trace holds."""
    found = {KEPT: say("share of the past kept: the gate that decides it")} if any(map(keeping_site, traces)) else {}
    kinds = (Kind.GATE, Kind.STATE, Kind.CANDIDATE, Kind.PREACTIVATION, Kind.CONTEXT)
    held = {row.key for trace in traces for _, row in trace.find(*kinds) if row.dims == ("step", "unit")}
    order = sorted(held, key=lambda key: (kinds.index(quantity(key).kind), list(VOCABULARY).index(key)))
    for key in order:
        holders = sum(any(key == other for _, other in trace) for trace in traces)
        label = quantity(key).label
        found[key] = (
            say("{label} (in {n} of {all})", label=label, n=holders, all=len(traces))
            if holders < len(traces)
            else label
        )
    return found


def keeping_site(trace: Trace) -> Site | None:
    """The topmost forward layer with a gate that decides what is kept; None if there is none."""
    return last_forward([site for site in trace.cells if retention(trace, site) is not None])


def pick(comparisons: Sequence[Comparison], key: str) -> tuple[ShownQuantity, ...]:
    """One quantity of each comparison, all on one scale."""
    found = [[values_of(trace, key) for trace in comparison.traces] for comparison in comparisons]
    everything = [values for rows in found for values, _ in rows if values is not None]
    scale, label, signed = Scale(GATE_COLORS, 0.0, 1.0), say(KEPT_LABEL), False
    if key != KEPT:
        row = quantity(key)
        flat = np.concatenate([values.ravel() for values in everything]) if everything else np.zeros(1)
        scale, label, signed = scale_of(row, flat), row.label, row.signed
    return tuple(
        ShownQuantity(
            label,
            tuple(None if values is None else comparison.place(i, values) for i, (values, _) in enumerate(rows)),
            tuple(origin for _, origin in rows),
            scale,
            signed,
        )
        for comparison, rows in zip(comparisons, found, strict=True)
    )


def values_of(trace: Trace, key: str) -> tuple[Array | None, str]:
    """A quantity of the topmost forward layer, ``[step, unit]``, and what it is; None and why where there is none."""
    if key == KEPT:
        return _kept(trace)
    site = last_forward([site for site, other in trace if other == key])
    if site is None:
        return None, say("has no {label}", label=quantity(key).label)
    return trace.array(site, key), say("{name}, {place}", name=quantity(key).label, place=site.label)


def _kept(trace: Trace) -> tuple[Array | None, str]:
    site = keeping_site(trace)
    kept = retention(trace, site) if site else None
    if site is None or kept is None:
        return None, say("has no gate that decides what is kept")
    return np.abs(kept).astype(np.float32), say("{name}, {place}", name=name_kept(trace.cells[site]), place=site.label)


def summarize(shown: ShownQuantity, number: int) -> tuple[Array, Array, Array] | None:
    """Mean over units and the ends of the middle 80% of them, ``[column]`` each; of absolute values if signed."""
    values = shown.drawn[number]
    if values is None:
        return None
    sized = np.abs(values) if shown.signed else values
    low, high = np.quantile(sized, (0.1, 0.9), axis=1).astype(np.float32)
    return sized.mean(axis=1, dtype=np.float64).astype(np.float32), low, high


def units_table(comparison: Comparison, shown: ShownQuantity) -> pd.DataFrame:
    """Every value: one row for each trace, column and unit."""
    parts = []
    for name, values in zip(comparison.names, shown.drawn, strict=True):
        if values is not None:
            column, unit = (axis.ravel() for axis in np.indices(values.shape))
            tokens = np.array(comparison.labels, dtype=object)[column]
            content = {"column": column + 1, "token": tokens, "unit": unit, str(shown.label): values.ravel()}
            parts.append(pd.DataFrame({"trace": name, **content}))
    return pd.concat(parts) if parts else pd.DataFrame()
