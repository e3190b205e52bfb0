"""How the cost of attention inside a recurrence grows with the text, beside recurrences without it.

    python -m tests.benchmarks.cost.attention_growth [--steps 31,62,125,250,500] [--hidden 96]
        [--seconds 4] [--clock wall]

Each row is a full trace of one random sequence. Beside the milliseconds stands the growth over the row before, where
the text is half as long: 2x is linear, 4x is quadratic. The aim is a trace of 500 tokens in less than a second.
"""

from __future__ import annotations

import argparse

import torch
from torch import nn

from core_models.cells import CELLS, Cell
from core_models.cells.recurrence import recurrence
from core_models.tracing import Recurrent, trace
from tests.benchmarks.cost.trace import CLOCKS
from tests.benchmarks.timing import (
    interleave,
    milliseconds,
    numbers,
    print_conditions,
    print_table,
    rounds_for,
    verdict,
)

LONGEST_SECONDS = 1.0


def modules(hidden: int) -> dict[str, Recurrent]:
    """A stock GRU and every recurrence that torch has no module for."""
    torch.manual_seed(0)
    looped = [key for key, cell in CELLS.items() if not (isinstance(cell, Cell) and cell.stock)]
    return {"GRU": nn.GRU(hidden, hidden), **{key: recurrence(key, hidden, hidden) for key in looped}}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=numbers, default=[31, 62, 125, 250, 500], help="each twice the one before")
    parser.add_argument("--hidden", type=int, default=96)
    parser.add_argument("--seconds", type=float, default=4.0, help="time spent on each row")
    parser.add_argument("--clock", choices=list(CLOCKS), default="wall")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    built = modules(asked.hidden)
    print_conditions(
        "Growth of a trace's cost with the text",
        f"torch {torch.__version__}, 1 thread, float32, {asked.hidden} units and features",
        f"all modules in turn, about {asked.seconds:g} s a row, medians, {asked.clock} time",
    )
    before: dict[str, float] = {}
    rows = []
    for steps in asked.steps:
        x = torch.randn(steps, asked.hidden)
        ways = {name: (lambda module=module, x=x: trace(module, x)) for name, module in built.items()}
        rounds = rounds_for(ways, asked.seconds, least=3, most=50)
        times = interleave(ways, rounds, warmup=1, clock=CLOCKS[asked.clock])
        medians = {name: time.median for name, time in times.items()}
        growth = {name: f" ({value / before[name]:.1f}x)" if before else "" for name, value in medians.items()}
        shown = [milliseconds(value) + growth[name] for name, value in medians.items()]
        rows.append([f"T={steps}", *shown, verdict(max(medians.values()), LONGEST_SECONDS)])
        before = medians
    print_table(["", *built, "slowest, s"], rows)


if __name__ == "__main__":
    main()
