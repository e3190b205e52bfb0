"""One column of a table, and a few of its cells by name and place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core_models.language import mark, say

MOST_NAMED = 3
"""Cells that are named one by one."""


def cells_of(frame: pd.DataFrame, column: str) -> pd.Series:
    """One column."""
    found: Any = frame[column]
    return found


def listed(cells: pd.Series, rows: Sequence[int], lines: NDArray[np.int32] | None = None) -> str:
    """A few cells with their places."""
    place, numbers = mark("“{cell}” (line {n:,})"), lines
    if numbers is None or len(numbers) != len(cells):
        place, numbers = mark("“{cell}” (row {n:,})"), np.arange(1, len(cells) + 1)
    shown = say(", ").join(
        say(place, cell=str(cells.iloc[row]).strip()[:40], n=int(numbers[row])) for row in rows[:MOST_NAMED]
    )
    more = len(rows) - MOST_NAMED
    return say("{cells} and {n:,} more", cells=shown, n=more) if more > 0 else shown
