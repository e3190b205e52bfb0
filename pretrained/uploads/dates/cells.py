"""One cell taken apart as a date: which numbers stand in it, by its signs and words, and what time of day."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from pretrained.uploads.cell import bare
from pretrained.uploads.dates.words import MONTH, NOISE, plain

LONGEST_DATE = 64
"""Characters of a cell that is looked at as a date."""

ZONES = {
    "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3, "JST": 9,
    "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "EDT": -4, "EST": -5, "CDT": -5, "MDT": -6, "MST": -7,
    "PDT": -7, "PST": -8,
}  # fmt: skip
"""Hours that zones are ahead of UTC, by names that mean one zone alone in tables."""

NAMED = "|".join(sorted(ZONES, key=len, reverse=True))
ZONE = (
    rf"(?P<zone>Z|{NAMED}|(?:UTC|GMT)?\s?[+-]\d{{1,2}}(?::?\d{{2}})?|UTC|GMT)?"
    r"(?:\s*\[[\w/+-]+\]|\s+[A-Z][a-z]+(?:/[A-Z][a-z_]+)+)?"
)
"""A distance from UTC, and the name of a place whose time it is; that name alone leaves the time as it is written."""

CLOCK = re.compile(
    r"(?:^|[T ,;:_]\s*(?:kl\.?|um|at)?\s*)(?P<hour>\d{1,2})(?:[:h.](?P<minute>\d{2})(?:[:.m](?P<second>\d{2})"
    r"(?:[.,](?P<part>\d{1,9}))?s?)?\s*(?P<half>[ap]\.?m\.?)?|\s*(?P<half_alone>[ap]\.?m\.?)|(?P<whole>h|:?\s*Uhr))"
    r"\s*(?:Uhr|h)?\s*" + ZONE + r"$",
    re.IGNORECASE,
)
"""A time of day at the end of a cell."""

BASIC = re.compile(r"(\d{8})[T ]?(\d{2})(\d{2})(\d{2})?" + ZONE, re.IGNORECASE)
HOUR_ALONE = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})[T ](\d{1,2})" + ZONE, re.IGNORECASE)
WEEK = r"(?:W|KW|CW|Wk|Week|Woche|Sem|Semaine|Semana|Settimana|Vecka|S)"
QUARTER = r"(?:Q|K|T|Qtr|Quarter|Quartal|Trimestre|Trim|Trimester|Kwartaal|Kvartal)"
FORMS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in (
        ("ymd", r"(\d{4})\s*([-/. ])\s*(\d{1,2})\s*\2\s*(\d{1,2})\.?"),
        ("ymd", r"(\d{4})()(\d{2})(\d{2})"),
        ("abc", r"(\d{1,2})\s*([-/. ])\s*(\d{1,2})\s*\2\s*(\d{4}|\d{2})\.?"),
        ("yo", r"(\d{4})[-/ ](\d{3})"),
        ("ym", r"(\d{4})\s*(?:-?M|[-/])\s*(\d{1,2})"),
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
"""Dates of numbers, by what they are: year, month, day, week, quarter; o is the day of the year, abc an open
order."""

YEAR_LAST = re.compile(r"(\D+ \d{1,2}) (\d{1,2}:\d{2}(?::\d{2})?) (?:([A-Z]{1,4}|[+-]\d{4}) )?(\d{4})")
STRETCH = re.compile(r"/|\s*[–—]\s*|\s+(?:-|to|bis)\s+|\.\.")
SHORTEST = 5
"""Characters of the beginning and the end of a stretch of time."""

AM, PM = r"上午|午前|오전|a\.\s?m\.?|π\.?\s?μ\.?", r"下午|午後|오후|p\.\s?m\.?|μ\.?\s?μ\.?"
HALF_BEFORE = re.compile(r"\b([ap]m)\s*(\d{1,2}(?::\d{2}){1,2})")
"""The halves of the day in several languages, which stand before or behind the time."""

ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "民國": 1911, "民国": 1911}
ERA = re.compile(f"({'|'.join(ERAS)})\\s*(元|\\d{{1,3}})(?=\\s*年|\\s*[-/.])")
"""Eras of Japan and Taiwan by the year before their first, and a year of one."""

ASIAN = str.maketrans({"年": "-", "月": "-", "日": " ", "년": "-", "월": "-", "일": " "})
TOKEN = re.compile(r"\d+|[^\W\d_]+")
WEEKDAY = re.compile(r"\s*[(（][^\W\d_]{1,10}\.?[)）]\s*")
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
        spans: whether the cell names the end of a stretch of time as well.
    """

    kind: str
    numbers: tuple[int, ...]
    clock: int | None = None
    zone: int | None = None
    sign: str = ""
    spans: bool = False


def take_apart(cell: str) -> Taken | None:
    """The numbers in a cell and what they may be; None where it is no date."""
    text = bare(cell)
    if not text or len(text) > LONGEST_DATE or not any(sign.isdigit() for sign in text):
        return None
    text = in_one_language(text)
    text = text.translate(ASIAN).strip(" -") if not text.isascii() else text
    text = WEEKDAY.sub(" ", text).strip() if text[-1] in ")）" or ") " in text or "）" in text else text
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
    if dated is None:
        return _in_other_order(text)
    return Taken(dated.kind, dated.numbers, clock, zone, dated.sign) if dated else None


def in_one_language(text: str) -> str:
    """A cell with its half of the day as ``am`` or ``pm`` behind the time, and years as those since Christ."""
    if text.isascii() and "." not in text:
        return text
    text = re.sub(rf"(?<!\w)(?:{AM})", " am ", text, flags=re.IGNORECASE)
    text = re.sub(rf"(?<!\w)(?:{PM})", " pm ", text, flags=re.IGNORECASE)
    text = ERA.sub(lambda found: str(ERAS[found[1]] + (1 if found[2] == "元" else int(found[2]))), text)
    return " ".join(HALF_BEFORE.sub(r"\2 \1", text).split()) if " am " in text or " pm " in text else text


def _in_other_order(text: str) -> Taken | None:
    """A time of day before the year, as C's ``ctime`` writes it, or a stretch of time for its beginning."""
    if found := YEAR_LAST.fullmatch(text):
        return take_apart(f"{found[1]} {found[4]} {found[2]} {found[3] or ''}".strip())
    for found in STRETCH.finditer(text):
        first, last = text[: found.start()], text[found.end() :]
        if (
            min(len(first), len(last)) >= SHORTEST
            and (begin := take_apart(first))
            and (is_clock(last) or take_apart(last))
        ):
            return replace(begin, spans=True)
    return None


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
    return Taken("ymd", (full_year(year, len(str(year))), month, day))


def full_year(year: int, digits: int) -> int:
    """A year of two digits as one from 1969 to 2068."""
    return year if digits > 2 or year > 99 else year + (2000 if year < 69 else 1900)


def is_clock(cell: str) -> bool:
    """Whether a cell is a time of day."""
    return ":" in cell and clock_in(cell.strip()) is not None


def clock_in(text: str) -> int | None:
    """Microseconds since midnight of a time of day, or None."""
    found = CLOCK.match(text := in_one_language(text))
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
    text = re.sub(r"^(?:UTC|GMT)\s?(?=[+-])", "", text, flags=re.IGNORECASE).strip()
    if text[0] not in "+-":
        return ZONES.get(text.upper(), 0) * 3_600_000_000
    digits = text[1:].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) < 3 else (int(digits[:-2]), int(digits[-2:]))
    return (-1 if text[0] == "-" else 1) * (hours * 60 + minutes) * 60_000_000
