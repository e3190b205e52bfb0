"""Every number that a cell's picture shows, at every step: from the trace, and from the sums inside gates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core_models.explain.arithmetic.sums import Sums, states_before
from core_models.trace import Array, Site, Trace
from viz.cell_diagram.circuit import BEFORE, INPUT, Circuit, base
from viz.cell_diagram.layout import SUM_OF

Values = dict[str, Array]


def values_of(circuit: Circuit, trace: Trace, site: Site, x: NDArray[np.floating], sums: Mapping[str, Sums]) -> Values:
    """By name, the numbers of every quantity in the picture, ``[step, unit]``; sums have ``sum:`` in front.

    Args:
        circuit: of the cell.
        trace: the trace.
        site: layer and direction.
        x: its input, ``[step, feature]``.
        sums: what its gates and candidates summed up.
    """
    found: Values = {INPUT: np.asarray(x, dtype=np.float32)}
    for name in circuit.names:
        if name.startswith(BEFORE):
            found[name] = states_before(trace, site, base(name))
        elif name != INPUT:
            found[name] = trace.array(site, name)
    for key, parts in sums.items():
        found[f"{SUM_OF}:{key}"] = parts.total
        found[f"{SUM_OF}:{key}:{INPUT}"] = parts.from_input
        if parts.from_state is not None:
            found[f"{SUM_OF}:{key}:state"] = parts.from_state
        if parts.from_peephole is not None:
            found[f"{SUM_OF}:{key}:peephole"] = parts.from_peephole
    return found


def table(values: Values, labels: Sequence[str]) -> pd.DataFrame:
    """All numbers as a tidy table: step, token, quantity, unit, value."""
    frames = []
    for name, rows in values.items():
        steps, units = rows.shape
        frames.append(pd.DataFrame({
            "step": np.repeat(np.arange(1, steps + 1), units), "token": np.repeat(list(labels), units),
            "quantity": name, "unit": np.tile(np.arange(units), steps), "value": rows.ravel(),
        }))  # fmt: skip
    return pd.concat(frames, ignore_index=True)
