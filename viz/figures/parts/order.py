"""In which order the units of a figure stand.

A unit's number says nothing about it; an order by what it did in this trace lets patterns show. Orders are
permutations: entry ``i`` is the number of the unit that stands in row ``i``.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from core_models.explain.memory.timescale import half_lives
from core_models.language import mark, say
from core_models.trace import Array, Site, Trace
from core_models.vocabulary import Kind
from viz.view import Target

ORDERS: Mapping[str, str] = {
    "index": mark("index: as in the network"),
    "similarity": mark("similarity: units with similar states stand together"),
    "timescale": mark("timescale: longest memory in this input first"),
    "influence": mark("influence: strongest effect on the answer first"),
}

BY: Mapping[str, str] = {
    "similarity": mark("by similarity"),
    "timescale": mark("by timescale"),
    "influence": mark("by influence"),
}
"""Short names of orders other than the network's own."""


def available_orders(trace: Trace, target: Target) -> tuple[str, ...]:
    """Keys of ``ORDERS`` that mean something for the target."""
    units = trace.array(target.site, target.key).shape[1]
    found = ["index", "similarity"]
    for key, values in (("timescale", half_lives(trace, target.site)), ("influence", influences(trace, target.site))):
        if values is not None and len(values) == units:
            found.append(key)
    return tuple(found)


def order_units(trace: Trace, target: Target, key: str) -> NDArray[np.intp]:
    """Unit numbers in the order named ``key``, ``[unit]``; by index where that order is unknown or not available."""
    values = trace.array(target.site, target.key)
    times, influence = half_lives(trace, target.site), influences(trace, target.site)
    if key == "similarity":
        return _by_similarity(_state_like(trace, target.site, values))
    if key == "timescale" and times is not None and len(times) == values.shape[1]:
        return np.argsort(-times, kind="stable")
    if key == "influence" and influence is not None and len(influence) == values.shape[1]:
        return np.argsort(-np.abs(influence), kind="stable")
    return np.arange(values.shape[1])


def name_order(key: str) -> str:
    """What the title of an axis of units adds for the order named ``key``: nothing where it is that of the network."""
    return f" ({say(BY[key])})" if key in BY else ""


def influences(trace: Trace, site: Site) -> Array | None:
    """Influence of every unit of a site on the answer, ``[unit]``; None where the trace holds none."""
    found = [row.key for where, row in trace.find(Kind.INFLUENCE) if where == site]
    return trace.array(site, found[0]) if found else None


def _state_like(trace: Trace, site: Site, values: Array) -> Array:
    """The state that the site carries, so that all its figures share one order; ``values`` where it has none."""
    states = [trace.array(site, row.key) for where, row in trace.find(Kind.STATE) if where == site]
    return states[-1] if states and states[-1].shape == values.shape else values


def _by_similarity(values: Array) -> NDArray[np.intp]:
    """Leaves of a hierarchical clustering (Ward) of the units' values, flipped so that neighbours are alike."""
    from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering  # slow to import, seldom needed
    from scipy.spatial.distance import pdist

    if values.shape[1] < 3:
        return np.arange(values.shape[1])
    distances = pdist(values.T.astype(np.float64))
    tree = linkage(distances, method="ward")
    return leaves_list(optimal_leaf_ordering(tree, distances)).astype(np.intp)
