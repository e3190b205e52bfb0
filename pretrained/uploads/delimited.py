"""CSV and its like: the delimiter found, every row counted, and only then read by pandas."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pretrained.task import InputError
from pretrained.uploads.damage import refused_as
from pretrained.uploads.limits import LONGEST_CELL, LONGEST_LINE, MOST_CELLS, MOST_COLUMNS, MOST_LINES, MOST_ROWS
from pretrained.uploads.name import quoted

Quoting = Literal[0, 3]
"""``csv.QUOTE_MINIMAL`` or ``csv.QUOTE_NONE``."""

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
WHOLE_LINE = "\x1f"
"""Delimiter of a table of one column, where every line is a cell: a control sign that texts do not hold."""

HEAD = 100
"""Rows by which the delimiter and the sign of decimals are found."""

COMMA_NUMBER = re.compile(r"[+-]?\d+,\d+")
POINT_NUMBER = re.compile(r"[+-]?\d+\.\d+")


def read_delimited(name: str, text: str) -> tuple[pd.DataFrame, tuple[str, ...], NDArray[np.int32]]:
    """The table, sentences to show beside it, and the line that each of its rows begins at, from 1.

    Raises:
        InputError: if it is too wide or too long, or its rows have not all the same number of cells.
    """
    _check_lines(name, text)
    delimiter = _sniff(text)
    quoting, starts, notices = _check_rows(name, text, delimiter)
    head = list(islice(_rows(text, delimiter, quoting), HEAD))
    names, headed, told = _names(head[0])
    if len(starts) == headed:
        raise InputError(f"{quoted(name)} holds the names of columns and no row below them: add rows.")
    comma = delimiter != "," and _decimal_comma(head)
    with refused_as(f"{quoted(name)} is not a table that can be read: save it again as CSV."):
        frame = pd.read_csv(
            io.StringIO(text), sep=delimiter, quoting=quoting, header=0 if headed else None, names=names,
            index_col=False, keep_default_na=False, na_values=[""], decimal="," if comma else ".", low_memory=False,
        )  # fmt: skip
    said = ("Numbers are read with a decimal comma: 1,5 is one and a half.",) if comma else ()
    return frame, (*notices, *told, *said), np.array(starts[headed:], dtype=np.int32)


def _check_lines(name: str, text: str) -> None:
    """Refuse what would take long to split: by its first line and its longest, before any row is made."""
    if not text.strip():
        raise InputError(f"{quoted(name)} holds nothing but blanks: upload a file that holds something.")
    if text.count("\n") > MOST_LINES:
        raise InputError(f"{quoted(name)} has more than {MOST_LINES:,} lines, the most that is read: split it.")
    first = re.split(r"[\r\n]", text.lstrip("\r\n"), maxsplit=1)[0]
    columns = max(map(first.count, DELIMITERS)) + 1
    if columns > MOST_COLUMNS:
        raise InputError(
            f"{quoted(name)}, line 1: {columns:,} columns, and {MOST_COLUMNS:,} is the most that is read: leave some "
            "out."
        )
    signs = np.frombuffer(text.encode(), dtype=np.uint8)
    ends = np.flatnonzero((signs == 10) | (signs == 13))
    lengths = np.diff(ends, prepend=-1, append=len(signs)) - 1
    if lengths.max() > LONGEST_LINE:
        raise InputError(
            f"{quoted(name)}, line {int(lengths.argmax()) + 1}: {int(lengths.max()):,} bytes, and {LONGEST_LINE:,} is "
            "the most in a line: break it up."
        )


def _rows(text: str, delimiter: str, quoting: Quoting, *, strict: bool = True) -> Iterator[list[str]]:
    """Rows that hold something."""
    return (row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting,
                                      strict=strict) if row)  # fmt: skip


def _sniff(text: str) -> str:
    """The delimiter that splits the first row and, likewise, as many as possible of those below it."""
    sample = text.lstrip("\r\n")[:LONGEST_CELL]
    best, delimiter = (0.0, 1), WHOLE_LINE
    for candidate in DELIMITERS:
        widths = [len(row) for row in islice(_rows(sample, candidate, csv.QUOTE_MINIMAL, strict=False), HEAD)]
        if len(sample) < len(text) and len(widths) > 1:
            widths.pop()  # it may be cut off
        score = (widths.count(widths[0]) / len(widths), widths[0])
        if widths[0] > 1 and score > best:
            best, delimiter = score, candidate
    return delimiter


def _check_rows(name: str, text: str, delimiter: str) -> tuple[Quoting, list[int], tuple[str, ...]]:
    """How quotation marks are meant, the lines that rows begin at, and sentences to show."""
    try:
        return csv.QUOTE_MINIMAL, _count(name, text, delimiter, csv.QUOTE_MINIMAL), ()
    except InputError as error:
        if '"' not in text:
            raise
        try:
            starts = _count(name, text, delimiter, csv.QUOTE_NONE)
        except InputError:
            raise error from None
    return (
        csv.QUOTE_NONE,
        starts,
        ("Quotation marks do not enclose whole cells here: they are read as part of the text.",),
    )


def _count(name: str, text: str, delimiter: str, quoting: Quoting) -> list[int]:
    """The line that each row begins at; every row has as many cells as the first."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting, strict=True)
    starts: list[int] = []
    width, line = 0, 1
    try:
        for row in reader:
            if row:
                width = width or len(row)
                if len(row) != width:
                    raise InputError(_ragged(name, line, width, len(row), delimiter))
                starts.append(line)
                _check_count(name, len(starts), width)
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(_broken(name, line, str(error))) from error
    return starts


def _ragged(name: str, line: int, wanted: int, got: int, delimiter: str) -> str:
    apart = DELIMITERS.get(delimiter, "lines")
    return (
        f"{quoted(name)}, line {line:,}: expected {_cells(wanted)} as in the first line, got {got} (cells are "
        f"separated by {apart}). Put a cell that holds such a sign in quotation marks, or name the file .txt if every "
        "line is one text."
    )


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"


def _broken(name: str, line: int, reason: str) -> str:
    if "field limit" in reason:
        return f"{quoted(name)}, line {line:,}: a cell has more than {LONGEST_CELL:,} characters: break it up."
    return (
        f"{quoted(name)}, line {line:,}: a quotation mark opens a cell and is not closed where the cell ends: close it."
    )


def _check_count(name: str, rows: int, columns: int) -> None:
    if columns > MOST_COLUMNS:
        raise InputError(
            f"{quoted(name)} has {columns:,} columns, and {MOST_COLUMNS:,} is the most that is read: leave some out."
        )
    if rows > MOST_ROWS + 1:
        raise InputError(f"{quoted(name)} has more than {MOST_ROWS:,} rows, the most that is read: split it.")
    if rows * columns > MOST_CELLS:
        raise InputError(
            f"{quoted(name)} has more than {MOST_CELLS:,} cells ({columns:,} columns), the most that is read: leave "
            "out rows or columns."
        )


def _names(first: Iterable[str]) -> tuple[list[str], bool, tuple[str, ...]]:
    """Names of the columns, whether the first row holds them, and sentences to show."""
    cells = [cell.strip() for cell in first]
    if any(is_number(cell) for cell in cells):
        told = "The first line holds numbers, so it is read as data; the columns are named by their place."
        return [f"column {place}" for place in range(1, len(cells) + 1)], False, (told,)
    found: list[str] = []
    taken: set[str] = set()
    for place, cell in enumerate(cells, start=1):
        wanted, copy = cell or f"column {place}", 1
        while (unique := wanted if copy == 1 else f"{wanted} ({copy})") in taken:
            copy += 1
        taken.add(unique)
        found.append(unique)
    renamed = sum(cell != unique for cell, unique in zip(cells, found, strict=True) if cell)
    told = ("Columns with the same name are numbered.",) if renamed else ()
    return found, True, told


def is_number(cell: str) -> bool:
    """Whether a cell reads as a number."""
    try:
        float(cell)
    except ValueError:
        return False
    return cell.lower().strip("+-") not in ("nan", "inf", "infinity")


def _decimal_comma(head: Iterable[Iterable[str]]) -> bool:
    """Whether numbers such as 1,5 stand among the cells, and none such as 1.5."""
    cells = [cell.strip() for row in head for cell in row]
    return any(map(COMMA_NUMBER.fullmatch, cells)) and not any(map(POINT_NUMBER.fullmatch, cells))
