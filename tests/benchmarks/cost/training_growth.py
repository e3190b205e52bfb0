"""What a step of training costs by length: all steps together (a scan), a loop over steps, and torch's own kernels.

    python -m tests.benchmarks.cost.training_growth [--steps 16,64,256,1024] [--hidden 96] [--batch 16]
        [--seconds 4] [--clock wall] [--record]

Each row is forward and backward through one layer on one random batch, of every recurrence that reads no older states.
Where nothing reads the state, the scan stands beside the loop over the same equations; the last column says by what
the scan of minGRU is faster than its loop. ``--record`` writes the medians down for the page that shows them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import torch

from core_models.cells import CELLS, Cell
from core_models.cells.recurrence import Recurrent, recurrence
from pretrained.lab.step_cost import FILE
from pretrained.shipped import record
from tests.benchmarks.cost.trace import CLOCKS
from tests.benchmarks.timing import interleave, milliseconds, numbers, print_conditions, print_table, rounds_for

PLAIN = {key: cell for key, cell in CELLS.items() if isinstance(cell, Cell)}
TOGETHER = [key for key, cell in PLAIN.items() if not cell.reading_parts]


def learn(module: Recurrent, x: torch.Tensor) -> None:
    """Forward and backward."""
    module.zero_grad()
    module(x)[0].square().mean().backward()


@contextmanager
def looped(cell: Cell) -> Iterator[None]:
    """The cell unrolled as cells are that have no scan of their own."""
    kind = type(cell)
    own = kind.unroll
    kind.unroll = Cell.unroll
    try:
        yield
    finally:
        kind.unroll = own


def learn_looped(cell: Cell, module: Recurrent, x: torch.Tensor) -> None:
    """As ``learn``, step by step."""
    with looped(cell):
        learn(module, x)


def ways_of(built: dict[str, Recurrent], x: torch.Tensor) -> dict[str, Callable[[], None]]:
    """Everything that is measured on one batch, by name."""
    ways: dict[str, Callable[[], None]] = {key: partial(learn, module, x) for key, module in built.items()}
    return ways | {f"{key}, loop": partial(learn_looped, PLAIN[key], built[key], x) for key in TOGETHER}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=numbers, default=[16, 64, 256, 1024])
    parser.add_argument("--hidden", type=int, default=96)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=4.0, help="time spent on each row")
    parser.add_argument("--clock", choices=list(CLOCKS), default="wall")
    parser.add_argument("--record", action="store_true", help="write the medians to pretrained/lab/step_cost.json")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    built = {key: recurrence(key, asked.hidden, asked.hidden) for key in PLAIN}
    print_conditions(
        "A step of training by length",
        f"torch {torch.__version__}, 1 thread, float32, {asked.hidden} units and features, batch {asked.batch}",
        f"all in turn, about {asked.seconds:g} s a row, medians, {asked.clock} time",
    )
    rows, names = [], [*built, *(f"{key}, loop" for key in TOGETHER)]
    medians: dict[str, list[float]] = {name: [] for name in names}
    for steps in asked.steps:
        ways = ways_of(built, torch.randn(steps, asked.batch, asked.hidden))
        times = interleave(ways, rounds_for(ways, asked.seconds, least=3, most=50), warmup=1, clock=CLOCKS[asked.clock])
        for name in names:
            medians[name].append(round(1000.0 * times[name].median, 3))
        gain = times["min_gru, loop"].median / times["min_gru"].median
        rows.append([f"T={steps}", *(milliseconds(times[name].median) for name in names), f"{gain:.1f}x"])
    print_table(["", *names, "scan"], rows)
    if asked.record:
        found = {"lengths": asked.steps, "hidden": asked.hidden, "batch": asked.batch}
        looped = {key: medians[f"{key}, loop"] for key in TOGETHER}
        content = found | {"together": {key: medians[key] for key in built}, "looped": looped}
        FILE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        record(FILE)


if __name__ == "__main__":
    main()
