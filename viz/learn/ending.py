"""How every lesson ends: the same numbers in the network before training, and in one trained from another seed."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pretrained.errors import ModelError
from viz.learn import reading
from viz.learn.lesson import Prediction, Step, in_language
from viz.learn.place import Place
from viz.learn.reading import Outcome, Which
from viz.learn.said import say
from viz.learn.steps import move
from viz.learn.taking import MeasureError
from viz.markdown import escape

OTHERS: tuple[Which, ...] = ("untrained", "seed")


def show(place: Place) -> None:
    """One last prediction, and then what the other networks make of every question of the lesson."""
    steps = place.lesson.steps
    with st.container(border=True, key="lesson-step"):
        st.caption(say("step", n=place.number, all=place.number))
        st.markdown(f"**{say('end title')}**")
        st.markdown(say("end read"))
        if place.guess is None:
            counts = range(len(steps) + 1)
            st.radio(say("end ask", n=len(steps)), counts, index=None, key=place.widget, horizontal=True)
        found = st.container()
        move(place)
    if place.guess is None:
        return
    results = [_results(step) for step in steps]
    with found:
        _conclude(steps, results, int(place.guess))
    st.table(_table(place, results))


def _results(step: Step) -> dict[Which, Outcome | str]:
    """What came out in each network, or why it cannot be told."""
    asked, found = reading.of_lesson(step), dict[Which, Outcome | str]()
    for which in ("trained", *OTHERS):
        try:
            found[which] = reading.find_out(asked, step, which)
        except (MeasureError, ModelError) as error:
            found[which] = str(error)
    return found


def agrees(step: Step, results: dict[Which, Outcome | str], which: Which) -> bool | None:
    """Whether another network shows what this one shows; None if that cannot be told."""
    own, other = results["trained"], results[which]
    if isinstance(own, str) or isinstance(other, str):
        return None
    return step.prediction.came_out(own.value) == step.prediction.came_out(other.value)


def _conclude(steps: tuple[Step, ...], results: list[dict[Which, Outcome | str]], guess: int) -> None:
    same = {which: [agrees(step, one, which) for step, one in zip(steps, results, strict=True)] for which in OTHERS}
    fresh = same["untrained"].count(True)
    (st.success if fresh == guess else st.info)(
        say("end said", k=fresh, n=len(steps), guess=guess),
        icon=":material/check:" if fresh == guess else ":material/lightbulb:",
    )
    known = [one for one in same["seed"] if one is not None]
    st.markdown(say("end seed", k=known.count(True), n=len(known)) if known else say("end none"))


def _table(place: Place, results: list[dict[Which, Outcome | str]]) -> pd.DataFrame:
    """A row for each question, a column for each network."""
    rows = []
    for step, one in zip(place.lesson.steps, results, strict=True):
        row = {say("found"): escape(in_language(step.prediction.asks, place.language))}
        for which, outcome in one.items():
            row[say(which)] = _cell(step.prediction, outcome, place.language)
        rows.append(row)
    return pd.DataFrame(rows).set_index(say("found"))


def _cell(prediction: Prediction, outcome: Outcome | str, language: str) -> str:
    if isinstance(outcome, str):
        return f"– ({escape(outcome)})"
    if prediction.scale is not None:
        return outcome.shown
    option = escape(in_language(prediction.options[prediction.picked(outcome.value)].says, language))
    return option if prediction.options[0].below is None else f"{option} ({outcome.shown})"
