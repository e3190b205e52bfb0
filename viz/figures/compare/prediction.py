"""The answer after each token, for all compared traces in one figure."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from core_models.trace import Array
from viz.figures.compare.comparison import APART, Comparison, answers, label_ends, part_answers
from viz.figures.compare.marks import axes, line, mark_parting
from viz.figures.trace import prediction
from viz.figures.trace.prediction import ground, rounded
from viz.theme import NEGATIVE, POSITIVE, assemble

HEIGHT = 380

HOW_TO_READ = (
    "The height is what each would answer had the text ended there. The pink line marks where the answers part: the "
    "first token after which not all are on the same side of 0.5. The dotted grey line marks the first token after "
    f"which two of them differ by more than {APART:g}."
)


def draw(comparison: Comparison) -> go.Figure:
    """One line for each trace (curve ``i`` is trace ``i``) on the fixed scale from 0 to 1.

    Raises:
        ValueError: if a trace holds no probability after each token.
    """
    return assemble(*compose(comparison))


def compose(comparison: Comparison) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Curves and layout of ``draw``, for figures that show more below."""
    found = answers(comparison)
    if found is None:
        raise ValueError("compare_prediction: expected a probability after each token in every trace, got none")
    label = prediction.targets(comparison.traces[0])[0].quantity.label
    shapes, notes = mark_parting(comparison)
    layout = {
        "height": HEIGHT,
        "uirevision": f"compare-prediction-{len(comparison.traces)}",
        "hovermode": "x unified",
        "margin": {"l": 12, "r": 60, "t": 32, "b": 12},
        **axes(comparison, "token"),
        "yaxis": {"title": {"text": label}, "range": [0, 1], "dtick": 0.25, "zeroline": False},
        "shapes": [*ground(0.08), *shapes],
        "annotations": [*_classes(), *notes, *_last(comparison, found)],
    }
    return [line(comparison, number, row, label) for number, row in enumerate(found)], layout


def describe(comparison: Comparison, classes: tuple[str, str]) -> str:
    """In plain text: where the answers part, who says what there, and what each says at the end.

    Args:
        comparison: of traces that hold a probability after each token.
        classes: what a probability near 0 and near 1 means.
    """
    found, parting = answers(comparison), part_answers(comparison)
    if found is None:
        return ""
    last = [float(row[np.flatnonzero(np.isfinite(row))[-1]]) for row in found]
    ends = [f"{name} {_side(p, classes)} ({p:.3f})" for name, p in zip(comparison.names, last, strict=True)]
    end = f"At the end: {', '.join(ends)}."
    if len(ends) < 2:
        return end
    if parting.opposite is None:
        every = "every token" if comparison.whole else "every token that both texts have"
        start = f"The answers never part: after {every}, all are on the same side of 0.5."
    else:
        label, row = comparison.labels[parting.opposite], found[:, parting.opposite]
        sides = [f"{name} {_side(float(p), classes)} ({p:.3f})" for name, p in zip(comparison.names, row, strict=True)]
        start = f"The answers part at token {parting.opposite + 1}, “{label}”: {', '.join(sides)}."
    if parting.apart is None:
        start += f" They are nowhere more than {APART:g} apart."
    elif parting.apart != parting.opposite:
        label = comparison.labels[parting.apart]
        start += f" They are first more than {APART:g} apart at token {parting.apart + 1}, “{label}”."
    return f"{start} {end}"


def _side(p: float, classes: tuple[str, str]) -> str:
    return classes[p > 0.5]


def _last(comparison: Comparison, found: Array) -> list[dict[str, Any]]:
    """The last answer of each trace, written where its line ends."""
    last = [row[np.flatnonzero(np.isfinite(row))[-1]] for row in found]
    ends = [(float(p), f"<b>{rounded(float(p))}</b>", comparison.styles[number].color) for number, p in enumerate(last)]
    return label_ends(ends, 1.0, HEIGHT - 130)


def _classes() -> list[dict[str, Any]]:
    corner = {"xref": "paper", "x": 0, "xanchor": "left", "xshift": 4, "showarrow": False}
    return [
        {**corner, "y": 0.98, "yanchor": "top", "text": "positive", "font": {"color": POSITIVE}},
        {**corner, "y": 0.02, "yanchor": "bottom", "text": "negative", "font": {"color": NEGATIVE}},
    ]
