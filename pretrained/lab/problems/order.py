r"""Temporal order: two marked letters, X or Y, stand among distractors; say which came first and which second.

    x_1..L   a, b, c or d, uniform, but for one X or Y in each half of the sequence
    answer   one of XX, XY, YX, YY after the last step

Guessing is right in a quarter of all cases. Source: Hochreiter & Schmidhuber 1997, Neural Computation 9(8), experiment
6a, there with lengths from 100 to 110 and marks in the second and sixth tenth.
"""

from __future__ import annotations

import torch
from torch import Generator

from core_models.language import mark
from pretrained.lab.problems.problem import SIGNS, Batch, Problem, whole

NOISE, MARKS = "abcd", "XY"
PAIRS = tuple(first + second for first in MARKS for second in MARKS)


def sample(length: int, count: int, generator: Generator) -> Batch:
    """``count`` fresh sequences of ``length`` steps."""
    ids = torch.randint(len(NOISE), (count, length), generator=generator)
    marks = torch.randint(len(MARKS), (count, 2), generator=generator)
    rows, half = torch.arange(count), length // 2
    ids[rows, torch.randint(half, (count,), generator=generator)] = len(NOISE) + marks[:, 0]
    ids[rows, torch.randint(half, length, (count,), generator=generator)] = len(NOISE) + marks[:, 1]
    return whole(ids + len(SIGNS), 2 * marks[:, 0] + marks[:, 1])


PROBLEM = Problem(
    "order",
    mark("Temporal order"),
    mark("Two of the letters are X or Y, the others mean nothing: say which of the two came first and which second."),
    NOISE + MARKS,
    PAIRS,
    range(4, 101),
    16,
    1 / len(PAIRS),
    sample,
    each_step=False,
)
