"""A person's own table: which of its columns are dates and which are numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core_models.language import say
from pretrained.task import InputError
from pretrained.uploads.dates.column import clock_of, is_date, read_dates
from pretrained.uploads.dates.numbers import READABLE, as_numbers
from pretrained.uploads.dates.words import (
    is_called,
    is_hinted,
    is_named_date,
)
from pretrained.uploads.name import short
from pretrained.uploads.series.cells import cells_of, listed
from pretrained.uploads.series.times import AND, JOINED, NO_DATE, parts_of
from pretrained.uploads.tables.numerals import Numbers, looks_like_number, read_numbers

LOOKED_AT, MOST_LOOKED_AT = 1000, 200_000
"""Rows by which columns are told apart, and cells of all columns together."""

MOST_TRIED = 50
"""Columns that are tried as dates; those whose names say so come first."""

UNNAMED = "column "
"""How the names of columns begin that have none."""

FEWEST_COUNTED, EVEN = 10, 1e-3
"""Steps by which a count is known, and how far they may differ, as a share of their mean."""

RECURRING = 0.9
"""Share of dates that may be distinct where rows have times of day."""

WORD = re.compile(r"[^\W\d_]{2,}")

COUNTERS = ("no", "nr", "id", "index", "row", "#")
"""What columns that count the rows are called."""


@dataclass(frozen=True)
class Columns:
    """What columns could be the dates and the values, the likeliest first."""

    dates: tuple[str, ...]
    numbers: tuple[str, ...]


def columns_of(name: str, frame: pd.DataFrame, wanted: Sequence[str] = ()) -> Columns:
    """Columns that can be dates and values; of the values those named by one of ``wanted`` first.

    Raises:
        InputError: if none holds numbers.
    """
    every = [str(column) for column in frame.columns]
    head: Any = frame.head(min(LOOKED_AT, max(50, MOST_LOOKED_AT // max(1, len(every)))))
    likeliest = sorted(every, key=lambda column: not is_hinted(column))
    dates = [
        column
        for column in likeliest[:MOST_TRIED]
        if is_date(cells_of(head, column), column, first=(column == every[0] or _is_unnamed(column)) and len(every) > 1)
    ]
    parts = parts_of(every)
    joined = _is_dated(parts)
    dates, doubtful = _told_apart(head, dates, every, joined)
    taken = {*dates, *(parts.values() if joined else ())}
    days = [date for date in dates if _has_no_clock(cells_of(head, date))]
    clocks = [column for column in likeliest[:MOST_TRIED] if column not in taken and _is_clock(head, column, days)]
    clocks = [clock for clock in clocks if is_named_date(clock)] or clocks
    pairs = [f"{date}{AND}{clock}" for date in days for clock in clocks]
    dates = [*pairs, *dates, *doubtful]
    if joined:
        dates.insert(0, JOINED)
    taken |= set(clocks)
    left = [column for column in every if column not in taken]
    numbers = {column: read_numbers(cells_of(head, column)) for column in left}
    values = [
        column for column in left if not is_named_date(column) and is_number(numbers[column], cells_of(head, column))
    ]
    if not values:
        raise InputError(_no_numbers(name, head, left, numbers))
    values.sort(key=lambda column: column.strip().lower() in COUNTERS or column.startswith("Unnamed"))
    values.sort(key=lambda column: _is_unnamed(column) and _are_whole(numbers[column]))
    values.sort(key=lambda column: _counts_rows(numbers[column].numbers, column == every[0]))
    if dates:  # what rises as dates do, beside dates, counts the rows or is the same time in other words
        values.sort(key=lambda column: is_date(cells_of(head, column), "", first=True))
    values.sort(key=lambda column: _is_constant(numbers[column].numbers))
    values.sort(key=lambda column: not is_called(column, wanted))
    return Columns((*dates, NO_DATE), tuple(values))


def _told_apart(head: pd.DataFrame, dates: list[str], every: list[str], joined: bool) -> tuple[list[str], list[str]]:
    """Columns of dates, and those that may be values as well: numbers with a word of time in their names alone.

    ``hour load`` and ``time spent`` are values where other columns are dates or there are no other numbers.
    """
    doubtful = [column for column in dates if not is_named_date(column) and _is_date_by_name(head, column)]
    sure = [column for column in dates if column not in doubtful]
    others = any(column not in dates and read_numbers(cells_of(head, column)).known.any() for column in every)
    if sure or joined:
        return sure, doubtful
    return (doubtful, []) if others else ([], [])


def _is_date_by_name(head: pd.DataFrame, column: str) -> bool:
    """Whether a column of numbers is one of dates by nothing but its name."""
    cells = cells_of(head, column)
    return as_numbers(cells) is not None and not is_date(cells, "")


def _is_unnamed(column: str) -> bool:
    """Whether a column is called by its place alone."""
    return column.startswith(UNNAMED) and column.removeprefix(UNNAMED).isdigit()


def _counts_rows(numbers: NDArray[np.float64], first: bool) -> bool:
    """Whether numbers rise as a count of rows or time does: by the same step, or ``first`` in the table and always."""
    between = np.diff(numbers[np.isfinite(numbers)])
    if len(between) < FEWEST_COUNTED or not (between > 0).all():
        return False
    return first or bool(np.ptp(between) <= EVEN * between.mean())


def _is_constant(numbers: NDArray[np.float64]) -> bool:
    """Whether all numbers are the same, as the number of a station is."""
    known = numbers[np.isfinite(numbers)]
    return len(known) > 1 and bool((known == known[0]).all())


def _are_whole(found: Numbers) -> bool:
    known = found.numbers[found.known]
    return bool((known == np.round(known)).all())


def _is_dated(parts: dict[str, str]) -> bool:
    """Whether columns of parts are a date together."""
    return {"year", "month"} <= set(parts) or {"year", "day of year"} <= set(parts)


def _is_clock(head: pd.DataFrame, column: str, days: list[str]) -> bool:
    """Whether a column holds the time of day; numbers do only where days recur that it may tell apart."""
    cells = cells_of(head, column)
    if clock_of(cells, column) is None:
        return False
    return not read_numbers(cells).known.any() or any(_recur(cells_of(head, day)) for day in days)


def _recur(cells: pd.Series) -> bool:
    times = read_dates(cells).times.dropna()
    return bool(times.nunique() <= RECURRING * len(times))


def _has_no_clock(cells: pd.Series) -> bool:
    times = read_dates(cells).times.dropna()
    return bool((times == times.dt.normalize()).all())


def is_number(found: Numbers, cells: pd.Series) -> bool:
    """Whether a column, as it was read, can be one of values."""
    if pd.api.types.is_bool_dtype(cells) or pd.api.types.is_datetime64_any_dtype(cells):
        return False
    read, others = int(found.known.sum()), len(found.unread) + len(found.words) + int(np.isinf(found.numbers).sum())
    return read > 0 and read >= READABLE * (read + others)


def are_numbers_beside_dates(frame: pd.DataFrame) -> bool:
    """Whether a table holds dates and what a person would take for numbers, though none of it can be read."""
    head: Any = frame.head(LOOKED_AT)
    columns = [str(column) for column in frame.columns[:MOST_TRIED]]
    dates = [column for column in columns if is_date(cells_of(head, column), column)]
    others = [cells_of(head, column) for column in columns if column not in dates]
    return bool(dates) and bool(others) and all(_look_like_numbers(cells) for cells in others)


def _look_like_numbers(cells: pd.Series) -> bool:
    """Whether nearly all cells that hold something begin with a number and have one word at most."""
    held = [str(cell) for cell in cells.dropna() if str(cell).strip()]
    alike = [looks_like_number(cell) and len(WORD.findall(cell)) < 2 for cell in held]
    return bool(held) and sum(alike) >= READABLE * len(held)


def _no_numbers(name: str, head: pd.DataFrame, columns: list[str], numbers: dict[str, Numbers]) -> str:
    """Why no column can be read, by the first whose cells look like numbers if there is one."""
    for column in columns:
        cells, found = cells_of(head, column), numbers[column]
        if found.unread and len(found.unread) + int(found.known.sum()) >= READABLE * len(cells):
            shown = listed(cells, found.unread)
            return say(
                "The cells of “{column}” in “{file}” look like numbers, but no one way of writing them explains all, "
                "such as {cells}: write all of them alike.", column=short(column), file=short(name), cells=shown,
            )  # fmt: skip
    dated = next((column for column in columns if is_named_date(column)), "")
    if dated:
        return say(
            "“{file}” has no column of numbers, as “{column}” is named as a date: add one with the values of the "
            "series.", file=short(name), column=short(dated),
        )  # fmt: skip
    return say("“{file}” has no column of numbers: add one with the values of the series.", file=short(name))
