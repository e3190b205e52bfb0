"""Models of sentiment are asked about sentences made for this, every token labelled with what has happened so far.

They are put together at random from words of film reviews, so that labels are exact: no person judged them.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pretrained.kinds.classes import ClassTask
from pretrained.probing.asked import ProbeInput, ProbeInputs, Statement, Truths, halved

STATEMENTS: Mapping[str, Statement] = {
    "negated": Statement("negation in force", "“not”, “never” or “hardly” was read in this clause"),
    "praise": Statement("last opinion was good", "the last opinion word read praises; asked from the first one on"),
    "contrast": Statement("a turn was read", "“but” or “although” was read"),
    "late": Statement("far into the sentence", "more than six tokens were read"),
    "thing": Statement("the token is a thing", "the token itself is a noun: no memory is needed"),
}

SENTENCES = 500
"""Distinct ones, from a half of which probes learn."""

THINGS = ("acting", "story", "music", "ending", "plot", "film", "script", "cast", "dialogue", "camera", "idea", "humor")
VERBS = ("is", "was", "seems", "looks", "feels")
NEGATIONS = ("not", "never", "hardly")
DEGREES = ("very", "really", "quite", "so", "rather")
GOOD = ("good", "great", "moving", "funny", "charming", "brilliant", "touching", "wonderful", "clever", "beautiful")
BAD = ("bad", "dull", "boring", "awful", "silly", "weak", "tedious", "terrible", "flat", "stupid")
TURNS, LINKS = ("but", "although"), ("and", "while")


@dataclass(frozen=True)
class MadeSentence:
    """One sentence: its tokens parted by blanks, and by key of a statement the answer for each."""

    text: str
    labels: Mapping[str, Truths]


def ask(task: ClassTask) -> ProbeInputs:
    """See ``pretrained.probing.inputs.inputs_of``."""
    made = list({item.text: item for item in make_sentences(2 * SENTENCES, seed=1)}.values())[:SENTENCES]
    found = [ProbeInput(task.encode(item.text), item.text.split(), item.labels) for item in made]
    return halved(STATEMENTS, found)


def make_sentences(count: int, seed: int) -> list[MadeSentence]:
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


def _label(words: Sequence[str]) -> MadeSentence:
    found: dict[str, list[bool | None]] = {key: [] for key in STATEMENTS}
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
    return MadeSentence(" ".join(words), found)
