r"""Parity: after every bit, is the number of ones so far even or odd?

    x_1..L   0 or 1, uniform
    answer   at every step the parity of x_1 + ... + x_t

Guessing is right in half of all cases. One unit that flips at every 1 suffices, but nothing on the way to it helps, so
that networks begin to solve it suddenly. Source: Hochreiter & Schmidhuber 1997, Neural Computation 9(8), section 1.
"""

from __future__ import annotations

import torch
from torch import Generator

from core_models.language import mark
from pretrained.lab.problems.problem import SIGNS, Batch, Problem

BITS = "01"


def sample(length: int, count: int, generator: Generator) -> Batch:
    """``count`` fresh sequences of ``length`` steps."""
    bits = torch.randint(2, (count, length), generator=generator)
    return Batch(bits + len(SIGNS), bits.cumsum(dim=1) % 2, torch.ones_like(bits, dtype=torch.bool))


PROBLEM = Problem(
    "parity",
    mark("Parity"),
    mark("Say after every bit whether the number of ones so far is even or odd."),
    BITS,
    ("even", "odd"),
    range(2, 61),
    10,
    0.5,
    sample,
)
