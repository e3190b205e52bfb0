"""What a text looks like that is no sentence: letters of DNA or of a protein, and the models that read those."""

from __future__ import annotations

import re
from typing import Any

from core_models.language import mark, say

BASES, RESIDUES = frozenset("ACGTUN"), frozenset("ACDEFGHIKLMNPQRSTVWY")

FEWEST, LONGEST_WORD = 12, 20
"""Letters of DNA, and of a protein, in one piece: no word of a language consists of so many of these letters alone."""

PIECE = 5
"""Letters between two blanks at least; entries of GenBank have ten."""

SENTENCE = re.compile(r"[A-Za-z]?[a-z]+(?: [a-z’']+)+")

ADVICE = {
    "DNA": mark("This looks like DNA: choose a model of splice junctions."),
    "a protein": mark("This looks like a protein: choose a model of protein structure."),
    "a sentence": mark("This looks like a sentence: choose a model that reads words."),
}
"""What to do with what a text looks like."""

OWN = {"DNA": "splice-junctions", "a protein": "protein-structure"}
"""Keys of the tasks that are about it."""


def looks_like(text: str) -> str:
    """``DNA``, ``a protein`` or ``a sentence``; "" where it is none of these for certain."""
    letters = re.sub(r"^[>;][^\n]*\n", "", text.strip(), count=1)
    pieces = re.sub(r"(?<!\S)\d+(?!\S)", " ", letters).split()
    joined = "".join(pieces)
    alike = joined.isupper() or joined.islower()
    if alike and len(joined) >= FEWEST and all(len(piece) >= PIECE for piece in pieces[:-1]):
        if set(joined.upper()) <= BASES:
            return "DNA"
        if joined.isupper() and set(joined) <= RESIDUES and max(map(len, pieces)) >= LONGEST_WORD:
            return "a protein"
    return "a sentence" if SENTENCE.search(letters) else ""


def advice(text: str, wanted: str) -> str:
    """What to do with a text that looks like something else than what is ``wanted``; "" where that is not certain."""
    found = looks_like(text)
    return "" if found in ("", wanted) else say(ADVICE[found])


def elsewhere(task: Any, text: str) -> str:
    """Which model reads a text that looks like nothing that ``task`` reads, in a sentence; "" where it may read it."""
    found = looks_like(text)
    if not found or OWN.get(found) == task.key or (found == "a sentence" and task.medium == "text"):
        return ""
    return say(ADVICE[found])
