"""The Compare page's table: what the recipes say of each model, and what was measured on this text, here and now."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core_models.explain.memory.timescale import half_lives
from core_models.trace import Trace
from pretrained.analysis.latency import REPEATS
from pretrained.registry import recipes
from viz.compare.baselines import timed
from viz.compare.sides import Side
from viz.figures.compare.comparison import answers

COSTS = ("test score [95% interval]", "parameters", "training", "ms a sentence")

NOTES = (
    "Test score, parameters and training time were written by the run that made the weights, on the machine that "
    f"trained them. Milliseconds were measured now, on this machine: the median of {REPEATS} answers to this text, "
    "from token ids to the answer, without tracing. What was neither scored nor timed has –. The half-life is that of "
    "a unit's memory by its keeping gate on this text, ln ½ / ln k̄ with k̄ the mean over tokens of the share "
    "kept: the median over the units of all layers, – where no gate decides what is kept."
)


def measured(sides: Sequence[Side], text: str) -> tuple[list[dict[str, str]], str]:
    """Rows of the table, values as shown, and what they mean; a baseline's rows after the models'."""
    rows = [_row(side, number, text) for side in sides for number in range(len(side.comparison.traces))]
    return rows, NOTES


def _row(side: Side, number: int, text: str) -> dict[str, str]:
    name, found, key = side.comparison.names[number], answers(side.comparison), side.keys[number]
    return {
        "model": f"{name}, {side.word}" if side.word else name,
        "answer at the end": "–" if found is None else f"{found[number, -1]:.3f}",
        "median half-life, tokens": median_half_life(side.comparison.traces[number]),
        **(_costs(key, text) if key else dict.fromkeys(COSTS, "–")),
    }


def median_half_life(trace: Trace) -> str:
    """Median over the units of all layers that have a keeping gate, in tokens; – and the reason if none has."""
    found = [lives for site in trace.cells if (lives := half_lives(trace, site)) is not None]
    if not found:
        return "– (no gate keeps)"
    middle = float(np.median(np.concatenate(found)))
    return "∞" if np.isinf(middle) else f"{middle:.2f}"


def _costs(key: str, text: str) -> dict[str, str]:
    scores = recipes("sentiment")[key].scores
    low, high = scores["test_interval"]
    values = (
        f"{scores['test_accuracy']:.1%} [{low:.1%}, {high:.1%}]",
        f"{scores['parameters']:,}",
        f"{scores['training_seconds'] / 60:.0f} min ({scores['device'].upper()})",
        f"{timed(key, text):.2f}",
    )
    return dict(zip(COSTS, values, strict=True))
