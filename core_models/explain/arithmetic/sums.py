"""What every gate and candidate of a layer summed up at every step: the share of the input and that of what it reads.

    a_t = (W x_t + b_x) + r ⊙ (U h_{t-1} + b_h) + p ⊙ c        value of the part: the squashing function of a_t

where r is the gate on the recurrent share, if the cell has one there; a gate inside stands before the product with U.
The last summand is that of a peephole, in parts that have one.
Computed from the weights and from the values that the trace holds, in double precision.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core_models.trace import Array, Site, Trace
from core_models.tracing import Layer

BEFORE = "before_"


@dataclass(frozen=True)
class Sums:
    """The sum inside one part, by where it came from, ``[step, unit]`` each.

    Attributes:
        from_input: share of the input, with its bias.
        from_state: share of what the part reads besides, with its bias and after its gate; None if it reads nothing.
        from_peephole: share of the state that it peeks at; None if it peeks at none.
    """

    from_input: Array
    from_state: Array | None
    from_peephole: Array | None = None

    @property
    def total(self) -> Array:
        """The whole sum, ``[step, unit]``."""
        shares = (self.from_state, self.from_peephole)
        return sum((share for share in shares if share is not None), start=self.from_input)


def states_before(trace: Trace, site: Site, key: str) -> Array:
    """A state before each step in reading order, ``[step, unit]``."""
    states, first = trace.array(site, key), trace.before(site, key)[None]
    return np.concatenate([states[1:], first] if site.direction == "backward" else [first, states[:-1]])


def part_sums(layer: Layer, trace: Trace, x: NDArray[np.floating]) -> dict[str, Sums]:
    """The sums inside every gate and candidate of a layer, by quantity key.

    Args:
        layer: the layer and direction.
        trace: what it computed.
        x: its input, ``[step, feature]``.
    """
    stacks = (layer.weights.w_x, layer.weights.b_x, layer.weights.w_h, layer.weights.b_h)
    w_x, b_x, w_h, b_h = (stack.detach().cpu().double().numpy() for stack in stacks)
    found: dict[str, Sums] = {}
    reading = layer.cell.reading_parts
    for place, part in enumerate(layer.cell.parts):
        rows = _rows(place, layer)
        given = x.astype(float) @ w_x[rows].T + b_x[rows]
        read = None
        if part.reads is not None:
            rows = _rows(reading.index(part), layer)
            state = _read(trace, layer.site, part.reads) * _gate(trace, layer.site, part.gated_inside)
            read = (state @ w_h[rows].T + b_h[rows]) * _gate(trace, layer.site, part.gated_by)
        seen = None
        if part.peeks is not None:
            weight = layer.weights.peepholes[part.key].detach().cpu().double().numpy()
            seen = weight * _read(trace, layer.site, part.peeks)
        shares = (None if share is None else share.astype(np.float32) for share in (read, seen))
        found[part.key] = Sums(given.astype(np.float32), *shares)
    return found


def _rows(place: int, layer: Layer) -> slice:
    return slice(place * layer.weights.hidden, (place + 1) * layer.weights.hidden)


def _read(trace: Trace, site: Site, name: str) -> NDArray[np.floating]:
    if name.startswith(BEFORE):
        return states_before(trace, site, name.removeprefix(BEFORE)).astype(float)
    return trace.array(site, name).astype(float)


def _gate(trace: Trace, site: Site, key: str | None) -> NDArray[np.floating] | float:
    return 1.0 if key is None else trace.array(site, key).astype(float)
