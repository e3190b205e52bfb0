"""Tables: matrices as one row for each cell, so that numbers need no second header, and numbers as they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from viz.figures.parts.written import plain

if TYPE_CHECKING:  # the first page needs no tables
    from pandas.io.formats.style import Styler

Axis = tuple[str, Sequence[str]]
"""What an axis of a matrix counts, and the name of each place on it."""


def tabulate_matrix(values: NDArray[np.floating], rows: Axis, columns: Axis, name: str) -> pd.DataFrame:
    """One row for each cell of ``values [row, column]``: position from 0 and name on both axes, and the value.

    Args:
        values: the matrix.
        rows, columns: what its axes are.
        name: of the column that holds the values.
    """
    places = np.indices(values.shape).reshape(2, -1)
    table = {}
    for (what, names), found in zip((rows, columns), places, strict=True):
        table |= {what: found, f"{what}_name": np.array(names, dtype=object)[found]}
    return pd.DataFrame(table | {name: values.ravel()})


def in_table(table: pd.DataFrame, digits: int = 4) -> Styler:
    """A table whose fractions stand with so many decimals and a true minus, and which still sorts by the numbers."""
    shown = [name for name in table if pd.api.types.is_float_dtype(table[name])]
    styled = table.style
    styled.format(partial(plain, digits=digits), subset=shown, na_rep="–")
    return styled
