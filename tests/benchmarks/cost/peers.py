"""What a look into a model costs and shows: ``watch`` beside Captum and TorchLens on the same models.

    python -m tests.benchmarks.cost.peers [--steps 20,100] [--hidden 64,128] [--seconds 6] [--clock wall]

forward    the bare model: a recurrence and a linear readout, one sequence
trace      every gate and state of the recurrence alone (``core_models.own.trace.trace``)
watch      the model within ``watch``, and the trace of its recurrence
captum     Captum's ``LayerActivation`` of the recurrence; it fails on an LSTM
torchlens  TorchLens' ``trace`` of the model, where it is installed (extra ``peers``)

A second table says how many of the cell's quantities each shows at every step, how far they are from the equations in
double precision, how many lines of code a person writes for it, and the size of a page about them.
Aim: ``watch`` within 1.5 times the bare forward and the trace together.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import torch
from captum.attr import LayerActivation
from torch import Tensor, nn

from core_models.own.trace import trace
from core_models.trace import Site
from core_models.watching import watch
from tests.benchmarks.cost.trace import CLOCKS, MODULES, loop
from tests.benchmarks.timing import (
    interleave,
    milliseconds,
    numbers,
    print_conditions,
    print_table,
    rounds_for,
    verdict,
)
from viz.outside.report import page

AIM = 1.5
QUANTITIES = {
    "GRU": ("reset_gate", "update_gate", "candidate", "hidden_state"),
    "LSTM": ("input_gate", "forget_gate", "cell_candidate", "output_gate", "hidden_state", "cell_state"),
    "RNN": ("preactivation", "hidden_state"),
}
"""In the order in which ``trace_cost.loop`` gives them."""

LINES = {"watch": 2, "captum": 1, "torchlens": 1}
"""Lines that a person writes after the imports."""


class Model(nn.Module):
    """A recurrence and a readout."""

    def __init__(self, cell: str, size: int) -> None:
        super().__init__()
        self.rnn, self.out = MODULES[cell](size, size), nn.Linear(size, 2)

    def forward(self, x: Tensor) -> Tensor:
        """Scores at every step, ``[step, batch, class]``."""
        return self.out(self.rnn(x)[0])


def watched(model: Model, x: Tensor) -> Any:
    """The trace of the recurrence, seen while the model runs."""
    with watch(model) as log:
        model(x)
    return log["rnn"]


def rivals(model: Model, x: Tensor) -> dict[str, Callable[[], Any]]:
    """Every way, by name; without those that fail on this model."""
    layer = LayerActivation(model, model.rnn)
    found: dict[str, Callable[[], Any]] = {
        "forward": lambda: model(x),
        "trace": lambda: trace(model.rnn, x[:, 0]),
        "watch": lambda: watched(model, x),
    }
    if not isinstance(model.rnn, nn.LSTM):  # whose pair of last states Captum cannot keep: it raises AttributeError
        found["captum"] = lambda: layer.attribute(x)
    if find_spec("torchlens"):
        torchlens = import_module("torchlens")
        found["torchlens"] = lambda: torchlens.trace(model, x)
    return found


def setting(cell: str, steps: int, size: int) -> tuple[Model, Tensor]:
    """A random model and sequence."""
    torch.manual_seed(0)
    return Model(cell, size).eval().requires_grad_(False), torch.randn(steps, 1, size)


def row(cell: str, steps: int, size: int, seconds: float, clock: Callable[[], float]) -> list[str]:
    """One line of the table of times."""
    ways = rivals(*setting(cell, steps, size))
    times = interleave(ways, rounds_for(ways, seconds, least=7, most=300), clock=clock)
    bare, alone, seen = (times[name].median for name in ("forward", "trace", "watch"))
    others = [f"{times[name].median / bare:.1f}x" if name in times else "–" for name in ("captum", "torchlens")]
    ratio = seen / (bare + alone)
    aim = verdict(ratio, AIM)
    return [f"{cell} T={steps} H={size}", milliseconds(bare), f"{alone / bare:.1f}x", f"{ratio:.2f}x", aim, *others]


def quantities(name: str, cell: str, found: Any) -> Iterator[tuple[str, Tensor]]:
    """What a way shows of the recurrence at every step, ``[step, unit]`` each."""
    if name == "watch":
        yield from ((key, torch.tensor(found.array(Site("rnn"), key))) for key in QUANTITIES[cell])
    elif name == "captum":
        yield "hidden_state", found[0][:, 0]
    else:
        yield "hidden_state", next(op.out for op in found if str(op.layer_label).startswith(cell.lower()))[:, 0]


def shown(cell: str) -> Iterator[list[str]]:
    """A line for each way: what it shows of a cell, and how exactly."""
    model, x = setting(cell, 50, 64)
    exact = dict(
        zip(QUANTITIES[cell], loop(cell, setting(cell, 50, 64)[0].rnn.double(), x[:, 0].double()), strict=True)
    )
    for name, way in rivals(model, x).items():
        if name not in LINES:
            continue
        made = way()
        found = dict(quantities(name, cell, made))
        error = max(float((values - exact[key]).abs().max()) for key, values in found.items())
        size = f"{len(page(made).encode()) / 1e6:.2f} MB" if name == "watch" else "–"
        yield [f"{cell} {name}", f"{len(found)} of {len(exact)}", f"{error:.0e}", str(LINES[name]), size]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=numbers, default=[20, 100])
    parser.add_argument("--hidden", type=numbers, default=[64, 128])
    parser.add_argument("--cells", default="GRU,LSTM,RNN")
    parser.add_argument("--seconds", type=float, default=6.0, help="time spent on each row")
    parser.add_argument("--clock", choices=list(CLOCKS), default="wall")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    print_conditions(
        "A look into a model, beside Captum and TorchLens",
        f"torch {torch.__version__}, 1 thread, float32, batch of 1, 1 layer, as many features as units",
        f"all ways in turn, about {asked.seconds:g} s a row, medians, {asked.clock} time",
    )
    sizes = [(k, t, h) for k in asked.cells.split(",") for t in asked.steps for h in asked.hidden]
    header = ["", "forward", "trace/fwd", "watch/(fwd+trace)", "aim", "captum/fwd", "torchlens/fwd"]
    print_table(header, (row(*size, asked.seconds, CLOCKS[asked.clock]) for size in sizes))
    print()
    header = ["", "quantities", "largest error", "lines", "page"]
    print_table(header, (line for cell in asked.cells.split(",") for line in shown(cell)))


if __name__ == "__main__":
    main()
