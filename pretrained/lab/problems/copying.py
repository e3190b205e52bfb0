r"""Copy and reverse: read L symbols, then write them again, in the same order or from the last to the first.

    x_1..L        one of 8 symbols each, uniform
    x_{L+1..2L}   the sign that asks for the next one
    answer        at each asking sign one of the 8 symbols

Guessing is right in 1/8 of all cases. Source: Hochreiter & Schmidhuber 1997, Neural Computation 9(8), experiment 2 for
the kind of problem; in this form Graves, Wayne & Danihelka 2014, arXiv 1410.5401, section 4.1.
"""

from __future__ import annotations

import torch
from torch import Generator

from core_models.language import mark
from pretrained.lab.problems.problem import SIGNS, Batch, Problem

LETTERS, ASK = "ABCDEFGH", "?"


def sample(length: int, count: int, generator: Generator, *, turned: bool = False) -> Batch:
    """``count`` fresh sequences of 2 ``length`` steps; ``turned`` asks for the symbols from the last to the first."""
    drawn = torch.randint(len(LETTERS), (count, length), generator=generator)
    asking = torch.full_like(drawn, len(SIGNS) + len(LETTERS))
    wanted = drawn.flip(1) if turned else drawn
    asked = torch.cat([torch.zeros_like(drawn), torch.ones_like(drawn)], dim=1).bool()
    return Batch(torch.cat([drawn + len(SIGNS), asking], dim=1), torch.cat([wanted, wanted], dim=1), asked)


def _turned(length: int, count: int, generator: Generator) -> Batch:
    return sample(length, count, generator, turned=True)


COPY = Problem(
    "copy",
    mark("Copy"),
    mark("Read some letters, and at each question mark write the next of them, in the order in which they came."),
    LETTERS + ASK,
    tuple(LETTERS),
    range(2, 21),
    4,
    1 / len(LETTERS),
    sample,
)
REVERSE = Problem(
    "reverse",
    mark("Reverse"),
    mark("Read some letters, and at each question mark write the one before, from the last to the first."),
    LETTERS + ASK,
    tuple(LETTERS),
    range(2, 21),
    4,
    1 / len(LETTERS),
    _turned,
)
