"""What a synthetic memory task is: sequences made on demand, one answer at the end of each, how answers are judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from torch import Generator, Tensor


class Sequences(NamedTuple):
    """A batch of sequences of equal length; no padding, so no mask.

    Attributes:
        x: inputs, ``[step, sequence, feature]``.
        target: the right answers, ``[sequence]``: a class or a number.
    """

    x: Tensor
    target: Tensor


@dataclass(frozen=True)
class Synthetic:
    """One task whose difficulty is a lag.

    Attributes:
        key: name in files and URLs.
        title: name on screen.
        inputs: features of one step.
        outputs: numbers that the network answers with after the last step.
        sample: ``(lag, count, generator)`` to fresh sequences; the same generator state gives the same sequences.
        loss: ``(answers [sequence, output], target)`` to the mean training loss.
        correct: ``(answers, target)`` to whether each answer counts as right, ``[sequence]``.
        floor: accuracy without memory.
    """

    key: str
    title: str
    inputs: int
    outputs: int
    sample: Callable[[int, int, Generator], Sequences]
    loss: Callable[[Tensor, Tensor], Tensor]
    correct: Callable[[Tensor, Tensor], Tensor]
    floor: float
