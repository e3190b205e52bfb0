"""English spelling to sounds: which letters does each phoneme come from, and which are silent?

Phonemes are ARPAbet without stress. A word counts as right if any of its listed pronunciations is met; the word error
rate is 1 minus that share. The phoneme error rate is edit distance to the nearest pronunciation over its length.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core_models.language import mark
from pretrained.analysis.measures import exact
from pretrained.data.side import Side
from pretrained.data.text.pairs import Pair, rows_of
from pretrained.kinds.translation import PairTask
from pretrained.task import Example

FILES = {
    "cmudict/train.tsv.gz": "20a9b38a591d561a8d668b72b1d05d3e8f9d2e61f02aa00b1213405b670736ba",
    "cmudict/dev.tsv.gz": "638061798972cbc2db936103b6bc25ac03fcb7870c78247fc6fab6d1ae6a0ca9",
    "cmudict/test.tsv.gz": "31423321a057f7ac0c84e83fc60d2987365a3b44b352b9e46ec96b7da2919507",
}
LETTERS = tuple("'abcdefghijklmnopqrstuvwxyz")
PHONEMES = (
    "aa", "ae", "ah", "ao", "aw", "ay", "b", "ch", "d", "dh", "eh", "er", "ey", "f",
    "g", "hh", "ih", "iy", "jh", "k", "l", "m", "n", "ng", "ow", "oy", "p", "r",
    "s", "sh", "t", "th", "uh", "uw", "v", "w", "y", "z", "zh",
)  # fmt: skip
"""The 39 phonemes of the dictionary, in lower case."""


def pairs(folder: Path, split: str) -> list[Pair]:
    """Words of a split with their pronunciations, without stress."""
    found = []
    for word, pronunciations in rows_of(folder / f"cmudict/{split}.tsv.gz"):
        plain = dict.fromkeys(re.sub(r"\d", "", p).lower() for p in pronunciations.split("|"))
        found.append(Pair(word, tuple(plain)))
    return found


def measure(outputs: Sequence[str], pairs: Sequence[Pair]) -> dict[str, Any]:
    """Exact words, word error rate and phoneme error rate, both in percent."""
    found = exact(outputs, pairs)
    distances, length = 0, 0
    for output, pair in zip(outputs, pairs, strict=True):
        best = min((distance(output.split(), r.split()), len(r.split())) for r in pair.references)
        distances, length = distances + best[0], length + best[1]
    return found | {
        "word_error_rate": round(100.0 * (1.0 - found["exact"]), 2),
        "phoneme_error_rate": round(100.0 * distances / length, 2),
    }


def distance(one: Sequence[str], other: Sequence[str]) -> int:
    """Insertions, deletions and substitutions between two sequences (Levenshtein 1966)."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


EXAMPLES = (
    Example("Silent letters", "knight", "Six letters, three sounds: which letters are not looked at?", "n ay t"),
    Example("Two letters, one sound", "shepherd", "s and h become one sound, p and h do not.", "sh eh p er d"),
    Example("One letter, two sounds", "mix", "x becomes k and s.", "m ih k s"),
    Example("The same letters", "though", "ough: compare through, tough and bough.", "dh ow"),
    Example("Far away", "mate", "The e at the end changes the a before it.", "m ey t"),
    Example("A new word", "gatescope", "In no dictionary: how would it be said?", "g ey t s k ow p"),
)

DATA = {
    "name": "114,915 words of the CMU Pronouncing Dictionary, stress left out",
    "source": "https://github.com/cmusphinx/cmudict",
    "copy": "github.com/cmusphinx/cmudict at 0f8072f814306c5ee4fbf992ed853601b12c01f9, cmudict.dict",
    "licence": "BSD, two clauses, in its own words; the notice is kept in the repository named above",
    "citation": "The CMU Pronouncing Dictionary, Carnegie Mellon University",
    "limits": "American English, many names. Some test words are inflections of training words; foreign names are "
    "guessed.",
}
"""What the networks learn from."""

SOUNDS = PairTask(
    key="sounds",
    title=mark("Spelling to sounds"),
    data=DATA,
    question=mark("type an English word, such as knight."),
    source=Side(symbols=LETTERS, pattern=r"\S"),
    target=Side(symbols=PHONEMES, pattern=r"\S+", joiner=" "),
    pairs=pairs,
    measure=measure,
    examples=EXAMPLES,
    files=FILES,
    limit=40,
    trained=29,
    longest=40,
)
