"""Where in a file the table stands: the row of names, the first row of data, and what is above, below and between.

Columns of numbers or dates tell: data begins where their cells are numbers or dates. Where a table holds words alone,
its first row names the columns.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pretrained.uploads.dates.cells import is_clock, take_apart
from pretrained.uploads.dates.words import is_hinted
from pretrained.uploads.tables.numerals import is_missing, numeral

Row = Sequence[str]

SAMPLED, WIDEST = 60, 60
"""Rows and columns by which data is told from words."""

TYPED = 0.8
"""Share of a column's cells that are numbers or dates."""

MOST_LEAD, MOST_UNITS, MOST_FOOT = 100, 2, 20
"""Rows above the data, between it and the names, and below it, that can be left out."""

BRACKETED = re.compile(r"[(\[].*[)\]]|-")

REMARKS = ("#", "%", "//", "!", "*", ";")
"""How a line begins that is a remark."""

YEARS = range(1500, 2201)


@dataclass(frozen=True)
class Layout:
    """The table among the rows of a file.

    Attributes:
        header: the row of names; None if there is none.
        begin, end: the rows of data.
        width: cells of a row.
        units: rows between the names and the data.
        typed: columns of numbers or dates.
    """

    header: int | None
    begin: int
    end: int
    width: int
    units: tuple[int, ...] = ()
    typed: tuple[int, ...] = ()


def is_value(cell: str) -> bool:
    """Whether a cell is a number, a date or a time of day."""
    return numeral(cell) is not None or take_apart(cell) is not None or is_clock(cell)


def usual_width(rows: Sequence[Row]) -> int:
    """How many cells most rows have; of several numbers the one met first."""
    return Counter(len(row) for row in rows).most_common(1)[0][0]


def typed_columns(rows: Sequence[Row], width: int) -> tuple[int, ...]:
    """Columns whose cells are numbers or dates, by the rows in the second half."""
    fitting = [row for row in rows if len(row) == width]
    sample = fitting[len(fitting) // 2 :][:SAMPLED]
    found = []
    for place in range(min(width, WIDEST)):
        held = [row[place] for row in sample if row[place].strip() and not is_missing(row[place])]
        if held and sum(map(is_value, held)) >= TYPED * len(held):
            found.append(place)
    return tuple(found)


def lay_out(rows: Sequence[Row]) -> Layout:
    """Where the table stands among rows that hold something."""
    width = usual_width(rows)
    typed = typed_columns(rows, width)
    end = len(rows) - _foot(rows, width)
    fitting = [at for at in range(min(len(rows), MOST_LEAD)) if len(rows[at]) == width]
    if not typed:
        header = next((at for at in fitting if not _is_remark(rows[at], width)), 0)
        return Layout(header, header + 1, end, width)
    begin = next((at for at in fitting if _is_data(rows[at], typed)), fitting[0] + 1)
    if begin == fitting[0] and _names_of_numbers(rows, begin, width, typed):
        begin = next((at for at in fitting if at > begin), begin + 1)
    header = _header(rows, [at for at in fitting if at < begin], typed)
    units = tuple(at for at in fitting if header is not None and header < at < begin)
    if header is not None and not _are_units([rows[at] for at in units], typed):
        begin, units = header + 1, ()
    return Layout(header, begin, end, width, units, typed)


def _are_units(rows: Sequence[Row], typed: tuple[int, ...]) -> bool:
    """Whether rows below the names hold units: few, without a value; in a single column, in brackets."""
    if len(rows) > MOST_UNITS or any(is_value(row[place]) for row in rows for place in typed):
        return False
    return len(typed) > 1 or all(BRACKETED.fullmatch(cell.strip()) for row in rows for cell in row if cell.strip())


def _foot(rows: Sequence[Row], width: int) -> int:
    """How many rows at the end are words of another width, such as the source of the data."""
    count = 0
    for row in reversed(rows[-MOST_FOOT:]):
        words = [cell for cell in row if cell.strip()]
        if len(row) == width or not words or len(row) > 2 or any(map(is_value, words)) or not _has_letters(words):
            break
        count += 1
    return count if count < len(rows) - 1 else 0


def _has_letters(cells: Sequence[str]) -> bool:
    return any(sign.isalpha() for cell in cells for sign in cell)


def _is_remark(row: Row, width: int) -> bool:
    return len(row) != width or (width > 1 and row[0].lstrip().startswith("#") and not any(map(str.strip, row[1:])))


def _is_data(row: Row, typed: tuple[int, ...]) -> bool:
    """Whether a row holds values where the columns do: in the first of them, or in most."""
    first = row[typed[0]]
    if first.strip() and not is_missing(first):
        return is_value(first)
    held = [row[place] for place in typed if row[place].strip() and not is_missing(row[place])]
    return bool(held) and 2 * sum(map(is_value, held)) > len(held)


def _names_of_numbers(rows: Sequence[Row], at: int, width: int, typed: tuple[int, ...]) -> bool:
    """Whether a row of numbers names the columns: years or counts that run evenly, or a cell is empty as none below."""
    row = rows[at]
    below = [other for other in rows[at + 1 : at + 1 + SAMPLED] if len(other) == width]
    if not below:
        return False
    if width > 1 and not row[0].strip() and all(other[0].strip() for other in below):
        return True
    numbers, next_ones = _whole(row, typed), _whole(below[0], typed)
    if not _runs(numbers) or _runs(next_ones):
        return False
    return len(numbers) > 2 or all(number in YEARS for number in numbers)


def _whole(row: Row, typed: tuple[int, ...]) -> list[int]:
    """The whole numbers in the typed columns; none if one is no whole number."""
    cells = [row[place].strip() for place in typed]
    return [int(cell) for cell in cells] if all(cell.isascii() and cell.isdigit() for cell in cells) else []


def _runs(numbers: list[int]) -> bool:
    between = {second - first for first, second in pairwise(numbers)}
    return len(between) == 1 and 0 not in between


def _header(rows: Sequence[Row], lead: list[int], typed: tuple[int, ...]) -> int | None:
    """Of the rows above the data the one that names the columns: full, without numbers, and with a word of time."""
    if not lead:
        return None

    def rank(at: int) -> tuple[float, ...]:
        cells = [cell.strip() for cell in rows[at]]
        full = float(np.mean([bool(cell) for cell in cells]))
        numbers = sum(numeral(cells[place]) is not None for place in typed)
        hinted = any(is_hinted(cells[place].lstrip("# ")) for place in typed)
        return (hinted, full, -numbers, -at)

    return max(lead, key=rank)
