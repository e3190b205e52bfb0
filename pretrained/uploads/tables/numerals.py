"""Numbers as people write them: one convention for a column, decided by all of its cells, never cell by cell.

``1.234`` is one and a bit or one thousand two hundred and thirty-four; the cells beside it tell. Where they do not, the
reading is said to be open, and a person decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pretrained.uploads.cell import bare

Point = Literal["", ".", ","]
"""The sign of decimals; "" where it has to be found."""

POINTS: tuple[Literal[".", ","], ...] = (".", ",")

LONGEST = 60
"""Characters of a cell that is looked at as a number."""

SIGNS = str.maketrans(
    {**dict.fromkeys("−–—‐‑‒﹣－⁻", "-"), **dict.fromkeys("\xa0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
     "\u202f\u3000", " "), **dict.fromkeys("’‘ʼ´`′", "'"), "＋": "+", "％": "%", "٪": "%", "．": ".", "，": ",",
     "￥": "¥", "＄": "$", "￡": "£", "￦": "₩",
     "٫": ".", "٬": "'", "（": "(", "）": ")", "\u200e": None, "\u200f": None, "\u2066": None, "\u2069": None}
)  # fmt: skip
"""Minus signs, blanks, apostrophes and wide forms, and what each of them means."""

MONEY = (
    r"US\$|R\$|C\$|A\$|[$€£¥₹₽₩₺₫฿₪₴]|(?:USD|EUR|CHF|GBP|JPY|CNY|INR|SEK|NOK|DKK|PLN|CZK|HUF|RUB|BRL|CAD|AUD|NZD|MXN|"
    r"ZAR|TRY|KRW)(?![A-Za-z])|(?:kr|Fr|Rs)(?![A-Za-z])\.?|zł|Kč|руб\.?"
)
CELL = re.compile(
    rf"(?P<sign>[+-]?)\s*(?P<before>{MONEY})?\s*(?P<second>[+-]?)\s*"
    r"(?P<digits>(?:\d[\d .,'_]*|[.,]\d+)(?<![ '_])(?:[eEdD][+-]?\d+)?)"
    r"\s*(?P<after>-?)\s*(?P<behind>(?:[^\W\d_]|[%‰°€$£¥₹₽₩₺₫฿₪₴])[^\W_]{0,3}(?:[%‰°/²³·^.€][^\W_]{0,6}){0,2}|)\s*(?P<last>-?)"
)
"""A number with what may stand around it: a sign, money before it, a unit behind it."""

BRACKETS = re.compile(rf"(?P<before>(?:{MONEY})?)\s*\((?P<inside>[^()]*)\)\s*(?P<behind>[^()]*)")
"""How accountants write what is below zero."""

LOOKS = re.compile(rf"[<>~≈±(\[]?\s*[+-]?\s*(?:{MONEY})?\s*[+-]?[.,]?\d")
"""How a cell begins that looks like a number."""

EXPONENT, POWER = r"(?:[eEdD][+-]?\d+)?", re.compile("[eEdD]")
SHAPES = {
    ".": re.compile(
        r"(?:\d+|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d?(?:,\d{2})+,\d{3}|[1-9]\d{0,2}(?: \d{3})+|[1-9]\d{0,2}(?:'\d{3})+|"
        r"[1-9]\d{0,2}(?:_\d{3})+)?(?:(?<!\d)\.\d+|(?<=\d)\.\d*)?" + EXPONENT
    ),
    ",": re.compile(
        r"(?:\d+|[1-9]\d{0,2}(?:\.\d{3})+|[1-9]\d{0,2}(?: \d{3})+|[1-9]\d{0,2}(?:'\d{3})+|[1-9]\d{0,2}(?:_\d{3})+)?"
        r"(?:(?<!\d),\d+|(?<=\d),\d*)?" + EXPONENT
    ),
}
"""What stands between the signs of a number, by the sign of its decimals."""

PLAIN, NOTHING = re.compile(r"-?[0-9]+(?:\.(?:[0-9]{1,2}|[0-9]{4,}))?"), float("nan")
"""Numbers that every convention reads alike but for the sign of decimals, and what stands for an empty cell."""

MISSING_WORDS = """
- -- --- . .. ... ? * na n/a n.a. #n/a #na nan null none nil missing <na> nat k.a. n.v. s/d nd n.d.
#div/0! #value! #ref! #num! #null! #wert! #bezug! #valeur!
"""
MISSING = frozenset(["", *MISSING_WORDS.split()])
"""How "nothing was measured" is written."""

ENDLESS = re.compile(r"[+-]?inf(?:inity)?", re.IGNORECASE)

MARKS = tuple(sign * float(digits) for digits in ("99", "999", "9999", "99999", "999999", "99.9", "999.9", "9999.9",
              "99.99", "999.99", "9999.99", "99.999", "999.999", "888", "8888", "777", "7777", "6999", "1e20", "1e30",
              "1e34", "1e35", "3.4028235e38", "9.96921e36") for sign in (-1.0, 1.0))  # fmt: skip
"""Values that often stand for "not measured"."""

FAR, FAR_ALONE = 2.0, 5.0
"""How far from all others such a value lies, in spans of the others, if it recurs and if it stands once."""

ENOUGH, SOME = 20, 2
"""Cells with a sign, and different cells without one, that tell thousands from decimals: of so many with three decimals
some would have lost a zero, not all three."""


@dataclass(frozen=True)
class Numeral:
    """A cell that is a number: what stands between its signs, whether it is below zero, and what stands around it."""

    digits: str
    negative: bool
    around: str

    def fits(self, point: str) -> bool:
        """Whether it is a number where ``point`` is the sign of decimals; a power of ten stands behind no thousands."""
        thousands = "," if point == "." else "."
        return bool(SHAPES[point].fullmatch(self.digits)) and not (
            thousands in self.digits and POWER.search(self.digits)
        )

    def value(self, point: str) -> float | None:
        """Its value where ``point`` is the sign of decimals; None where it is none then."""
        if not self.fits(point):
            return None
        plain = re.sub(r"[ '_]", "", self.digits).replace("," if point == "." else ".", "").replace(point, ".")
        found = float(plain.replace("d", "e").replace("D", "e"))
        return -found if self.negative else found


def numeral(cell: str) -> Numeral | None:
    """The number in a cell, or None."""
    text = cell if cell.isascii() else _ascii_digits(cell.translate(SIGNS))
    text = bare(text)
    if not text or len(text) > LONGEST:
        return None
    if bracketed := BRACKETS.fullmatch(text):
        inside = numeral(f"{bracketed['before']}{bracketed['inside']} {bracketed['behind']}")
        return Numeral(inside.digits, True, inside.around) if inside and not inside.negative else None
    found = CELL.fullmatch(text)
    if not found:
        return None
    signs = [sign for sign in (found["sign"], found["second"], found["after"], found["last"]) if sign]
    if len(signs) > 1:
        return None
    around = (found["before"] or "") + (found["behind"] or "").strip()
    return Numeral(found["digits"].strip(), bool(signs) and signs[0] != "+", around)


def _ascii_digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is nothing."""
    return cell.translate(SIGNS).strip().lower() in MISSING


def looks_like_number(cell: str) -> bool:
    """Whether a person who sees the cell would take it for a number."""
    return bool(LOOKS.match(_ascii_digits(cell[:LONGEST].translate(SIGNS)).strip()))


@dataclass(frozen=True, eq=False)
class Numbers:
    """A column read as numbers.

    Attributes:
        numbers: ``[row]``, NaN where there is none.
        point: the sign of decimals.
        open: a cell that may be read otherwise as well, where nothing decides; else "".
        grouped: a cell whose thousands are apart, if there is one.
        decimal: whether a cell has decimals.
        unread: rows that look like numbers and cannot be read.
        words: rows that hold words.
        around: what stands around the numbers, such as ``€``.
    """

    numbers: NDArray[np.float64]
    point: str = "."
    open: str = ""
    grouped: str = ""
    decimal: bool = False
    unread: tuple[int, ...] = ()
    words: tuple[int, ...] = ()
    around: str = ""

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Rows with a finite number."""
        return np.isfinite(self.numbers)


def read_numbers(cells: pd.Series, point: Point = "", hint: Point = "", likely: Point = "") -> Numbers:
    """The numbers of a column.

    Args:
        cells: as they stand in the file.
        point: the sign of decimals, where a person has said it.
        hint: the sign of decimals in the columns beside it, which decides where this one leaves it open.
        likely: the sign of decimals that is likelier where nothing decides; that stays open.
    """
    if not _is_written(cells):
        if pd.api.types.is_datetime64_any_dtype(cells) or pd.api.types.is_bool_dtype(cells):
            return Numbers(np.full(len(cells), np.nan), words=tuple(np.flatnonzero(cells.notna()).tolist()))
        values: Any = pd.to_numeric(cells, errors="coerce")
        return Numbers(np.asarray(values, dtype=np.float64))
    given = written(cells)
    if (plainly := _plain_numbers(given, point, hint)) is not None:
        return plainly
    found = {cell: numeral(cell) for cell in dict.fromkeys(given)}
    around = _around(found.values())
    if around is None:
        found = {cell: known if known and not known.around else None for cell, known in found.items()}
    known = [each for each in found.values() if each]
    decided, is_open = (point, False) if point else _decide(known, hint, likely)
    values = {cell: each.value(decided) if each else _special(cell) for cell, each in found.items()}
    bad = {cell for cell, value in values.items() if value is None and not is_missing(cell)}
    unread = {cell for cell in bad if looks_like_number(cell)}
    return Numbers(
        np.array([np.nan if values[cell] is None else values[cell] for cell in given], dtype=np.float64),
        decided,
        next((cell.strip() for cell, each in found.items() if is_open and each and _is_open(each)), ""),
        next((cell.strip() for cell, each in found.items() if each and _is_grouped(each, decided)), ""),
        any(decided in each.digits and each.value(decided) is not None for each in known),
        tuple(row for row, cell in enumerate(given) if cell in unread),
        tuple(row for row, cell in enumerate(given) if cell in bad and cell not in unread),
        around or "",
    )


def _plain_numbers(given: list[str], point: Point, hint: Point) -> Numbers | None:
    """Cells that are empty or digits with a point, and not three behind it, which leave nothing to decide, at once."""
    known = {cell: NOTHING if not cell else float(cell) for cell in dict.fromkeys(given)
             if not cell or (len(cell) <= LONGEST and PLAIN.fullmatch(cell))}  # fmt: skip
    decimal = any("." in cell for cell in known)
    if len(known) < len(set(given)) or (decimal and point == ","):
        return None
    numbers = np.array([known[cell] for cell in given], dtype=np.float64)
    return Numbers(numbers, point or ("." if decimal else hint or "."), decimal=decimal)


def written(cells: pd.Series) -> list[str]:
    """Every cell as a text, "" where it is missing."""
    return ["" if missing else str(cell) for cell, missing in zip(cells, cells.isna(), strict=True)]


def _is_written(cells: pd.Series) -> bool:
    if pd.api.types.is_string_dtype(cells.dtype) and cells.dtype != object:
        return True
    return cells.dtype == object and any(isinstance(cell, str) for cell in cells)


def _special(cell: str) -> float | None:
    text = cell.strip()
    return float(text) if ENDLESS.fullmatch(text) else None


def _around(numerals: Iterable[Numeral | None]) -> str | None:
    """What stands around the numbers, as long as it means the same everywhere; None where it does not."""
    found = {each.around for each in numerals if each}
    named = found - {""}
    if len(named) > 1:
        return None
    money = bool(named) and re.fullmatch(MONEY, next(iter(named))) is not None
    if named and "" in found and not money:
        return None  # 12% beside 0.12
    return next(iter(named), "")


def _decide(numerals: list[Numeral], hint: Point, likely: Point) -> tuple[str, bool]:
    """The sign of decimals under which most cells are numbers, and whether that is a guess."""
    fits = {point: sum(each.fits(point) for each in numerals) for point in POINTS}
    if fits["."] != fits[","]:
        return max(POINTS, key=fits.__getitem__), False
    doubtful = [each for each in numerals if _is_open(each)]
    if not doubtful or hint:
        return hint or likely or ".", False
    signs = {sign for each in doubtful for sign in ".," if sign in each.digits}
    if len(signs) > 1:
        return likely or ".", True
    sign = signs.pop()
    decimals, thousands = sign, "," if sign == "." else "."
    bare = [int(re.sub(r"\D", "", each.digits)) for each in numerals if re.fullmatch(r"\d+", each.digits)]
    if any(each >= 1000 for each in bare):
        return decimals, False
    told = {each for each in bare if each and each not in MARKS}
    if len(doubtful) >= ENOUGH and len(told) >= SOME:
        return thousands, False
    if told:
        middle = float(np.median([abs(each.value(thousands) or 0.0) for each in doubtful]))
        near, far = (abs(np.log10(np.median(list(told)) / scale)) for scale in (middle, middle / 1000.0))
        if abs(near - far) > 1.0:
            return (thousands, False) if near < far else (decimals, True)
    return likely or ".", True


def _is_open(each: Numeral) -> bool:
    """Whether it is a number either way, and not the same one."""
    first, second = (each.value(point) for point in POINTS)
    return first is not None and second is not None and first != second


def _is_grouped(each: Numeral, point: str) -> bool:
    other = "," if point == "." else "."
    return each.value(point) is not None and any(sign in each.digits for sign in (other, *" '_"))


def marks_of(values: NDArray[np.floating]) -> dict[float, int]:
    """Values that likely stand for "not measured", and how often: they lie far from all others, at their end."""
    rest, found = values[np.isfinite(values)], {}
    while len(rest) > 2:
        mark = next((end for end in (float(rest.min()), float(rest.max())) if _is_mark(end, rest)), None)
        if mark is None:
            break
        alike = rest == mark
        found[mark], rest = int(alike.sum()), rest[~alike]
    return found


def _is_mark(value: float, among: NDArray[np.floating]) -> bool:
    count, others = int((among == value).sum()), among[among != value]
    if count > len(others) or len(others) < 2 or not np.isclose(value, MARKS, rtol=1e-6, atol=0.0).any():
        return False
    distance = min(abs(value - float(others.min())), abs(value - float(others.max())))
    return distance > (FAR if count > 1 else FAR_ALONE) * float(others.max() - others.min())
