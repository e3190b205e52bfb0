"""One step: its words and its prediction in one box, and below it the figures that it is about."""

from __future__ import annotations

import streamlit as st

from core_models.language import say
from pretrained.task import Given
from viz import cards, params, session
from viz.kept import Latest
from viz.kinds import kind_of
from viz.learn import reading
from viz.learn.lesson import Prediction, Step, in_language
from viz.learn.measures.error import MeasureError
from viz.learn.measures.listed import MEASUREMENTS, written
from viz.learn.place import Guess, Place
from viz.learn.reading import Outcome
from viz.learn.views import LOOKS
from viz.markdown import escape
from viz.run import ModelRun, answered

OUTCOME = Latest[Outcome]("outcome of the step")
"""Numbers by lesson, step and input; they are kept while one looks about."""


def show(place: Place, step: Step) -> None:
    """The box, then what it looks at; the answer is put into the box once that is read."""
    look = LOOKS[step.look]
    with st.container(border=True, key="lesson-step"):
        st.caption(say("Step {n} of {all}", n=place.number, all=len(place.lesson.steps) + 1))
        st.markdown(escape(in_language(step.read, place.language)))
        ask(place, step.prediction)
        found = st.container()
        move(place)
    if step.late and place.guess is None:
        st.caption(say("The figures appear with the answer: they would give it away."))
        return
    st.caption(
        f":material/arrow_downward: {say('Look below: {where}', where=escape(in_language(step.see, place.language)))}"
    )
    with answered():
        shown = take(step, own=step.own and place.guess is not None) if look.of_input else None
        if place.guess is not None:
            asked = shown if shown and step.own else reading.of_lesson(step)
            with found:
                conclude(place, step, asked, place.guess)
        look.show(shown)


def take(step: Step, *, own: bool) -> ModelRun:
    """What is read: the lesson's input, or one of the person's ``own`` that they put into its box."""
    model = session.model(step.model)
    if own:
        st.markdown(
            f"**{say('Now with words of your own')}**",
            help=say("Change the sentence: the answer above is computed again, for your words."),
        )
    given: Given = kind_of(model).take_input(model.task)
    found = reading.read(step.model, given)
    cards.show_notices(found.encoded.notices)
    return found


def ask(place: Place, prediction: Prediction) -> None:
    """The question, and until it is answered what can be predicted."""
    label = escape(in_language(prediction.asks, place.language))
    if place.guess is not None:
        st.markdown(f"**{label}**")
    elif prediction.scale is None:
        names = [escape(in_language(option.says, place.language)) for option in prediction.options]
        st.radio(label, range(len(names)), index=None, key=place.widget, format_func=names.__getitem__)
    else:
        low, high = prediction.scale.low, prediction.scale.high
        st.slider(label, low, high, (low + high) / 2, key=place.widget)


def move(place: Place, *, asks: bool = True) -> None:
    """The buttons: back, the answer if something is asked, and on."""
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.button(say("Back"), on_click=place.go, args=(-1,), disabled=place.number == 1, key="lesson-back",
                  icon=":material/arrow_back:", type="tertiary")  # fmt: skip
        if not asks:
            return
        if place.guess is None:
            ready = params.held(place.widget) is not None
            st.button(
                say("Show the answer"), on_click=place.answer, type="primary", key="lesson-show", disabled=not ready
            )
            return
        st.button(
            say("Predict again"), on_click=place.retry, type="tertiary", key="lesson-again", icon=":material/replay:"
        )
        if place.step is not None:
            last = place.number == len(place.lesson.steps)
            st.button(
                say("Is it training?") if last else say("Next step"),
                on_click=place.go,
                args=(1,),
                type="primary",
                key="lesson-next",
            )


def conclude(place: Place, step: Step, asked: ModelRun, guess: Guess | None) -> None:
    """What came out on what is read, and what it means; beside what was predicted, if anything was."""
    try:
        key = (place.lesson.key, place.number, asked.given.key)
        outcome = OUTCOME.made(key, lambda: reading.find_out(asked, step))
    except MeasureError as error:
        st.info(say("This cannot be measured here: {why}.", why=escape(str(error))), icon=":material/straighten:")
        return
    prediction, language = step.prediction, place.language
    if prediction.scale is None:
        picked = prediction.picked(outcome.value)
        names = [escape(in_language(option.says, language)) for option in prediction.options]
        right, then = picked == guess, prediction.options[picked].then
        answer = f"**{names[picked]}**"
        if guess is None:
            said = say("The network says: {answer}", answer=answer)
        elif right:
            said = say("As you predicted: {answer}", answer=answer)
        else:
            said = say("You said “{guess}”. The network says: {answer}", answer=answer, guess=names[int(guess)])
        if MEASUREMENTS[step.numbers["value"].measure].form != "whole":
            said += f" ({outcome.shown})"
    else:
        right, then = guess is not None and abs(outcome.value - guess) <= prediction.scale.close, {}
        value = f"**{outcome.shown}**"
        if guess is not None:
            value = say("{value} (you said {guess})", value=value, guess=written(float(guess), "share"))
        said = say("Measured: {value}", value=value)
    texts = [outcome.fill(in_language(words, language)) for words in (then, step.reveal)]
    (st.success if right else st.info)(
        ("" if language == "zh" else " ").join([say("{said}.", said=said), *map(escape, filter(None, texts))]),
        icon=":material/check:" if right else ":material/lightbulb:",
    )
    if not prediction.holds(outcome.value):
        st.caption(say("On your input something else comes out than on the lesson’s own."))
