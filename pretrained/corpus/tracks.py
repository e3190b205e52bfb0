"""What is true, or can be counted, of every token of a corpus: the closed list that descriptions are picked from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from core_models.corpus.places import Ints
from core_models.corpus.units import Track
from core_models.explain.probing.text_properties import CLOSING, OPENING, PROPERTIES
from core_models.explain.probing.unit_selectivity import Floats
from core_models.language import mark, say
from core_models.trace import Tokens
from pretrained.corpus.reading import Corpus

Labels = Sequence[str]
NEGATIONS = frozenset(("not", "n't", "no", "never", "nothing", "nobody", "neither", "nor", "without"))
CONTRASTS = frozenset(("but", "however", "although", "though", "yet"))

MOST_NAMES = 12
"""Tokens that are looked at one by one among those of some places."""


def _each(test: Callable[[str], bool]) -> Callable[[Labels], list[float]]:
    return lambda labels: [float(test(label)) for label in labels]


def _since(starts: frozenset[str]) -> Callable[[Labels], list[float]]:
    """1 from the first of some words on."""

    def compute(labels: Labels) -> list[float]:
        found, on = [], 0.0
        for label in labels:
            on = max(on, float(label.lower() in starts))
            found.append(on)
        return found

    return compute


def _quoted(labels: Labels) -> list[float]:
    """1 from an opening double quote on until it is closed."""
    found, inside = [], False
    for label in labels:
        inside ^= label in ('"', "``", "''", "“", "”")
        found.append(float(inside))
    return found


def _depth(labels: Labels) -> list[float]:
    """How many brackets are open."""
    found, level = [], 0
    for label in labels:
        level = max(0, level + (label in OPENING) - (label in CLOSING))
        found.append(float(level))
    return found


WORDS: Mapping[str, tuple[Callable[[Labels], list[float]], bool]] = {
    mark("inside quotation marks"): (_quoted, True),
    mark("number of open brackets"): (_depth, False),
    mark("after a contrast (but, however, …)"): (_since(CONTRASTS), True),
    mark("after a negation (not, never, …)"): (_since(NEGATIONS), True),
    mark("a contrast word"): (_each(lambda label: label.lower() in CONTRASTS), True),
    mark("a negation word"): (_each(lambda label: label.lower() in NEGATIONS), True),
    mark("a number"): (_each(lambda label: label.replace(",", "").replace(".", "").isdigit()), True),
    mark("a capital at its beginning"): (_each(lambda label: label[:1].isupper()), True),
    mark("a punctuation mark"): (_each(lambda label: not any(map(str.isalnum, label))), True),
    mark("ends in -ing"): (_each(lambda label: len(label) > 4 and label.endswith("ing")), True),
    mark("ends in -ed"): (_each(lambda label: len(label) > 3 and label.endswith("ed")), True),
    mark("ends in -ly"): (_each(lambda label: len(label) > 3 and label.endswith("ly")), True),
    mark("position in the text"): (lambda labels: [float(at) for at in range(len(labels))], False),
    mark("the first token"): (lambda labels: [float(at == 0) for at in range(len(labels))], True),
}
"""Properties of words by name: how they are computed for one text, and whether they are yes or no."""

LETTERS: Mapping[str, tuple[Callable[[Labels], list[float]], bool]] = {
    mark("position in the sequence"): (lambda labels: [float(at) for at in range(len(labels))], False),
}

OF_TEXTS = {"letter": mark("the letter {name}"), "tag": mark("labelled {name}"),
            "label": mark("in a text labelled {name}")}  # fmt: skip
OF_TOKENS = {"token": mark("the token is “{name}”"), "before": mark("the token before is “{name}”")}
"""Properties that are named after something in the corpus."""


def said_of(name: str) -> str:
    """The name of a property in the language that is spoken; tokens in it stay as they are, and labels are said."""
    for text in (*OF_TOKENS.values(), *OF_TEXTS.values()):
        start, end = text.split("{name}")
        if name.startswith(start) and name.endswith(end):
            inside = name[len(start) : len(name) - len(end)]
            return say(text, name=say(inside) if text == OF_TEXTS["label"] else inside)
    return say(name)


def tracks(corpus: Corpus, *, characters: bool, letters: bool) -> list[Track]:
    """Everything of the closed list, with the tags and labels that the corpus has.

    Args:
        corpus: the texts.
        characters: whether its tokens are characters of texts.
        letters: whether they are letters of an alphabet, such as bases.
    """
    found = [] if letters else _of_characters(corpus) if characters else []
    listed = LETTERS if letters else {} if characters else WORDS
    for name, (compute, binary) in listed.items():
        found.append(Track(name, _joined(compute(tokens.labels) for tokens in corpus.tokens), binary))
    if letters:
        found += [
            _named(OF_TEXTS["letter"].format(name=name), corpus.labels, name) for name in sorted(set(corpus.labels))
        ]
    if tags := corpus.tags():
        found += [_named(OF_TEXTS["tag"].format(name=name), tags, name) for name in sorted(set(tags) - {"", "–"})]
    if corpus.texts.labels:
        own = [corpus.texts.labels[at] for at in corpus.document_of().tolist()]
        found += [_named(OF_TEXTS["label"].format(name=name), own, name) for name in sorted(set(own) - {""})]
    return found


def _of_characters(corpus: Corpus) -> list[Track]:
    """The properties of characters, each text read by itself with the start that it begins after."""
    texts = [_text(tokens) for tokens in corpus.tokens]
    return [Track(row.name, _joined(row.compute(text) for text in texts), row.binary) for row in PROPERTIES]


def _text(tokens: Tokens) -> str:
    """The text with a newline for each token before it."""
    return "\n" * (len(tokens) - len(tokens.text)) + tokens.text


def _joined(parts: Iterable[Any]) -> Floats:
    return np.concatenate([np.asarray(part, dtype=np.float64) for part in parts])


def _named(name: str, names: Sequence[str], wanted: str) -> Track:
    return Track(name, (np.asarray(names, dtype=object) == wanted).astype(np.float64))


def token_tracks(corpus: Corpus, places: Ints) -> list[Track]:
    """Whether every token, or the one before it, is one of those that some places have most often."""
    labels = [label.lower() for label in corpus.labels]
    before = ["", *labels[:-1]]
    for first in corpus.bounds[:-1].tolist():
        before[first] = ""
    found = []
    for what, names in ((OF_TOKENS["token"], labels), (OF_TOKENS["before"], before)):
        counted = Counter(names[place] for place in places.tolist())
        listed = [name for name, count in counted.most_common(MOST_NAMES) if name and count > 1]
        found += [_named(what.format(name=name), names, name) for name in listed]
    return found
