"""The time of every row of a table: of one column, of a day and a time of day apart, or of the parts of a date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from core_models.language import listed, mark, say
from pretrained.uploads.damage import refused_as
from pretrained.uploads.dates.column import Dates, Order, clock_of, read_dates
from pretrained.uploads.dates.numbers import ordinals
from pretrained.uploads.dates.words import (
    DAY,
    DAY_OF_YEAR,
    HOUR,
    MINUTE,
    MONTH,
    MONTH_WORDS,
    YEAR,
    plain,
)
from pretrained.uploads.name import short
from pretrained.uploads.series.cells import cells_of
from pretrained.uploads.tables.numerals import read_numbers

NO_DATE = ""
"""In place of a column of dates: the rows stand one step apart."""

PARTS = {"year": YEAR, "day of year": DAY_OF_YEAR, "month": MONTH_WORDS, "day": DAY, "hour": HOUR, "minute": MINUTE}
"""What columns of the parts of a date are called."""

JOINED = mark("year, month, day, hour")
"""In place of a column of dates: the parts of the date stand in columns of their own."""

AND = "\x1f"
"""Between the names of two columns that together are one of dates: the day, and the time of day."""


def said(column: str) -> str:
    """What a column of dates is called on screen."""
    return listed(column.split(AND)) if column != JOINED else say(JOINED)


def times_of(frame: pd.DataFrame, column: str) -> tuple[pd.Series, list[str]]:
    """The time of every row by a column of ``Columns.dates``, NaT where there is none, and what was decided."""
    found = read_times(frame, column, "")
    return found.times, list(found.notices)


def read_times(frame: pd.DataFrame, column: str, order: Order) -> Dates:
    """The time of every row by a column of ``Columns.dates``; ``order`` where a person has said it."""
    if column == JOINED:
        return Dates(_joined(frame))
    day, _, clock = column.partition(AND)
    found = read_dates(cells_of(frame, day), order)
    clocks = clock_of(cells_of(frame, clock), clock) if clock else None
    if clocks is None:
        return found
    told = say("The time of day is read from “{name}”.", name=short(clock))
    return Dates(found.times + clocks, (*found.notices, told), found.open, found.order)


def _joined(frame: pd.DataFrame) -> pd.Series:
    """The times whose parts stand in columns of their own."""
    parts = {
        part: _part(cells_of(frame, column), part)
        for part, column in parts_of([str(each) for each in frame.columns]).items()
    }
    refused = say(
        "The columns {columns} hold no dates that can be read: choose another column of dates.", columns=say(JOINED)
    )
    with refused_as(refused):
        day = parts.get("day", pd.Series(1.0, index=frame.index))
        days: Any = (
            _ordinals(parts)
            if "month" not in parts
            else pd.to_datetime(
                pd.DataFrame({"year": parts["year"], "month": parts["month"], "day": day}), errors="coerce"
            )
        )
        hours: Any = pd.to_timedelta(parts.get("hour", day * 0.0), unit="h", errors="coerce")
        minutes: Any = pd.to_timedelta(parts.get("minute", day * 0.0), unit="min", errors="coerce")
        return days + hours + minutes


def _ordinals(parts: dict[str, pd.Series]) -> pd.Series:
    """The days whose number in the year stands beside the year."""
    whole = [parts[part].fillna(0).to_numpy(dtype=np.int64) for part in ("year", "day of year")]
    return pd.Series(ordinals(*whole), index=parts["year"].index)


def _part(cells: pd.Series, part: str) -> pd.Series:
    if part == "month" and not pd.api.types.is_numeric_dtype(cells):
        named: Any = cells.astype(str).map(lambda cell: MONTH.get(plain(cell.strip()).rstrip("."), cell))
        numbers: Any = pd.to_numeric(named, errors="coerce")
        return numbers
    return pd.Series(read_numbers(cells).numbers, index=cells.index)


def parts_of(columns: Sequence[str]) -> dict[str, str]:
    """Columns of the parts of dates, by part."""
    return {part: column for part, names in PARTS.items() for column in columns
            if plain(column.strip()).replace("_", " ") in names}  # fmt: skip
