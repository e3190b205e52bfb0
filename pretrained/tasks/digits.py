"""Copy or reverse a string of digits: the smallest task in which attention can be seen to walk, forwards or backwards.

All strings are drawn anew from a seed: lengths 1 to ``TRAINED`` for training, to ``LONGEST`` for dev and test, so that
the score by length says how far the network goes beyond what it was trained on.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pretrained.analysis.measures import by_length, exact
from pretrained.pairs import Length, Pair, PairTask
from pretrained.side import Side
from pretrained.task import Example

TRAINED, LONGEST = 12, 24
COUNTS = {"train": 60_000, "dev": 20, "test": 50}
"""Training strings; strings of each length and each order for dev and test."""

DIGITS_ONLY = tuple("0123456789")


def pairs(folder: Path, split: str) -> list[Pair]:
    """Strings of a split; nothing is read from ``folder``."""
    source = random.Random(f"digits {split}")  # noqa: S311 - reproducible data, not a secret
    if split == "train":
        return [_pair(source, source.randint(1, TRAINED), bool(source.getrandbits(1))) for _ in range(COUNTS[split])]
    lengths = range(1, LONGEST + 1)
    return [_pair(source, n, back) for n in lengths for back in (False, True) for _ in range(COUNTS[split])]


def _pair(source: random.Random, length: int, backwards: bool) -> Pair:
    digits = "".join(source.choices(DIGITS_ONLY, k=length))
    return Pair(f"{'reverse' if backwards else 'copy'} {digits}", (digits[::-1] if backwards else digits,))


def measure(outputs: Sequence[str], pairs: Sequence[Pair]) -> dict[str, Any]:
    """Exact outputs: among lengths that were trained, up to twice as long, and for each length."""
    trained = [i for i, pair in enumerate(pairs) if _length(pair.source) <= TRAINED]
    inside = exact([outputs[i] for i in trained], [pairs[i] for i in trained])["exact"]
    return exact(outputs, pairs) | {"exact_within_trained_lengths": inside} | by_length(outputs, pairs, _length)


def _length(source: str) -> int:
    return sum(sign.isdigit() for sign in source)


EXAMPLES = (
    Example("Reverse", "reverse 271828", "The attention runs from the right end to the left.", "828172"),
    Example("Copy", "copy 271828", "The same digits: now it runs from left to right.", "271828"),
    Example("One digit, often", "reverse 7777777", "Only their places differ: does it lose count?", "7777777"),
    Example(
        "As long as trained",
        "reverse 314159265358",
        "Twelve digits, the longest that it was trained on.",
        "853562951413",
    ),
    Example(
        "Longer than trained",
        "copy 31415926535897932",
        "Seventeen digits: where does it lose its place?",
        "31415926535897932",
    ),
)

DIGITS = PairTask(
    key="digits",
    title="Copy or reverse digits",
    question="type “copy” or “reverse” and then digits, such as reverse 2718.",
    source=Side(symbols=("copy", "reverse", *DIGITS_ONLY), pattern=r"copy|reverse|\S"),
    target=Side(symbols=DIGITS_ONLY, pattern=r"\S"),
    pairs=pairs,
    measure=measure,
    examples=EXAMPLES,
    limit=40,
    trained=TRAINED + 2,
    length=Length("digits", TRAINED),
    longest=40,
)
