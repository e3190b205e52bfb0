"""The part of a step that is a curve: the box in which it is drawn, and the network's own curve beside it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core_models.language import mark, say
from viz import params
from viz.cards import Card, show
from viz.figures.sequences import drawn
from viz.learn import reading
from viz.learn.curve.agreement import Agreement, agree
from viz.learn.curve.box import MOST, curve_box
from viz.learn.lesson import Scale, Step, in_language
from viz.learn.measures import inside
from viz.learn.place import Place
from viz.markdown import escape
from viz.run import ModelRun, answered

Drawn = tuple[float, ...]

TOO_LONG = mark("A curve can be drawn over at most {most} tokens; this input has {n}. Give the step a shorter input.")
KEYS = mark("Left and right arrow keys choose a token, up and down arrow keys move its value.")
AGREES = mark(
    "Your curve agrees with the network’s by {score}: on average it is {away} away, the best flat line {flat}."
)


def ask_curve(place: Place, step: Step, scale: Scale) -> None:
    """The box over the tokens of the lesson's input; what is drawn is held as the guess."""
    label = in_language(step.prediction.asks, place.language)
    st.markdown(escape(label))
    with answered():
        tokens = reading.of_lesson(step).tokens.labels
    if len(tokens) > MOST:
        st.info(say(TOO_LONG, most=MOST, n=len(tokens)), icon=":material/edit:")
        return
    before = params.held(place.widget)
    hint, keys = say("Draw the curve here, from left to right"), say(KEYS)
    found = curve_box(tokens, scale, before, key=f"{place.widget}-box", alt=label, hint=hint, keys=keys)
    if found:
        params.give(place.widget, found)


def measured(step: Step, asked: ModelRun) -> Sequence[float]:
    """The network's own curve.

    Raises:
        MeasureError: if this reading has none.
    """
    return inside.course(asked, **(step.prediction.curve or {})).tolist()


def compare(curve: Sequence[float], guess: Drawn) -> Agreement | None:
    """How a drawn curve agrees with the measured one; None where it was drawn over other tokens."""
    return agree(guess, curve) if len(guess) == len(curve) else None


def say_agreement(found: Agreement) -> str:
    """In one sentence; Markdown."""
    return say(AGREES, score=f"**{found.score:.0%}**", away=f"{found.away:.2f}", flat=f"{found.flat:.2f}")


def show_curves(
    place: Place, asked: ModelRun, scale: Scale, curve: Sequence[float], guess: Drawn | None, others: Sequence[Drawn]
) -> None:
    """The network's curve, with the one that was drawn here, and the median of those that a class drew."""
    curves: dict[str, Sequence[float]] = {say("the network"): curve}
    if guess is not None and len(guess) == len(curve):
        curves[say("your prediction")] = guess
    fitting = [other for other in others if len(other) == len(curve)]
    if fitting:
        curves[say("the class, median of {n}", n=len(fitting))] = np.median(fitting, axis=0).tolist()
    tokens, title = asked.tokens.labels, say("Your curve and the network’s")
    show(Card(
        key=f"drawn-{place.lesson.key}-{place.number}", title=title, question=title, asks=False,
        figure=drawn.draw(curves, tokens, (scale.low, scale.high)), numbers=lambda: drawn.numbers(curves, tokens),
        origin=asked.origin,
    ))  # fmt: skip
