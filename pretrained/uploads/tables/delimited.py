"""CSV and its like: the delimiter found, every row counted, the table found among them, every cell kept as written."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core_models.language import mark, say, say_n
from pretrained.task import InputError
from pretrained.uploads.limits import LONGEST_CELL, LONGEST_LINE, MOST_CELLS, MOST_COLUMNS, MOST_LINES, MOST_ROWS
from pretrained.uploads.name import quoted
from pretrained.uploads.tables.layout import REMARKS, Layout, is_value, lay_out, typed_columns, usual_width
from pretrained.uploads.tables.spaced import BLANKS, cells_apart, value_share

Quoting = Literal[0, 3]
"""``csv.QUOTE_MINIMAL`` or ``csv.QUOTE_NONE``."""

DELIMITERS = {",": mark("commas"), ";": mark("semicolons"), "\t": mark("tabs"), "|": mark("bars")}
APART = "delimiter"
"""Where a frame says what stood between its cells."""

WHOLE_LINE = "\x1f"
"""Delimiter of a table of one column, where every line is a cell: a control sign that texts do not hold."""

HEAD = 100
"""Rows by which the delimiter is found."""

MOSTLY = 0.6
"""Share of rows of one width from which a table may begin below its first line."""

SEPARATOR = re.compile(r'\s*"?sep=(\\t|[^\w\s"]|\t)"?[;,]*[ \t]*(\r\n|\r|\n)', re.IGNORECASE)
"""The first line of a file in which a spreadsheet says what stands between its cells."""


@dataclass(frozen=True)
class Rows:
    """What a file holds, row by row, blank lines apart.

    Attributes:
        cells: of every row.
        lines: the line that each row begins at, from 1.
        blanks: lines that hold nothing.
    """

    cells: list[list[str]]
    lines: list[int]
    blanks: list[int]


def read_delimited(name: str, text: str) -> tuple[pd.DataFrame, tuple[str, ...], NDArray[np.int32]]:
    """The table with every cell as it is written, sentences to show, and the line of each row, from 1.

    Raises:
        InputError: if it is too wide or too long, or its rows have not all the same number of cells.
    """
    _check_lines(name, text)
    said, skipped = SEPARATOR.match(text), 0
    if said:
        text, skipped = text[said.end() :], said[0].count("\n") or said[0].count("\r")
    delimiter = ("\t" if said[1] == "\\t" else said[1]) if said else _sniff(text)
    if not said and delimiter in (WHOLE_LINE, ",") and (apart := cells_apart(text, _values(text, delimiter))):
        text, delimiter = apart, BLANKS
    if not text.strip():
        raise InputError(say("{file} holds nothing but blanks: upload a file that holds something.", file=quoted(name)))
    rows, notices = _rows(name, text, delimiter, skipped)
    if not rows.cells:
        raise InputError(say("{file} holds nothing but blanks: upload a file that holds something.", file=quoted(name)))
    layout = lay_out(rows.cells)
    layout = _check_widths(name, rows, layout, delimiter)
    if layout.begin >= layout.end:
        raise InputError(say("{file} holds the names of columns and no row below them: add rows.", file=quoted(name)))
    names, told = names_of(rows.cells[layout.header] if layout.header is not None else None, layout.width)
    cells, lines, left = _data(rows, layout, delimiter)
    frame = frame_of(names, cells, rows.cells[layout.header] if layout.header is not None else ())
    frame.attrs[APART] = delimiter
    return frame, (*notices, *told, *_around(rows, layout), *left), np.array(lines, dtype=np.int32)


def _check_lines(name: str, text: str) -> None:
    """Refuse what would take long to split: by its first line and its longest, before any row is made."""
    if not text.strip():
        raise InputError(say("{file} holds nothing but blanks: upload a file that holds something.", file=quoted(name)))
    if text.count("\n") > MOST_LINES:
        raise InputError(
            say(
                "{file} has more than {most:,} lines, the most that is read: split it.",
                file=quoted(name),
                most=MOST_LINES,
            )
        )
    first = re.split(r"[\r\n]", text.lstrip("\r\n"), maxsplit=1)[0]
    columns = max(map(first.count, DELIMITERS)) + 1
    if columns > MOST_COLUMNS:
        raise InputError(
            say(
                "{file}, line 1: {n_columns:,} columns, and {most:,} is the most that is read: leave some out.",
                file=quoted(name),
                n_columns=columns,
                most=MOST_COLUMNS,
            )
        )
    signs = np.frombuffer(text.encode(), dtype=np.uint8)
    ends = np.flatnonzero((signs == 10) | (signs == 13))
    lengths = np.diff(ends, prepend=-1, append=len(signs)) - 1
    if lengths.max() > LONGEST_LINE:
        raise InputError(
            say(
                "{file}, line {line}: {n:,} bytes, and {most:,} is the most in a line: break it up.",
                file=quoted(name),
                line=int(lengths.argmax()) + 1,
                n=int(lengths.max()),
                most=LONGEST_LINE,
            )
        )


def _split(text: str, delimiter: str, quoting: Quoting, *, strict: bool = True) -> Iterator[list[str]]:
    """Rows that hold something."""
    return (row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting,
                                      strict=strict) if row)  # fmt: skip


def _sniff(text: str) -> str:
    """The delimiter that splits as many rows as possible alike, and into numbers and dates if there are any."""
    sample = text.lstrip("\r\n")[:LONGEST_CELL]
    best, delimiter = (0.0, 0.0, 1), WHOLE_LINE
    for candidate in DELIMITERS:
        rows = list(islice(_split(sample, candidate, csv.QUOTE_MINIMAL, strict=False), HEAD))
        if len(sample) < len(text) and len(rows) > 1:
            rows.pop()  # it may be cut off
        width = len(rows[0]) if len(rows[0]) > 1 else usual_width(rows)
        share = sum(len(row) == width for row in rows) / len(rows)
        if share < MOSTLY and usual_width(rows) > 1:
            width = usual_width(rows)
            share = sum(len(row) == width for row in rows) / len(rows)
        if width < 2 or (len(rows[0]) != width and not _begins_below(rows, width, share)):
            continue
        typed = len(typed_columns(rows, width)) / min(width, HEAD)
        if (share, typed, width) > best:
            best, delimiter = (share, typed, width), candidate
    return delimiter


def _values(text: str, delimiter: str) -> float:
    """Share of values among the cells of the first rows, all where names stand above; commas may be of decimals."""
    if delimiter == WHOLE_LINE:
        return 0.0
    rows = _split(text[:LONGEST_CELL], delimiter, csv.QUOTE_MINIMAL, strict=False)
    held = list(islice((row for row in rows if not row[0].lstrip().startswith(REMARKS)), HEAD))
    named = held and 1 < len(held[0]) == usual_width(held) and not any(map(is_value, held[0]))
    return 1.0 if named else value_share(held)


def _begins_below(rows: Sequence[Sequence[str]], width: int, share: float) -> bool:
    """Whether a table of numbers or dates begins below other lines: with a row of names, or after remarks."""
    if share < MOSTLY or not typed_columns(rows, width):
        return False
    first = next(row for row in rows if len(row) == width)
    return rows[0][0].lstrip().startswith(REMARKS) or not any(is_value(cell) for cell in first)


def _rows(name: str, text: str, delimiter: str, skipped: int) -> tuple[Rows, tuple[str, ...]]:
    """Every row, by whatever quotation marks mean, and sentences to show."""
    try:
        return _read(name, text, delimiter, csv.QUOTE_MINIMAL, skipped), ()
    except InputError as error:
        if '"' not in text:
            raise
        try:
            found = _read(name, text, delimiter, csv.QUOTE_NONE, skipped)
        except InputError:
            raise error from None
        if len({len(row) for row in found.cells}) > 1:
            raise error from None
    return found, (say("Quotation marks do not enclose whole cells here: they are read as part of the text."),)


def _read(name: str, text: str, delimiter: str, quoting: Quoting, skipped: int) -> Rows:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting, strict=True)
    found, line, widest = Rows([], [], []), skipped + 1, 1
    try:
        for row in reader:
            if len(row) > 1 or (row and row[0].strip()):
                widest = max(widest, len(row))
                found.cells.append(row)
                found.lines.append(line)
                _check_count(name, len(found.cells), widest)
            else:
                found.blanks.append(line)
            line = skipped + reader.line_num + 1
    except csv.Error as error:
        raise InputError(_broken(name, line, str(error))) from error
    return found


def _check_widths(name: str, rows: Rows, layout: Layout, delimiter: str) -> Layout:
    """The layout, narrower where all that its names do not reach is empty.

    Raises:
        InputError: if a row has not as many cells as the others.
    """
    cells, first = rows.cells, layout.begin if layout.header is None else layout.header
    if first > 0 and layout.header is not None and not layout.typed:
        first = next((at for at in range(first) if not _is_lead(cells[at])), first)
    else:
        names = next((at for at in range(first) if 1 < len(cells[at]) < layout.width and not _is_lead(cells[at])), None)
        if names is not None:
            width = len(cells[names])
            if any(cell for row in cells[names : layout.end] for cell in row[width:]):
                raise InputError(_ragged(name, rows.lines[names], layout.width, width, delimiter, say("in most lines")))
            rows.cells[names:] = [row[:width] for row in cells[names:]]
            return lay_out(rows.cells)
    for at in range(first, layout.end):
        if len(cells[at]) != layout.width:
            like = say("in the first line") if len(cells[0]) == layout.width else say("in most lines")
            raise InputError(_ragged(name, rows.lines[at], layout.width, len(cells[at]), delimiter, like))
    return layout


def _is_lead(row: Sequence[str]) -> bool:
    """Whether a row above a table is a remark: a single cell, or one that begins as remarks do."""
    return len([cell for cell in row if cell.strip()]) < 2 or row[0].lstrip().startswith(REMARKS)


def _data(rows: Rows, layout: Layout, delimiter: str) -> tuple[list[list[str]], list[int], tuple[str, ...]]:
    """Rows of data, their lines, and a sentence about blank ones: in a single column of numbers each is a gap."""
    cells, lines = rows.cells[layout.begin : layout.end], rows.lines[layout.begin : layout.end]
    inside = [line for line in rows.blanks if lines[0] < line < lines[-1]]
    if not inside or not layout.typed:
        return cells, lines, ()
    if delimiter != WHOLE_LINE:
        return cells, lines, (say_n("A blank line was left out.", "{n:,} blank lines were left out.", len(inside)),)
    every = sorted([*zip(lines, cells, strict=True), *((line, [""]) for line in inside)])
    told = say_n(
        "A blank line is read as a missing value.", "{n:,} blank lines are read as missing values.", len(inside)
    )
    return [row for _, row in every], [line for line, _ in every], (told,)


def _around(rows: Rows, layout: Layout) -> list[str]:
    """Sentences about what is left out above, between and below the rows of the table."""
    begin = layout.begin if layout.header is None else layout.header
    told = []
    if begin:
        told.append(_lines(ABOVE, rows.lines[0], rows.lines[begin - 1]))
    if layout.units:
        shown = say(", ").join(say("“{word}”", word=cell.strip()[:20]) for cell in rows.cells[layout.units[0]][:4])
        told.append(_lines(UNITS, rows.lines[layout.units[0]], rows.lines[layout.units[-1]], shown))
    if layout.end < len(rows.cells):
        shown = rows.cells[layout.end][0].strip()[:40]
        told.append(_lines(BELOW, rows.lines[layout.end], rows.lines[-1], shown))
    return told


ABOVE = (mark("Line {first:,} above the table is left out."),
         mark("Lines {first:,} to {last:,} above the table are left out."))  # fmt: skip
UNITS = (mark("Line {first:,} below the names ({shown}) is taken for units and left out."),
         mark("Lines {first:,} to {last:,} below the names ({shown}) are taken for units and left out."))  # fmt: skip
BELOW = (mark("Line {first:,} below the table (“{shown}”) is left out."),
         mark("Lines {first:,} to {last:,} below the table (“{shown}”) are left out."))  # fmt: skip
"""What is left out: one line, and several."""


def _lines(texts: tuple[str, str], first: int, last: int, shown: str = "") -> str:
    return say(texts[first != last], first=first, last=last, shown=shown)


def frame_of(names: Sequence[str], rows: Sequence[Sequence[str]], header: Sequence[str]) -> pd.DataFrame:
    """The rows as columns of texts, missing where a cell is empty, without empty columns that have no name."""
    columns = {
        name: pd.array([cell or None for cell in column], dtype="str")
        for place, (name, column) in enumerate(zip(names, zip(*rows, strict=True), strict=True))
        if any(column) or (place < len(header) and header[place].strip())
    }
    return pd.DataFrame(columns)


def _ragged(name: str, line: int, wanted: int, got: int, delimiter: str, like: str) -> str:
    apart = (
        mark("blanks")
        if delimiter == BLANKS
        else DELIMITERS.get(delimiter, mark("lines") if delimiter == WHOLE_LINE else f"“{delimiter}”")
    )
    return say_n(
        "{file}, line {line:,}: expected {n} cell as {like}, got {got} (cells are separated by {apart}). Put a cell "
        "that holds such a sign in quotation marks, or name the file .txt if every line is one text.",
        "{file}, line {line:,}: expected {n} cells as {like}, got {got} (cells are separated by {apart}). Put a cell "
        "that holds such a sign in quotation marks, or name the file .txt if every line is one text.",
        wanted, file=quoted(name), line=line, like=like, got=got, apart=say(apart),
    )  # fmt: skip


def _broken(name: str, line: int, reason: str) -> str:
    if "field limit" in reason:
        return say(
            "{file}, line {line:,}: a cell has more than {most:,} characters: break it up.",
            file=quoted(name), line=line, most=LONGEST_CELL,
        )  # fmt: skip
    return say(
        "{file}, line {line:,}: a quotation mark opens a cell and is not closed where the cell ends: close it.",
        file=quoted(name), line=line,
    )  # fmt: skip


def _check_count(name: str, rows: int, columns: int) -> None:
    if columns > MOST_COLUMNS:
        raise InputError(
            say(
                "{file} has {n_columns:,} columns, and {most:,} is the most that is read: leave some out.",
                file=quoted(name),
                n_columns=columns,
                most=MOST_COLUMNS,
            )
        )
    if rows > MOST_ROWS + 1:
        raise InputError(
            say(
                "{file} has more than {most:,} rows, the most that is read: split it.",
                file=quoted(name),
                most=MOST_ROWS,
            )
        )
    if rows * columns > MOST_CELLS:
        raise InputError(
            say(
                "{file} has more than {cells:,} cells ({n_columns:,} columns), the most that is "
                "read: leave out rows or columns.",
                file=quoted(name),
                cells=MOST_CELLS,
                n_columns=columns,
            )
        )


def names_of(header: Iterable[str] | None, width: int) -> tuple[list[str], tuple[str, ...]]:
    """Names of the columns, and sentences to show; by place where no row holds names."""
    if header is None:
        told = say("The first line holds numbers, so it is read as data; the columns are named by their place.")
        return [f"column {place}" for place in range(1, width + 1)], (told,)
    cells = [cell.strip() for cell in header]
    cells[0] = cells[0].lstrip("#").strip() or cells[0]
    found: list[str] = []
    taken: set[str] = set()
    for place, cell in enumerate(cells, start=1):
        wanted, copy = cell or f"column {place}", 1
        while (unique := wanted if copy == 1 else f"{wanted} ({copy})") in taken:
            copy += 1
        taken.add(unique)
        found.append(unique)
    renamed = sum(cell != unique for cell, unique in zip(cells, found, strict=True) if cell)
    return found, (say("Columns with the same name are numbered."),) if renamed else ()
