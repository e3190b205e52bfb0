"""Language models: how surprised the network is by every character, and what it expects to come next."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import pandas as pd
import streamlit as st

from core_models.heads.next_token import NEXT, candidates
from core_models.language import mark, say
from core_models.trace import Site, Trace
from pretrained.evidence import doubt_about
from pretrained.families.next_token.trained import TrainedLanguageModel
from pretrained.kinds.next_token import CharacterTask, shown
from pretrained.registry import sound_recipes
from pretrained.task import Given
from pretrained.trained import Trained
from viz import inputs, params, session
from viz.cards import Card, Origin, show, show_and_pick
from viz.figures.sequences import next_token
from viz.kinds.kind import SequenceKind
from viz.kinds.long import text as long_text
from viz.kinds.scores import scores_card
from viz.markdown import escape
from viz.placing import Pick
from viz.view import Options, Target

TARGET = Target(NEXT, "candidate_probability")

SURPRISE = 6.0
"""Nats from which a character of the text has the full colour."""


def show_answer(model: Trained, trace: Trace, options: Options) -> list[Pick]:
    """What is expected after the selected character, or the last; its text stands above, coloured by surprise."""
    long_text.show_overview(as_reader(model))
    drawn = _expected(model, trace)
    _say_next(model, trace, drawn, options.step)
    if doubt := doubt_about(model, trace):
        st.info(escape(doubt), icon=":material/help:")
    return []


def show_more(model: Trained, trace: Trace, options: Options) -> list[Pick]:
    """Surprise and candidates after every character, and those after the selected one, or the last."""
    drawn = _expected(model, trace)
    left, right = st.columns([3, 1])
    with left:
        click = show_and_pick(Card(
            key="next-token", title=say("Surprise, and what is expected next"), origin=Origin.of(trace),
            figure=next_token.draw(drawn, options.step), numbers=lambda: next_token.tabulate(drawn),
            question=say("How surprising was each character, and what is expected next?"),
            how_to_read=say(
        "On top: how surprising each character was to the network, in nats; 0 is certainty, the "
        "dotted line is a uniform guess. Below, column by column: the characters it expects next, "
        "the most probable first. A diamond marks what followed."),
            alt=say("Surprise of every character and the ten most probable next ones"),
        ))  # fmt: skip
    with right:
        _show_next(model, trace, drawn, options.step)
    return [(TARGET, click)] if click else []


def _expected(model: Trained, trace: Trace) -> next_token.Expected:
    """What was expected after every character, and how surprising each was."""
    return next_token.Expected(
        surprise=-np.log(np.maximum(trace.array(NEXT, "chosen_probability"), 1e-30)),
        probabilities=trace.array(NEXT, "candidate_probability"),
        candidates=candidates_after(trace),
        tokens=trace.tokens.labels,
        vocabulary=model.task.vocabulary,
    )


@lru_cache(maxsize=16)
def candidates_after(trace: Trace) -> tuple[tuple[str, ...], ...]:
    """What a language model holds for most probable after each step of a trace that it made, by step and rank.

    Remembered by the trace itself, not by its text: the same characters read from another state lead elsewhere.
    """
    reader = as_reader(session.model(trace.model))
    return tuple(tuple(name(reader.task, index) for index in candidates(row)) for row in reader.expectations(trace)[1:])


def as_reader(model: Trained) -> TrainedLanguageModel:
    """The model as the language model that it is.

    Raises:
        TypeError: if it is none.
    """
    if not isinstance(model, TrainedLanguageModel):
        raise TypeError(f"language model: expected a TrainedLanguageModel, got {type(model).__name__}")
    return model


def name(task: CharacterTask, index: int) -> str:
    """A character as figures name it; the one that stands for all unknown ones in words."""
    return shown(task.character(index)) if index else "unknown"


def _place_of(trace: Trace, step: int | None) -> tuple[int, str]:
    """The character after which it is told what comes next, and that place in words."""
    if step is None:
        return len(trace) - 1, say("after the last character")
    return step, say("after character {step} “{labels}”", step=step + 1, labels=trace.tokens.labels[step])


def _say_next(model: Trained, trace: Trace, drawn: next_token.Expected, step: int | None) -> None:
    """The most probable next character, and how surprising the text is, in one row."""
    place, label = _place_of(trace, step)
    best, share = drawn.candidates[place][0], float(drawn.probabilities[place, 0])
    mean, scores = float(drawn.surprise[1:].mean()), model.recipe.scores
    with st.container(horizontal=True, vertical_alignment="center"):
        st.metric(say("{model} expects", model=say(model.recipe.title)), f"{best}  {share:.1%}", width="content")
        st.markdown(
            say(
                "{upper}. The more orange a character, the less it was expected: {mean:.2f} nats on average, "
                "{nats:.2f} on unseen text.",
                upper=escape(label[0].upper() + label[1:]),
                mean=mean,
                nats=scores["test_nats"],
            )
        )


def _show_next(model: Trained, trace: Trace, drawn: next_token.Expected, step: int | None) -> None:
    """The most probable next characters after one place, and the way to let the network continue."""
    place, label = _place_of(trace, step)
    show(Card(
        key="next-one", title=say("What comes next"),
        question=say("The most probable characters {label}.", label=label),
        figure=next_token.draw_one(drawn, place), origin=Origin.of(trace), group="rank",
        numbers=lambda: pd.DataFrame({"character": drawn.candidates[place], "probability": drawn.probabilities[place]}),
    ))  # fmt: skip
    unknown = trace.tokens.known.count(False)
    if unknown:
        st.caption(say("{unknown} characters, underlined with dots, are unknown to the model.", unknown=unknown))
    first = (
        say("It continues from what comes before it.")
        if trace.initial
        else say("A newline is read first, as at a line’s start.")
    )
    st.caption(first)
    params.link(
        "app_pages/generate.py", say("Continue writing"), ":material/edit_note:",
        {inputs.MODEL: model.recipe.key, inputs.TEXT: inputs.in_url(trace.tokens.text)},
    )  # fmt: skip


def show_scores(model: Trained) -> None:
    """Nats a character on text never seen, beside the other models of the task and simple methods."""
    recipe, scores = model.recipe, model.recipe.scores
    st.markdown(
        say(
            "**{nats:.3f} nats a character** ({nats_2:.3f} bits) on {count:,} unseen characters, with "
            "the state carried along; dev {dev_nats:.3f}. It predicts {accuracy:.1%} of the next "
            "characters correctly.",
            nats=scores["test_nats"],
            nats_2=scores["test_nats"] / math.log(2),
            count=scores["test_count"],
            dev_nats=scores["dev_nats"],
            accuracy=scores["test_accuracy"],
        )
    )
    models = {
        say(other.title): other.scores["test_nats"]
        for other in sound_recipes("write").values()
        if other.task == recipe.task
    }
    table = pd.DataFrame(
        [*models.items(), *((say(name), nats) for name, nats in model.task.references.items())],
        columns=["model", "nats"],
    )
    table["highlighted"] = table["model"] == say(recipe.title)
    show(scores_card(recipe, table, "nats", say("nats a character on test (less is better)")))


def address(trace: Trace) -> tuple[Site, str]:
    """How probable the token was before it was read."""
    return NEXT, "chosen_probability"


def shades(trace: Trace) -> list[float]:
    """By character, how little it was expected, in the colour of what is negative; full from ``SURPRISE`` nats on."""
    return (np.log(np.maximum(trace.array(NEXT, "chosen_probability"), 1e-9)) / SURPRISE).clip(-1.0, 0.0).tolist()


def type_characters(task: CharacterTask) -> Given:
    """The person's text, from a box of several lines or from an example; of a long one the part that is open."""
    said = say("Type or paste a text; Ctrl+Enter or a click elsewhere lets the network read it")
    text = inputs.type_lines(said, task.examples[0].text, task.characters).replace("\r\n", "\n")
    if len(text) <= task.limit:
        long_text.close()
        return Given(text)
    return long_text.give(as_reader(session.model(inputs.chosen_model())), text)


LANGUAGE_MODEL = SequenceKind(
    headline=mark("Watch a trained network read your text, character by character"),
    about=mark(
        "After every character the network says how probable each next one is; that is all it was "
        "trained to do. Below is everything that happened inside it, in exact numbers."
    ),
    take_input=type_characters,
    show_answer=show_answer,
    show_more=show_more,
    show_scores=show_scores,
    address=address,
    shades=shades,
)
