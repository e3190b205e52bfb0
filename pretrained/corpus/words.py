"""Words and regular expressions in a corpus, found in time linear in its length whatever somebody types (RE2)."""

from __future__ import annotations

import numpy as np
import re2

from core_models.corpus.places import Floats, Ints, Places
from core_models.language import say
from core_models.trace import Tokens
from pretrained.corpus.reading import Corpus
from pretrained.task import InputError

LONGEST = 200
"""Characters of an expression."""

MEMORY = 8 << 20
"""Bytes that an expression may take: a hostile one is refused."""


def find_words(corpus: Corpus, wanted: str, *, expression: bool = False) -> Places:
    """Every place where a text holds some words, or what a regular expression matches, in the order of the corpus.

    Args:
        corpus: the texts.
        wanted: words, whatever their case, as whole words where they are; or an expression as RE2 takes it.
        expression: whether it is one.

    Raises:
        InputError: if nothing is asked for, or the expression cannot be used.
    """
    pattern = compiled(wanted, expression=expression)
    start, stop = [], []
    for at, tokens in enumerate(corpus.tokens):
        for found in pattern.finditer(tokens.text):
            first, last = _tokens_of(tokens, *found.span())
            if last > first:
                start.append(corpus.bounds[at] + first)
                stop.append(corpus.bounds[at] + last)
    ones: Floats = np.ones(len(start), np.float32)
    return Places(_ints(start), _ints(stop), ones)


def _ints(found: list[int]) -> Ints:
    return np.array(found, dtype=np.int64)


def compiled(wanted: str, *, expression: bool) -> re2._Regexp:
    """Words, whatever their case, or an expression, ready to be searched for.

    Raises:
        InputError: if nothing is asked for, or the expression cannot be used.
    """
    if not wanted.strip():
        raise InputError(say("Type a word or an expression to find it in the corpus."))
    if len(wanted) > LONGEST:
        raise InputError(
            say("The expression has {n:,} characters; at most {most} are searched for.", n=len(wanted), most=LONGEST)
        )
    settings = re2.Options()
    settings.max_mem, settings.log_errors, settings.case_sensitive = MEMORY, False, expression
    written = wanted if expression else _whole(wanted.strip())
    try:
        return re2.compile(written, settings)
    except re2.error as error:
        said = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        raise InputError(
            say(
                "This is no regular expression that can be searched for ({said}): mend it, or "
                "switch the expression off.",
                said=said,
            )
        ) from error


def _whole(words: str) -> str:
    """An expression for words that are not parts of longer ones."""
    first, last = (r"\b" if sign.isascii() and sign.isalnum() else "" for sign in (words[0], words[-1]))
    return first + re2.escape(words) + last


def _tokens_of(tokens: Tokens, begin: int, end: int) -> tuple[int, int]:
    """First token that reaches into a stretch of the text, and the one after the last."""
    inside = [at for at, (low, high) in enumerate(tokens.spans) if low < end and high > begin]
    return (inside[0], inside[-1] + 1) if inside else (0, 0)
