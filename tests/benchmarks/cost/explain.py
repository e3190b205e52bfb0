"""What attributions and tests of attention cost, each beside Captum's plain call or a loop of single runs.

    python -m tests.benchmarks.cost.explain [--steps 20] [--points 50] [--models sst2-gru-attention,...] [--seconds 4]

Integrated gradients and occlusion: one batch of ours, Captum's plain call, and a loop that reads one input at a time.
Shapley values: all tokens of an order in one batch, beside Captum's plain call (one at a time).
The panel: every test of attention on one sentence (200 shuffles, 5 sizes of erasure, leaving out, the search), beside
a loop over single runs of the shuffles, erasures and omissions alone, without the search. Medians, taken in turn.
Aims: integrated gradients (50 points) below 0.150 s and the panel below 2 s for 20 tokens.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import torch
from torch import Tensor

from core_models.explain.attribution.methods import gradients, integrated_gradients, occlusion
from core_models.explain.attribution.shapley import shapley_values
from core_models.explain.faithfulness.attended import attend
from core_models.explain.faithfulness.panel import Settings, examine
from core_models.explain.faithfulness.reweighting import shuffled
from core_models.explain.outputs import Outputs
from core_models.target import Target
from pretrained.registry import load
from tests.benchmarks.running import dice, sentence
from tests.benchmarks.timing import (
    interleave,
    milliseconds,
    numbers,
    print_conditions,
    print_table,
    rounds_for,
    verdict,
)

MODELS = "sst2-gru-attention,sst2-gru-heads-8,sst2-lstm-self-attention,sst2-gru-attention-inside,sst2-bilstm-2"
CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}
AIMS = {"integrated": 0.150, "panel": 2.0}
ASKED = Target("answer", 1)
Ways = dict[str, Callable[[], object]]


def attribution_ways(outputs: Outputs, points: int) -> dict[str, Ways]:
    """Ours, Captum's plain call and a loop of single runs, by method."""
    from captum.attr import FeatureAblation, IntegratedGradients, ShapleyValueSampling

    x, read = outputs.x, outputs.about(ASKED)
    baseline, steps = torch.zeros_like(x[0]), len(x)
    zeros, tokens = torch.zeros_like(x)[None], torch.arange(steps)[None, :, None]

    def single(rows: Tensor) -> list[Tensor]:
        return [read(row[None]) for row in rows]

    plain = {
        "integrated": IntegratedGradients(read), "occlusion": FeatureAblation(read),
        "shapley": ShapleyValueSampling(read),
    }  # fmt: skip
    return {
        "integrated": {
            "ours": lambda: integrated_gradients(read, x[None], baseline, points),
            "captum": lambda: plain["integrated"].attribute(x[None], zeros, n_steps=points),
            "loop": lambda: [gradients(read, x[None] * a) for a in torch.linspace(0, 1, points)],
        },
        "occlusion": {
            "ours": lambda: occlusion(read, x[None], baseline),
            "captum": lambda: plain["occlusion"].attribute(x[None], zeros, feature_mask=tokens),
            "loop": lambda: single(x.expand(steps + 1, -1, -1)),
        },
        "shapley": {
            "ours": lambda: shapley_values(read, x[None], baseline),
            "captum": lambda: plain["shapley"].attribute(x[None], zeros, feature_mask=tokens),
            "loop": lambda: single(x.expand(25 * steps, -1, -1)),
        },
    }


def panel_ways(outputs: Outputs) -> Ways | None:
    """The whole panel, and a loop of single runs of what it reads; None without attention."""
    attended, x = attend(outputs, ASKED), outputs.x
    if attended is None:
        return None
    settings, read = Settings(), outputs.about(ASKED)
    orders = shuffled(attended, settings.shuffles, torch.Generator().manual_seed(0))
    reads = len(x) + settings.most * (1 + settings.draws)

    def loop() -> None:
        for row in orders:
            attended.answers(row[None])
        for _ in range(reads):
            attended.answers(orders[:1])
            read(x[None, 1:])

    return {"ours": lambda: examine(outputs, ASKED), "loop": loop}


def row(name: str, ways: Ways, seconds: float, clock: Callable[[], float], aim: float | None) -> list[str]:
    """One line of the table."""
    times = interleave(ways, rounds_for(ways, seconds, least=3, most=60), warmup=0, clock=clock)
    ours = times["ours"].median
    ratios = [f"{times[other].median / ours:.2f}x" if other in times else "" for other in ("captum", "loop")]
    return [name, str(len(times["ours"].seconds)), milliseconds(ours), milliseconds(times["ours"].p95), *ratios,
            "" if aim is None else verdict(ours, aim)]  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=20, help="tokens of the sentence")
    parser.add_argument("--points", type=int, default=50, help="of integrated gradients")
    parser.add_argument("--models", default=MODELS)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--clock", choices=list(CLOCKS), default="wall", help="processor: of all threads together")
    parser.add_argument("--seconds", type=float, default=4.0, help="time spent on each row")
    asked = parser.parse_args()
    numbers(str(asked.steps))
    torch.set_num_threads(asked.threads)
    print_conditions(
        f"Cost of explaining {asked.steps} tokens",
        f"torch {torch.__version__}, {asked.threads} threads, float32, shipped models, random words",
        f"ways in turn, about {asked.seconds:g} s a row, medians of {asked.clock} time; ratios are to ours",
    )
    rows, clock = [], CLOCKS[asked.clock]
    for key in asked.models.split(","):
        model = load(key, torch.device("cpu"))
        outputs = Outputs(model.network, model.encode(sentence(dice(0), asked.steps)), ())
        found, panel = attribution_ways(outputs, asked.points), panel_ways(outputs)
        with torch.no_grad():
            rows += [row(f"{key} {name}", ways, asked.seconds, clock, AIMS.get(name)) for name, ways in found.items()]
            if panel:
                rows.append(row(f"{key} panel", panel, asked.seconds, clock, AIMS["panel"]))
    print_table(["", "rounds", "ours", "p95", "captum/ours", "loop/ours", "aim (s)"], rows)


if __name__ == "__main__":
    main()
