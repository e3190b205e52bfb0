"""Columns of dates in a person's table: whether a column is one, and what its cells mean."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from pandas.tseries.api import guess_datetime_format

READABLE = 0.8
"""Share of a column's cells that have to be dates, or numbers, for it to be offered as one."""

HINTS = ("date", "time", "ds", "epoch", "month", "year", "day", "hour", "period")
"""Parts of the names that such columns have."""

ORDERED = r"^\s*\d{1,2}[./-]\d{1,2}[./-]\d{2,4}"
"""A date whose first two numbers may be day and month or month and day."""

EPOCHS = {"s": (1e8, 5e9), "ms": (1e11, 5e12), "us": (1e14, 5e15), "ns": (1e17, 5e18)}
"""Counts since 1970 from 1973 to 2128, by unit."""

DAY_FIRST = "Dates such as {} are read with the day first."


def is_date(cells: pd.Series, name: str) -> bool:
    """Whether a column can be one of dates.

    Numbers are dates where the column is named so and they are years, or seconds, milliseconds and so on since 1970.
    """
    if pd.api.types.is_datetime64_any_dtype(cells):
        return True
    if pd.api.types.is_bool_dtype(cells):
        return False
    if pd.api.types.is_numeric_dtype(cells):
        held = cells.dropna()
        named = any(hint in name.lower() for hint in HINTS)
        return named and bool(len(held)) and (_are_years(held, name) or _unit(held) is not None)
    return bool(len(cells)) and bool(parse(cells)[0].notna().mean() >= READABLE)


def parse(cells: pd.Series) -> tuple[pd.Series, list[str]]:
    """Cells as times without a zone (those that have one in UTC), NaT where a cell is no date, and what was decided."""
    if pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_datetime64_any_dtype(cells):
        return _from_numbers(cells), []
    if not pd.api.types.is_datetime64_any_dtype(cells) and cells.astype(str).str.match(ORDERED).mean() >= READABLE:
        month_first, day_first = _times(cells, day_first=False), _times(cells, day_first=True)
        dotted = cells.astype(str).str.contains(".", regex=False).any()
        lost = int(day_first.isna().sum()) - int(month_first.isna().sum())
        if lost < 0 or (lost == 0 and (dotted or day_first.diff().nunique() < month_first.diff().nunique())):
            return day_first, [DAY_FIRST.format(str(cells.dropna().iloc[0])[:20])]
        return month_first, []
    return _times(cells, day_first=False), []


def _times(cells: pd.Series, *, day_first: bool) -> pd.Series:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of dates in several formats, which are read one by one
        try:
            found = _read(cells, day_first)
        except (ValueError, OverflowError, TypeError):
            return pd.Series(pd.NaT, index=cells.index)
    return found.dt.tz_localize(None)


def _read(cells: pd.Series, day_first: bool) -> pd.Series:
    """By the format of the first cell, which is fast; cells that are written otherwise one by one."""
    first = next((cell for cell in cells if isinstance(cell, str)), None)
    guess = None if first is None else guess_datetime_format(first, dayfirst=day_first)
    if guess is None:
        return pd.to_datetime(cells, errors="coerce", utc=True, dayfirst=day_first, format=_format(cells))
    found = pd.to_datetime(cells, errors="coerce", utc=True, format=guess)
    others = cells.notna() & found.isna()
    if others.any():
        left: Any = cells[others]
        found[others] = pd.to_datetime(left, errors="coerce", utc=True, dayfirst=day_first, format=_format(left))
    return found


def _format(cells: pd.Series) -> str | None:
    """All formats at once where there is one number alone in a cell; pandas would take years for nanoseconds."""
    return None if pd.api.types.is_datetime64_any_dtype(cells) else "mixed"


def _are_years(cells: pd.Series, name: str) -> bool:
    return "year" in name.lower() and bool(cells.between(1000, 2500).all())


def _unit(cells: pd.Series) -> str | None:
    """In what the numbers count from 1970, if they do."""
    return next((unit for unit, (low, high) in EPOCHS.items() if bool(cells.between(low, high).all())), None)


def _from_numbers(cells: pd.Series) -> pd.Series:
    held = cells.dropna()
    unit = _unit(held) if len(held) else None
    if unit is not None:
        return pd.to_datetime(cells, unit=unit, errors="coerce")
    whole = cells.where(np.isfinite(cells.astype(float)) & cells.between(1, 9999))
    parts = {"year": whole, "month": whole * 0 + 1, "day": whole * 0 + 1}
    return pd.to_datetime(pd.DataFrame(parts), errors="coerce")
