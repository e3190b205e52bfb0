"""A person's own table: which of its columns are dates and numbers, and what stands in them by time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pretrained.task import InputError
from pretrained.uploads.damage import refused_as
from pretrained.uploads.dates import HINTS, READABLE, is_date, parse

NO_DATE = ""
"""In place of a column of dates: the rows stand one step apart."""

PARTS = ("year", "month", "day", "hour")
JOINED = "year, month, day, hour"
"""In place of a column of dates: the parts of the date stand in columns of their own."""

LOOKED_AT = 1000
"""Rows by which columns are told apart."""

MOST_TRIED = 50
"""Columns that are tried as dates; those whose names say so come first."""


@dataclass(frozen=True)
class Columns:
    """What columns could be the dates and the values, the likeliest first."""

    dates: tuple[str, ...]
    numbers: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """What a person chose to be read of a table.

    Attributes:
        date: column of the dates, ``JOINED`` or ``NO_DATE``.
        value: column of the values.
        as_rows: whether rows are taken to stand one step of the model apart, whatever their dates say.
    """

    date: str
    value: str
    as_rows: bool = False


def columns_of(name: str, frame: pd.DataFrame, wanted: str = "") -> Columns:
    """Columns that can be dates and values; of the values the one named as ``wanted`` first.

    Raises:
        InputError: if none holds numbers.
    """
    head: Any = frame.head(LOOKED_AT)
    named = {str(column).strip().lower(): str(column) for column in frame.columns}
    likeliest = sorted(map(str, frame.columns), key=lambda column: not any(hint in column.lower() for hint in HINTS))
    dates = [column for column in likeliest[:MOST_TRIED] if is_date(head[column], column)]
    if "year" in named and "month" in named:
        dates.insert(0, JOINED)
    parts = {named[part] for part in PARTS if part in named}
    values = [
        column for column in map(str, frame.columns)
        if column not in dates and column not in parts and _is_number(head[column])
    ]  # fmt: skip
    if not values:
        raise InputError(f"“{short(name)}” has no column of numbers: add one with the values of the series.")
    values.sort(key=lambda column: column.lower() in ("no", "id", "index", "row") or column.startswith("Unnamed"))
    values.sort(key=lambda column: column.strip().lower() != wanted.lower())
    return Columns((*dates, NO_DATE), tuple(values))


def values_by_time(file: str, frame: pd.DataFrame, choice: Choice) -> tuple[pd.Series, list[str]]:
    """The chosen values, by time and in order or else as the rows are, and sentences about what was decided.

    Raises:
        InputError: if no cell of the chosen column is a date.
    """
    cells: Any = frame[choice.value]
    values, notices = _numbers(cells, choice.value)
    if len(columns_of(file, frame).numbers) > 1:
        notices.insert(0, f"The column “{short(choice.value)}” is read; choose another under “How the file is read”.")
    if choice.date == NO_DATE:
        return values, notices
    dates, told = _dates(frame, choice.date, values)
    return dates, notices + told


def _is_number(cells: pd.Series) -> bool:
    if pd.api.types.is_bool_dtype(cells) or pd.api.types.is_datetime64_any_dtype(cells):
        return False
    held = cells.notna().to_numpy()
    found = np.isfinite(np.asarray(pd.to_numeric(cells, errors="coerce"), dtype=np.float64))
    return bool(held.any()) and bool(found[held].mean() >= READABLE)


def _numbers(cells: pd.Series, name: str) -> tuple[pd.Series, list[str]]:
    numbers: Any = pd.to_numeric(cells, errors="coerce")
    values = numbers.astype(float)
    endless: Any = np.isinf(values)
    wrong = int((cells.notna() & values.isna()).sum())
    notices = []
    if wrong:
        notices.append(f"{count_of(wrong, 'cell')} of “{short(name)}” that {be(wrong)} no number counted as missing.")
    if endless.any():
        notices.append(f"{count_of(int(endless.sum()), 'infinite value')} counted as missing.")
    return values.where(~endless), notices


def _dates(frame: pd.DataFrame, column: str, values: pd.Series) -> tuple[pd.Series, list[str]]:
    """The values by time, in order, one for each time."""
    times, notices = times_of(frame, column)
    if times.isna().any():
        notices.append(f"{count_of(int(times.isna().sum()), 'row')} without a date that can be read left out.")
    dated: Any = pd.Series(values.to_numpy(), index=pd.DatetimeIndex(times))
    series = dated[times.notna().to_numpy()]
    if series.empty:
        raise InputError(f"No cell of “{short(column)}” is a date: choose another column.")
    if not series.index.is_monotonic_increasing:
        notices.append("The rows were not in the order of their dates; they were sorted.")
        series = series.sort_index(kind="stable")
    twice = int(series.index.duplicated().sum())
    if twice:
        notices.append(f"{count_of(twice, 'row')} with a date that came before: the mean of such rows is read.")
        series = series.groupby(level=0).mean()
    return series, notices


def times_of(frame: pd.DataFrame, column: str) -> tuple[pd.Series, list[str]]:
    """The time of every row by a column of ``Columns.dates``, NaT where there is none, and what was decided."""
    table: Any = frame
    if column != JOINED:
        return parse(table[column])
    named = {str(each).strip().lower(): each for each in frame.columns}
    parts = {part: table[named[part]] for part in PARTS if part in named}
    parts.setdefault("day", pd.Series(1, index=frame.index))
    with refused_as(f"The columns {JOINED} hold no dates that can be read: choose another column of dates."):
        whole = pd.DataFrame(parts).apply(pd.to_numeric, errors="coerce")
        return pd.to_datetime(whole, errors="coerce"), []


def short(text: str) -> str:
    """A name, cut where it is long."""
    return text if len(text) <= 40 else f"{text[:39]}…"


def count_of(number: int, noun: str) -> str:
    """Such as ``2 rows``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def be(number: int) -> str:
    """The verb that goes with a number."""
    return "is" if number == 1 else "are"
