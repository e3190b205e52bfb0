"""Sentences made to be probed: every token of each is labelled with what has happened so far.

They are put together at random from words of film reviews, so that labels are exact: no person judged them.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PROPERTIES: Mapping[str, tuple[str, str]] = {
    "negated": ("negation in force", "“not”, “never” or “hardly” was read in this clause"),
    "praise": ("last opinion was good", "the last opinion word read praises; asked from the first one on"),
    "contrast": ("a turn was read", "“but” or “although” was read"),
    "late": ("far into the sentence", "more than six tokens were read"),
    "thing": ("the token is a thing", "the token itself is a noun: no memory is needed"),
}
"""By key: name on screen, and when it is true of a token."""

THINGS = ("acting", "story", "music", "ending", "plot", "film", "script", "cast", "dialogue", "camera", "idea", "humor")
VERBS = ("is", "was", "seems", "looks", "feels")
NEGATIONS = ("not", "never", "hardly")
DEGREES = ("very", "really", "quite", "so", "rather")
GOOD = ("good", "great", "moving", "funny", "charming", "brilliant", "touching", "wonderful", "clever", "beautiful")
BAD = ("bad", "dull", "boring", "awful", "silly", "weak", "tedious", "terrible", "flat", "stupid")
TURNS, LINKS = ("but", "although"), ("and", "while")


@dataclass(frozen=True)
class Labelled:
    """One sentence.

    Attributes:
        text: tokens parted by blanks.
        labels: by property, one a token; None where the property is not asked for.
    """

    text: str
    labels: Mapping[str, tuple[bool | None, ...]]


def make_sentences(count: int, seed: int) -> list[Labelled]:
    """``count`` sentences of one to three clauses; the same seed makes the same ones."""
    draw = random.Random(seed)  # noqa: S311 (nothing secret is drawn)
    return [_label(_sentence(draw)) for _ in range(count)]


def _sentence(draw: random.Random) -> list[str]:
    words = _clause(draw)
    for _ in range(draw.choice((0, 1, 1, 2))):
        joint = draw.choice((*TURNS, *LINKS))
        words += [",", joint] if draw.random() < 0.5 else [joint]
        words += _clause(draw)
    return words


def _clause(draw: random.Random) -> list[str]:
    words = [draw.choice(("the", "this", "its")), draw.choice(THINGS), draw.choice(VERBS)]
    if draw.random() < 0.4:
        words.append(draw.choice(NEGATIONS))
    if draw.random() < 0.4:
        words.append(draw.choice(DEGREES))
    return [*words, draw.choice(GOOD if draw.random() < 0.5 else BAD)]


def _label(words: Sequence[str]) -> Labelled:
    found: dict[str, list[bool | None]] = {key: [] for key in PROPERTIES}
    negated = contrast = False
    praise: bool | None = None
    for count, word in enumerate(words, start=1):
        if word in (*TURNS, *LINKS):
            negated = False
        negated |= word in NEGATIONS
        contrast |= word in TURNS
        if word in GOOD or word in BAD:
            praise = word in GOOD
        now = {"negated": negated, "praise": praise, "contrast": contrast, "late": count > 6, "thing": word in THINGS}
        for key, value in now.items():
            found[key].append(value)
    return Labelled(" ".join(words), {key: tuple(values) for key, values in found.items()})
