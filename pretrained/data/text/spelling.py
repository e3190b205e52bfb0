"""What a word's spelling gives away: its end, its beginning, its shape."""

from __future__ import annotations

import re


def lower(word: str) -> str:
    """The word without capitals, every digit as 0."""
    return re.sub(r"\d", "0", word.lower())


def ending(word: str) -> str:
    """Its last three letters."""
    return lower(word)[-3:]


def short_ending(word: str) -> str:
    """Its last two letters."""
    return lower(word)[-2:]


def beginning(word: str) -> str:
    """Its first three letters."""
    return lower(word)[:3]


def shape(word: str) -> str:
    """Capitals as X, small letters as x, digits as 0, other signs as they are; runs longer than two are cut."""
    signs = "".join("X" if c.isupper() else "x" if c.isalpha() else "0" if c.isdigit() else c for c in word)
    return re.sub(r"(.)\1\1+", r"\1\1", signs)[:6]
