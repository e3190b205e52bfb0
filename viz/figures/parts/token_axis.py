"""The token axis: how tokens are spelled on it, which of them are labelled, and the text that Plotly shows for them.

Tokens are somebody's own text. What cannot be seen is made visible, what is long is cut, and what Plotly would take for
markup is escaped. Token ``t`` stands at position ``t``, counted from 0, on every token axis.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core_models.language import ENGLISH, current, say
from core_models.language.filling import UNCOUNTED
from core_models.trace import Site, Trace

LONGEST = 14
"""Characters of a token shown on an axis."""

MOST_LABELS = 60
"""Labels on an axis of a saved figure; on screen the page shows as many as fit."""

ROUND = tuple(digit * 10**zeros for zeros in range(8) for digit in (1, 2, 5))
"""Steps between numbers on an axis."""

_JOINERS = "\u200c\u200d"
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "$": "&#36;"})


def numbered(noun: str, step: int, label: str) -> str:
    """A step by its number, counted from 1, and by its name where it has one that says more."""
    if label == str(step + 1):
        return say("{noun} {n}", noun=say(noun), n=step + 1)
    return say("{noun} {n} “{token}”", noun=say(noun), n=step + 1, token=label)


def spell(token: str, limit: int = LONGEST) -> str:
    """The token as one visible word of at most ``limit`` characters: plain text, not yet escaped for Plotly.

    Control characters become their pictures, other invisible ones a box, joiners too where they stand alone, a token
    of blanks only "␣"; a cut keeps an accent with its letter and an emoji whole where it can. Right-to-left words are
    isolated, so that they do not reorder what stands beside them.
    """
    word = "".join(_visible(sign) for sign in token[: 4 * limit]) or "∅"
    if not word.strip(_JOINERS):
        word = "□" * len(word)
    if word.isspace():
        word = word.replace(" ", "␣")
    if len(word) > limit:
        end = limit - 1
        while end > 1 and (_joined(word[end]) or word[end - 1] in _JOINERS):
            end -= 1
        word = word[: end if end > 1 else limit - 1] + "…"
    if any(unicodedata.bidirectional(sign) in {"R", "AL"} for sign in word):
        return f"\u2068{word}\u2069"
    return word


def escape(text: str) -> str:
    """Text that Plotly shows letter by letter: without tags, entities, formulas or places for numbers such as %{y}."""
    return text.translate(_ESCAPES).replace("%{", "&#37;{")


def labels_of(trace: Trace, site: Site | None = None, dim: str = "step") -> list[str]:
    """Every token along one axis of the values at a site (or of the trace), spelled for that axis, plain text."""
    tokens = trace.tokens if site is None else trace.tokens_of(site, dim)
    return [spell(token) for token in tokens.labels]


def noun_of(trace: Trace, site: Site | None = None) -> str:
    """What one step of the values at a site is called: ``token``, or for a series ``hour`` and the like."""
    return (trace.tokens if site is None else trace.tokens_of(site)).noun


def in_nouns(text: str, noun: str) -> str:
    """``text`` about tokens and words, said of steps that are called something else."""
    if noun == "token":
        return text
    if current() != ENGLISH:
        own = say(noun)
        for usual in (say("token"), say("word")):
            text = text.replace(f"个{usual}", own) if own in UNCOUNTED else text
            text = text.replace(usual, own)
        return text
    text = re.sub(r"\b([Aa])n? (?:token|word)\b", lambda found: found[1] + with_article(noun)[1:], text)
    return re.sub(r"\b(?:token|word)(s?)\b", rf"{noun}\1", text)


def with_article(noun: str) -> str:
    """The noun with its indefinite article: a day, an hour; in a language other than English the noun alone."""
    if current() != ENGLISH:
        return say(noun)
    return f"{'an' if noun[0] in 'aeio' or noun.startswith('hour') else 'a'} {noun}"


def thinned(count: int, most: int = MOST_LABELS) -> range:
    """Evenly spaced positions of at most ``most`` out of ``count`` labels."""
    return range(0, count, -(-count // most)) if count else range(0)


def label_ticks(axis: str, labels: Sequence[str], colors: Sequence[str] = ()) -> dict[str, Any]:
    """Entry of ``layout.meta["ticks"]``: all labels of an axis such as ``x`` or ``y2``, for the page to choose from.

    ``colors`` has one for each label, such as ``#2f7fd1``, or "" for that of all text.
    """
    return {"axis": axis, "values": list(range(len(labels))), "labels": list(labels), "colors": list(colors)}


def label_axis(labels: Sequence[str], title: str, *, downward: bool = False, most: int = MOST_LABELS) -> dict[str, Any]:
    """Layout of an axis with a label at every whole number: fixed range, thinned ticks, labels in hover texts.

    Args:
        labels: plain text, one for each position from 0.
        title: name of the axis; none takes no room.
        downward: whether position 0 stands at the top.
        most: number of labels shown at most.
    """
    shown, spelled = thinned(len(labels), most), _spelled(labels)
    if shown.step > 1 and spelled:  # some letters out of many spell nothing: their numbers do say where one is
        step = next(count for count in ROUND if count >= shown.step)
        shown = range(step - 1, len(labels), step)
    ends = [-0.5, len(labels) - 0.5]
    escaped = [escape(label) for label in labels]
    named = {"title": {"text": title}} if title else {}
    return {
        **named,
        "range": ends[::-1] if downward else ends,
        "tickmode": "array",
        "tickvals": list(shown),
        "ticktext": [str(position + 1) if shown.step > 1 and spelled else escaped[position] for position in shown],
        "labelalias": {str(position): label for position, label in enumerate(escaped)},
        "exponentformat": "none",
        "showgrid": False,
        "zeroline": False,
    }


def _spelled(labels: Sequence[str]) -> bool:
    """Whether these are letters one by one, but for a few signs of a beginning or an end.

    Digits are numbers of rows.
    """
    return sum(len(label) == 1 and not label.isdecimal() for label in labels) > 0.9 * len(labels)


def counts(steps: int) -> NDArray[np.integer]:
    """Token numbers as people count, from 1, in the smallest type that holds them."""
    return np.arange(1, steps + 1, dtype=np.min_scalar_type(steps))


def _visible(sign: str) -> str:
    code = ord(sign)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if sign in _JOINERS:
        return sign
    category = unicodedata.category(sign)
    if category == "Zs":
        return " "
    return "□" if category in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} else sign


def _joined(sign: str) -> bool:
    return sign in _JOINERS or unicodedata.category(sign).startswith("M") or 0x1F3FB <= ord(sign) <= 0x1F3FF
