"""Tables whose columns stand apart by blanks: by several, by one or more, or always at the same places of a line."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise

from pretrained.uploads.dates.cells import is_clock, take_apart
from pretrained.uploads.tables.layout import REMARKS, usual_width
from pretrained.uploads.tables.numerals import POINTS, is_missing, numeral

BLANKS = "\x1e"
"""Delimiter of such a table once its cells are found: a control sign that texts do not hold."""

HEAD, FEWEST = 100, 4
"""Lines by which the cells are found, and the fewest of which a table may consist."""

ALIKE, VALUES = 0.9, 0.5
"""Share of lines of one width, and of cells that are numbers, dates or times."""

ENDS = re.compile(r"\r\n|\r|\n")
SEVERAL, ANY = re.compile(r" {2,}|\t| *\xa0+ *"), re.compile(r"\s+")
MARKED = re.compile(r"^([#%!*;]+)\s+")

WITHOUT_YEAR = "nM"
"""Kind of a date that is the day of a month, 3 May, to which the number after it gives the year."""

Split = Callable[[str], list[str]]


@dataclass(frozen=True)
class Fit:
    """How well lines are split: the shares of lines of one width and of values among cells, and that width."""

    alike: float
    values: float
    width: int

    @property
    def rank(self) -> tuple[float, float, int]:
        """More is better; of two that are as good as each other the narrower table."""
        return self.alike, self.values, -self.width


def cells_apart(text: str, than: float = 0.0) -> str | None:
    """The text with ``BLANKS`` between the cells of every line; None where its columns do not stand apart so.

    Args:
        text: of the file; no line is lost, so that their numbers stay.
        than: share of values among the cells that is to be exceeded.
    """
    lines = ENDS.split(text)
    sample = list(islice((line for line in lines if line.strip() and not line.lstrip().startswith(REMARKS)), HEAD))
    if len(sample) < FEWEST or sum(map(_is_alone, sample)) >= ALIKE * len(sample):
        return None
    found = [(fit, split) for split in (_by(SEVERAL), _by(ANY)) if (fit := _fit([split(line) for line in sample]))]
    fit, split = max(found, key=lambda each: each[0].rank, default=(None, None))
    if fit is None or fit.alike < 1.0 - 1.5 / len(sample):  # a line of names may differ
        places = _places(sample)
        if places and (fixed := _fit([_at(line, places) for line in sample[1:]])) and _hold(lines, places):
            fit, split = fixed, lambda line: _at(line, places)
    if fit is None or split is None or fit.values <= than:
        return None
    above = [_cells(line, split, fit.width) for line in lines[:HEAD]]
    below = [split(line) if line.strip() else [] for line in lines[HEAD:]]
    return "\n".join(map(BLANKS.join, above + below))


def value_share(rows: Sequence[Sequence[str]]) -> float:
    """Share of cells that are one number, date or time, among those that hold something, by the rows below names."""
    cells = [cell for row in rows[1:] for cell in row if cell.strip() and not is_missing(cell)]
    return sum(map(_is_one, cells)) / max(1, len(cells))


def _by(pattern: re.Pattern[str]) -> Split:
    return lambda line: pattern.split(MARKED.sub(r"\1", line.strip()))


def _fit(rows: list[list[str]]) -> Fit | None:
    """How well rows are split; None where they are not those of a table with values."""
    width = usual_width(rows)
    fitting = [row for row in rows if len(row) == width]
    alike, values = len(fitting) / len(rows), value_share(fitting)
    typed = any(value_share([fitting[0], *([row[place]] for row in fitting[1:])]) >= ALIKE for place in range(width))
    sound = width > 1 and len(fitting) >= FEWEST and alike >= ALIKE and values >= VALUES and typed
    return Fit(alike, values, width) if sound else None


@lru_cache(maxsize=4096)
def _is_one(cell: str) -> bool:
    """Whether a text is one number, date or time of day as it stands."""
    found = numeral(cell)
    if found is not None and any(found.value(point) is not None for point in POINTS):
        return True
    return take_apart(cell) is not None or is_clock(cell)


def _is_alone(line: str) -> bool:
    """Whether a line is one value: a date before a number is two, even where it could be one with an hour."""
    before, _, last = line.strip().rpartition(" ")
    date = take_apart(before.strip()) if numeral(last) is not None else None
    return _is_one(line) and (date is None or date.kind == WITHOUT_YEAR)


def _places(sample: Sequence[str]) -> list[int]:
    """Where cells begin if every line has blanks at the same places; the line of names is not looked at."""
    width = max(map(len, sample))
    held = [any(line[at : at + 1].strip() for line in sample[1:]) for at in range(width)]
    return [at for at, (before, here) in enumerate(pairwise([False, *held])) if here and not before]


def _at(line: str, places: Sequence[int]) -> list[str]:
    return [line[begin:end].strip() for begin, end in pairwise([0, *places[1:], None])]


def _hold(lines: Sequence[str], places: Sequence[int]) -> bool:
    """Whether no line has a sign where all of the first ones have blanks; names and remarks above may."""
    head = next((at for at, line in enumerate(lines) if _is_one(line.strip().split(" ")[0])), 0)
    return all(not line[at - 1 : at].strip() for line in lines[head:] for at in places[1:])


def _cells(line: str, split: Split, width: int) -> list[str]:
    """The cells of a line; of names, which may hold blanks themselves, as many as there are columns if that can be."""
    cells = split(line) if line.strip() else []
    if not cells or any(map(_is_one, cells)):
        return cells
    ways = [_by(SEVERAL)(line), _by(ANY)(line), cells]
    return next((way for way in ways if len(way) == width), cells)
