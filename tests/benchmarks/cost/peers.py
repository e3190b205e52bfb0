"""What a look into a model costs and shows: ``watch`` beside Captum, TorchLens and BertViz on the same models.

    python -m tests.benchmarks.cost.peers [--steps 20,100] [--hidden 64,128] [--seconds 6] [--clock wall]

forward    the bare model: a recurrence and a linear readout, one sequence
trace      every gate and state of the recurrence alone (``core_models.own.trace.trace``)
watch      the model within ``watch``, and the trace of its recurrence
captum     Captum's ``LayerActivation`` of the recurrence; it fails on an LSTM
torchlens  TorchLens' ``trace`` of the model, where it is installed (extra ``peers``)

A second table says how many of the cell's quantities each shows at every step, how far they are from the equations in
double precision, how many lines of code a person writes for that and then to have every gate, and the size of a page
about them. No peer shows the gates of a recurrence: theirs are computed by hand from the states that it does show.
A third shows an attention layer to BertViz, which draws weights that a person brings, and to ``watch``.
Aim: ``watch`` within 1.5 times the bare forward and the trace together.
"""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import torch
from captum.attr import LayerActivation
from torch import Tensor, nn

import gatescope as gs
from core_models.own.trace import trace
from core_models.trace import Site
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


class Model(nn.Module):
    """A recurrence and a readout."""

    def __init__(self, cell: str, size: int) -> None:
        super().__init__()
        self.rnn, self.out = MODULES[cell](size, size), nn.Linear(size, 2)

    def forward(self, x: Tensor) -> Tensor:
        """Scores at every step, ``[step, batch, class]``."""
        return self.out(self.rnn(x)[0])


class Attending(nn.Module):
    """One layer of attention."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(size, 2)

    def forward(self, x: Tensor) -> Tensor:
        """What is attended to, ``[step, batch, feature]``."""
        return self.attention(x, x, x)[0]


def watched(model: nn.Module, x: Tensor) -> Any:
    """The trace of the recurrence, seen while the model runs."""
    return gs.watch(model, x)["rnn"]


def by_captum(model: Model, x: Tensor) -> Tensor:
    """The states that the recurrence returns, ``[step, unit]``."""
    found: Any = LayerActivation(model, model.rnn).attribute(x)
    return found[0][:, 0]


def by_torchlens(model: Model, x: Tensor) -> Tensor:
    """The states that the recurrence returns, ``[step, unit]``."""
    found = import_module("torchlens").trace(model, x)
    kind = type(model.rnn).__name__.lower()
    return next(op.out for op in found if str(op.layer_label).startswith(kind))[:, 0]


def gates_watched(trace: Any) -> list[Any]:
    """Every quantity of the cell, ``[step, unit]`` each."""
    return [trace.array(*at) for at in trace]


def gru_by_hand(model: Model, x: Tensor, hidden: Tensor) -> list[Tensor]:
    """The gates of a GRU from its states."""
    w, r, b, c = model.rnn.all_weights[0]
    before = torch.cat([torch.zeros_like(hidden[:1]), hidden[:-1]])
    given, kept = (x[:, 0] @ w.T + b).chunk(3, 1), (before @ r.T + c).chunk(3, 1)
    reset, update = torch.sigmoid(given[0] + kept[0]), torch.sigmoid(given[1] + kept[1])
    return [reset, update, torch.tanh(given[2] + reset * kept[2]), hidden]


def lstm_by_hand(model: Model, x: Tensor, hidden: Tensor) -> list[Tensor]:
    """The gates and the cell state of an LSTM from its hidden states."""
    w, r, b, c = model.rnn.all_weights[0]
    before = torch.cat([torch.zeros_like(hidden[:1]), hidden[:-1]])
    i, f, g, o = (x[:, 0] @ w.T + b + before @ r.T + c).chunk(4, 1)
    i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
    cells = [torch.zeros_like(g[0])]
    for step in range(len(x)):
        cells.append(f[step] * cells[-1] + i[step] * g[step])
    return [i, f, g, o, hidden, torch.stack(cells[1:])]


def rnn_by_hand(model: Model, x: Tensor, hidden: Tensor) -> list[Tensor]:
    """What an Elman network squashes, from its states."""
    w, r, b, c = model.rnn.all_weights[0]
    before = torch.cat([torch.zeros_like(hidden[:1]), hidden[:-1]])
    return [x[:, 0] @ w.T + b + before @ r.T + c, hidden]


BY_HAND = {"GRU": gru_by_hand, "LSTM": lstm_by_hand, "RNN": rnn_by_hand}


def lines(written: Callable[..., Any]) -> int:
    """Lines of a function below its docstring: what a person writes."""
    source = inspect.getsource(written)
    return len(source.split('"""')[2].strip().splitlines())


def rivals(model: Model, x: Tensor) -> dict[str, Callable[[], Any]]:
    """Every way, by name; without those that fail on this model."""
    found: dict[str, Callable[[], Any]] = {
        "forward": lambda: model(x),
        "trace": lambda: trace(model.rnn, x[:, 0]),
        "watch": lambda: watched(model, x),
    }
    if not isinstance(model.rnn, nn.LSTM):  # whose pair of last states Captum cannot keep: it raises AttributeError
        found["captum"] = lambda: by_captum(model, x)
    if find_spec("torchlens"):
        found["torchlens"] = lambda: by_torchlens(model, x)
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


def shown(cell: str) -> Iterator[list[str]]:
    """A line for each way: what it shows of a cell, how exactly, and the lines to that and to every gate."""
    model, x = setting(cell, 50, 64)
    keys, by_hand = QUANTITIES[cell], BY_HAND[cell]
    exact = dict(zip(keys, loop(cell, setting(cell, 50, 64)[0].rnn.double(), x[:, 0].double()), strict=True))
    for name, way in rivals(model, x).items():
        if name in ("forward", "trace"):
            continue
        made = way()
        if name == "watch":
            found = {key: torch.tensor(made.array(Site("rnn"), key)) for key in keys}
            count, more, size = lines(watched), lines(gates_watched), f"{len(page(made).encode()) / 1e6:.2f} MB"
            held = found
        else:
            found, held = {"hidden_state": made}, dict(zip(keys, by_hand(model, x, made), strict=True))
            count, more, size = lines({"captum": by_captum, "torchlens": by_torchlens}[name]), lines(by_hand), "–"
        errors = [max(float((part - exact[key]).abs().max()) for key, part in all_.items()) for all_ in (found, held)]
        yield [f"{cell} {name}", f"{len(found)} of {len(exact)}", f"{errors[0]:.0e}", str(count), str(count + more),
               f"{errors[1]:.0e}", size]  # fmt: skip


def attention() -> Iterator[list[str]]:
    """A line for each way that shows the weights of an attention layer."""
    torch.manual_seed(0)
    model, x = Attending(64).eval(), torch.randn(50, 1, 64)
    log = gs.watch(model, x)
    seen = gs.show(log["attention"], plotly=True).html
    yield ["watch", str(lines(watched)), f"{len(seen.encode()) / 1e6:.2f} MB", "yes"]
    if find_spec("bertviz"):
        weights = model.attention(x, x, x, need_weights=True, average_attn_weights=False)[1]
        drawn = import_module("bertviz").head_view([weights], [str(step) for step in range(50)], html_action="return")
        yield [
            "bertviz",
            "2",
            f"{len(drawn.data.encode()) / 1e6:.2f} MB",
            "no" if "https://cdn" in drawn.data else "yes",
        ]


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
    header = ["", "quantities", "largest error", "lines", "lines to all", "their error", "page"]
    print_table(header, (line for cell in asked.cells.split(",") for line in shown(cell)))
    print()
    print_table(["attention", "lines", "page", "opens offline"], attention())


if __name__ == "__main__":
    main()
