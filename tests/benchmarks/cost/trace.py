"""What a full trace costs: against the bare fused forward of the same module, and against a loop over the steps.

    python -m tests.benchmarks.cost.trace [--steps 20,100,500,5000] [--hidden 64,128,256] [--threads 1,2] [--seconds 4]
        [--clock wall]

fused   ``module(x)`` in eval() and inference mode, its fastest: hidden states only, no gates
trace   ``core_models.tracing.trace(module, x)``: checked, labelled, everything a person sees
replay  ``core_models.tracing.replay(module, x)``: the same values as bare tensors
loop    one step after another with ``torch.nn``'s formulas written out, collecting the same gates and states; the
        input is projected for all steps at once before the loop, as anyone in a hurry would do

Printed: medians of fused; trace/fused and replay/fused, smaller is better; loop/trace, larger is better. With
``--clock processor`` (one thread only) the processor's time counts instead of the clock on the wall: on a machine that
others use too, it is the truer one.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from core_models.tracing import replay, trace
from tests.benchmarks.timing import (
    interleave,
    milliseconds,
    numbers,
    print_conditions,
    print_table,
    rounds_for,
    verdict,
)

MODULES: dict[str, Callable[[int, int], nn.RNNBase]] = {"GRU": nn.GRU, "LSTM": nn.LSTM, "RNN": nn.RNN}
AIM_OVER_FUSED = {"GRU": 1.35, "LSTM": 1.75}
AIM_UNDER_LOOP = {"GRU": 1.8, "LSTM": 3.0}
CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}
LONG = 500
"""From this many steps on the aim against the loop applies."""


def gru_step(from_input: Tensor, from_state: Tensor, state: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
    """Gates and next state of a GRU."""
    x_r, x_z, x_n = from_input.chunk(3)
    h_r, h_z, h_n = from_state.chunk(3)
    r, z = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
    n = torch.tanh(x_n + r * h_n)
    return [r, z, n], [(1 - z) * n + z * state[0]]


def lstm_step(from_input: Tensor, from_state: Tensor, state: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
    """Gates and next states of an LSTM."""
    i, f, g, o = (from_input + from_state).chunk(4)
    i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
    c = f * state[1] + i * g
    return [i, f, g, o], [o * torch.tanh(c), c]


def rnn_step(from_input: Tensor, from_state: Tensor, state: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
    """Pre-activation and next state of a plain RNN."""
    a = from_input + from_state
    return [a], [torch.tanh(a)]


STEPS = {"GRU": gru_step, "LSTM": lstm_step, "RNN": rnn_step}


def loop(kind: str, module: nn.RNNBase, x: Tensor) -> list[Tensor]:
    """Every gate and state of a one-layer module, each ``[step, unit]``, one step at a time."""
    w_x, w_h, b_x, b_h = module.all_weights[0]
    state = [x.new_zeros(module.hidden_size)] * (2 if kind == "LSTM" else 1)
    collected: list[list[Tensor]] = []
    for from_input in functional.linear(x, w_x, b_x):
        gates, state = STEPS[kind](from_input, torch.addmv(b_h, w_h, state[0]), state)
        collected.append([*gates, *state])
    return [torch.stack(values) for values in zip(*collected, strict=True)]


def rivals(kind: str, steps: int, hidden: int) -> dict[str, Callable[[], object]]:
    """The four ways, on one random module and sequence with as many features as units."""
    torch.manual_seed(0)
    module, x = MODULES[kind](hidden, hidden).eval(), torch.randn(steps, hidden)
    found = sorted(float(value.abs().sum()) for value in replay(module, x).values())
    expected = sorted(float(value.abs().sum()) for value in loop(kind, module, x))
    if not torch.allclose(torch.tensor(found), torch.tensor(expected), rtol=1e-4):
        raise AssertionError(f"trace_cost: expected loop and replay to compute the same, got {expected} and {found}")
    return {
        "fused": lambda: module(x),
        "trace": lambda: trace(module, x),
        "replay": lambda: replay(module, x),
        "loop": lambda: loop(kind, module, x),
    }


def row(kind: str, steps: int, hidden: int, seconds: float, clock: Callable[[], float]) -> list[str]:
    """One line of the table."""
    ways = rivals(kind, steps, hidden)
    times = interleave(ways, rounds_for(ways, seconds, least=7, most=300), clock=clock)
    fused, full, bare, looped = (times[name].median for name in ("fused", "trace", "replay", "loop"))
    over, under = AIM_OVER_FUSED.get(kind), AIM_UNDER_LOOP.get(kind) if steps >= LONG else None
    return [
        f"{kind} T={steps} H={hidden}",
        str(len(times["fused"].seconds)),
        milliseconds(fused),
        f"{full / fused:.2f}x",
        verdict(full / fused, over) if over else "",
        f"{bare / fused:.2f}x",
        f"{looped / full:.2f}x",
        verdict(looped / full, under, at_most=False) if under else "",
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=numbers, default=[20, 100, 500, 5000])
    parser.add_argument("--hidden", type=numbers, default=[64, 128, 256])
    parser.add_argument("--threads", type=numbers, default=[1], help="torch threads, such as 1,2")
    parser.add_argument("--cells", default="GRU,LSTM,RNN")
    parser.add_argument("--seconds", type=float, default=4.0, help="time spent on each row")
    parser.add_argument("--clock", choices=list(CLOCKS), default="wall")
    asked = parser.parse_args()
    if asked.clock == "processor" and asked.threads != [1]:
        parser.error("--clock processor: expected --threads 1, since it adds up the time of all threads")
    for threads in asked.threads:
        torch.set_num_threads(threads)
        print_conditions(
            "Cost of a full trace",
            f"torch {torch.__version__}, {threads} thread(s), float32, batch of 1, 1 layer, as many features as units",
            f"fused, trace, replay and loop in turn, about {asked.seconds:g} s a row, medians, {asked.clock} time",
        )
        header = ["", "rounds", "fused", "trace/fused", "aim", "replay/fused", "loop/trace", "aim"]
        with torch.inference_mode():
            sizes = [(k, t, h) for k in asked.cells.split(",") for t in asked.steps for h in asked.hidden]
            print_table(header, (row(*size, asked.seconds, CLOCKS[asked.clock]) for size in sizes))


if __name__ == "__main__":
    main()
