"""A person's own table: which of its columns are dates and which are numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pretrained.task import InputError
from pretrained.uploads.dates.column import clock_of, is_date, read_dates
from pretrained.uploads.dates.numbers import READABLE
from pretrained.uploads.dates.words import (
    is_called,
    is_hinted,
    is_named_date,
)
from pretrained.uploads.name import short
from pretrained.uploads.series.cells import cells_of, listed
from pretrained.uploads.series.times import AND, JOINED, NO_DATE, parts_of
from pretrained.uploads.tables.numerals import Numbers, read_numbers

LOOKED_AT, MOST_LOOKED_AT = 1000, 200_000
"""Rows by which columns are told apart, and cells of all columns together."""

MOST_TRIED = 50
"""Columns that are tried as dates; those whose names say so come first."""

UNNAMED = "column "
"""How the names of columns begin that have none."""

FEWEST_COUNTED, EVEN = 10, 1e-3
"""Steps by which a count is known, and how far they may differ, as a share of their mean."""

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
    taken = {*dates, *(parts.values() if joined else ())}
    clocks = [column for column in likeliest[:MOST_TRIED] if column not in taken and _is_clock(head, column)]
    pairs = [f"{date}{AND}{clock}" for date in dates for clock in clocks if _has_no_clock(cells_of(head, date))]
    dates = [*pairs, *dates]
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
        values.sort(key=lambda column: is_date(cells_of(head, column), column, first=True))
    values.sort(key=lambda column: not is_called(column, wanted))
    return Columns((*dates, NO_DATE), tuple(values))


def _is_unnamed(column: str) -> bool:
    """Whether a column is called by its place alone."""
    return column.startswith(UNNAMED) and column.removeprefix(UNNAMED).isdigit()


def _counts_rows(numbers: NDArray[np.float64], first: bool) -> bool:
    """Whether numbers rise as a count of rows or time does: by the same step, or ``first`` in the table and always."""
    between = np.diff(numbers[np.isfinite(numbers)])
    if len(between) < FEWEST_COUNTED or not (between > 0).all():
        return False
    return first or bool(np.ptp(between) <= EVEN * between.mean())


def _are_whole(found: Numbers) -> bool:
    known = found.numbers[found.known]
    return bool((known == np.round(known)).all())


def _is_dated(parts: dict[str, str]) -> bool:
    """Whether columns of parts are a date together."""
    return {"year", "month"} <= set(parts) or {"year", "day of year"} <= set(parts)


def _is_clock(head: pd.DataFrame, column: str) -> bool:
    return clock_of(cells_of(head, column), column) is not None


def _has_no_clock(cells: pd.Series) -> bool:
    times = read_dates(cells).times.dropna()
    return bool((times == times.dt.normalize()).all())


def is_number(found: Numbers, cells: pd.Series) -> bool:
    """Whether a column, as it was read, can be one of values."""
    if pd.api.types.is_bool_dtype(cells) or pd.api.types.is_datetime64_any_dtype(cells):
        return False
    read, others = int(found.known.sum()), len(found.unread) + len(found.words) + int(np.isinf(found.numbers).sum())
    return read > 0 and read >= READABLE * (read + others)


def _no_numbers(name: str, head: pd.DataFrame, columns: list[str], numbers: dict[str, Numbers]) -> str:
    """Why no column can be read, by the first whose cells look like numbers if there is one."""
    for column in columns:
        cells, found = cells_of(head, column), numbers[column]
        if found.unread and len(found.unread) + int(found.known.sum()) >= READABLE * len(cells):
            shown = listed(cells, found.unread)
            return (
                f"The cells of “{short(column)}” in “{short(name)}” look like numbers, but no one way of writing them "
                f"explains all, such as {shown}: write all of them alike."
            )
    dated = next((column for column in columns if is_named_date(column)), "")
    why = f", as “{short(dated)}” is named as a date" if dated else ""
    return f"“{short(name)}” has no column of numbers{why}: add one with the values of the series."
