r"""Balanced brackets: is a sequence of two kinds of brackets balanced, every one closed by its own kind in order?

Half of the sequences are balanced (the language Dyck-2). Each of the others is a balanced one of which two brackets
have changed places, so that it still holds as many of each: counting alone does not tell them apart. Guessing is right
in half of all cases. Source: Chomsky & Schützenberger 1963 for the language; Suzgun et al. 2019, arXiv 1911.03329, for
recurrent networks that learn it.
"""

from __future__ import annotations

import torch
from torch import Generator

from core_models.language import mark
from pretrained.lab.problems.problem import Batch, Problem, ids_of, whole

PAIRS = ("()", "[]")
CLOSES = {close: opening for opening, close in PAIRS}
SIGNS_READ = "".join(PAIRS)
TRIES = 20
"""Times that two brackets are exchanged until the sequence is no longer balanced."""


def balanced(text: str) -> bool:
    """Whether every bracket is closed by its own kind, in order."""
    open_ones: list[str] = []
    for sign in text:
        if sign not in CLOSES:
            open_ones.append(sign)
        elif not open_ones or open_ones.pop() != CLOSES[sign]:
            return False
    return not open_ones


def sample(length: int, count: int, generator: Generator) -> Batch:
    """``count`` fresh sequences of ``length`` steps, or one more where that is odd."""
    half = (length + 1) // 2
    numbers = torch.rand(count, 4 * half + 2 * TRIES, generator=generator).tolist()
    rows = [_balanced(half, row) for row in numbers]
    changed = [_changed(row, drawn[4 * half :]) if place % 2 else row for place, (row, drawn) in
               enumerate(zip(rows, numbers, strict=True))]  # fmt: skip
    target = torch.tensor([int(balanced(row)) for row in changed])
    return whole(ids_of(changed, PROBLEM.words), target)


def _balanced(half: int, drawn: list[float]) -> str:
    """A balanced sequence: at each place an opening bracket or the end of the last one, by a coin where both can be."""
    found, open_ones, opened = "", "", 0
    for place in range(2 * half):
        coin, kind = drawn[2 * place], int(2 * drawn[2 * place + 1])
        if opened < half and (not open_ones or coin < 0.5):
            found += PAIRS[kind][0]
            open_ones += PAIRS[kind][1]
            opened += 1
        else:
            found, open_ones = found + open_ones[-1], open_ones[:-1]
    return found


def _changed(row: str, drawn: list[float]) -> str:
    """The sequence with two of its brackets exchanged so that it is not balanced; with the ends exchanged at last."""
    for first, second in zip(drawn[::2], drawn[1::2], strict=True):
        signs, (a, b) = list(row), (int(first * len(row)), int(second * len(row)))
        signs[a], signs[b] = signs[b], signs[a]
        if not balanced("".join(signs)):
            return "".join(signs)
    return row[-1] + row[1:-1] + row[0]


PROBLEM = Problem(
    "brackets",
    mark("Balanced brackets"),
    mark("Is every bracket closed by its own kind, in the right order?"),
    SIGNS_READ,
    (mark("not balanced"), mark("balanced")),
    range(4, 61),
    12,
    0.5,
    sample,
    each_step=False,
)
