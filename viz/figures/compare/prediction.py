"""What each of the compared traces answers step by step, all in one figure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core_models.language import mark, say
from viz.figures.compare.answers import APART, MARGIN, Answered, answered, last_of, part_answers
from viz.figures.compare.comparison import Comparison, label_ends, tabulate
from viz.figures.compare.marks import axes, line, mark_parting
from viz.figures.parts.token_axis import escape, in_nouns
from viz.figures.trace.prediction import ground, rounded
from viz.theme import NEGATIVE, POSITIVE, assemble

HEIGHT = 380

HOW_TO_READ = mark(
    "The height is what each would answer had the input ended there. The solid grey line marks where the answers "
    "diverge: the first token after which they are on both sides of 0.5 and at least {margin:g} apart. The dotted "
    "line marks the first token after which two of them differ by more than {apart:g}."
)


def how_to_read(comparison: Comparison) -> str:
    """What a line is, and which tokens are marked."""
    found = answered(comparison)
    if found is None:
        return ""
    if not found.probable:
        what = say(
            "The height is how surprised each was by the token that came, in nats: 0 means that "
            "it was certain. The dotted line marks the first token at which two of them differ "
            "by more than {apart:g} nats.",
            apart=found.apart,
        )
    elif any(found.about):
        first = comparison.names[0]
        what = say(
            "The height is the probability that each gives to the label that {first} predicts "
            "for the token. The solid grey line marks the first token at which they are on both "
            "sides of 0.5 and at least {margin:g} apart; the dotted line the first at which two "
            "differ by more than {apart:g}.",
            first=first,
            margin=MARGIN,
            apart=found.apart,
        )
    else:
        what = say(HOW_TO_READ, margin=MARGIN, apart=APART)
    return in_nouns(what, comparison.noun)


def draw(comparison: Comparison) -> go.Figure:
    """One line for each trace (curve ``i`` is trace ``i``); probabilities on the fixed scale from 0 to 1.

    Raises:
        ValueError: if the traces do not answer step by step.
    """
    return assemble(*compose(comparison))


def compose(comparison: Comparison) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Curves and layout of ``draw``, for figures that show more below."""
    found = answered(comparison)
    if found is None:
        raise ValueError("compare_prediction: expected an answer after each token in every trace, got none")
    shapes, notes = mark_parting(comparison)
    top = 1.0 if found.probable else 1.06 * max(float(np.nanmax(found.rows)), 0.1)
    scale = {"range": [0, top], "dtick": 0.25} if found.probable else {"range": [0, top], "nticks": 7}
    layout = {
        "height": HEIGHT,
        "uirevision": f"compare-prediction-{len(comparison.traces)}",
        "hovermode": "x unified",
        "margin": {"l": 12, "r": 60, "t": 32, "b": 12},
        **axes(comparison, say(comparison.noun)),
        "yaxis": {"title": {"text": escape(found.label)}, "zeroline": False, **scale},
        "shapes": [*(ground(0.08) if found.sides else []), *shapes],
        "annotations": [*_classes(comparison), *notes, *_last(comparison, found, top)],
    }
    label = escape(found.label)
    lines = [line(comparison, number, row, label) for number, row in enumerate(found.rows)]
    if any(found.about):
        about = [escape(name) for name in found.about]
        for curve in lines:
            curve["text"] = about
            curve["hovertemplate"] = f"{curve['name']}: p(%{{text}}) = %{{y:.6f}}<extra></extra>"
    return lines, layout


def table(comparison: Comparison) -> pd.DataFrame:
    """The drawn numbers, one row for each column."""
    found = answered(comparison)
    if found is None:
        return tabulate(comparison, {})
    numbers = tabulate(comparison, dict(zip(comparison.names, found.rows, strict=True)))
    if any(found.about):
        numbers.insert(2, "label", list(found.about))
    return numbers


def describe(comparison: Comparison) -> str:
    """Where the answers diverge, who says what there, and what each says at the end, in plain text; "" without any."""
    found = answered(comparison)
    if found is None:
        return ""
    said = _say_surprise(comparison, found) if not found.probable else _say_probable(comparison, found)
    return in_nouns(said, comparison.noun)


def _say_surprise(comparison: Comparison, found: Answered) -> str:
    means = [f"{name} {np.nanmean(row):.2f}" for name, row in zip(comparison.names, found.rows, strict=True)]
    said = say("Mean surprise, in nats a token: {means}.", means=say(", ").join(means))
    shared = np.flatnonzero(comparison.shared())
    if len(means) < 2 or not len(shared):
        return said
    gaps = np.ptp(found.rows[:, shared], axis=0)
    far = int(shared[gaps.argmax()])
    row = [f"{name} {value:.2f}" for name, value in zip(comparison.names, found.rows[:, far], strict=True)]
    furthest = say(
        "They are furthest apart at token {n}, “{token}”: {row}.",
        n=far + 1, token=comparison.labels[far], row=say(", ").join(row),
    )  # fmt: skip
    return f"{said} {furthest}"


def _say_probable(comparison: Comparison, found: Answered) -> str:
    labelled = any(found.about)
    last = [float(np.nanmean(row)) if labelled else last_of(row) for row in found.rows]
    answers = say(", ").join(_say(comparison, found, last))
    end = say("On average: {answers}.", answers=answers) if labelled else say("At the end: {answers}.", answers=answers)
    if len(last) < 2:
        return end
    parting = part_answers(comparison)
    if parting.opposite is None:
        gap = max(last) - min(last)
        start = (
            say("The answers do not clearly split: they are {gap:.2f} apart on average.", gap=gap)
            if labelled
            else say("The answers do not clearly split: they end {gap:.2f} apart.", gap=gap)
        )
    else:
        place, row = parting.opposite, found.rows[:, parting.opposite].tolist()
        said = say(", ").join(_say(comparison, found, row))
        there = {"n": place + 1, "token": comparison.labels[place], "said": said}
        start = (
            say(
                "The answers diverge at token {n}, “{token}”, at the label “{label}”: {said}.",
                label=found.about[place],
                **there,
            )
            if labelled
            else say("The answers diverge at token {n}, “{token}”: {said}.", **there)
        )
    if parting.apart is not None and parting.apart != parting.opposite:
        label = comparison.labels[parting.apart]
        first = say(
            "They are first more than {apart:g} apart at token {n}, “{token}”.",
            apart=found.apart, n=parting.apart + 1, token=label,
        )  # fmt: skip
        start = f"{start} {first}"
    return f"{start} {end}"


def _say(comparison: Comparison, found: Answered, row: list[float]) -> list[str]:
    named = zip(comparison.names, row, strict=True)
    if any(found.about):
        return [f"{name} {p:.3f}" for name, p in named]
    sides = found.sides or ("", "")
    return [f"{name} {sides[p > 0.5]} ({p:.3f})" for name, p in named]


def _last(comparison: Comparison, found: Answered, top: float) -> list[dict[str, Any]]:
    """The last answer of each trace, written where its line ends."""
    ends = []
    for row, style in zip(found.rows, comparison.styles, strict=False):
        value = last_of(row)
        ends.append((value, f"<b>{rounded(value) if found.probable else f'{value:.2f}'}</b>", style.color))
    return label_ends(ends, top, HEIGHT - 130)


def _classes(comparison: Comparison) -> list[dict[str, Any]]:
    """Two classes by name, each in its half."""
    classes = comparison.words.classes
    if len(classes) != 2:
        return []
    corner = {"xref": "paper", "x": 0, "xanchor": "left", "xshift": 4, "showarrow": False}
    return [
        {**corner, "y": 0.98, "yanchor": "top", "text": escape(classes[1]), "font": {"color": POSITIVE}},
        {**corner, "y": 0.02, "yanchor": "bottom", "text": escape(classes[0]), "font": {"color": NEGATIVE}},
    ]
