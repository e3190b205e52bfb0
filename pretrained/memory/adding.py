r"""The adding problem: add the two marked numbers of a sequence of length T.

    x_t = (u_t, m_t)   u_t uniform in [0, 1); m_t is 1 at two steps, one in each half of the sequence, else 0
    answer             one number after the last step: the sum of the two marked u_t

An answer counts as right if it is off by less than 0.04. Always answering 1 has a mean squared error of 1/6 and is
right in 1 - 0.96² = 7.84% of all cases: the sum of two uniform numbers lies within 0.04 of 1 that often.

Source: Hochreiter & Schmidhuber 1997, "Long Short-Term Memory", Neural Computation 9(8), experiment 4 (there with
numbers in [-1, 1], a first mark among the first ten steps and lengths that vary); in the form given here, with numbers
in [0, 1) and one mark in each half, Arjovsky, Shah & Bengio 2016, arXiv 1511.06464, section 4.2.
"""

from __future__ import annotations

import torch
from torch import Generator, Tensor
from torch.nn.functional import mse_loss

from pretrained.memory.synthetic import Sequences, Synthetic

TOLERANCE = 0.04
FLOOR_ERROR = 1 / 6


def sample(lag: int, count: int, generator: Generator) -> Sequences:
    """``count`` fresh sequences of ``lag`` steps, at least two."""
    half, rows = lag // 2, torch.arange(count)
    numbers, marks = torch.rand(lag, count, generator=generator), torch.zeros(lag, count)
    marks[torch.randint(half, (count,), generator=generator), rows] = 1.0
    marks[torch.randint(half, lag, (count,), generator=generator), rows] = 1.0
    return Sequences(torch.stack([numbers, marks], dim=2), (numbers * marks).sum(dim=0))


def loss(answers: Tensor, target: Tensor) -> Tensor:
    """Mean squared error."""
    return mse_loss(answers[:, 0], target)


def correct(answers: Tensor, target: Tensor) -> Tensor:
    """Whether the answer is off by less than 0.04."""
    return (answers[:, 0] - target).abs() < TOLERANCE


TASK = Synthetic("adding", "The adding problem", 2, 1, sample, loss, correct, floor=1 - (1 - TOLERANCE) ** 2)
