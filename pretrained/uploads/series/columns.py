"""A person's own table: which of its columns are dates and numbers, and what stands in them by time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pretrained.task import InputError
from pretrained.uploads.damage import refused_as
from pretrained.uploads.dates.column import Dates, Order, clock_of, is_date, may_be_open, read_dates
from pretrained.uploads.dates.numbers import READABLE, ordinals
from pretrained.uploads.dates.words import (
    DAY,
    DAY_OF_YEAR,
    HOUR,
    MINUTE,
    MONTH,
    MONTH_WORDS,
    YEAR,
    is_called,
    is_hinted,
    is_named_date,
    plain,
)
from pretrained.uploads.name import count_of
from pretrained.uploads.tables.numerals import Numbers, Point, marks_of, read_numbers

NO_DATE = ""
"""In place of a column of dates: the rows stand one step apart."""

PARTS = {"year": YEAR, "day of year": DAY_OF_YEAR, "month": MONTH_WORDS, "day": DAY, "hour": HOUR, "minute": MINUTE}
"""What columns of the parts of a date are called."""

JOINED = "year, month, day, hour"
"""In place of a column of dates: the parts of the date stand in columns of their own."""

AND = "\x1f"
"""Between the names of two columns that together are one of dates: the day, and the time of day."""

LOOKED_AT, MOST_LOOKED_AT = 1000, 200_000
"""Rows by which columns are told apart, and cells of all columns together."""

MOST_TRIED = 50
"""Columns that are tried as dates; those whose names say so come first."""

MOST_NAMED = 3
"""Cells that are named one by one."""

UNNAMED = "column "
"""How the names of columns begin that have none."""

COUNTERS = ("no", "nr", "id", "index", "row", "#")
"""What columns that count the rows are called."""


@dataclass(frozen=True)
class Columns:
    """What columns could be the dates and the values, the likeliest first."""

    dates: tuple[str, ...]
    numbers: tuple[str, ...]


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


@dataclass(frozen=True)
class Question:
    """What the cells leave open: what of a ``Choice`` it is, in words, and the answers, the one that holds first."""

    about: Literal["point", "order", "marks"]
    words: str
    answers: tuple[tuple[str, str], ...]


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
    parts = _parts(every)
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
        column for column in left if not is_named_date(column) and _is_number(numbers[column], cells_of(head, column))
    ]
    if not values:
        raise InputError(_no_numbers(name, head, left, numbers))
    values.sort(key=lambda column: column.strip().lower() in COUNTERS or column.startswith("Unnamed"))
    values.sort(key=lambda column: _is_unnamed(column) and _are_whole(numbers[column]))
    if dates:  # what rises as dates do, beside dates, counts the rows or is the same time in other words
        values.sort(key=lambda column: is_date(cells_of(head, column), column, first=True))
    values.sort(key=lambda column: not is_called(column, wanted))
    return Columns((*dates, NO_DATE), tuple(values))


def _is_unnamed(column: str) -> bool:
    """Whether a column is called by its place alone."""
    return column.startswith(UNNAMED) and column.removeprefix(UNNAMED).isdigit()


def _are_whole(found: Numbers) -> bool:
    known = found.numbers[found.known]
    return bool((known == np.round(known)).all())


def _is_dated(parts: dict[str, str]) -> bool:
    """Whether columns of parts are a date together."""
    return {"year", "month"} <= set(parts) or {"year", "day of year"} <= set(parts)


def _parts(columns: Sequence[str]) -> dict[str, str]:
    """Columns of the parts of dates, by part."""
    return {part: column for part, names in PARTS.items() for column in columns
            if plain(column.strip()).replace("_", " ") in names}  # fmt: skip


def _is_clock(head: pd.DataFrame, column: str) -> bool:
    return clock_of(cells_of(head, column), column) is not None


def _has_no_clock(cells: pd.Series) -> bool:
    times = read_dates(cells).times.dropna()
    return bool((times == times.dt.normalize()).all())


def _is_number(found: Numbers, cells: pd.Series) -> bool:
    if pd.api.types.is_bool_dtype(cells) or pd.api.types.is_datetime64_any_dtype(cells):
        return False
    read, others = int(found.known.sum()), len(found.unread) + len(found.words) + int(np.isinf(found.numbers).sum())
    return read > 0 and read >= READABLE * (read + others)


def _no_numbers(name: str, head: pd.DataFrame, columns: list[str], numbers: dict[str, Numbers]) -> str:
    """Why no column can be read, by the first whose cells look like numbers if there is one."""
    for column in columns:
        cells, found = cells_of(head, column), numbers[column]
        if found.unread and len(found.unread) + int(found.known.sum()) >= READABLE * len(cells):
            shown = _listed(cells, found.unread)
            return (
                f"The cells of “{short(column)}” in “{short(name)}” look like numbers, but no one way of writing them "
                f"explains all, such as {shown}: write all of them alike."
            )
    dated = next((column for column in columns if is_named_date(column)), "")
    why = f", as “{short(dated)}” is named as a date" if dated else ""
    return f"“{short(name)}” has no column of numbers{why}: add one with the values of the series."


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
    values, notices = _values(file, frame, choice, lines)
    if len(columns_of(file, frame).numbers) > 1:
        notices.insert(0, f"The column “{short(choice.value)}” is read; choose another under “How the file is read”.")
    if choice.date == NO_DATE:
        return values, notices
    dates, told = _dates(frame, choice, values, lines)
    return dates, notices + told


def questions_of(frame: pd.DataFrame, choice: Choice) -> tuple[Question, ...]:
    """What the chosen columns leave open, as a person is asked; an answer that was given stands first."""
    asked: list[Question] = []
    found = read_numbers(cells_of(frame, choice.value), "", _hint(frame, choice))
    if found.open:
        order = (found.point, "," if found.point == "." else ".")
        answers = tuple((point, _alone(found.open, point)) for point in order)
        asked.append(Question("point", f"“{found.open}” in “{short(choice.value)}” means", answers))
    marks = marks_of(read_numbers(cells_of(frame, choice.value), choice.point, _hint(frame, choice)).numbers)
    if marks:
        named = _marked(marks)
        asked.append(Question("marks", f"{named} in “{short(choice.value)}”", (("yes", "means “not measured”"),
                                                                                ("no", "is a value"))))  # fmt: skip
    if choice.date not in (NO_DATE, JOINED) and may_be_open(cells_of(frame, choice.date.partition(AND)[0])):
        dates = _read_dates(frame, choice.date, "")
        if dates.open:
            both = {order: read_dates(pd.Series([dates.open], dtype="str"), order).times.iloc[0]
                    for order in ("day", "month", "year")}  # fmt: skip
            named = {order: f"{time:%-d %B %Y}" for order, time in both.items() if not pd.isna(time)}
            order = sorted(named, key=lambda each: each != dates.order)
            asked.append(Question("order", f"“{dates.open}” in “{short(choice.date.partition(AND)[0])}” means",
                                  tuple((each, named[each]) for each in order)))  # fmt: skip
    return tuple(asked)


def _hint(frame: pd.DataFrame, choice: Choice) -> Point:
    """The sign of decimals in the columns beside the chosen one, or that goes with dates written with points."""
    told: list[Point] = []
    for column in islice((column for column in frame.columns if column != choice.value), MOST_TRIED):
        cells: Any = cells_of(frame, column).head(LOOKED_AT)
        found = read_numbers(cells)
        decided = found.point if found.known.any() and not found.open else ""
        if decided and _has_sign(cells) and _is_number(found, cells):
            told.append("," if decided == "," else ".")
    if len(set(told)) == 1:
        return told[0]
    if choice.date not in (NO_DATE, JOINED) and not told:
        dotted: Any = cells_of(frame, choice.date.partition(AND)[0]).astype(str)
        return "," if dotted.str.match(r"\s*\d{1,2}\.\d{1,2}\.\d{2,4}").mean() >= READABLE else ""
    return ""


def _has_sign(cells: pd.Series) -> bool:
    return not pd.api.types.is_numeric_dtype(cells) and bool(
        cells.astype(str).str.contains(r"[.,]\d", regex=True).any()
    )


def _values(
    file: str, frame: pd.DataFrame, choice: Choice, lines: NDArray[np.int32] | None
) -> tuple[pd.Series, list[str]]:
    cells, name = cells_of(frame, choice.value), short(choice.value)
    found = read_numbers(cells, choice.point, _hint(frame, choice))
    if found.unread:
        look, them = ("looks", "it") if len(found.unread) == 1 else ("look", "them")
        raise InputError(
            f"{count_of(len(found.unread), 'cell')} of “{name}” in “{short(file)}” {look} like a number and cannot be "
            f"read: {_listed(cells, found.unread, lines)}. Correct {them}, or leave {them} empty."
        )
    notices = _told(found, name)
    if found.words:
        count = len(found.words)
        notices.append(
            f"{count_of(count, 'cell')} of “{name}” that {be(count)} no number counted as missing: "
            f"{_listed(cells, found.words, lines)}."
        )
    values = pd.Series(found.numbers, index=frame.index)
    endless: Any = np.isinf(values)
    if endless.any():
        notices.append(f"{count_of(int(endless.sum()), 'infinite value')} counted as missing.")
    values = values.where(~endless)
    marks = marks_of(values.to_numpy()) if choice.marks else {}
    if marks:
        times = sum(marks.values())
        notices.append(
            f"{_marked(marks)} in “{name}” lies far from all other values and likely means “not measured”: "
            f"{'it is' if times == 1 else f'these {times:,} cells are'} counted as missing."
        )
    return values.where(~values.isin(list(marks))), notices


def _told(found: Numbers, name: str) -> list[str]:
    """How numbers are written, where there is something to say."""
    told = []
    if found.open:
        other = "," if found.point == "." else "."
        taken, left = _alone(found.open, found.point), _alone(found.open, other)
        told.append(
            f"“{found.open}” in “{name}” can be {taken} or {left}, and no cell tells which: it is read as {taken}. "
            "Choose the other above if that is meant."
        )
    elif found.point == "," and found.decimal:
        told.append("Numbers are read with a decimal comma: 1,5 is one and a half.")
    if found.grouped and not found.open:
        told.append(f"Thousands are set apart in “{name}”: “{found.grouped}” is {_alone(found.grouped, found.point)}.")
    return told


def _alone(cell: str, point: str) -> str:
    """What one cell is where ``point`` is the sign of decimals, with commas between thousands."""
    return f"{read_numbers(pd.Series([cell], dtype='str'), ',' if point == ',' else '.').numbers[0]:,.10g}"


def _marked(marks: dict[float, int]) -> str:
    return " and ".join(f"{value:g} ({'once' if count == 1 else f'{count:,} times'})".replace("-", "−")
                        for value, count in marks.items())  # fmt: skip


def _listed(cells: pd.Series, rows: Sequence[int], lines: NDArray[np.int32] | None = None) -> str:
    """A few cells with their places."""
    word = "row" if lines is None or len(lines) != len(cells) else "line"
    shown = [
        f"“{str(cells.iloc[row]).strip()[:40]}” ({word} {int(row + 1 if word == 'row' else lines[row]):,})"  # type: ignore[index]
        for row in rows[:MOST_NAMED]
    ]
    return ", ".join(shown) + (f" and {len(rows) - MOST_NAMED:,} more" if len(rows) > MOST_NAMED else "")


def _dates(
    frame: pd.DataFrame, choice: Choice, values: pd.Series, lines: NDArray[np.int32] | None
) -> tuple[pd.Series, list[str]]:
    """The values by time, in order, one for each time."""
    found = _read_dates(frame, choice.date, choice.order)
    times, notices = found.times, list(found.notices)
    if found.open:
        notices.append(
            f"“{found.open}” can be read with the day or the month first, and no cell tells which: it is read with the "
            f"{found.order} first. Choose the other above if that is meant."
        )
    undated = np.flatnonzero(times.isna())
    if undated.size:
        column = choice.date.partition(AND)[0] if choice.date != JOINED else str(frame.columns[0])
        notices.append(
            f"{count_of(undated.size, 'row')} without a date that can be read left out: "
            f"{_listed(cells_of(frame, column).fillna(''), undated.tolist(), lines)}."
        )
    dated: Any = pd.Series(values.to_numpy(), index=pd.DatetimeIndex(times))
    series = dated[times.notna().to_numpy()]
    if series.empty:
        raise InputError(f"No cell of “{short(said(choice.date))}” is a date: choose another column.")
    if not series.index.is_monotonic_increasing:
        notices.append("The rows were not in the order of their dates; they were sorted.")
        series = series.sort_index(kind="stable")
    twice = int(series.index.duplicated().sum())
    if twice:
        notices.append(f"{count_of(twice, 'row')} with a date that came before: the mean of such rows is read.")
        series = series.groupby(level=0).mean()
    return series, notices


def said(column: str) -> str:
    """What a column of dates is called on screen."""
    return column.replace(AND, " and ")


def times_of(frame: pd.DataFrame, column: str) -> tuple[pd.Series, list[str]]:
    """The time of every row by a column of ``Columns.dates``, NaT where there is none, and what was decided."""
    found = _read_dates(frame, column, "")
    return found.times, list(found.notices)


def _read_dates(frame: pd.DataFrame, column: str, order: Order) -> Dates:
    if column == JOINED:
        return Dates(_joined(frame))
    day, _, clock = column.partition(AND)
    found = read_dates(cells_of(frame, day), order)
    clocks = clock_of(cells_of(frame, clock), clock) if clock else None
    if clocks is None:
        return found
    told = f"The time of day is read from “{short(clock)}”."
    return Dates(found.times + clocks, (*found.notices, told), found.open, found.order)


def _joined(frame: pd.DataFrame) -> pd.Series:
    """The times whose parts stand in columns of their own."""
    parts = {
        part: _part(cells_of(frame, column), part)
        for part, column in _parts([str(each) for each in frame.columns]).items()
    }
    with refused_as(f"The columns {JOINED} hold no dates that can be read: choose another column of dates."):
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


def cells_of(frame: pd.DataFrame, column: str) -> pd.Series:
    """One column."""
    found: Any = frame[column]
    return found


def short(text: str) -> str:
    """A name, cut where it is long."""
    return text if len(text) <= 40 else f"{text[:39]}…"


def be(number: int) -> str:
    """The verb that goes with a number."""
    return "is" if number == 1 else "are"
