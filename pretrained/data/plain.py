"""A text as it is read, beside the text as it was typed: one spelling for what a person sees as one.

Copied from a PDF, a web page or a phone, a word holds signs that nobody sees (soft hyphens, zero-width blanks and
joiners), letters in other clothes (ligatures, full width, mathematical alphabets), accents as signs of their own, and
one of a dozen apostrophes; three points are one character, and quotation marks are those of another language. Models
learned none of these. They are read as what they look like, without marks that no letter is composed with (Unicode's
composition, NFC, and the compatible letters of NFKC; Unicode Standard Annex 15), and every character keeps its place in
the text, which is shown as it was typed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Set
from dataclasses import dataclass
from functools import cache

APOSTROPHES = "'’‘`´ʼʻʽʹˈ′‛՚ꞌ"
"""Signs that stand for an apostrophe between two letters, and where a word was parted from its ending."""

PARTED = ("s", "m", "d", "t", "re", "ve", "ll")
"""Endings behind an apostrophe that tokenised texts part from their words: ``it 's``."""

POINTS, QUOTES = {"…": "...", "‥": ".."}, "„‟«»❝❞〝〞〟"
"""Points in one character, and quotation marks of other languages, which are read as the straight one."""

HYPHENS = "\u2010\u2011"
CLOTHES = ("<wide>", "<narrow>", "<font>")
"""Kinds of compatible letters that differ in their looks only."""

LIGATURES = range(0xFB00, 0xFB07)
JAMO = range(0x1160, 0x1200)
"""Korean vowels and finals, which compose with what stands before them."""

SILENT = {
    0x034F, 0x115F, 0x1160, 0x3164, 0xFFA0, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0),
}  # fmt: skip
"""Signs without looks whose category does not say it."""

SHOWN_FORMATS = {*range(0x0600, 0x0606), 0x06DD, 0x070F, 0x08E2, 0x110BD, 0x110CD}
"""Signs of the category of formats that are seen."""

INVISIBLE = ("Cf", "Cn", "Co", "Cs", "Zl", "Zp")
"""Categories of characters that no font shows; those that control have pictures."""


@dataclass(frozen=True)
class Plain:
    """A text as it is read.

    Attributes:
        text: what is read.
        places: start and end, in the text as it was typed, of every character; empty where nothing differs.
    """

    text: str
    places: tuple[tuple[int, int], ...] = ()

    def spans(self, stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
        """Where stretches of what is read, in their order, stand in the text as it was typed; none lies over another.

        Of two that share one character, such as a ligature that is split, the second has no place of its own.
        """
        found, before = list[tuple[int, int]](), 0
        for start, end in stretches:
            first, last = self._span(start, end)
            first = max(first, before)
            before = max(first, last)
            found.append((first, before))
        return found

    def _span(self, start: int, end: int) -> tuple[int, int]:
        if not self.places:
            return start, end
        first = self.places[start][0] if start < len(self.places) else self.places[-1][1]
        return first, self.places[end - 1][1] if start < end else first


def plain(text: str, known: Set[str] = frozenset()) -> Plain:
    """A text as it is read.

    Args:
        text: as it was typed.
        known: characters that a model knows as they are, and that stay.
    """
    if text.isascii() and "`" not in text:
        return Plain(text)
    signs: list[str] = []
    places: list[tuple[int, int]] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and (unicodedata.combining(text[end]) or ord(text[end]) in JAMO):
            end += 1
        composed = unicodedata.normalize("NFC", text[start:end])
        for sign in "".join(each if each in known else looks(each) for each in composed[:1]):
            signs.append(sign)
            places.append((start, end))
        start = end
    for at in range(1, len(signs) - 1):
        if signs[at] in APOSTROPHES and signs[at + 1].isalpha() and (signs[at - 1].isalpha() or _is_parted(signs, at)):
            signs[at] = "'"
    read = "".join(signs)
    return Plain(text) if read == text else Plain(read, tuple(places))


def _is_parted(signs: list[str], at: int) -> bool:
    """Whether a blank stands before a sign, and an ending alone behind it."""
    if not signs[at - 1].isspace():
        return False
    end = next((place for place in range(at + 1, len(signs)) if not signs[place].isalnum()), len(signs))
    return "".join(signs[at + 1 : min(end, at + 4)]).lower() in PARTED


@cache
def looks(sign: str) -> str:
    """What a character looks like: itself, other characters, or nothing."""
    code = ord(sign)
    if code in SILENT or (unicodedata.category(sign) == "Cf" and code not in SHOWN_FORMATS):
        return ""
    if unicodedata.category(sign) == "Cs":
        return "\ufffd"
    if sign in HYPHENS:
        return "-"
    if sign in QUOTES:
        return '"'
    if sign in POINTS:
        return POINTS[sign]
    if code in LIGATURES or unicodedata.decomposition(sign).startswith(CLOTHES):
        return unicodedata.normalize("NFKC", sign)
    return sign


def alike(sign: str) -> str:
    """The character that one looks like, where every character is read for itself."""
    return "'" if sign in APOSTROPHES else " " if sign.isspace() else looks(sign)


def seen(label: str) -> str:
    """A label as it is, or the number of its first character where nothing in it can be seen."""
    if not label.strip(" \t\n\r\v\f") or any(
        not sign.isspace() and unicodedata.category(sign) not in INVISIBLE for sign in label
    ):
        return label
    return f"U+{ord(label[0]):04X}"
