"""The Compare page's table: what the recipes say of each model, and what was measured on this input, here and now."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core_models.explain.memory.timescale import half_lives
from core_models.language import mark, say
from core_models.trace import Trace
from pretrained.analysis.latency import REPEATS
from viz.compare.ahead import ahead_of
from viz.compare.baselines import timed
from viz.compare.sides import Side
from viz.figures.compare import classes
from viz.figures.compare.answers import answered, classes_of, last_of
from viz.figures.parts.token_axis import in_nouns
from viz.models import every_recipe, task_of

COSTS = (mark("test score [95% interval]"), mark("parameters"), mark("training"), mark("ms an answer"))

NOTES = mark(
    "Test score, parameters and training time were written by the run that made the weights, on the machine that "
    "trained them. Milliseconds were measured now, on this machine: the median of {repeats} answers to this input, "
    "without tracing. What was neither scored nor timed has –. The half-life is that of "
    "a unit's memory by its keeping gate on this input, ln ½ / ln k̄ with k̄ the mean over tokens of the share "
    "kept: the median over the units of all layers, – where no gate decides what is kept."
)


def measured(sides: Sequence[Side]) -> tuple[list[dict[str, str]], str]:
    """Rows of the table, values as shown, and what they mean; a baseline's rows after the models'."""
    rows = [_row(side, number) for side in sides for number in range(len(side.comparison.traces))]
    return rows, in_nouns(say(NOTES, repeats=REPEATS), sides[0].comparison.noun)


def _row(side: Side, number: int) -> dict[str, str]:
    name, key = side.comparison.names[number], side.keys[number]
    noun = side.comparison.noun
    heading, answer = _answer(side, number)
    return {
        say("model"): say("{name}, {place}", name=name, place=say(side.word)) if side.word else name,
        heading: answer,
        say("median half-life, {noun}s", noun=say(noun)): median_half_life(side.comparison.traces[number]),
        **(_costs(side, key, number) if key else dict.fromkeys(map(say, COSTS), "–")),
    }


def _answer(side: Side, number: int) -> tuple[str, str]:
    """What the answer is called, and what it is."""
    comparison = side.comparison
    chances, found = classes_of(comparison), answered(comparison)
    if chances is not None:
        best = int(chances[number].argmax())
        return say("answer"), f"{classes.names(comparison)[best]} ({chances[number, best]:.3f})"
    if found is None:
        rows, unit = ahead_of(side)
        return (
            (say("forecast of the last step"), f"{rows[number].centre[-1]:.4g} {unit}")
            if rows
            else (say("answer"), "–")
        )
    if not found.probable:
        return say("mean surprise, nats"), f"{np.nanmean(found.rows[number]):.2f}"
    if any(found.about):
        return say("mean probability of the first model’s labels"), f"{np.nanmean(found.rows[number]):.3f}"
    return say("{label} at the end", label=found.label), f"{last_of(found.rows[number]):.3f}"


def median_half_life(trace: Trace) -> str:
    """Median over the units of all layers that have a keeping gate, in steps; – and the reason if none has."""
    found = [lives for site in trace.cells if (lives := half_lives(trace, site)) is not None]
    if not found:
        return say("– (no gate keeps)")
    middle = float(np.median(np.concatenate(found)))
    return "∞" if np.isinf(middle) else f"{middle:.2f}"


def _costs(side: Side, key: str, number: int) -> dict[str, str]:
    scores = every_recipe()[key].scores
    took = f"{timed(key, side.givens[number]):.2f}"
    if "training_seconds" not in scores:  # somebody's own network
        return dict(zip(map(say, COSTS), ("–", f"{scores['parameters']:,}", "–", took), strict=True))
    minutes, device = scores["training_seconds"] / 60, scores["device"].upper()
    values = (
        score_of(key),
        f"{scores['parameters']:,}",
        say("{minutes:.0f} min ({device})", minutes=minutes, device=device)
        if minutes >= 1
        else say("under 1 min ({device})", device=device),
        took,
    )
    return dict(zip(map(say, COSTS), values, strict=True))


def score_of(key: str) -> str:
    """The headline of a model on test, its measure where that is no accuracy, and its interval where it has one."""
    recipe = every_recipe()[key]
    task = task_of(recipe)
    measure = {
        "forecast": getattr(task, "measure", ""), "next_token": "nats", "labels": getattr(task, "headline", ""),
    }.get(task.kind, "accuracy")  # fmt: skip
    value = recipe.scores[f"test_{measure}"]
    interval = recipe.scores.get(f"test_{measure}_interval", recipe.scores.get("test_interval"))
    share = measure in ("accuracy", "f1")
    shown = [f"{number:.1%}" if share else f"{number:.3g}" for number in (value, *(interval or ()))]
    bounds = f" [{shown[1]}, {shown[2]}]" if interval and measure != "f1" else ""
    named = {"accuracy": "", "f1": "F1 ", "nats": ""}.get(measure, f"{measure.upper()} ")
    unit = {"forecast": f" {getattr(task, 'unit', '')}", "next_token": f" {say('nats a character')}"}.get(task.kind, "")
    return f"{named}{shown[0]}{bounds}{unit}"
