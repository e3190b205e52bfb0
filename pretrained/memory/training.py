"""How a racer is trained and scored: the same optimiser, budget and stopping rule for every architecture.

Training data is made as it is used, so nothing can be learned by heart. A run is decided by (task, lag, seed) for its
sequences, which all architectures share, and by (task, cell, lag, seed) for its first weights.
"""

from __future__ import annotations

import math
import time
import zlib
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Generator, nn
from torch.nn.functional import mse_loss

from pretrained.memory import adding, recall
from pretrained.memory.architectures import CELLS
from pretrained.memory.network import MemoryNetwork, build
from pretrained.memory.synthetic import Synthetic

TASKS: dict[str, Synthetic] = {task.key: task for task in (recall.TASK, adding.TASK)}
BUDGETS = {"recall": 3170, "adding": 2715}
"""Parameters of every racer on a task, as nearly as whole units allow (within 2%)."""

LAGS = {"recall": (5, 10, 20, 50, 100, 200), "adding": (5, 10, 20, 50, 100, 200)}
"""By task."""

SEEDS = (1, 2, 3)


@dataclass(frozen=True)
class Settings:
    """What holds for every run of a task.

    Attributes:
        optimizer: name, for the record.
        learning_rates: tried in turn until a run is solved, from the same first weights; if none is, the one with the
            smallest loss on fresh sequences counts. Each falls linearly to a tenth at the last possible step.
        clip: largest norm of the gradient.
        batch: sequences a step.
        steps: most steps of the optimiser with one learning rate.
        check_every: steps between two looks at fresh sequences.
        check_count: sequences of one look.
        solved_at: accuracy that two looks in a row must reach for a run to stop as solved.
        test_count: sequences of the final test, the same for all architectures and seeds of a task and lag.
    """

    optimizer: str = "Adam"
    learning_rates: tuple[float, ...] = (1e-2, 3e-3)
    clip: float = 1.0
    batch: int = 32
    steps: int = 2000
    check_every: int = 50
    check_count: int = 256
    solved_at: float = 0.995
    test_count: int = 1000


def generator_of(*name: object) -> Generator:
    """Random numbers that depend on ``name`` alone."""
    return Generator().manual_seed(seed_of(*name))


def seed_of(*name: object) -> int:
    """A seed made from ``name``, the same in every process."""
    return zlib.crc32("/".join(map(str, name)).encode())


SETTINGS = {"recall": Settings(), "adding": Settings(learning_rates=(1e-2,), solved_at=0.97)}
"""By task; the same for every architecture, lag and seed. Adding is the longer training, so it gets one rate only."""


@dataclass(frozen=True)
class Attempt:
    """One run with one learning rate.

    Attributes:
        network: as it was at the end.
        rate: the learning rate.
        steps: steps of the optimiser that it took.
        solved: whether it stopped because two looks in a row were good.
        skipped: steps left out because the gradient was not finite.
    """

    network: MemoryNetwork
    rate: float
    steps: int
    solved: bool
    skipped: int


def run(task_key: str, cell: str, lag: int, seed: int, settings: Settings) -> tuple[dict[str, Any], MemoryNetwork]:
    """Train and test one racer.

    Returns:
        The row for the results, and the network.

    Raises:
        KeyError: if there is no such task.
        ValueError: if there is no such cell.
    """
    start, task = time.perf_counter(), TASKS[task_key]
    attempts: list[Attempt] = []
    for rate in settings.learning_rates:
        torch.manual_seed(seed_of(task_key, cell, lag, seed))
        network = build(cell, task, BUDGETS[task_key], lag)
        attempts.append(train(network, task, lag, seed, rate, settings))
        if attempts[-1].solved:
            break
    held = [_held_out_loss(attempt.network, task, lag, seed) for attempt in attempts]
    best = attempts[-1] if attempts[-1].solved else attempts[held.index(min(held))]
    accuracy, error = test(best.network, task, lag, settings.test_count)
    row = {
        "task": task_key, "cell": cell, "lag": lag, "seed": seed,
        "hidden": best.network.readout.in_features, "parameters": sum(p.numel() for p in best.network.parameters()),
        "learning_rate": best.rate, "steps": sum(attempt.steps for attempt in attempts), "solved": best.solved,
        "skipped": best.skipped, "accuracy": round(accuracy, 4), "mse": None if error is None else round(error, 6),
        "seconds": round(time.perf_counter() - start, 1), "torch": torch.__version__.split("+")[0],
    }  # fmt: skip
    return row, best.network


def train(network: MemoryNetwork, task: Synthetic, lag: int, seed: int, rate: float, settings: Settings) -> Attempt:
    """Train ``network`` until solved or until the steps are used up."""
    data, looks = generator_of(task.key, lag, seed, "training"), generator_of(task.key, lag, seed, "looks")
    optimizer = torch.optim.Adam(network.parameters(), lr=rate)
    good = skipped = 0
    for step in range(1, settings.steps + 1):
        optimizer.param_groups[0]["lr"] = rate * (1.0 - 0.9 * (step - 1) / settings.steps)
        x, target = task.sample(lag, settings.batch, data)
        optimizer.zero_grad()
        task.loss(network(x), target).backward()
        if math.isfinite(float(nn.utils.clip_grad_norm_(network.parameters(), settings.clip))):
            optimizer.step()
        else:
            skipped += 1
        if step % settings.check_every == 0:
            good = good + 1 if _accuracy(network, task, lag, settings.check_count, looks) >= settings.solved_at else 0
            if good == 2:
                return Attempt(network, rate, step, True, skipped)
    return Attempt(network, rate, settings.steps, False, skipped)


@torch.no_grad()
def _held_out_loss(network: MemoryNetwork, task: Synthetic, lag: int, seed: int) -> float:
    x, target = task.sample(lag, 1000, generator_of(task.key, lag, seed, "choice"))
    loss = float(task.loss(network(x), target))
    return loss if math.isfinite(loss) else math.inf


@torch.no_grad()
def _accuracy(network: MemoryNetwork, task: Synthetic, lag: int, count: int, generator: Generator) -> float:
    x, target = task.sample(lag, count, generator)
    return float(task.correct(network(x), target).float().mean())


@torch.no_grad()
def test(network: MemoryNetwork, task: Synthetic, lag: int, count: int) -> tuple[float, float | None]:
    """Accuracy, and mean squared error where the answer is a number, on the fixed test sequences of a lag."""
    x, target = task.sample(lag, count, generator_of(task.key, lag, "test"))
    answers = network(x)
    error = float(mse_loss(answers[:, 0], target)) if task.outputs == 1 else None
    return float(task.correct(answers, target).float().mean()), error


def settings_record(settings: Settings) -> dict[str, Any]:
    """The settings and budgets as they stand in the results file."""
    return asdict(settings) | {"parameters": BUDGETS, "cells": list(CELLS)}
