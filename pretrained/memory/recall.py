r"""Delayed recall: say, after T distractors, which symbol came first.

    x_0      one of 8 symbols, uniform                     (one-hot, places 0-7)
    x_1..T   distractors, each one of 4, uniform           (one-hot, places 8-11)
    x_{T+1}  the sign that asks for the answer             (one-hot, place 12)
    answer   softmax over the 8 symbols after x_{T+1}; right if the largest is x_0

Guessing is right in 1/8 of all cases. The task is the kernel of Hochreiter & Schmidhuber 1997, "Long Short-Term
Memory", Neural Computation 9(8), experiment 2a, where the first of p + 1 symbols has to be known at the end of
the sequence; there the distractors are p - 1 different symbols in fixed order, here they are drawn anew for each
sequence, so that counting or memorising them is of no use.
"""

from __future__ import annotations

import torch
from torch import Generator, Tensor
from torch.nn.functional import cross_entropy, one_hot

from pretrained.memory.synthetic import Sequences, Synthetic

SYMBOLS, DISTRACTORS = 8, 4
ASK = SYMBOLS + DISTRACTORS
"""Place of the asking sign in the one-hot code."""

INPUTS = ASK + 1


def sample(lag: int, count: int, generator: Generator) -> Sequences:
    """``count`` fresh sequences of ``lag`` + 2 steps."""
    target = torch.randint(SYMBOLS, (count,), generator=generator)
    noise = SYMBOLS + torch.randint(DISTRACTORS, (lag, count), generator=generator)
    ids = torch.cat([target[None], noise, torch.full((1, count), ASK)])
    return Sequences(encode(ids), target)


def encode(ids: Tensor) -> Tensor:
    """One-hot code of symbols, ``[..., feature]``."""
    return one_hot(ids, INPUTS).float()


def correct(answers: Tensor, target: Tensor) -> Tensor:
    """Whether the likeliest symbol is the right one."""
    return answers.argmax(dim=1) == target


TASK = Synthetic("recall", "Delayed recall", INPUTS, SYMBOLS, sample, cross_entropy, correct, floor=1 / SYMBOLS)
