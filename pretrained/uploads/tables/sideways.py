"""Tables with a year on every row and its twelve months side by side, as weather offices write them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core_models.language import say
from pretrained.uploads.dates.words import MONTH, YEAR, plain

MONTHS = 12
EARLIEST, LATEST = 1500, 2300
"""Years that are taken for such."""

WHEN, VALUE = "date", "value"
"""What the columns are called that come of it."""


def upright(frame: pd.DataFrame, lines: NDArray[np.int32]) -> tuple[pd.DataFrame, NDArray[np.int32], str] | None:
    """The same values one below the other, their lines in the file, and what was done; None for any other table."""
    months, year = _months(frame), next((name for name in frame.columns if plain(str(name).strip()) in YEAR), None)
    if year is None or not months:
        return None
    cells: Any = pd.to_numeric(frame[year].astype(str).str.strip(), errors="coerce")
    numbers = np.asarray(cells, dtype=np.float64)
    kept = np.isfinite(numbers) & (numbers >= EARLIEST) & (numbers <= LATEST) & (numbers == np.round(numbers))
    if kept.sum() < 2 or len(np.unique(numbers[kept])) < kept.sum() or kept.sum() < len(numbers) - 2:
        return None
    dates = [f"{int(one)}-{month:02d}" for one in numbers[kept] for month in range(1, MONTHS + 1)]
    every = [cell for row in frame.loc[kept, months].itertuples(index=False) for cell in row]
    found = pd.DataFrame({WHEN: pd.array(dates, dtype="str"), VALUE: pd.Series(every)})
    return found, np.repeat(lines[kept], MONTHS), say(
        "Every row holds a year with its twelve months side by side: they are read one after the other."
    )  # fmt: skip


def _months(frame: pd.DataFrame) -> list[str]:
    """The columns named as the twelve months, in their order; none if there are others or some lack."""
    named = {name: MONTH.get(plain(str(name).strip()).rstrip(".")) for name in frame.columns}
    found = [name for name, month in named.items() if month]
    return found if [named[name] for name in found] == list(range(1, MONTHS + 1)) else []
