"""Problems of numbers: adding (``pretrained.memory.adding``) and flip-flop (``pretrained.memory.flip_flop``)."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from core_models.language import mark
from pretrained.lab.problems.problem import Batch, Problem
from pretrained.memory import adding, flip_flop


def sample_adding(length: int, count: int, generator: Generator) -> Batch:
    """``count`` fresh sequences of ``length`` steps; the sum is asked for at the last one."""
    drawn = adding.sample(length, count, generator)
    target = drawn.target[:, None, None].expand(count, length, 1)
    asked = torch.zeros_like(target, dtype=torch.bool)
    asked[:, -1] = True
    return Batch(drawn.x.transpose(0, 1).contiguous(), target, asked)


def sample_flip_flop(length: int, count: int, generator: Generator) -> Batch:
    """``count`` fresh sequences of ``length`` steps; a line is asked for from its first pulse on."""
    drawn = flip_flop.sample(length, count, generator)
    target = drawn.target.transpose(0, 1).contiguous()
    return Batch(drawn.x.transpose(0, 1).contiguous(), target, target != 0)


def _near(answers: Tensor, target: Tensor) -> Tensor:
    return (answers - target).abs() < adding.TOLERANCE


def _same_sign(answers: Tensor, target: Tensor) -> Tensor:
    return answers.sign() == target


ADDING = Problem(
    "adding",
    mark("Adding"),
    mark(
        "Each step has a number and a mark: add the two numbers that are marked. An answer is right if it is "
        "off by less than 0.04."
    ),
    "",
    ("sum",),
    range(4, 101),
    20,
    adding.TASK.floor,
    sample_adding,
    channels=2,
    numeric=True,
    right=_near,
)
FLIP_FLOP = Problem(
    "flip-flop",
    mark("Flip-flop"),
    mark("Three lines carry rare pulses of 1 or −1: say at every step the sign of the last pulse on each of them."),
    "",
    ("line 1", "line 2", "line 3"),
    range(5, 101),
    30,
    0.5,
    sample_flip_flop,
    channels=flip_flop.BITS,
    numeric=True,
    right=_same_sign,
)
