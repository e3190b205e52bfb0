"""One step: its words and its prediction in one box, and below it the figures that it is about."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core_models.language import say
from pretrained.task import Given
from viz import cards, session
from viz.kept import Latest
from viz.kinds import kind_of
from viz.learn import reading
from viz.learn.curve.step import ask_curve, compare, measured, say_agreement, show_curves
from viz.learn.lesson import Guess, Prediction, Scale, Step, in_language
from viz.learn.measures.error import MeasureError
from viz.learn.measures.listed import MEASUREMENTS, written
from viz.learn.place import Place
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
        ask(place, step)
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
            lesson = reading.of_lesson(step)
            asked = shown if shown and step.own else lesson
            own = asked.given.key != lesson.given.key  # of which nothing was predicted
            with found:
                if own:
                    st.markdown(f"**{say('Your own input')}**")
                conclude(place, step, asked, None if own else place.guess)
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


def ask(place: Place, step: Step) -> None:
    """The question, and until it is answered what can be predicted."""
    prediction = step.prediction
    label = escape(in_language(prediction.asks, place.language))
    if place.guess is not None:
        st.markdown(f"**{label}**")
    elif prediction.scale is None:
        names = [escape(in_language(option.says, place.language)) for option in prediction.options]
        st.radio(label, range(len(names)), index=None, key=place.widget, format_func=names.__getitem__)
    elif prediction.curve:
        ask_curve(place, step, prediction.scale)
    else:
        low, high = prediction.scale.low, prediction.scale.high
        st.slider(label, low, high, (low + high) / 2, key=place.widget, on_change=place.move)
        if not place.ready:
            st.caption(say("Move the slider to what you expect."))


def move(place: Place, *, asks: bool = True) -> None:
    """The buttons: back, the answer if something is asked, and on."""
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.button(say("Back"), on_click=place.go, args=(-1,), disabled=place.number == 1, key="lesson-back",
                  icon=":material/arrow_back:", type="tertiary")  # fmt: skip
        if not asks:
            return
        if place.guess is None:
            st.button(
                say("Show the answer"), on_click=place.answer, type="primary", key="lesson-show",
                disabled=not place.ready,
            )  # fmt: skip
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


def conclude(place: Place, step: Step, asked: ModelRun, guess: Guess | None, others: Sequence[Guess] = ()) -> None:
    """What came out on what is read, and what it means; beside what was predicted, if anything was.

    ``others`` are the predictions of a class.
    """
    try:
        key = (place.lesson.key, place.number, asked.given.key)
        outcome = OUTCOME.made(key, lambda: reading.find_out(asked, step))
        curve = measured(step, asked) if step.prediction.curve else []
    except MeasureError as error:
        st.info(say("This cannot be measured here: {why}.", why=escape(str(error))), icon=":material/straighten:")
        return
    prediction, language, then = step.prediction, place.language, dict[str, str]()
    if prediction.curve and prediction.scale:
        right, said = _judge_curve(prediction.scale, curve, guess)
    elif prediction.scale:
        right, said = _judge_number(prediction.scale, outcome, guess)
    else:
        then = prediction.options[prediction.picked(outcome.value)].then
        right, said = _judge_option(prediction, outcome, guess, language)
    texts = [outcome.fill(in_language(words, language)) for words in (then, step.reveal)]
    parts = [*([said] if said else []), *map(escape, filter(None, texts))]
    (st.success if right else st.info)(
        ("" if language == "zh" else " ").join(parts), icon=":material/check:" if right else ":material/lightbulb:"
    )
    if curve and prediction.scale:
        drawn = [other for other in others if isinstance(other, tuple)]
        show_curves(place, asked, prediction.scale, curve, guess if isinstance(guess, tuple) else None, drawn)
    if not prediction.holds(outcome.value):
        st.caption(say("On your input something else comes out than on the lesson’s own."))


def _judge_option(prediction: Prediction, outcome: Outcome, guess: Guess | None, language: str) -> tuple[bool, str]:
    """Whether the option that was chosen came out, and the sentence that says which one did."""
    picked = prediction.picked(outcome.value)
    names = [escape(in_language(option.says, language)) for option in prediction.options]
    right, answer = picked == guess, f"**{names[picked]}**"
    if not isinstance(guess, int):
        said = say("The network says: {answer}", answer=answer)
    elif right:
        said = say("As you predicted: {answer}", answer=answer)
    else:
        said = say("You said “{guess}”. The network says: {answer}", answer=answer, guess=names[guess])
    if MEASUREMENTS[outcome.step.numbers["value"].measure].form != "whole":
        said += f" ({outcome.shown})"
    return right, say("{said}.", said=said)


def _judge_number(scale: Scale, outcome: Outcome, guess: Guess | None) -> tuple[bool, str]:
    """Whether the number was near enough, and both numbers."""
    value, right = f"**{outcome.shown}**", False
    if isinstance(guess, int | float):
        right = abs(outcome.value - guess) <= scale.close
        value = say("{value} (you said {guess})", value=value, guess=written(float(guess), "share"))
    return right, say("{said}.", said=say("Measured: {value}", value=value))


def _judge_curve(scale: Scale, curve: Sequence[float], guess: Guess | None) -> tuple[bool, str]:
    """Whether the curve was near enough on average, and how near."""
    found = compare(curve, guess) if isinstance(guess, tuple) else None
    if found is None:
        return False, ""
    return found.away <= scale.close, say_agreement(found)
