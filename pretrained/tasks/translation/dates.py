"""Dates as people write them, to ISO 8601: which part of the source is read for the year, the month, the day?

All dates are drawn from a seed, from 1900 to 2099, each in one of twelve ways of writing it. A date that stands in one
split stands in no other. Day before month where both are numbers with dots; month before day with slashes, and then
only days above 12, which cannot be taken for a month.
"""

from __future__ import annotations

import random
import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from core_models.language import mark, say
from pretrained.analysis.measures import exact
from pretrained.data.plain import plain
from pretrained.data.side import Side
from pretrained.data.text.pairs import Pair
from pretrained.kinds.translation import PairTask
from pretrained.task import Example

FIRST, LAST = date(1900, 1, 1), date(2099, 12, 31)
COUNTS = {"train": 30_000, "dev": 1_000, "test": 2_000}
"""Distinct dates in each split."""

MONTHS = (
    mark("January"), mark("February"), mark("March"), mark("April"), mark("May"), mark("June"), mark("July"),
    mark("August"), mark("September"), mark("October"), mark("November"), mark("December"),
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NUMERALS = "〇一二三四五六七八九"


def ordinal(number: int) -> str:
    """Such as 1st, 2nd, 3rd, 11th."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def numeral(number: int) -> str:
    """A number below 100 as Chinese writes it, such as 二十三."""
    tens, ones = divmod(number, 10)
    return ("" if tens == 0 else ("" if tens == 1 else NUMERALS[tens]) + "十") + (NUMERALS[ones] if ones else "")


def _month(day: date) -> str:
    return MONTHS[day.month - 1]


FORMATS: tuple[Callable[[date], str], ...] = (
    lambda d: f"{d.day} {_month(d)} {d.year}",
    lambda d: f"{_month(d)} {d.day}, {d.year}",
    lambda d: f"{_month(d)[:3]} {d.day} {d.year}",
    lambda d: f"{d.day:02d}.{d.month:02d}.{d.year}",
    lambda d: f"{d.month}/{d.day}/{d.year}" if d.day > 12 else f"{d.day} {_month(d)[:3]} {d.year}",
    lambda d: f"{WEEKDAYS[d.weekday()]}, {d.day} {_month(d)} {d.year}",
    lambda d: f"{WEEKDAYS[d.weekday()]} {_month(d)} {d.day} {d.year}",
    lambda d: f"{ordinal(d.day)} of {_month(d)} {d.year}",
    lambda d: f"{_month(d)} {ordinal(d.day)}, {d.year}",
    lambda d: f"{d.year}/{d.month:02d}/{d.day:02d}",
    lambda d: f"{d.year}年{d.month}月{d.day}日",
    lambda d: "".join(NUMERALS[int(n)] for n in str(d.year)) + f"年{numeral(d.month)}月{numeral(d.day)}日",
)
"""Twelve ways of writing a date."""


def pairs(folder: Path, split: str) -> list[Pair]:
    """Dates of a split; nothing is read from ``folder``."""
    source = random.Random("dates")  # noqa: S311 - reproducible data, not a secret
    days = list(range((LAST - FIRST).days + 1))
    source.shuffle(days)
    start = sum(count for name, count in COUNTS.items() if list(COUNTS).index(name) < list(COUNTS).index(split))
    found = []
    for offset in days[start : start + COUNTS[split]]:
        day = FIRST + timedelta(days=offset)
        for write in source.sample(FORMATS, 2 if split == "train" else 1):
            text = source.choice((str, str, str.lower, str.upper))(write(day))
            found.append(Pair(text, (day.isoformat(),)))
    return found


PARTS = tuple(
    re.compile(f"{pattern}$", re.IGNORECASE)
    for pattern in (
        r"(?:[a-z]+,? )?(?P<day>\d{1,2})(?:st|nd|rd|th)?(?: of)? (?P<name>[a-z]{3,}),? (?P<year>\d{4})",
        r"(?:[a-z]+,? )?(?P<name>[a-z]{3,}) (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4})",
        r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})",
        r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})",
        r"(?P<year>\d{4})/(?P<month>\d{1,2})/(?P<day>\d{1,2})",
        r"(?P<year>\d{4}|[〇一二三四五六七八九]{4})年(?P<month>\d{1,2}|[十一二三四五六七八九]{1,2})月"
        r"(?P<day>\d{1,2}|[十一二三四五六七八九]{1,3})日",
    )
)
"""The ways of writing a date above, to be taken apart."""


def remarks(source: str) -> tuple[str, ...]:
    """What is wrong with a source: that it holds no date as it learned them, or one that it never met, or none is."""
    written = plain(" ".join(source.split())).text
    parts = next((found.groupdict() for pattern in PARTS if (found := pattern.match(written))), None)
    if parts is None:
        return (say(
            "“{source}” holds no date in a way that it learned, so its answer may mean nothing: write such as "
            "3 August 1998, 09.11.1989 or 7/31/1969.", source=source[:40],
        ),)  # fmt: skip
    year, day = _number(parts["year"]), _number(parts["day"])
    month = _number(parts["month"]) if parts.get("month") else _named(parts.get("name") or "")
    if not FIRST.year <= year <= LAST.year:
        return (say(
            "It learned the years from {first} to {last}, so its answer for {year} means nothing.", first=FIRST.year,
            last=LAST.year, year=year,
        ),)  # fmt: skip
    if not month:
        written = parts.get("name") or parts.get("month")
        return (say("“{name}” is no month that it learned, so its answer may mean nothing.", name=written),)
    if month > len(MONTHS):
        if re.match(r"\d+/\d+/\d{4}$", written):
            return (say(
                "There is no month {n}: with slashes the month comes first, so its answer means nothing.", n=month
            ),)  # fmt: skip
        return (say("There is no month {n}, so its answer means nothing.", n=month),)
    if not 1 <= day <= monthrange(year, month)[1]:
        return (say(
            "There is no {day} {month} {year}, so its answer means nothing.", day=day, month=say(MONTHS[month - 1]),
            year=year,
        ),)  # fmt: skip
    return ()


def _number(written: str) -> int:
    """A number of digits, or as Chinese writes a year digit by digit, and one below 100."""
    if written.isascii():
        return int(written)
    if "十" not in written:
        return int("".join(str(NUMERALS.index(sign)) for sign in written))
    tens, _, ones = written.partition("十")
    return 10 * (NUMERALS.index(tens) if tens else 1) + (NUMERALS.index(ones) if ones else 0)


def _named(name: str) -> int:
    """Number of a month by its name, or by its first three letters; 0 if it is none."""
    wanted = [at for at, month in enumerate(MONTHS, start=1) if name.lower() in (month.lower(), month[:3].lower())]
    return wanted[0] if wanted else 0


SYMBOLS = tuple(" ,./0123456789abcdefghijklmnopqrstuvwxyz年月日十" + NUMERALS)

EXAMPLES = (
    Example("Day, month, year", "3 August 1998", "Three parts, to be written in the opposite order.", "1998-08-03"),
    Example(
        "Weekday",
        "Tuesday, 14 March 2023",
        "The weekday says nothing that is asked for: is it looked at?",
        "2023-03-14",
    ),
    Example("American", "December 25, 1914", "Month first: the attention has to jump.", "1914-12-25"),
    Example("Ordinal", "21st of June 2042", "Which letters of a month are enough to know it?", "2042-06-21"),
    Example(
        "Slashes",
        "7/31/1969",
        "With slashes the month comes first; the day, above 12, cannot be a month.",
        "1969-07-31",
    ),
    Example("Dots", "09.11.1989", "With dots the day comes first.", "1989-11-09"),
    Example("Chinese", "2008年8月8日", "Already in order: the attention runs straight.", "2008-08-08"),
    Example("Chinese numerals", "一九四九年十月一日", "One sign, 十, becomes two digits.", "1949-10-01"),
    Example("No such day", "31 February 2001", "It was never shown an impossible date; it answers all the same."),
)

DATA = {
    "name": "Dates from 1900 to 2099 drawn from a seed, in twelve ways of writing",
    "source": "pretrained/tasks/translation/dates.py",
    "licence": "none needed: generated by the project's own code",
    "citation": "Generated by pretrained/tasks/translation/dates.py",
    "limits": "English and Chinese dates with a four-digit year. With slashes the month comes first, with dots the "
    "day; it answers impossible dates too.",
}
"""What the networks learn from."""

DATES = PairTask(
    key="dates",
    title=mark("Dates to ISO 8601"),
    data=DATA,
    question=mark("type a date, such as 3 August 1998."),
    source=Side(symbols=SYMBOLS, pattern=r"."),
    target=Side(symbols=tuple("0123456789-"), pattern=r"."),
    pairs=pairs,
    measure=exact,
    examples=EXAMPLES,
    limit=48,
    trained=29,
    remarks=remarks,
    longest=16,
)
