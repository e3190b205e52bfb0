"""Embedded Reber strings: foretell every next symbol. See ``pretrained.memory.reber``.

The loss counts every symbol, the score only the second-last ones of a string, which need memory: guessing one of the
two that could stand there is right in half of all cases.
"""

from __future__ import annotations

from itertools import islice
from random import Random

import torch
from torch import Generator, Tensor

from core_models.language import mark
from pretrained.lab.problems.problem import SIGNS, Batch, Problem
from pretrained.memory.reber import PLACES, SYMBOLS, write_stream


def sample(length: int, count: int, generator: Generator) -> Batch:
    """``count`` fresh sequences of ``length`` steps, each from the beginning of a string."""
    seeds = torch.randint(2**31, (count,), generator=generator).tolist()
    rows = [list(islice(write_stream(Random(seed)), length + 1)) for seed in seeds]  # noqa: S311 - reproducible data, not a secret
    ids = torch.tensor([[PLACES[each.symbol] for each in row] for row in rows])
    outer = torch.tensor([[each.outer for each in row] for row in rows])[:, 1:]
    return Batch(ids[:, :-1] + len(SIGNS), ids[:, 1:], torch.ones_like(outer), _some(outer))


def _some(outer: Tensor) -> Tensor:
    """Where there is anything to score: where no string ends, the last symbol stands for it."""
    if bool(outer.any()):
        return outer
    last = torch.zeros_like(outer)
    last[:, -1] = True
    return last


PROBLEM = Problem(
    "reber",
    mark("Reber grammar"),
    mark("Which symbol comes next? The second of each string, T or P, comes back as the one before its last."),
    SYMBOLS,
    tuple(SYMBOLS),
    range(20, 101),
    40,
    0.5,
    sample,
)
