"""How a person's own network is shown: classes as those of others are, numbers as they come."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from core_models.heads.values import VALUE, VALUES
from core_models.language import mark, say
from core_models.trace import Trace
from pretrained.task import Given
from pretrained.trained import Trained
from viz import inputs
from viz.cards import Card, Origin, show
from viz.figures.sequences import numbers
from viz.kinds import classes
from viz.kinds.kind import SequenceKind
from viz.placing import Pick
from viz.view import Options


def take_input(task: Any) -> Given:
    """A text, or a table of numbers."""
    if task.medium == "words":
        return Given(inputs.type_text(task, label=say("Type or paste a text for your network")))
    label = say("Numbers, one row for each step; Ctrl+Enter or a click elsewhere lets the network read them")
    return Given(inputs.type_lines(label, task.examples[0].text, task.characters, 140))


def show_answer(model: Trained, trace: Trace, options: Options) -> list[Pick]:
    """What the network gives at every step."""
    if model.task.kind == "classes":
        return classes.show_answer(model, trace, options)
    if model.task.bare:
        st.caption(say("No readout was chosen, so the network gives its states themselves."))
        return []
    values, names, tokens = trace.array(VALUES, VALUE), model.task.classes, trace.tokens.labels
    noun = trace.tokens.noun
    show(Card(
        key="own-numbers", title=say("What the network gives"), origin=Origin.of(trace),
        question=say("Its outputs after every {noun}, as they are.", noun=say(noun)),
        figure=numbers.draw(values, names, tokens, noun), numbers=lambda: numbers.numbers(values, names, tokens),
    ))  # fmt: skip
    return []


def show_scores(model: Trained) -> None:
    """Nothing is known of how well it does."""
    st.caption(say("Gatescope has no test data for your network, so nothing is claimed of how well it does."))


OWN_NETWORK = SequenceKind(
    headline=mark("Watch your own network read"),
    about=mark(
        "Your network, from your file, in this session alone. Below is everything that happened "
        "inside it, in exact numbers."
    ),
    take_input=take_input,
    show_answer=show_answer,
    show_scores=show_scores,
    address=classes.address,
    places_views=True,
)
"""How models of one's own that give numbers are shown."""

OWN_CLASSES = replace(OWN_NETWORK, show_more=classes.show_more)
"""How those are shown that give classes."""
