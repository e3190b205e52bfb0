"""The values of a chosen column by time, and sentences about what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core_models.language import Number, listed, say, say_n
from pretrained.task import InputError
from pretrained.uploads.dates.column import Order
from pretrained.uploads.dates.numbers import READABLE
from pretrained.uploads.name import short
from pretrained.uploads.series.cells import cells_of
from pretrained.uploads.series.cells import listed as cells_listed
from pretrained.uploads.series.columns import LOOKED_AT, MOST_TRIED, columns_of, is_number
from pretrained.uploads.series.times import AND, JOINED, NO_DATE, read_times, said
from pretrained.uploads.tables.delimited import APART
from pretrained.uploads.tables.numerals import Numbers, Point, marks_of, read_numbers


@dataclass(frozen=True)
class Choice:
    """What a person chose to be read of a table.

    Attributes:
        date: column of the dates, ``JOINED``, two columns with ``AND`` between, or ``NO_DATE``.
        value: column of the values.
        as_rows: whether rows are taken to stand one step of the model apart, whatever their dates say.
        point: the sign of decimals; "" where the cells decide.
        order: what the first number of a date such as 01/02/2010 is; "" where the cells decide.
        marks: whether values such as -999, far from all others, are taken for missing.
    """

    date: str
    value: str
    as_rows: bool = False
    point: Point = ""
    order: Order = ""
    marks: bool = True


def values_by_time(
    file: str, frame: pd.DataFrame, choice: Choice, lines: NDArray[np.int32] | None = None
) -> tuple[pd.Series, list[str]]:
    """The chosen values, by time and in order or else as the rows are, and sentences about what was decided.

    Args:
        file: name of the file.
        frame: the table.
        choice: what is read of it.
        lines: the line of the file that each row begins at; the rows are counted where it is not given.

    Raises:
        InputError: if a cell looks like a number and cannot be read, or no cell of the chosen column is a date.
    """
    values, notices = read_values(file, frame, choice, lines)
    if len(columns_of(file, frame).numbers) > 1:
        notices.insert(
            0,
            say("The column “{name}” is read; choose another under “How the file is read”.", name=short(choice.value)),
        )
    return values, notices


def read_values(
    file: str, frame: pd.DataFrame, choice: Choice, lines: NDArray[np.int32] | None = None
) -> tuple[pd.Series, list[str]]:
    """The same without a word on the columns that could be read instead."""
    values, notices = _values(file, frame, choice, lines)
    if choice.date == NO_DATE:
        return values, notices
    dates, told = _dates(frame, choice, values, lines)
    return dates, notices + told


def _values(
    file: str, frame: pd.DataFrame, choice: Choice, lines: NDArray[np.int32] | None
) -> tuple[pd.Series, list[str]]:
    cells, name = cells_of(frame, choice.value), short(choice.value)
    found = numbers_of(frame, choice, choice.point)
    if found.unread:
        raise InputError(
            say_n(
                "{n:,} cell of “{name}” in “{file}” looks like a number and cannot be read: {cells}. Correct it, or "
                "leave it empty.",
                "{n:,} cells of “{name}” in “{file}” look like a number and cannot be read: {cells}. Correct them, or "
                "leave them empty.",
                len(found.unread), name=name, file=short(file), cells=cells_listed(cells, found.unread, lines),
            )
        )  # fmt: skip
    notices = _told(found, name)
    if found.words:
        count = len(found.words)
        notices.append(
            say_n(
                "{n:,} cell of “{name}” that is no number counted as missing: {cells}.",
                "{n:,} cells of “{name}” that are no number counted as missing: {cells}.",
                count, name=name, cells=cells_listed(cells, found.words, lines),
            )
        )  # fmt: skip
    values = pd.Series(found.numbers, index=frame.index)
    endless: Any = np.isinf(values)
    if endless.any():
        notices.append(
            say_n(
                "{n:,} infinite value counted as missing.",
                "{n:,} infinite values counted as missing.",
                int(endless.sum()),
            )
        )
    values = values.where(~endless)
    marks = marks_of(values.to_numpy()) if choice.marks else {}
    if marks:
        notices.append(
            say_n(
                "{values} in “{name}” lies far from all other values and likely means “not measured”: it is counted as "
                "missing.",
                "{values} in “{name}” lies far from all other values and likely means “not measured”: these {n:,} "
                "cells are counted as missing.", sum(marks.values()), values=marked(marks), name=name,
            )
        )  # fmt: skip
    return values.where(~values.isin(list(marks))), notices


def numbers_of(frame: pd.DataFrame, choice: Choice, point: Point) -> Numbers:
    """The chosen column as numbers; ``point`` where a person has said which sign its decimals have.

    The columns beside it tell where it leaves that open. Dates written with points make a decimal comma likelier, but
    not where commas stand between the cells.
    """
    likely = "," if _has_dotted_dates(frame, choice) and frame.attrs.get(APART) != "," else ""
    return read_numbers(cells_of(frame, choice.value), point, _beside(frame, choice), likely)


def _beside(frame: pd.DataFrame, choice: Choice) -> Point:
    """The sign of decimals in the columns beside the chosen one; "" where none tells or two differ."""
    told: set[Point] = set()
    chosen = {choice.value, *choice.date.split(AND)}
    for column in islice((column for column in frame.columns if column not in chosen), MOST_TRIED):
        cells: Any = cells_of(frame, column).head(LOOKED_AT)
        found = read_numbers(cells)
        decided = found.point if found.known.any() and not found.open else ""
        if decided and _has_sign(cells) and is_number(found, cells):
            told.add("," if decided == "," else ".")
    return told.pop() if len(told) == 1 else ""


def _has_dotted_dates(frame: pd.DataFrame, choice: Choice) -> bool:
    if choice.date in (NO_DATE, JOINED):
        return False
    dates: Any = cells_of(frame, choice.date.partition(AND)[0]).astype(str)
    return bool(dates.str.match(r"\s*\d{1,2}\.\d{1,2}\.\d{2,4}").mean() >= READABLE)


def _has_sign(cells: pd.Series) -> bool:
    return not pd.api.types.is_numeric_dtype(cells) and bool(
        cells.astype(str).str.contains(r"[.,]\d", regex=True).any()
    )


def _told(found: Numbers, name: str) -> list[str]:
    """How numbers are written, where there is something to say."""
    told = []
    if found.open:
        other = "," if found.point == "." else "."
        taken, left = alone(found.open, found.point), alone(found.open, other)
        told.append(
            say(
                "“{cell}” in “{name}” can be {taken} or {left}, and no cell tells which: it is read as {taken}. Choose "
                "the other above if that is meant.", cell=found.open, name=name, taken=taken, left=left,
            )
        )  # fmt: skip
    elif found.point == "," and found.decimal:
        told.append(say("Numbers are read with a decimal comma: 1,5 is one and a half."))
    if found.grouped and not found.open:
        told.append(
            say("Thousands are set apart in “{name}”: “{cell}” is {number}.", name=name, cell=found.grouped,
                number=alone(found.grouped, found.point))
        )  # fmt: skip
    return told


def alone(cell: str, point: str) -> str:
    """What one cell is where ``point`` is the sign of decimals, with commas between thousands."""
    return f"{read_numbers(pd.Series([cell], dtype='str'), ',' if point == ',' else '.').numbers[0]:,.10g}"


def marked(marks: dict[float, int]) -> str:
    """Values that stand for "not measured", and how often each does."""
    return listed([
        say_n("{value} (once)", "{value} ({n:,} times)", count, value=f"{Number(value):g}")
        for value, count in marks.items()
    ])  # fmt: skip


def _dates(
    frame: pd.DataFrame, choice: Choice, values: pd.Series, lines: NDArray[np.int32] | None
) -> tuple[pd.Series, list[str]]:
    """The values by time, in order, one for each time."""
    found = read_times(frame, choice.date, choice.order)
    times, notices = found.times, list(found.notices)
    if found.open:
        notices.append(
            say(
                "“{cell}” can be read with the day or the month first, and no cell tells which: it is read with the "
                "{order} first. Choose the other above if that is meant.", cell=found.open, order=say(found.order),
            )
        )  # fmt: skip
    undated = np.flatnonzero(times.isna())
    if undated.size:
        column = choice.date.partition(AND)[0] if choice.date != JOINED else str(frame.columns[0])
        notices.append(
            say_n(
                "{n:,} row without a date that can be read left out: {cells}.",
                "{n:,} rows without a date that can be read left out: {cells}.",
                undated.size, cells=cells_listed(cells_of(frame, column).fillna(""), undated.tolist(), lines),
            )
        )  # fmt: skip
    dated: Any = pd.Series(values.to_numpy(), index=pd.DatetimeIndex(times))
    series = dated[times.notna().to_numpy()]
    if series.empty:
        raise InputError(say("No cell of “{said}” is a date: choose another column.", said=short(said(choice.date))))
    if not series.index.is_monotonic_increasing:
        notices.append(say("The rows were not in the order of their dates; they were sorted."))
        series = series.sort_index(kind="stable")
    twice = int(series.index.duplicated().sum())
    if twice:
        notices.append(
            say_n(
                "{n:,} row with a date that came before: the mean of such rows is read.",
                "{n:,} rows with a date that came before: the mean of such rows is read.",
                twice,
            )
        )
        series = series.groupby(level=0).mean()
    return series, notices
