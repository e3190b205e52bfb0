r"""What differs most between two traces of one input: which quantities, and which of their units.

    d_j = 1/T Σ_t |a_tj - b_tj|      of unit j,       d = 1/J Σ_j d_j      of all J units of a quantity

The two may come from one network at two moments of its training.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core_models.trace import Site, Trace
from core_models.vocabulary import Kind, quantity

KINDS = (Kind.GATE, Kind.CANDIDATE, Kind.STATE)


@dataclass(frozen=True, eq=False)
class Change:
    """How far a quantity differs.

    Attributes:
        site, key: of the quantity.
        units: mean distance of each unit over the steps, ``[unit]``.
    """

    site: Site
    key: str
    units: NDArray[np.floating]

    @property
    def mean(self) -> float:
        """Mean over the units."""
        return float(self.units.mean())


def changes(first: Trace, second: Trace) -> list[Change]:
    """Every gate, candidate and state that both traces hold, the one that differs most first.

    Raises:
        ValueError: if the traces are not of one input.
    """
    if len(first) != len(second):
        raise ValueError(f"changes: expected two traces of one input, got {len(first)} and {len(second)} steps")
    shared = [at for at in first if at in second and quantity(at[1]).kind in KINDS]
    units = [at for at in shared if quantity(at[1]).dims == ("step", "unit")]
    found = [Change(*at, np.abs(first.array(*at) - second.array(*at)).mean(axis=0)) for at in units]
    return sorted(found, key=lambda change: -change.mean)


def most_changed(found: list[Change], count: int) -> list[tuple[Change, int]]:
    """The units that differ most, of all quantities together, each with the change that it belongs to."""
    every = [(change, unit) for change in found for unit in range(len(change.units))]
    return sorted(every, key=lambda each: -float(each[0].units[each[1]]))[:count]
