"""Columns of dates in a person's table: whether a column is one, and what its cells mean."""

from __future__ import annotations

import re
import warnings
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.tseries.api import guess_datetime_format

READABLE = 0.8
"""Share of a column's cells that have to be dates, or numbers, for it to be offered as one."""

HINTS = ("date", "time", "ds", "epoch", "month", "year", "day", "hour", "period")
"""Parts of the names that such columns have."""

ORDERED = r"^\s*\d{1,2}[./-]\d{1,2}[./-]\d{2,4}"
"""A date whose first two numbers may be day and month or month and day."""

EPOCHS = {"s": (1e8, 5e9), "ms": (1e11, 5e12), "us": (1e14, 5e15), "ns": (1e17, 5e18)}
"""Counts since 1970 from 1973 to 2128, by unit."""

LONGEST_DATE = 64
"""Characters; the time that a text takes to be understood as a date grows with the square of its length."""

SAMPLED = 10
"""Cells by which a column that holds no dates is known."""

GUESSED, MOST_FORMATS, MOST_ODD = 5, 8, 2_000
"""Cells whose format is guessed at a time, formats of one column, and different cells that are read one by one."""

Times = NDArray[np.datetime64]
MISSING = np.datetime64("NaT", "us")
EARLIEST, LATEST = np.datetime64("0001-01-01"), np.datetime64("9999-12-31")
DIGIT = re.compile(r"\d")

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
    sample = parse(cells.dropna().head(SAMPLED))[0]
    return bool(sample.notna().any()) and bool(parse(cells)[0].notna().mean() >= READABLE)


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
        warnings.simplefilter("ignore")  # of dates that pandas reads one by one
        try:
            found = _read(cells, day_first)
        except Exception:  # pandas and dateutil raise many things on cells that are no dates
            found = np.full(len(cells), MISSING)
    within = (found >= EARLIEST) & (found <= LATEST)
    return pd.Series(np.where(within, found, MISSING), index=cells.index)


def _read(cells: pd.Series, day_first: bool) -> Times:
    """Texts by the few formats they are written in, which is fast; the few that fit none one by one."""
    if pd.api.types.is_datetime64_any_dtype(cells):
        return _understood(cells)
    given = cells.to_numpy(dtype=object, na_value=None)
    text = np.fromiter((isinstance(cell, str) for cell in given), bool, len(given))
    left = np.fromiter((isinstance(cell, str) and _may_be(cell) for cell in given), bool, len(given))
    found = np.full(len(given), MISSING)
    found[~text] = _understood(given[~text], format="mixed")
    tried: set[str] = set()
    while guess := _untried(given[left], day_first, tried):
        tried.add(guess)
        found[left] = _understood(given[left], format=guess)
        left &= np.isnat(found)
    odd = list(dict.fromkeys(given[left]))[:MOST_ODD]
    known = dict(zip(odd, _understood(odd, dayfirst=day_first, format="mixed"), strict=True))
    found[left] = [known.get(cell, MISSING) for cell in given[left]]
    return found


def _understood(cells: Any, **how: Any) -> Times:
    """What pandas takes cells for, in UTC."""
    if not len(cells):
        return np.zeros(0, MISSING.dtype)
    return (
        pd.Series(pd.to_datetime(pd.Series(cells), errors="coerce", utc=True, **how))
        .dt.tz_localize(None)
        .to_numpy(MISSING.dtype)
    )


def _may_be(cell: str) -> bool:
    """Whether a text can be a date: short, and with a digit."""
    return len(cell) <= LONGEST_DATE and DIGIT.search(cell) is not None


def _untried(cells: NDArray[np.object_], day_first: bool, tried: set[str]) -> str | None:
    """A format that one of the first cells is written in and that was not tried; None where there are enough."""
    if len(tried) == MOST_FORMATS:
        return None
    guesses = (guess_datetime_format(cell, dayfirst=day_first) for cell in cells[:GUESSED])
    return next((guess for guess in guesses if guess and guess not in tried), None)


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
