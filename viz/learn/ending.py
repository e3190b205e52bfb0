"""How every lesson ends: the same numbers in the network before training, and in one trained from another seed."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core_models.language import mark, say
from pretrained.errors import ModelError
from viz.learn import reading
from viz.learn.lesson import Guess, Prediction, Step, in_language
from viz.learn.measures.error import MeasureError
from viz.learn.measures.listed import MEASUREMENTS
from viz.learn.measures.memory import Which
from viz.learn.place import LESSON, Place
from viz.learn.reading import Outcome
from viz.learn.shipped import lessons
from viz.learn.steps import move
from viz.markdown import escape

OTHERS: tuple[Which, ...] = ("untrained", "seed")
NAMES: dict[Which, str] = {
    "trained": mark("this network"), "untrained": mark("untrained"), "seed": mark("another seed"),
}  # fmt: skip
"""What the networks are called in the table."""


def show(place: Place) -> None:
    """One last prediction, and then what the other networks make of every question of the lesson."""
    steps, count = place.lesson.steps, comparable(place.lesson.steps)
    with st.container(border=True, key="lesson-step"):
        st.caption(say("Step {n} of {all}", n=place.number, all=place.number))
        st.markdown(f"**{say('And in an untrained network? With another seed?')}**")
        st.markdown(
            say(
                "The untrained network is the very one that training began with: the same cells, random "
                "weights. The other seed is a second training run that differs in its random start alone."
            )
        )
        if count and place.guess is None:
            _recall(place)
            label = say("You found {n} things. How many of them will the untrained network show as well?", n=count)
            st.radio(label, range(count + 1), index=None, key=place.widget, horizontal=True)
        found = st.container()
        move(place, asks=count > 0)
    if count and place.guess is None:
        return
    results = [_results(step) for step in steps]
    with found:
        _conclude(steps, results, place.guess)
    st.table(_table(place, results))
    _offer_next(place)


def _offer_next(place: Place) -> None:
    """The way to the lesson that comes after this one, if it is one of the list and not the last."""
    keys = list(lessons())
    after = keys[keys.index(place.lesson.key) + 1 :] if place.lesson.key in keys else []
    for key in after[:1]:
        following = Place(lessons()[key], 1, place.language, {str(LESSON): key})
        title = escape(in_language(following.lesson.title, place.language))
        st.button(say("Next lesson: {title}", title=title), on_click=following.go, args=(0,), key="lesson-following",
                  icon=":material/arrow_forward:")  # fmt: skip


def _recall(place: Place) -> None:
    """Every question of the lesson with what this network showed, for who is to say what another one will."""
    for number, step in enumerate(place.lesson.steps, start=1):
        outcome = _results(step, ("trained",))["trained"]
        asks = escape(in_language(step.prediction.asks, place.language))
        st.caption(f"{number}. {asks} **{cell(step.prediction, outcome, place.language)}**")


def _results(step: Step, networks: tuple[Which, ...] = ("trained", *OTHERS)) -> dict[Which, Outcome | str]:
    """What came out in each of these networks, or why it cannot be told."""
    asked, found = reading.of_lesson(step), dict[Which, Outcome | str]()
    for which in networks:
        try:
            found[which] = reading.find_out(asked, step, which)
        except (MeasureError, ModelError) as error:
            found[which] = str(error)
    return found


def comparable(steps: tuple[Step, ...]) -> int:
    """How many steps measure something that an untrained network has as well."""
    return sum(not any(MEASUREMENTS[one.measure].recorded for one in step.numbers.values()) for step in steps)


def agrees(step: Step, results: dict[Which, Outcome | str], which: Which) -> bool | None:
    """Whether another network shows what this one shows; None if that cannot be told."""
    own, other = results["trained"], results[which]
    if isinstance(own, str) or isinstance(other, str):
        return None
    return step.prediction.came_out(own.value) == step.prediction.came_out(other.value)


def _conclude(steps: tuple[Step, ...], results: list[dict[Which, Outcome | str]], guess: Guess | None) -> None:
    same = {which: [agrees(step, one, which) for step, one in zip(steps, results, strict=True)] for which in OTHERS}
    told = [one for one in same["untrained"] if one is not None]
    if guess is None:
        st.info(
            say("What this lesson measured was recorded at the end of training: an untrained one has no such numbers."),
            icon=":material/info:",
        )
    else:
        hit = told.count(True) == guess
        said = say(
            "The untrained network shows {k} of {n} (you said {guess}).", k=told.count(True), n=len(told), guess=guess
        )
        (st.success if hit else st.info)(said, icon=":material/check:" if hit else ":material/lightbulb:")
    known = [one for one in same["seed"] if one is not None]
    st.markdown(
        say(
            "With another seed, {k} of {n} come out as here. What the trained networks share and the "
            "untrained one lacks was learned from the data.",
            k=known.count(True),
            n=len(known),
        )
        if known
        else say("No second seed of these networks is shipped, so this cannot be told here.")
    )


def _table(place: Place, results: list[dict[Which, Outcome | str]]) -> pd.DataFrame:
    """A row for each question, a column for each network."""
    rows = []
    for step, one in zip(place.lesson.steps, results, strict=True):
        row = {say("what was asked"): escape(in_language(step.prediction.asks, place.language))}
        for which, outcome in one.items():
            row[say(NAMES[which])] = cell(step.prediction, outcome, place.language)
        rows.append(row)
    return pd.DataFrame(rows).set_index(say("what was asked"))


def cell(prediction: Prediction, outcome: Outcome | str, language: str) -> str:
    """What came out, as it stands in a table; Markdown."""
    if isinstance(outcome, str):
        return f"– ({escape(outcome)})"
    if prediction.scale is not None:
        return outcome.shown
    option = escape(in_language(prediction.options[prediction.picked(outcome.value)].says, language))
    return option if prediction.options[0].below is None else f"{option} ({outcome.shown})"
