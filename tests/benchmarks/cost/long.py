"""What a long sequence costs: time a step, and what is sent to the browser, from a hundred steps to 100,000.

    python -m tests.benchmarks.cost.long [--model shakespeare-lstm] [--steps 100,1000,10000,100000] [--rounds 3]

survey  one reading of the whole for the overview: of a text every gate and state summed up in stretches, of a series
        (--model ett-gru and the like) a forecast for every step
fused   the network's bare forward pass on the same input
sent    JSON of the overview's figures, as it goes to the browser; of the whole and of its middle tenth, zoomed to
part    what it takes to open a part: of a text the state before it and a trace of 400 characters, of a series a window

Printed: survey/fused; survey per step against that of the shortest sequence that fills a piece (linear time: about 1);
kilobytes sent (at most 1,000, and flat from 1,000 steps on). The processor's time counts, so that others on the machine
do not.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import torch

from core_models.survey import STRETCHES
from core_models.vocabulary import quantity
from pretrained.families.forecast.survey import SeriesSurvey
from pretrained.families.forecast.trained import TrainedForecaster
from pretrained.families.next_token.trained import TrainedLanguageModel
from pretrained.kinds.forecast import Series
from pretrained.registry import load
from tests.benchmarks.timing import numbers, print_conditions, print_table
from viz.figures.parts.stretches import Stretches
from viz.figures.sequences.overview import Line, UnitColumns, draw
from viz.plain import to_json

AIM = 1_000_000
"""Bytes sent at most."""


@dataclass(frozen=True)
class Cost:
    """What one sequence costs, in seconds and bytes."""

    survey: float
    fused: float
    opened: float
    sent: int


def text_of(model: TrainedLanguageModel, steps: int) -> str:
    """The model's examples over and over, ``steps`` characters."""
    whole = "".join(example.text for example in model.task.examples)
    return (whole * (steps // len(whole) + 1))[:steps]


def series_of(model: TrainedForecaster, steps: int) -> Series:
    """The model's first example over and over, ``steps`` values."""
    first = model.task.open(model.task.examples[0].text)
    values = np.resize(first.numbers[np.isfinite(first.numbers)], steps)
    times = pd.date_range("1990-01-01", periods=steps, freq=model.task.step.rule)
    frame = pd.DataFrame({model.task.channels[0].key: values}, index=times)
    return Series("long", "long", frame, first.mean, first.sd, (), steps - 1, "y")


def processor_time(work: Callable[[], object], rounds: int) -> float:
    """Median of the processor's seconds."""
    found = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return statistics.median(found)


def cost_of_text(model: TrainedLanguageModel, steps: int, rounds: int) -> Cost:
    """A text of ``steps`` characters."""
    text = text_of(model, steps)
    ids = torch.tensor(model.task.ids(model.task.start + text))

    def forward() -> None:
        with torch.inference_mode():
            model.network.recur(model.network.input.embed(ids)[None], torch.tensor([len(ids)]))

    survey = model.survey(text)
    list(survey.read())
    address = next(address for address in survey.ranges if address[1] == "hidden_state")
    middle = range(steps * 9 // 20, steps * 11 // 20)
    finer = survey.survey.within(middle.start, middle.stop)
    list(survey.read_finer(finer))
    sent = []
    for drawn, shown in ((survey.survey, None), (finer, middle)):
        first, stop = (0, len(survey)) if shown is None else (shown.start, shown.stop)
        stretches = Stretches(drawn.starts + first, len(survey), 0, min(len(survey), 400), "character", stop, shown)
        columns = UnitColumns(drawn.ranges[address], quantity("hidden_state"), stretches)
        sent.append(len(to_json(draw([Line(survey.surprise, "surprise")], columns, stretches))))
    part = lambda: model.trace(model.encode("part", survey.part(max(0, len(survey) - 400))))  # noqa: E731
    whole = processor_time(lambda: list(model.survey(text).read()), rounds)
    return Cost(whole, processor_time(forward, rounds), processor_time(part, rounds), max(sent))


def cost_of_series(model: TrainedForecaster, steps: int, rounds: int) -> Cost:
    """A series of ``steps`` values."""
    series, task = series_of(model, steps), model.task
    survey = SeriesSurvey(task, model.network, series)
    list(survey.read())

    def forward() -> None:
        survey.windows.forecasts(model.network, survey.ends)

    sent = []
    for shown in (None, range(steps * 9 // 20, steps * 11 // 20)):
        part = shown or range(steps)
        starts = np.arange(part.start, part.stop, -(-len(part) // STRETCHES))
        names = lambda at: task.step.stamps(series.times[at])  # noqa: E731
        stretches = Stretches(starts, steps, 0, task.window, task.step.name, part.stop, shown, names)
        columns, stop, found = survey.within(part, STRETCHES)
        units = UnitColumns(found, quantity("hidden_state"), replace(stretches, starts=columns, stop=stop))
        lines = [Line(values, "value") for values in (series.numbers, survey.error)]
        sent.append(len(to_json(draw(lines, units, stretches))))
    opened = lambda: model.trace(model.encode("long", series))  # noqa: E731
    whole = processor_time(lambda: list(SeriesSurvey(task, model.network, series).read()), rounds)
    return Cost(whole, processor_time(forward, rounds), processor_time(opened, rounds), max(sent))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.cost.long", description=__doc__)
    parser.add_argument("--model", default="shakespeare-lstm")
    parser.add_argument("--steps", type=numbers, default=[100, 1_000, 10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    torch.set_num_threads(1)
    model = load(given.model)
    print_conditions("A long sequence: overview and payload", f"model {given.model}, one thread, processor time")
    rows, base = [], np.nan
    for steps in given.steps:
        if isinstance(model, TrainedLanguageModel):
            cost = cost_of_text(model, steps, given.rounds)
        elif isinstance(model, TrainedForecaster):
            if steps <= model.task.window:
                continue
            cost = cost_of_series(model, steps, given.rounds)
        else:
            parser.error(f"{given.model} reads neither long texts nor series: name a language model or a forecaster")
        base = cost.survey / steps if np.isnan(base) and steps >= 1_000 else base
        linear = "" if np.isnan(base) else f"{cost.survey / steps / base:.2f}"
        verdict = "met" if cost.sent <= AIM else "missed"
        rows.append([f"{steps:,}", f"{cost.survey:.3f}", f"{cost.survey / cost.fused:.2f}", linear,
                     f"{cost.sent / 1000:.0f}", verdict, f"{1000 * cost.opened:.0f}"])  # fmt: skip
    print_table(["steps", "survey s", "survey/fused", "per step", "sent kB", "≤ 1,000 kB", "open a part ms"], rows)


if __name__ == "__main__":
    main()
