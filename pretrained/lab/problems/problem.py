"""What a problem of the lab is: sequences made on demand, what is asked about them, and when an answer is right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Generator, Tensor
from torch.nn.functional import cross_entropy, mse_loss

SIGNS = ("<pad>", "<unk>")
"""The first two words of every vocabulary; no sequence holds them."""


class Batch(NamedTuple):
    """Sequences of one length with their right answers.

    Attributes:
        content: ids ``[sequence, step]``, or numbers ``[sequence, step, channel]``.
        target: class of the whole ``[sequence]``, symbol at every step ``[sequence, step]``, or numbers at every step
            ``[sequence, step, output]``.
        asked: which of them the loss counts, of the shape of ``target``.
        scored: which of them the score counts; those asked if None.
    """

    content: Tensor
    target: Tensor
    asked: Tensor
    scored: Tensor | None = None


Loss = Callable[[Tensor, Tensor], Tensor]
"""From the asked answers ``[answer, output]``, or ``[answer]`` where they are numbers, and targets to the mean."""

Right = Callable[[Tensor, Tensor], Tensor]
"""From the same to whether each of them is right, ``[answer]``."""


@dataclass(frozen=True)
class Problem:
    """One problem.

    Attributes:
        key: name in files and addresses.
        title: name on screen.
        question: what is to be learned, in a sentence.
        symbols: what is read, each one character; empty where numbers are.
        channels: numbers of a step where numbers are read.
        outputs: names of the classes, symbols or numbers of an answer.
        each_step: whether there is an answer at every step, not one for the whole sequence.
        lengths: the sequence lengths that can be chosen.
        usual: the one that is chosen at first.
        floor: share of right answers without memory.
        sample: ``(length, count, generator)`` to fresh sequences; the same state of the generator gives the same ones.
        numeric: whether an answer is numbers that are right by ``right``; else it is the choice of one output.
        right: of answers that are numbers.
    """

    key: str
    title: str
    question: str
    symbols: str
    outputs: tuple[str, ...]
    lengths: range
    usual: int
    floor: float
    sample: Callable[[int, int, Generator], Batch]
    channels: int = 0
    each_step: bool = True
    numeric: bool = False
    right: Right = torch.eq

    @property
    def words(self) -> tuple[str, ...]:
        """The vocabulary, in the order of its ids."""
        return (*SIGNS, *self.symbols)

    @property
    def head(self) -> str:
        """Name of the head that answers, one of ``core_models.heads``."""
        return "numbers" if self.each_step else "answer"

    def loss(self, answers: Tensor, batch: Batch) -> Tensor:
        """Mean loss of the answers that are asked for, a scalar: squared error of numbers, else cross-entropy."""
        given = self._loss
        return given(answers[batch.asked], batch.target[batch.asked])

    @property
    def _loss(self) -> Loss:
        return mse_loss if self.numeric else cross_entropy

    def judge(self, answers: Tensor, batch: Batch) -> Tensor:
        """Whether each scored answer is right, ``[answer]``."""
        scored = batch.asked if batch.scored is None else batch.scored
        found, target = answers[scored], batch.target[scored]
        return self.right(found, target) if self.numeric else found.argmax(dim=-1) == target

    def last_asked(self, answers: Tensor, batch: Batch) -> tuple[Tensor, int]:
        """Loss of the last answer that is asked for, summed over sequences, and its step."""
        if not self.each_step:
            return cross_entropy(answers, batch.target, reduction="sum"), batch.content.shape[1] - 1
        columns = batch.asked if batch.asked.ndim == 2 else batch.asked.any(dim=2)
        step = int(columns.any(dim=0).nonzero()[-1])
        asked = batch.asked[:, step]
        found, target = answers[:, step][asked], batch.target[:, step][asked]
        loss = mse_loss if self.numeric else cross_entropy
        return loss(found, target, reduction="sum"), step


def ids_of(rows: Sequence[str], words: Sequence[str]) -> Tensor:
    """Ids ``[sequence, step]`` of sequences that are written as texts of one length."""
    places = {word: place for place, word in enumerate(words)}
    return torch.tensor([[places[sign] for sign in row] for row in rows])


def whole(content: Tensor, target: Tensor) -> Batch:
    """Sequences with one answer each."""
    return Batch(content, target, torch.ones_like(target, dtype=torch.bool))
