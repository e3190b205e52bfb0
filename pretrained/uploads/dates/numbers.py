"""Numbers that are dates: by their digits, as counts from 1970, as days of a spreadsheet, as years with decimals."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core_models.language import mark, say
from pretrained.uploads.dates.words import counts_days, is_hinted, is_modified

READABLE = 0.8
"""Share of a column's cells that have to be dates, or numbers, for it to be offered as one."""

SAMPLED = 20
"""Cells by which a column that holds no dates is known."""

LOST = 0.05
"""Share of numbers that may be no dates where the others are."""

CONSTANT = 0.25
"""Unevenness below which years with decimals run as dates do; months differ by 0.06, weekdays without weekends more."""

REGULAR = 0.1
"""Deviation of the distances between dates, as a share of their mean, below which they count as regular."""

Times = NDArray[np.datetime64]
MISSING = np.datetime64("NaT", "us")

EPOCHS = {"s": (1e8, 5e9), "ms": (1e11, 5e12), "us": (1e14, 5e15), "ns": (1e17, 5e18)}
"""Counts since 1970 from 1973 to 2128, by unit."""

SERIAL, SERIAL_START = (10_000.0, 80_000.0), np.datetime64("1899-12-30", "us")
"""Days as spreadsheets count them, from 1927 to 2119, and the day that they count from."""

DAY_COUNTS = {
    mark("The dates are Julian dates, counted in days from 4713 BC."): (2_378_496.5, 2_488_069.5, 2_440_587.5),
    mark("The dates are numbers of days as MATLAB counts them."): (657_438.0, 767_011.0, 719_529.0),
}
"""Counts of days that nothing else looks like: from 1800 to 2100, and the number of 1 January 1970."""

MODIFIED = mark("The dates are Modified Julian dates, counted in days from 17 November 1858.")
MODIFIED_RANGE = (-21_503.0, 88_069.0, 40_587.0)

WHOLE_DATES = {8: (1,), 10: (1, 100), 12: (1, 100, 10_000), 14: (1, 100, 10_000, 1_000_000)}
"""Digits of a date written as one number, such as 2024013112."""

NUMBER = re.compile(r"\s*(?:\d{1,3}|\d{4,19}(?:[.,]\d{1,12})?)\s*")


def as_numbers(cells: pd.Series) -> NDArray[np.float64] | None:
    """Cells that are numbers and nothing else but missing, ``[row]``; None for any other column."""
    if pd.api.types.is_bool_dtype(cells):
        return None
    if pd.api.types.is_numeric_dtype(cells):
        return np.asarray(pd.to_numeric(cells, errors="coerce"), dtype=np.float64)
    head = [cell for cell in cells.head(SAMPLED) if isinstance(cell, str) and cell.strip()]
    if not head or sum(bool(NUMBER.fullmatch(cell)) for cell in head) < READABLE * len(head):
        return None
    texts = [cell.strip().replace(",", ".") if isinstance(cell, str) and NUMBER.fullmatch(cell) else None
             for cell in cells]  # fmt: skip
    return np.array([np.nan if each is None else float(each) for each in texts], dtype=np.float64)


def numbers_are_dates(numbers: NDArray[np.float64], name: str, first: bool) -> bool:
    """Whether numbers ``[row]`` are dates: by their shape, or in a column named so or ``first`` in its table."""
    named = is_hinted(name) or counts_days(name)
    times, _ = from_numbers(numbers, is_modified(name))
    held = np.isfinite(numbers)
    if not held.any() or (~np.isnat(times[held])).mean() < READABLE:
        return False
    if named:
        return True
    known = times[~np.isnat(times)]
    digits = {len(str(int(each))) for each in numbers[held][:SAMPLED]}
    shaped = len(digits) == 1 and digits <= {8, 10, 12, 14} and _digits_are_dates(numbers[held])
    forward = len(known) > 2 and unevenness(known) <= 1.0 and bool((np.diff(known).astype(np.int64) != 0).any())
    whole_years = digits == {4} and (numbers[held] == np.round(numbers[held])).all()
    even = first and len(known) > SAMPLED and unevenness(known) < REGULAR and not whole_years
    return forward and bool(shaped or even)


def _digits_are_dates(numbers: NDArray[np.float64]) -> bool:
    times = _by_digits(numbers)
    return times is not None and bool(np.isnat(times).mean() <= LOST)


def from_numbers(numbers: NDArray[np.float64], modified: bool = False) -> tuple[Times, str]:
    """Numbers as dates by their digits, as counts from 1970 or as counts of days, which is said.

    Args:
        numbers: of every row.
        modified: whether the column is named as one of Modified Julian dates.
    """
    found, held = np.full(len(numbers), MISSING), np.isfinite(numbers)
    values = numbers[held]
    if not values.size:
        return found, ""
    counts = {MODIFIED: MODIFIED_RANGE} if modified else DAY_COUNTS
    for name, (low, high, origin) in counts.items():
        if ((values >= low) & (values <= high)).all():
            found[held] = np.round((values - origin) * 86_400).astype(np.int64).astype("datetime64[s]")
            return found, say(name)
    if _digits_are_dates(values):
        found[held] = _by_digits(values)
        return found, ""
    for unit, (low, high) in EPOCHS.items():
        if ((values >= low) & (values <= high)).all():
            scale = {"s": 1e6, "ms": 1e3, "us": 1.0, "ns": 1e-3}[unit]
            found[held] = np.round(values * scale).astype(np.int64).astype(MISSING.dtype)
            return found, ""
    if (decimal := _decimal_years(values)) is not None:
        found[held] = decimal
        told = say("The dates are years with decimals: the part behind the point is the share of the year.")
        return found, told
    if ((values >= SERIAL[0]) & (values <= SERIAL[1])).all():
        found[held] = SERIAL_START + np.round(values * 86_400).astype(np.int64).astype("timedelta64[s]")
        return found, say("The dates are the day numbers of a spreadsheet, counted from 30 December 1899.")
    return found, ""


def _by_digits(values: NDArray[np.float64]) -> Times | None:
    """Numbers such as 2024, 202401, 20240131 or 2024013112; None where they are not all of one of these kinds."""
    if values.min() < 1000 or values.max() >= 1e15:
        return None
    whole = values.astype(np.int64)
    if (whole != values).any():
        return None
    digits = len(str(int(np.median(whole))))
    if digits == 7:  # the day of the year, or a date whose day comes first, below 10, and has lost its zero
        ordinal, first = ordinals(whole // 1000, whole % 1000), _by_digits_of_days(whole)
        even = (whole >= 1_000_000).all() and unevenness(ordinal) < unevenness(first)
        return ordinal if np.isnat(first).mean() > LOST or (even and np.isnat(ordinal).mean() <= LOST) else first
    if digits == 4:
        return days_of(np.where((whole <= 2500), whole, 0), *np.ones((2, len(whole)), np.int64)).astype(MISSING.dtype)
    if digits == 6:  # a month behind the year, or else a week
        years, rest, first = _year(whole // 100), whole % 100, np.ones_like(whole)
        months = days_of(years, rest, first)
        weekly = np.isnat(months).mean() > LOST and (rest > 0).all()
        return (days_of(years, -rest, first) if weekly else months).astype(MISSING.dtype)
    if digits not in WHOLE_DATES:
        return None
    if digits == 8:
        return _by_digits_of_days(whole)
    scale = WHOLE_DATES[digits][-1]
    day, rest = whole // scale, whole % scale
    days = days_of(_year(day // 10_000), day // 100 % 100, day % 100)
    parts = [rest // (scale // 100**place) % 100 for place in range(1, len(WHOLE_DATES[digits]))]
    hours, minutes, seconds = [*parts, *[np.zeros_like(whole)] * 3][:3]
    sound = (hours <= 24) & (minutes < 60) & (seconds < 60)
    clocks = ((hours * 60 + minutes) * 60 + seconds).astype("timedelta64[s]")
    return np.where(sound, days.astype(MISSING.dtype) + clocks, MISSING)


def _by_digits_of_days(whole: NDArray[np.int64]) -> Times:
    """Numbers of eight digits, the year first or last; of seven where a zero at their beginning is lost."""
    days = days_of(_year(whole // 10_000), whole // 100 % 100, whole % 100)
    if np.isnat(days).mean() > LOST:
        days = days_of(_year(whole % 10_000), whole // 10_000 % 100, whole // 1_000_000)
    return days.astype(MISSING.dtype)


def ordinals(years: NDArray[np.int64], days: NDArray[np.int64]) -> Times:
    """Days of a year, counted from 1, as dates ``[row]``, NaT where a year has no such day."""
    sound = (days >= 1) & (days <= 366) & (_year(years) > 0)
    begin = (np.where(sound, years, 1970) - 1970).astype("datetime64[Y]")
    found = begin.astype("datetime64[D]") + (np.where(sound, days, 1) - 1)
    return np.where(sound & (found.astype("datetime64[Y]") == begin), found.astype(MISSING.dtype), MISSING)


def _decimal_years(values: NDArray[np.float64]) -> Times | None:
    """Years with decimals, such as 1958.2027, to the nearest hour; None where they are none, or do not run evenly."""
    if (values == np.round(values)).all() or values.min() < 1600 or values.max() > 2200:
        return None
    begin = (values.astype(np.int64) - 1970).astype("datetime64[Y]")
    hours = ((begin + 1).astype("datetime64[h]") - begin.astype("datetime64[h]")).astype(np.int64) * (values % 1.0)
    found = (begin.astype("datetime64[h]") + np.round(hours).astype(np.int64)).astype(MISSING.dtype)
    return found if len(found) > 2 and unevenness(found) <= CONSTANT else None


def _year(years: NDArray[np.int64]) -> NDArray[np.int64]:
    """Years that dates of tables have; 0, which no date has, in place of others."""
    return np.where((years >= 1600) & (years <= 2200), years, 0)


def days_of(years: NDArray[np.int64], months: NDArray[np.int64], days: NDArray[np.int64]) -> Times:
    """Days by the calendar, ``[row]``, NaT where there is no such day; a month below 0 is a week of the ISO year."""
    weekly = months < 0
    sound = (years >= 1) & (years <= 9999) & (days >= 1) & (days <= 31) & (months != 0) & (months <= 12)
    year = np.where(sound, years, 1970)
    month = np.where(sound & ~weekly, months, 1)
    begin = (year - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (month - 1)
    found = begin.astype("datetime64[D]") + (np.where(sound, days, 1) - 1)
    sound &= weekly | (found.astype("datetime64[M]") == begin)
    if weekly.any():
        fourth = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]") + 3
        monday = fourth - (fourth.astype(np.int64) + 3) % 7
        weeks = monday + 7 * (-months - 1) + (days - 1)
        sound &= ~weekly | ((months >= -53) & (days <= 7))
        found = np.where(weekly, weeks, found)
    return np.where(sound, found, np.datetime64("NaT", "D")).astype("datetime64[D]")


def are_months(times: Times) -> bool:
    """Whether times lie on the same day of the month, always as many months apart."""
    known = times[~np.isnat(times)]
    months = known.astype("datetime64[M]")
    between, inside = np.diff(months.astype(np.int64)), known - months.astype(known.dtype)
    return bool(len(between) and between[0] != 0 and (between == between[0]).all() and (inside == inside[0]).all())


def unevenness(times: Times) -> float:
    """Deviation of the distances between neighbouring times, as a share of their mean; endless where they jump back."""
    known = times[~np.isnat(times)].astype(np.int64)
    between = np.diff(known)
    if not len(between) or not between.any():
        return 0.0
    if (between < 0).any() and (between > 0).any():
        return float("inf")
    distances = np.abs(between[between != 0]).astype(float)
    return float(distances.std() / distances.mean())
