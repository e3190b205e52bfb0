"""What a long sequence costs: time a step, and what is sent to the browser, from a hundred steps to 100,000.

    python -m tests.benchmarks.long_cost [--model shakespeare-lstm] [--steps 100,1000,10000,100000] [--rounds 3]

survey  one reading of the whole for the overview, every gate and state summed up in stretches
fused   the same module's bare forward pass on the same input: hidden states only
sent    JSON of the overview's two figures, as it goes to the browser
part    what it takes to open a part: the state before it, and a trace of 400 characters

Printed: survey/fused; survey per step against that of the shortest sequence that fills a piece (linear time: about 1);
kilobytes sent (at most 1,000, and flat from 1,000 steps on). The processor's time counts, so that others on the machine
do not.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch

from core_models.vocabulary import quantity
from pretrained.language_reader import LanguageReader
from pretrained.registry import load_language_model
from pretrained.text_survey import TextSurvey
from tests.benchmarks.timing import numbers, print_conditions, print_table
from viz.figures.overview import Stretches, draw_line, draw_units
from viz.plain import to_json

AIM = 1_000_000
"""Bytes sent at most."""


def text_of(model: LanguageReader, steps: int) -> str:
    """The model's examples over and over, ``steps`` characters."""
    whole = "".join(example.text for example in model.task.examples)
    return (whole * (steps // len(whole) + 1))[:steps]


def processor_time(work: Callable[[], object], rounds: int) -> float:
    """Median of the processor's seconds."""
    found = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return statistics.median(found)


def sent(survey: TextSurvey) -> int:
    """Bytes of the overview's figures."""
    stretches = Stretches(survey.survey.starts, len(survey), 0, min(len(survey), 400), "character")
    address = next(address for address in survey.ranges if address[1] == "hidden_state")
    units = draw_units(survey.ranges[address], quantity("hidden_state"), stretches)
    return len(to_json(draw_line(survey.surprise, stretches, "surprise (nats)"))) + len(to_json(units))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.long_cost", description=__doc__)
    parser.add_argument("--model", default="shakespeare-lstm")
    parser.add_argument("--steps", type=numbers, default=[100, 1_000, 10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    torch.set_num_threads(1)
    model = load_language_model(given.model)
    print_conditions("A long sequence: overview and payload", f"model {given.model}, one thread, processor time")
    rows, base = [], np.nan
    for steps in given.steps:
        text = text_of(model, steps)
        ids = torch.tensor(model.task.ids(model.task.start + text))

        def forward(ids: torch.Tensor = ids) -> None:
            with torch.inference_mode():
                model.network.rnn(model.network.embedding(ids))

        survey = model.survey(text)
        list(survey.read())
        part = lambda survey=survey: model.trace(model.task.read("part", survey.part(max(0, len(survey) - 400))))  # noqa: E731
        whole = processor_time(lambda text=text: list(model.survey(text).read()), given.rounds)
        fused, opened = processor_time(forward, given.rounds), processor_time(part, given.rounds)
        base = whole / steps if np.isnan(base) and steps >= 1_000 else base
        linear = "" if np.isnan(base) else f"{whole / steps / base:.2f}"
        size = sent(survey)
        verdict = "met" if size <= AIM else "missed"
        rows.append([f"{steps:,}", f"{whole:.3f}", f"{whole / fused:.2f}", linear, f"{size / 1000:.0f}", verdict,
                     f"{1000 * opened:.0f}"])  # fmt: skip
    print_table(["steps", "survey s", "survey/fused", "per step", "sent kB", "≤ 1,000 kB", "open a part ms"], rows)


if __name__ == "__main__":
    main()
