"""What edited readings cost: a whole sweep of single changes batched, against a loop of single edited readings.

    python -m tests.benchmarks.cost.edits [--steps 20] [--models sst2-gru,sst2-lstm,...] [--seconds 6] [--clock wall]

batched  ``core_models.edits.sweep.sweep``: every unit, gate and token changed in turn, many readings side by side
loop     the same changes one by one, each a reading of its own with the same code; timed on a sample of them, spread
         evenly over all kinds, and counted up to all
fused    the same number of unedited readings one by one through torch's fused kernel, counted up likewise: what no
         reading with edits can undercut in a loop
one      one edited reading with everything a person sees (``core_models.edits.run.run``)
ledger   the memory ledger of the topmost layer after the last token, its split of the logit, and erasing every token

The models are the shipped ones, the words random. Aim: one press of a button within 2 s on two cores.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence

import torch

from core_models.edits.run import edited_outputs, run
from core_models.edits.sweep import Trial, sweep, trials
from core_models.encoded import Encoded
from core_models.explain.attribution.erasure import erase_each
from core_models.explain.memory.ledger import ledger_sites, open_ledger
from core_models.explain.memory.logit_split import split_logit
from core_models.networks.sequence import SequenceNetwork
from core_models.target import Target
from core_models.trace import Trace
from pretrained.registry import load
from tests.benchmarks.running import dice, sentence
from tests.benchmarks.timing import interleave, milliseconds, print_conditions, print_table, rounds_for, verdict

MODELS = "sst2-gru,sst2-lstm,sst2-gru-attention,sst2-bilstm,sst2-gru-reset-before,sst2-gru-multiplied"
AIM = 2.0
SAMPLE = 24
ASKED = Target("answer", 1)
CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}


def read_one_by_one(network: SequenceNetwork, encoded: Encoded, tried: Sequence[Trial]) -> None:
    """Each change in a reading of its own."""
    for trial in tried:
        edited_outputs(network, encoded, [[trial.edit]], ASKED)


def read_plainly(network: SequenceNetwork, encoded: Encoded, count: int) -> None:
    """As many unedited readings, one by one."""
    table, lengths = network.input.tensor(encoded)[None], torch.tensor([len(encoded)])
    with torch.inference_mode():
        for _ in range(count):
            network(table, lengths)


def explain_memory(network: SequenceNetwork, trace: Trace, encoded: Encoded) -> None:
    """All that the ledger's section computes for one moment."""
    ledger = open_ledger(trace, ledger_sites(trace)[-1])
    ledger.shares()
    split_logit(network, trace, ASKED)
    erase_each(network, encoded, ASKED)


def row(key: str, steps: int, seconds: float, clock: Callable[[], float]) -> list[str]:
    """One line of the table."""
    model = load(key, torch.device("cpu"))
    network, encoded = model.network, model.encode(sentence(dice(0), steps))
    trace, tried = model.trace(encoded), trials(network, len(encoded), unknown=network.input.unknown)
    some = tried[:: max(1, len(tried) // SAMPLE)]
    rivals: dict[str, Callable[[], object]] = {
        "batched": lambda: list(sweep(network, encoded, ASKED, tried)),
        "loop": lambda: read_one_by_one(network, encoded, some),
        "fused": lambda: read_plainly(network, encoded, len(some)),
        "one": lambda: run(network, encoded, [some[-1].edit]),
        "ledger": lambda: explain_memory(network, trace, encoded),
    }
    times = interleave(rivals, rounds_for(rivals, seconds, least=5, most=100), clock=clock)
    batched = times["batched"].median
    whole = len(tried) / len(some)
    return [
        f"{key} T={len(encoded)}",
        f"{len(tried):,}",
        milliseconds(batched),
        verdict(batched, AIM),
        f"{times['loop'].median * whole / batched:.0f}x",
        f"{times['fused'].median * whole / batched:.1f}x",
        milliseconds(times["one"].median),
        milliseconds(times["ledger"].median),
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--models", default=MODELS)
    parser.add_argument("--seconds", type=float, default=6.0, help="time spent on each row")
    parser.add_argument("--clock", choices=list(CLOCKS), default="wall")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    print_conditions(
        "Cost of edited readings",
        f"torch {torch.__version__}, 1 thread, float32, shipped weights",
        f"all in turn, about {asked.seconds:g} s a row, medians, {asked.clock} time",
    )
    header = ["", "changes", "batched", "aim", "loop/batched", "fused loop/batched", "one trace", "ledger"]
    print_table(header, (row(key, asked.steps, asked.seconds, CLOCKS[asked.clock]) for key in asked.models.split(",")))


if __name__ == "__main__":
    main()
