"""Of what kind each token of an input is, so that numbers can be taken together over several inputs.

English words have their part of speech, which the project's own tagger gives: it errs on about one word in nineteen.
Characters are vowels, consonants and so on; letters of DNA and protein are themselves.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core_models.encoded import Encoded
from core_models.language import mark

TAGGER = "pos-bilstm"
"""The model that gives parts of speech."""

VOWELS = frozenset("aeiouyAEIOUY")
LONG_WORDS = 1.5
"""Mean length of tokens from which on they are words."""


def are_words(encoded: Encoded) -> bool:
    """Whether an input consists of English words, as far as its letters tell."""
    labels, text = encoded.tokens.labels, encoded.tokens.text
    letters = [sign for sign in text if sign.isalpha()]
    english = bool(letters) and sum(sign.isascii() for sign in letters) > 0.9 * len(letters)
    return bool(encoded.tokens.spans) and english and float(np.mean([len(label) for label in labels])) > LONG_WORDS


def kinds_of(encoded: Encoded, tagger: Any = None) -> list[str]:
    """The kind of every token, by its English name; all alike where nothing is known of them.

    Args:
        encoded: the input.
        tagger: the model named ``TAGGER``; where words are read, their parts of speech.
    """
    tokens = encoded.tokens
    if not tokens.spans:
        return [mark("every step")] * len(tokens)
    if tagger is not None and are_words(encoded):
        return _parts_of_speech(encoded, tagger)
    return [_kind_of(tokens.text[start:end]) for start, end in tokens.spans]


def _parts_of_speech(encoded: Encoded, tagger: Any) -> list[str]:
    """Part of speech of each token: of the tagger's token that covers most of it."""
    read = tagger.encode(encoded.tokens.text)
    labels = tagger.task.choose(tagger.predict([read])[0].labels)
    spans, found = np.array(read.tokens.spans), []
    for start, end in encoded.tokens.spans:
        shared = np.minimum(spans[:, 1], end) - np.maximum(spans[:, 0], start)
        at = int(shared.argmax())
        found.append(tagger.task.name(labels[at]) if shared[at] > 0 else mark("not tagged"))
    return found


def _kind_of(sign: str) -> str:
    """The kind of a character."""
    if len(sign) != 1:
        return mark("start") if not sign else mark("word")
    if sign == "\n":
        return mark("line break")
    if sign.isspace():
        return mark("blank")
    if sign in "()[]{}":
        return mark("bracket")
    if sign.isdigit():
        return mark("digit")
    if sign.isalpha():
        if not sign.isascii():
            return mark("character")
        return mark("vowel") if sign in VOWELS else mark("consonant")
    return mark("sign")


def kinds_of_letters(encoded: Encoded) -> list[str]:
    """Every letter as a kind of its own, as in DNA."""
    return list(encoded.tokens.labels)
