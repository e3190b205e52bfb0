"""What can be said of every place in a text: inside quotes or brackets, how deep, where in the line, what comes next.

Each property is worked out from the text alone, one number a character, for the state after that character was read.
``ahead`` marks what the text says only later: a unit that follows it foretells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core_models.language import mark

Floats = NDArray[np.float64]
OPENING, CLOSING = "([{", ")]}"
MARKS = "，。！？；、,.;:!?"


@dataclass(frozen=True)
class Property:
    """One thing to follow.

    Attributes:
        key: short name.
        name: name on screen.
        binary: whether it is yes (1) or no (0); else a number.
        ahead: whether it is about the next character.
        compute: its value after every character of a text.
    """

    key: str
    name: str
    binary: bool
    ahead: bool
    compute: Callable[[str], Floats]


def _each(test: Callable[[str], bool]) -> Callable[[str], Floats]:
    return lambda text: np.array([test(character) for character in text], dtype=float)


def _next(test: Callable[[str], bool]) -> Callable[[str], Floats]:
    """A test of the character after each; the last has none, and nothing is known of it: 0."""
    return lambda text: np.array([*(test(character) for character in text[1:]), False][: len(text)], dtype=float)


def quoted(text: str) -> Floats:
    """1 from an opening double quote on until it is closed; a quote does not reach beyond its line."""
    found, inside, escaped = [], False, False
    for character in text:
        if character == "\n":
            inside = False
        elif character == '"' and not escaped:
            inside = not inside
        escaped = character == "\\" and not escaped
        found.append(inside)
    return np.array(found, dtype=float)


def depth(text: str, opening: str = OPENING, closing: str = CLOSING) -> Floats:
    """How many brackets are open, brackets in double quotes not counted; never below 0."""
    found, level = [], 0
    for character, silent in zip(text, quoted(text), strict=True):
        if not silent:
            level = max(0, level + (character in opening) - (character in closing))
        found.append(level)
    return np.array(found, dtype=float)


def commented(text: str) -> Floats:
    """1 from /* on until */ is complete."""
    found, inside = [], False
    for at in range(len(text)):
        pair = text[max(0, at - 1) : at + 1]
        inside = (inside or pair == "/*") and not (inside and pair == "*/")
        found.append(inside)
    return np.array(found, dtype=float)


def _runs(text: str, ends: Callable[[str], bool]) -> Iterator[int]:
    length = 0
    for character in text:
        length = 0 if ends(character) else length + 1
        yield length


def line_position(text: str) -> Floats:
    """Characters since the line began; 0 at the newline itself."""
    return np.array(list(_runs(text, lambda character: character == "\n")), dtype=float)


def indent(text: str) -> Floats:
    """Blanks at the beginning of the line, as far as it has been read."""
    found, blanks, beginning = [], 0, True
    for character in text:
        if character == "\n":
            blanks, beginning = 0, True
        elif character == " " and beginning:
            blanks += 1
        else:
            beginning = False
        found.append(blanks)
    return np.array(found, dtype=float)


def clause_position(text: str) -> Floats:
    """Characters since the last punctuation mark or newline."""
    return np.array(list(_runs(text, lambda character: character in MARKS or character == "\n")), dtype=float)


def word_position(text: str) -> Floats:
    """Letters since the word began; 0 outside words."""
    return np.array(list(_runs(text, lambda character: not character.isalpha())), dtype=float)


PROPERTIES: tuple[Property, ...] = (
    Property("quotes", mark("inside double quotes"), True, False, quoted),
    Property("parentheses", mark("inside ( )"), True, False, lambda text: (depth(text, "(", ")") > 0).astype(float)),
    Property("comment", mark("inside /* */"), True, False, commented),
    Property("depth", mark("number of open brackets"), False, False, depth),
    Property("indent", mark("indent of the line"), False, False, indent),
    Property("line", mark("position in the line"), False, False, line_position),
    Property("clause", mark("position since the last punctuation mark"), False, False, clause_position),
    Property("word", mark("position in the word"), False, False, word_position),
    Property("vowel", mark("a vowel"), True, False, _each(lambda character: character in "aeiouAEIOU")),
    Property("capital", mark("a capital letter"), True, False, _each(str.isupper)),
    Property("newline", mark("a newline comes next"), True, True, _next(lambda character: character == "\n")),
    Property("blank", mark("a blank comes next"), True, True, _next(lambda character: character == " ")),
    Property("mark", mark("a punctuation mark comes next"), True, True, _next(lambda character: character in MARKS)),
)
BY_KEY: Mapping[str, Property] = {row.key: row for row in PROPERTIES}

RAREST = 8
"""Characters at which a yes or a no has to occur at least, for units to be compared."""


def telling(row: Property, values: Floats) -> bool:
    """Whether a property varies enough in a text to be followed."""
    if not row.binary:
        return bool(np.ptp(values) > 0)
    yes = float(values.sum())
    return min(yes, len(values) - yes) >= RAREST
