"""Columns of dates in a person's table: whether a column is one, and what its cells mean.

Every cell is taken apart by its signs; what its numbers stand for is decided by all cells together. Where two readings
are as good as each other, that is said, and a person decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pretrained.uploads.months import MONTH, NOISE, is_hinted, plain
from pretrained.uploads.numerals import read_numbers, written

READABLE = 0.8
"""Share of a column's cells that have to be dates, or numbers, for it to be offered as one."""

LONGEST_DATE = 64
"""Characters of a cell that is looked at as a date."""

SAMPLED = 20
"""Cells by which a column that holds no dates is known."""

REGULAR = 0.1
"""Deviation of the distances between dates, as a share of their mean, below which they count as regular."""

CLEARLY = 3.0
"""How much more regular one reading is than another for it to be taken."""

Order = Literal["", "day", "month", "year"]
"""What the first number of a date such as 01/02/2010 is; "" where it has to be found."""

Times = NDArray[np.datetime64]
MISSING = np.datetime64("NaT", "us")

EPOCHS = {"s": (1e8, 5e9), "ms": (1e11, 5e12), "us": (1e14, 5e15), "ns": (1e17, 5e18)}
"""Counts since 1970 from 1973 to 2128, by unit."""

SERIAL, SERIAL_START = (10_000.0, 80_000.0), np.datetime64("1899-12-30", "us")
"""Days as spreadsheets count them, from 1927 to 2119, and the day that they count from."""

WHOLE_DATES = {8: (1,), 10: (1, 100), 12: (1, 100, 10_000), 14: (1, 100, 10_000, 1_000_000)}
"""Digits of a date written as one number, such as 2024013112."""

ISO = re.compile(r"\s*\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)?\s*")
ZONE = r"(?P<zone>Z|UTC|GMT|[+-]\d{1,2}(?::?\d{2})?)?(?:\s*\[[\w/+-]+\])?"
CLOCK = re.compile(
    r"(?:^|[T ,;:_]\s*(?:kl\.?|um|at)?\s*)(?P<hour>\d{1,2})(?:[:h.](?P<minute>\d{2})(?:[:.m](?P<second>\d{2})"
    r"(?:[.,](?P<part>\d{1,9}))?s?)?\s*(?P<half>[ap]\.?m\.?)?|\s*(?P<half_alone>[ap]\.?m\.?)|(?P<whole>h|:?\s*Uhr))"
    r"\s*(?:Uhr|h)?\s*" + ZONE + r"$",
    re.IGNORECASE,
)
"""A time of day at the end of a cell."""

BASIC = re.compile(r"(\d{8})[T ]?(\d{2})(\d{2})(\d{2})?" + ZONE.replace("P<zone>", "P<zone>"), re.IGNORECASE)
HOUR_ALONE = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})[T ](\d{1,2})" + ZONE, re.IGNORECASE)
WEEK = r"(?:W|KW|CW|Wk|Week|Woche|Sem|Semaine|Semana|Settimana|Vecka|S)"
QUARTER = r"(?:Q|K|T|Qtr|Quarter|Quartal|Trimestre|Trim|Trimester|Kwartaal|Kvartal)"
FORMS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in (
        ("ymd", r"(\d{4})\s*([-/. ])\s*(\d{1,2})\s*\2\s*(\d{1,2})\.?"),
        ("ymd", r"(\d{4})()(\d{2})(\d{2})"),
        ("abc", r"(\d{1,2})\s*([-/. ])\s*(\d{1,2})\s*\2\s*(\d{4}|\d{2})\.?"),
        ("ym", r"(\d{4})\s*[-/M]\s*(\d{1,2})"),
        ("my", r"(\d{1,2})\s*[-/]\s*(\d{4})"),
        ("my", r"(\d{2})\.((?:1[6-9]|2[01])\d{2})"),
        ("yw", rf"(\d{{4}})[-\s./]*{WEEK}[-\s.]*(\d{{1,2}})(?:-(\d))?"),
        ("wy", rf"{WEEK}\.?\s*(\d{{1,2}})[-\s./,']*(\d{{4}})"),
        ("yq", rf"(\d{{4}})[-\s./:]*{QUARTER}\.?\s*([1-4])"),
        ("qy", rf"{QUARTER}\.?\s*([1-4])[-\s./,']*(\d{{4}}|\d{{2}})"),
        ("qy", rf"([1-4])\.?\s*(?:er|e|st|nd|rd|th|º|°)?\s*{QUARTER}\.?[-\s./,']*(\d{{4}}|\d{{2}})"),
        ("y", r"(\d{4})"),
    )
)  # fmt: skip
"""Dates of numbers, by what the numbers are: year, month, day, week, quarter; abc where the order is open."""

ASIAN = str.maketrans({"年": "-", "月": "-", "日": " ", "년": "-", "월": "-", "일": " "})
TOKEN = re.compile(r"\d+|[^\W\d_]+")
STRANGE = re.compile(r"[^\w\s.,/'’\-–º°]")


@dataclass(frozen=True)
class Taken:
    """A cell taken apart.

    Attributes:
        kind: what ``numbers`` are: ``ymd``, ``abc``, ``Mn`` (a month's name and one number) and so on.
        numbers: of the date.
        clock: microseconds since midnight; None where no time of day is given.
        zone: microseconds that the time is ahead of UTC; None where nothing is said.
        sign: between the numbers.
    """

    kind: str
    numbers: tuple[int, ...]
    clock: int | None = None
    zone: int | None = None
    sign: str = ""


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
    numbers = _as_numbers(cells)
    if numbers is not None:
        return _numbers_are_dates(numbers, is_hinted(name), first)
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
    numbers = _as_numbers(cells)
    if numbers is not None:
        times, notice = from_numbers(numbers)
        return Dates(pd.Series(times, index=cells.index), (notice,) if notice else ())
    given = written(cells)
    return _from_texts(given, cells.index, order)


def clock_of(cells: pd.Series, name: str) -> pd.Series | None:
    """The time of day in every row, as a distance from midnight; None where a column holds no times of day."""
    given = written(cells)
    held = [cell for cell in given if cell.strip()]
    known = {cell: _clock(cell.strip()) for cell in dict.fromkeys(held)}
    if held and sum(known[cell] is not None for cell in held) >= READABLE * len(held):
        found = [known.get(cell) for cell in given]
    else:
        found = _hours(read_numbers(cells).numbers) if is_hinted(name) else None
    if found is None:
        return None
    return pd.Series(pd.to_timedelta(pd.array(found, dtype="Int64"), unit="us"), index=cells.index)


def _hours(numbers: NDArray[np.float64]) -> list[int | None] | None:
    """Hours from 0 or 1 to 24, or hours and minutes such as 1430, in microseconds."""
    held = numbers[np.isfinite(numbers)]
    if not held.size or (held != np.round(held)).any() or held.min() < 0 or len(np.unique(held)) < 2:
        return None
    if held.max() <= 24:
        minutes = numbers * 60
    elif held.max() <= 2400 and (held % 100 < 60).all():
        minutes = numbers // 100 * 60 + numbers % 100
    else:
        return None
    return [int(each * 60_000_000) if np.isfinite(each) else None for each in minutes]


def is_clock(cell: str) -> bool:
    """Whether a cell is a time of day."""
    return ":" in cell and _clock(cell.strip()) is not None


def _clock(text: str) -> int | None:
    found = CLOCK.match(text)
    return _microseconds(found) if found and found.end() == len(text) else None


def _microseconds(found: re.Match[str]) -> int | None:
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    half = (found["half"] or found["half_alone"] or "").lower()[:1]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (half == "p")
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        return None
    part = int((found["part"] or "").ljust(6, "0")[:6] or 0)
    return ((hour * 60 + minute) * 60 + second) * 1_000_000 + part


def _zone(text: str | None) -> int | None:
    if not text:
        return None
    if text[0] not in "+-":
        return 0
    digits = text[1:].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) < 3 else (int(digits[:-2]), int(digits[-2:]))
    return (-1 if text[0] == "-" else 1) * (hours * 60 + minutes) * 60_000_000


def take_apart(cell: str) -> Taken | None:
    """The numbers in a cell and what they may be; None where it is no date."""
    text = cell.strip()
    if not text or len(text) > LONGEST_DATE or not any(sign.isdigit() for sign in text):
        return None
    text = text.translate(ASIAN).strip(" -") if not text.isascii() else text
    if basic := BASIC.fullmatch(text):
        hour, minute, second = (int(each or 0) for each in basic.groups()[1:4])
        day, valid = basic[1], hour <= 24 and minute < 60 and second < 61
        clock = ((hour * 60 + minute) * 60 + second) * 1_000_000
        return Taken("ymd", (int(day[:4]), int(day[4:6]), int(day[6:])), clock, _zone(basic["zone"])) if valid else None
    if alone := HOUR_ALONE.fullmatch(text):
        year, month, day = map(int, alone[1].split("-"))
        return Taken("ymd", (year, month, day), int(alone[2]) * 3_600_000_000, _zone(alone["zone"]))
    clock, zone, dated = None, None, None if ":" in text else _dated(text)
    if dated is None and (found := CLOCK.search(text)) and found.start() > 0:
        clock, zone = _microseconds(found), _zone(found["zone"])
        dated = _dated(text[: found.start()].strip(" ,;")) if clock is not None else None
    if dated is None and ":" in text:
        clock, zone, dated = None, None, _dated(text)
    return Taken(dated.kind, dated.numbers, clock, zone, dated.sign) if dated else None


@lru_cache(maxsize=4096)
def _dated(text: str) -> Taken | None:
    """The date of a text without a time of day."""
    head, _, tail = text.partition(" ")
    if tail and plain(head.strip(".,")) in NOISE - set(MONTH):
        text = tail.strip()
    for kind, form in FORMS:
        if found := form.fullmatch(text):
            if kind in ("ymd", "abc"):
                return Taken(kind, (int(found[1]), int(found[3]), int(found[4])), sign=f"{found[2]}{len(found[4])}")
            return Taken(kind, tuple(int(each) for each in found.groups() if each))
    return _named(text)


def _named(text: str) -> Taken | None:
    """A date with the name of a month."""
    if STRANGE.search(text):
        return None
    numbers: list[str] = []
    month, place = 0, 0
    tokens = TOKEN.findall(plain(text))
    for token in tokens:
        if token.isdigit():
            numbers.append(token)
        elif token in MONTH and not (token in NOISE and any(other in MONTH for other in tokens if other != token)):
            if month:
                return None
            month, place = MONTH[token], len(numbers)
        elif token not in NOISE:
            return None
    if not month or not 1 <= len(numbers) <= 2:
        return None
    values = [int(each) for each in numbers]
    if len(values) == 1:
        return Taken("ym" if len(numbers[0]) == 4 else "Mn" if place == 0 else "nM",
                     (values[0], month) if len(numbers[0]) == 4 else (month, values[0]))  # fmt: skip
    year, day = values if len(numbers[0]) == 4 else values[::-1]
    return Taken("ymd", (_full(year, len(str(year))), month, day))


def _full(year: int, digits: int) -> int:
    """A year of two digits as one from 1969 to 2068."""
    return year if digits > 2 or year > 99 else year + (2000 if year < 69 else 1900)


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
        notices.append(f"Dates such as {shown[:20]} are read with the day first.")
    zones = {each.zone for each in taken.values() if each.zone is not None}
    if zones - {0}:
        notices.append(UTC + (MOVES if len(zones) > 1 else ""))
    return Dates(pd.Series(np.array(times, dtype=MISSING.dtype), index=index), tuple(notices),
                 shown if is_open else "", used)  # fmt: skip


UTC = "The times are given with their distance from UTC, and are shown in UTC."
MOVES = " That distance changes, as with summer time, so that a rhythm of the day moves by as much."


def _from_times(cells: pd.Series) -> Dates:
    zoned = getattr(cells.dt, "tz", None) is not None
    times: Any = pd.to_datetime(cells, utc=True).dt.tz_localize(None)
    elsewhere = zoned and str(cells.dt.tz) not in ("UTC", "utc", "+00:00")
    return Dates(pd.Series(times.to_numpy(MISSING.dtype), index=cells.index), (UTC,) if elsewhere else ())


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
        uneven = {order: _unevenness(times[order]) for order in best}
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


def _unevenness(times: Times) -> float:
    """Deviation of the distances between neighbouring times, as a share of their mean; endless where they jump back."""
    known = times[~np.isnat(times)].astype(np.int64)
    between = np.diff(known)
    if not len(between) or not between.any():
        return 0.0
    if (between < 0).any() and (between > 0).any():
        return float("inf")
    distances = np.abs(between[between != 0]).astype(float)
    return float(distances.std() / distances.mean())


def _months(given: list[str], taken: dict[str, Taken]) -> dict[str, bool]:
    """Whether the number beside a month's name is a year, by kind: where time then runs evenly and forward."""
    found = {}
    for kind in ("Mn", "nM"):
        cells = [taken[cell] for cell in given if cell in taken and taken[cell].kind == kind]
        years = _times(cells, "", {kind: True})
        several = len({each.numbers[0] for each in cells}) > 1 or len(cells) == 1
        found[kind] = bool(cells) and (several or kind == "Mn") and bool(_unevenness(years) <= 1.0)
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
                return _full(first, 2), second, third
            year = _full(third, int(each.sign[1:]))
            return (year, second, first) if order == "day" else (year, first, second)
        case "ymd":
            return first, second, rest[1]
        case "ym":
            return first, second, 1
        case "my":
            return second, first, 1
        case "yq":
            return first, 3 * second - 2, 1
        case "qy":
            return _full(second, len(str(second))), 3 * first - 2, 1
        case "yw":
            return first, -second, rest[1] if len(rest) > 1 else 1
        case "wy":
            return second, -first, 1
        case "Mn" | "nM":
            return (_full(second, 2), first, 1) if years.get(each.kind) else (1, 0, 0)
        case _:
            return first, 1, 1


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


def _as_numbers(cells: pd.Series) -> NDArray[np.float64] | None:
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


NUMBER = re.compile(r"\s*\d{4,19}(?:[.,]\d{1,12})?\s*")


def _numbers_are_dates(numbers: NDArray[np.float64], named: bool, first: bool) -> bool:
    times, _ = from_numbers(numbers)
    held = np.isfinite(numbers)
    if not held.any() or (~np.isnat(times[held])).mean() < READABLE:
        return False
    if named:
        return True
    known = times[~np.isnat(times)]
    digits = {len(str(int(each))) for each in numbers[held][:SAMPLED]}
    shaped = len(digits) == 1 and digits <= {8, 10, 12, 14} and _digits_are_dates(numbers[held])
    forward = len(known) > 2 and _unevenness(known) <= 1.0 and bool((np.diff(known).astype(np.int64) != 0).any())
    return forward and (shaped or (first and len(known) > SAMPLED and _unevenness(known) < REGULAR and digits != {4}))


def _digits_are_dates(numbers: NDArray[np.float64]) -> bool:
    times = _by_digits(numbers)
    return times is not None and bool((~np.isnat(times)).mean() >= 0.95)


def from_numbers(numbers: NDArray[np.float64]) -> tuple[Times, str]:
    """Numbers as dates by their digits, as counts from 1970 or as days of a spreadsheet, which is said."""
    found, held = np.full(len(numbers), MISSING), np.isfinite(numbers)
    values = numbers[held]
    if not values.size:
        return found, ""
    if _digits_are_dates(values):
        found[held] = _by_digits(values)
        return found, ""
    for unit, (low, high) in EPOCHS.items():
        if ((values >= low) & (values <= high)).all():
            scale = {"s": 1e6, "ms": 1e3, "us": 1.0, "ns": 1e-3}[unit]
            found[held] = np.round(values * scale).astype(np.int64).astype(MISSING.dtype)
            return found, ""
    if ((values >= SERIAL[0]) & (values <= SERIAL[1])).all():
        found[held] = SERIAL_START + np.round(values * 86_400).astype(np.int64).astype("timedelta64[s]")
        return found, "The dates are the day numbers of a spreadsheet, counted from 30 December 1899."
    return found, ""


def _by_digits(values: NDArray[np.float64]) -> Times | None:
    """Numbers such as 2024, 202401, 20240131 or 2024013112; None where they are not all of one of these kinds."""
    whole = values.astype(np.int64)
    if (whole != values).any() or whole.min() < 1000:
        return None
    digits = len(str(int(np.median(whole))))
    digits = 8 if digits == 7 else digits  # a day below 10 that comes first has lost its zero
    if digits == 4:
        return days_of(np.where((whole <= 2500), whole, 0), *np.ones((2, len(whole)), np.int64)).astype(MISSING.dtype)
    if digits == 6:
        return days_of(_year(whole // 100), whole % 100, np.ones_like(whole)).astype(MISSING.dtype)
    if digits not in WHOLE_DATES:
        return None
    scale = WHOLE_DATES[digits][-1]
    day, rest = whole // scale, whole % scale
    days = days_of(_year(day // 10_000), day // 100 % 100, day % 100)
    if digits == 8 and np.isnat(days).mean() > 0.05:
        days = days_of(_year(day % 10_000), day // 10_000 % 100, day // 1_000_000)
    parts = [rest // (scale // 100**place) % 100 for place in range(1, len(WHOLE_DATES[digits]))]
    hours, minutes, seconds = [*parts, *[np.zeros_like(whole)] * 3][:3]
    sound = (hours <= 24) & (minutes < 60) & (seconds < 60)
    clocks = ((hours * 60 + minutes) * 60 + seconds).astype("timedelta64[s]")
    return np.where(sound, days.astype(MISSING.dtype) + clocks, MISSING)


def _year(years: NDArray[np.int64]) -> NDArray[np.int64]:
    """Years that dates of tables have; 0, which no date has, in place of others."""
    return np.where((years >= 1600) & (years <= 2200), years, 0)
