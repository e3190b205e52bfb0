"""Everything that decides a training of the lab: the same settings lead to the same weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from core_models.attention import SCORES
from core_models.cells import CELLS
from core_models.cells.unrolled import Attending
from core_models.explain.memory.timescale import keeping_gate
from core_models.language import mark, say
from core_models.networks.architecture import Architecture
from pretrained.lab.problems import PROBLEMS, Problem
from pretrained.task import InputError

OPTIMIZERS = ("adam", "rmsprop", "sgd")
RATES = ("0.1", "0.03", "0.01", "0.003", "0.001", "0.0003")
CLIPS = ("0", "0.1", "1", "10")
BIASES = ("-2", "0", "1", "2", "4")
SIZES, SEEDS, STEPS = range(8, 129), range(1, 1000), range(50, 5001)
NONE = "none"

BATCH, EMBEDDING = 32, 16
"""Sequences of a step, and features of a symbol."""

RECORDS = 40
"""Points that are recorded, as nearly as whole steps allow: dense at the beginning, where most happens."""

LONGEST_ATTENDING = 40
"""Steps that a recurrence with attention inside reads at most: each looks at all before it."""


@dataclass(frozen=True)
class Settings:
    """One training.

    Attributes:
        problem: key of what is learned.
        length: of its sequences.
        cell: key of the recurrence.
        attention: key of the score by which the states are compared; ``none`` without attention.
        hidden: units.
        seed: of the first weights and of the training sequences.
        optimizer: ``adam``, ``rmsprop``, or ``sgd`` with momentum 0.9.
        rate: learning rate, as it is written.
        clip: largest norm of the gradient, as it is written; ``0`` for none.
        bias: what is added to the bias of the gate that keeps the past, so that more is kept, as it is written.
        steps: of the optimiser.

    Raises:
        InputError: if there is no such training; the sentence says what to choose.
    """

    problem: str = "recall"
    length: int = 12
    cell: str = "gru"
    attention: str = NONE
    hidden: int = 32
    seed: int = 1
    optimizer: str = "adam"
    rate: str = "0.01"
    clip: str = "1"
    bias: str = "0"
    steps: int = 1000

    def __post_init__(self) -> None:
        for name, value, known in (
            (mark("a problem"), self.problem, PROBLEMS), (mark("a cell"), self.cell, CELLS),
            (mark("an attention"), self.attention, (NONE, *SCORES)), (mark("a bias"), self.bias, BIASES),
            (mark("an optimiser"), self.optimizer, OPTIMIZERS), (mark("a learning rate"), self.rate, RATES),
            (mark("a clipping"), self.clip, CLIPS),
        ):  # fmt: skip
            if value not in known:
                raise InputError(say("There is no such choice of {name}: choose one of {known}.", name=say(name),
                                     known=", ".join(known)))  # fmt: skip
        lengths = PROBLEMS[self.problem].lengths
        for name, number, allowed in (
            (mark("sequence length"), self.length, lengths), (mark("number of units"), self.hidden, SIZES),
            (mark("seed"), self.seed, SEEDS), (mark("number of steps"), self.steps, STEPS),
        ):  # fmt: skip
            if number not in allowed:
                raise InputError(say("Choose a {name} from {first:,} to {last:,}.", name=say(name), first=allowed[0],
                                     last=allowed[-1]))  # fmt: skip
        if isinstance(CELLS[self.cell], Attending):
            self._check_attending()
        if self.attention == "multi_head" and self.hidden % 2:
            raise InputError(say("Attention of two heads needs an even number of units: choose one more or one less."))

    def _check_attending(self) -> None:
        name, task = CELLS[self.cell].convention.name, PROBLEMS[self.problem]
        if self.cell == "multiplied_gru" and task.channels:
            raise InputError(say(
                "“{name}” needs as many features in its input as it has units, and “{title}” gives {n} numbers: choose "
                "another cell, or a problem of symbols.", name=name, title=say(task.title), n=task.channels,
            ))  # fmt: skip
        if self.length > LONGEST_ATTENDING:
            raise InputError(say(
                "In “{name}” every step looks at all before it, which takes long: choose a sequence length of at most "
                "{n}, or another cell.", name=name, n=LONGEST_ATTENDING,
            ))  # fmt: skip

    @property
    def task(self) -> Problem:
        """What is learned."""
        return PROBLEMS[self.problem]

    @property
    def gated(self) -> bool:
        """Whether a gate keeps the past, whose bias can be changed."""
        return keeping_gate(CELLS[self.cell].convention) is not None

    @property
    def architecture(self) -> Architecture:
        """What the network is."""
        wide = self.hidden if self.cell == "multiplied_gru" else EMBEDDING
        return Architecture(
            self.cell, self.hidden, 0 if self.task.channels else wide, heads=2,
            attention=None if self.attention == NONE else self.attention, readout="concatenated",
        )  # fmt: skip

    @property
    def recorded(self) -> tuple[int, ...]:
        """Steps after which a point is recorded, from 0, the untrained network, to the last."""
        steep = np.geomspace(1, self.steps, RECORDS).round().astype(int)
        return (0, *sorted({int(step) for step in steep}))

    def __str__(self) -> str:
        return f"{self.cell}-{self.problem}-{self.length}-seed{self.seed}"

    def table(self) -> Mapping[str, Any]:
        """The same as plain values, by name."""
        return asdict(self)
