"""Columns of dates in a person's table: whether a column is one, and what its cells mean.

Every cell is taken apart by its signs; what its numbers stand for is decided by all cells together. Where two readings
are as good as each other, that is said, and a person decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core_models.language import mark, say, together
from pretrained.uploads.dates.cells import LONGEST_DATE, Taken, clock_in, full_year, take_apart
from pretrained.uploads.dates.numbers import (
    MISSING,
    READABLE,
    REGULAR,
    SAMPLED,
    Times,
    are_months,
    as_numbers,
    days_of,
    from_numbers,
    numbers_are_dates,
    ordinals,
    unevenness,
)
from pretrained.uploads.dates.words import is_hinted, is_modified
from pretrained.uploads.tables.numerals import read_numbers, written

CLEARLY = 3.0
"""How much more regular one reading is than another for it to be taken."""

Order = Literal["", "day", "month", "year"]
"""What the first number of a date such as 01/02/2010 is; "" where it has to be found."""

ISO = re.compile(r"\s*\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)?\s*")


@dataclass(frozen=True, eq=False)
class Dates:
    """A column read as dates.

    Attributes:
        times: of every row, without a zone; NaT where a cell is no date.
        notices: what was decided.
        open: a cell whose first number may be day or month, where nothing tells; else "".
        order: what the first number of such cells was taken for.
    """

    times: pd.Series
    notices: tuple[str, ...] = ()
    open: str = ""
    order: Order = ""


def is_date(cells: pd.Series, name: str, *, first: bool = False) -> bool:
    """Whether a column can be one of dates.

    Numbers are dates by their shape, as 20240131 is, or where the column is named so; ``first`` in the table and rising
    evenly is as good as a name.
    """
    if pd.api.types.is_datetime64_any_dtype(cells):
        return True
    if pd.api.types.is_bool_dtype(cells) or not cells.notna().any():
        return False
    numbers = as_numbers(cells)
    if numbers is not None:
        return numbers_are_dates(numbers, name, first)
    sample = read_dates(cells.dropna().head(SAMPLED)).times
    if not sample.notna().any():
        return False
    found = read_dates(cells).times
    return bool(found.notna().to_numpy()[cells.notna().to_numpy()].mean() >= READABLE)


def may_be_open(cells: pd.Series) -> bool:
    """Whether the first cells leave open what their first number is, so that all of them have to be looked at."""
    taken = [take_apart(cell) for cell in written(cells.dropna().head(SAMPLED))]
    return any(each is not None and each.kind == "abc" and not each.sign.startswith(".") for each in taken)


def parse(cells: pd.Series, order: Order = "") -> tuple[pd.Series, list[str]]:
    """Cells as times without a zone (those that have one in UTC), NaT where a cell is no date, and what was decided."""
    found = read_dates(cells, order)
    return found.times, list(found.notices)


def read_dates(cells: pd.Series, order: Order = "") -> Dates:
    """What the cells of a column mean as dates.

    Args:
        cells: as they stand in the file.
        order: what the first number of a date such as 01/02/2010 is, where a person has said it.
    """
    if pd.api.types.is_datetime64_any_dtype(cells):
        return _from_times(cells)
    numbers = as_numbers(cells)
    if numbers is not None:
        times, notice = from_numbers(numbers, is_modified(str(cells.name)))
        return Dates(pd.Series(times, index=cells.index), (notice,) if notice else ())
    given = written(cells)
    return _from_texts(given, cells.index, order)


def clock_of(cells: pd.Series, name: str) -> pd.Series | None:
    """The time of day in every row, as a distance from midnight; None where a column holds no times of day.

    What is a number as well, 9.30 or 14, is a time of day only in a column that is named so.
    """
    given, named, numbers = written(cells), is_hinted(name), read_numbers(cells)
    held = [cell for cell, number in zip(given, numbers.known, strict=True) if cell.strip() and (named or not number)]
    known = {cell: clock_in(cell.strip()) for cell in dict.fromkeys(held)}
    if held and sum(known[cell] is not None for cell in held) >= READABLE * sum(bool(cell.strip()) for cell in given):
        found = [known.get(cell) for cell in given]
    else:
        found = _hours(numbers.numbers) if named else None
    if found is None:
        return None
    return pd.Series(pd.to_timedelta(pd.array(found, dtype="Int64"), unit="us"), index=cells.index)


def _hours(numbers: NDArray[np.float64]) -> list[int | None] | None:
    """Hours from 0 or 1 to 24, or hours and minutes such as 1430, in microseconds."""
    numbers = np.where(np.isfinite(numbers), numbers, np.nan)
    held = numbers[~np.isnan(numbers)]
    if not held.size or (held != np.round(held)).any() or held.min() < 0 or len(np.unique(held)) < 2:
        return None
    if held.max() <= 24:
        minutes = numbers * 60
    elif held.max() <= 2400 and (held % 100 < 60).all():
        minutes = numbers // 100 * 60 + numbers % 100
    else:
        return None
    return [int(each * 60_000_000) if np.isfinite(each) else None for each in minutes]


def _from_texts(given: list[str], index: pd.Index, order: Order) -> Dates:
    known: dict[str, np.datetime64 | Taken | None] = {}
    unique = list(dict.fromkeys(given))
    plainly = [cell for cell in unique if len(cell) <= LONGEST_DATE and ISO.fullmatch(cell)]
    for cell, time in zip(plainly, _iso(plainly), strict=True):
        known[cell] = time if not np.isnat(time) else take_apart(cell)
    for cell in unique:
        if cell not in known:
            known[cell] = take_apart(cell)
    taken = {cell: each for cell, each in known.items() if isinstance(each, Taken)}
    ordered = [taken[cell] for cell in given if cell in taken and taken[cell].kind == "abc"]
    used, is_open = (order, False) if order else _order(ordered)
    months = _months(given, taken)
    found = dict(zip(taken, _times(list(taken.values()), used, months), strict=True))
    times = [known[cell] if isinstance(known[cell], np.datetime64) else found.get(cell, MISSING) for cell in given]
    notices = []
    shown = next((cell.strip() for cell, each in taken.items() if each.kind == "abc"), "")
    if shown and not is_open and used == "day":
        notices.append(say("Dates such as {shown} are read with the day first.", shown=shown[:20]))
    if any(each.spans for each in taken.values()):
        notices.append(say("The dates name a beginning and an end; each row stands at its beginning."))
    zones = {each.zone for each in taken.values() if each.zone is not None}
    if zones - {0}:
        notices.append(together(say(UTC), say(MOVES)) if len(zones) > 1 else say(UTC))
    return Dates(pd.Series(np.array(times, dtype=MISSING.dtype), index=index), tuple(notices),
                 shown if is_open else "", used)  # fmt: skip


UTC = mark("The times are given with their distance from UTC, and are shown in UTC.")
MOVES = mark("That distance changes, as with summer time, so that a rhythm of the day moves by as much.")


def _from_times(cells: pd.Series) -> Dates:
    zoned = getattr(cells.dt, "tz", None) is not None
    times: Any = pd.to_datetime(cells, utc=True).dt.tz_localize(None)
    elsewhere = zoned and str(cells.dt.tz) not in ("UTC", "utc", "+00:00")
    return Dates(pd.Series(times.to_numpy(MISSING.dtype), index=cells.index), (say(UTC),) if elsewhere else ())


def _iso(cells: list[str]) -> Times:
    """Plain dates of ISO 8601, all at once."""
    if not cells:
        return np.zeros(0, MISSING.dtype)
    found: Any = pd.to_datetime(pd.Series([cell.strip() for cell in cells]), format="ISO8601", errors="coerce")
    return found.to_numpy(MISSING.dtype)


def _order(taken: list[Taken]) -> tuple[Order, bool]:
    """What the first number is: as most cells can be read, then as time runs most evenly; and whether it is a guess."""
    if not taken:
        return "", False
    short = all(each.sign[1:] == "2" for each in taken)
    orders: list[Order] = ["day", "month", "year"] if short else ["day", "month"]
    times = {order: _times(taken, order, {}) for order in orders}
    read = {order: int((~np.isnat(times[order])).sum()) for order in orders}
    best: list[Order] = [order for order in orders if read[order] == max(read.values())]
    if len(best) > 1:
        uneven = {order: 0.0 if are_months(times[order]) else unevenness(times[order]) for order in best}
        least = min(uneven.values())
        best = [order for order in best if uneven[order] <= max(REGULAR, CLEARLY * least)]
        if len(best) > 1 and least == 0.0 and any(uneven[order] > 0.0 for order in best):
            even: list[Order] = [order for order in best if uneven[order] == 0.0]
            dotted = taken[0].sign.startswith(".") and "day" in even
            return (even[0], False) if dotted or len(taken) > ENOUGH_ROWS else (even[0], True)
    if len(best) == 1:
        return best[0], False
    if "day" in best and taken[0].sign.startswith("."):
        return "day", False
    alike = all(np.array_equal(times[best[0]], times[order], equal_nan=True) for order in best[1:])
    return best[0], not alike


ENOUGH_ROWS = 3
"""Rows above which exactly equal distances tell what the first number of a date is."""


def _months(given: list[str], taken: dict[str, Taken]) -> dict[str, bool]:
    """Whether the number beside a month's name is a year, by kind: where time then runs evenly and forward."""
    found = {}
    for kind in ("Mn", "nM"):
        cells = [taken[cell] for cell in given if cell in taken and taken[cell].kind == kind]
        years = _times(cells, "", {kind: True})
        several = len({each.numbers[0] for each in cells}) > 1 or len(cells) == 1
        found[kind] = bool(cells) and (several or kind == "Mn") and bool(unevenness(years) <= 1.0)
    return found


def _times(taken: list[Taken], order: Order, years: dict[str, bool]) -> Times:
    """Cells as times in UTC, or in their own zone where none is given."""
    parts = np.array([_date_of(each, order, years) for each in taken], dtype=np.int64).reshape(-1, 3)
    clocks = np.array([(each.clock or 0) - (each.zone or 0) for each in taken], dtype="timedelta64[us]")
    return days_of(*parts.T).astype(MISSING.dtype) + clocks


def _date_of(each: Taken, order: Order, years: dict[str, bool]) -> tuple[int, int, int]:
    """Year, month and day of a cell; month 0 where it has none. Weeks are counted as months below 0."""
    first, *rest = each.numbers
    second = rest[0] if rest else 1
    match each.kind:
        case "abc":
            third = rest[1]
            if order == "year":
                return full_year(first, 2), second, third
            year = full_year(third, int(each.sign[1:]))
            return (year, second, first) if order == "day" else (year, first, second)
        case "ymd":
            return first, second, rest[1]
        case "ym":
            return first, second, 1
        case "my":
            return second, first, 1
        case "yo":
            day = ordinals(np.array([first]), np.array([second]))[0].astype("datetime64[D]").item()
            return (day.year, day.month, day.day) if day else (1, 0, 0)
        case "yq":
            return first, 3 * second - 2, 1
        case "qy":
            return full_year(second, len(str(second))), 3 * first - 2, 1
        case "yw":
            return first, -second, rest[1] if len(rest) > 1 else 1
        case "wy":
            return second, -first, 1
        case "Mn" | "nM":
            return (full_year(second, 2), first, 1) if years.get(each.kind) else (1, 0, 0)
        case _:
            return first, 1, 1
