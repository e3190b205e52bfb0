"""Delayed recall: say, after a number of distractors, which letter came first; see ``pretrained.memory.recall``."""

from __future__ import annotations

from torch import Generator

from core_models.language import mark
from pretrained.lab.problems.problem import SIGNS, Batch, Problem, whole
from pretrained.memory import recall
from pretrained.memory.live import LETTERS


def sample(length: int, count: int, generator: Generator) -> Batch:
    """``count`` fresh sequences of ``length`` steps: letter, distractors, question mark."""
    drawn = recall.sample(length - 2, count, generator)
    return whole(drawn.x.argmax(dim=2).t() + len(SIGNS), drawn.target)


PROBLEM = Problem(
    "recall",
    mark("Delayed recall"),
    mark("Read one letter, then small letters that mean nothing; at the question mark say which letter came first."),
    f"{LETTERS}abcd?",
    tuple(LETTERS),
    range(3, 101),
    12,
    1 / recall.SYMBOLS,
    sample,
    each_step=False,
)
