"""What is asked about: one output of the network, chosen once for all sections of the Explain page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core_models.heads import Head
from core_models.heads.classes import ANSWER, READOUT
from core_models.heads.forecast import CENTRE, FORECAST
from core_models.heads.labels import TAGS
from core_models.heads.next_token import candidates
from core_models.heads.values import VALUE, VALUES
from core_models.heads.written import OUTPUT as OUTPUT_SITE
from core_models.language import say
from core_models.target import Target
from core_models.trace import Trace
from pretrained.kinds.next_token import shown
from viz import params
from viz.figures.parts.token_axis import spell
from viz.params import Param
from viz.run import ModelRun

OUTPUT, AGAINST = Param("output"), Param("against")
"""The output that is asked about, and what it is held against."""

ALL = "all"
FROM_MANY = ("next_token", "written")
"""Heads that tell so many tokens apart that only the most probable are named."""

LONGEST = 40


@dataclass(frozen=True, eq=False)
class Question:
    """One output of a model on one input, and how it is called.

    Attributes:
        asked: the model and the input.
        number: of the output among those that are known.
        target: the output.
        name: on screen, plain text.
    """

    asked: ModelRun
    number: int
    target: Target
    name: str

    @property
    def head(self) -> Head:
        """What says it."""
        return self.asked.model.network.head(self.target.head)

    @property
    def is_probability(self) -> bool:
        """Whether it is a probability, counted in log-odds; else it is a forecast."""
        return self.target.head not in ("forecast", "numbers")

    @property
    def measure(self) -> str:
        """What its value is, with its name."""
        if self.target.head == "numbers":
            return say("output “{name}”", name=self.name)
        return (
            say("probability of “{name}”", name=self.name)
            if self.is_probability
            else say("forecast for {name}", name=self.name)
        )

    @property
    def is_written(self) -> bool:
        """Whether it is a token of a target that is written, so that its step is none of the input's."""
        return not self.head.of_input

    @property
    def short(self) -> str:
        """What its value is."""
        if self.target.head == "numbers":
            return say("output")
        return say("probability") if self.is_probability else say("forecast")

    @property
    def span(self) -> tuple[float, float] | None:
        """Ends of the scale of its values; None where there are none."""
        return (0.0, 1.0) if self.is_probability else None

    @property
    def place(self) -> int:
        """The step at which it is said; the last for what is said of the whole."""
        return len(self.asked.encoded) - 1 if self.target.step is None else self.target.step

    def chances(self, trace: Trace) -> NDArray[np.floating] | None:
        """Probability of every class, label or token after each step, ``[step, index]``; None if it is not known."""
        network, name = self.asked.model.network, self.target.head
        if name == "tags":
            return trace.array(TAGS, "tag_probability")
        if name == "next_token":
            return _chances(self.asked, trace)
        if name != network.running:
            return None
        if (READOUT, "probability") not in trace:
            return trace.array(ANSWER, "running_probability")
        high = trace.array(READOUT, "probability")
        return np.stack([1.0 - high, high], axis=1)

    def along(self, trace: Trace) -> NDArray[np.floating] | None:
        """The probability asked about after each step, ``[step]``; None if it is not known.

        Of a target that is written it is the probability of each of its tokens.
        """
        found, rival = self.chances(trace), self.target.against
        if self.is_written:
            return trace.array(OUTPUT_SITE, "chosen_probability")
        if found is None:
            return None
        own = found[:, self.target.index]
        return own if rival is None else own / np.maximum(own + found[:, rival], np.finfo(np.float32).tiny)

    def whole(self, trace: Trace, step: int) -> NDArray[np.floating]:
        """Of all that could be said in its place the probability or the forecast, in the order of ``choices``.

        Args:
            trace: of this input, perhaps edited.
            step: at which it is said there.
        """
        if self.target.head == "forecast":
            return trace.array(FORECAST, CENTRE)
        if self.target.head == "numbers":
            return trace.array(VALUES, VALUE)[step]
        if self.target.head == "answer" and (ANSWER, "class_probability") in trace:
            return trace.array(ANSWER, "class_probability")
        found = _chances(self.asked, trace) if self.is_written else self.chances(trace)
        if found is None:
            high = trace.array(READOUT, "probability")[-1]
            return np.array([1.0 - high, high])
        return found[step][list(self.choices)]

    def best(self, trace: Trace, step: int) -> str:
        """The most probable of all that could be said in its place; see ``whole``."""
        if self.target.head in FROM_MANY:
            return _name(self.asked, int(_chances(self.asked, trace)[step].argmax()))
        return list(self.choices.values())[int(self.whole(trace, step).argmax())]

    @property
    def choices(self) -> Mapping[int, str]:
        """Names by index of all that could be said in its place; of what may come next the most probable tokens."""
        return choices_of(self.asked, self.target)


def choices_of(asked: ModelRun, target: Target) -> Mapping[int, str]:
    """See ``Question.choices``."""
    task = asked.model.task
    if target.head in ("answer", "numbers"):
        return {index: task.called(one) for index, one in enumerate(task.classes)}
    if target.head == "tags":
        return {index: task.called(one) for index, one in enumerate(task.tags)}
    if target.head == "forecast":
        noun = say(task.noun)
        return {step: f"+{step + 1} {noun}" for step in range(task.horizon)}
    chances = _chances(asked, asked.trace)[target.step or 0]
    likely = dict.fromkeys([*candidates(chances), target.index])
    return {index: _name(asked, index) for index in likely}


def _name(asked: ModelRun, index: int) -> str:
    """One of the many tokens that could be said, on screen."""
    task = asked.model.task
    return task.label(asked.tokens.text, index) if task.kind == "translation" else shown(task.character(index))


def _chances(asked: ModelRun, trace: Trace) -> NDArray[np.float32]:
    """Probability of every token, ``[step, id]``: of a language model the next one after each step, of a translator the
    one written at each.
    """
    model: Any = asked.model
    found = model.expectations(trace)
    return found if asked.model.task.kind == "translation" else found[1:]


def pick_question(asked: ModelRun) -> Question:
    """The picker: the most telling output until one is chosen, and what it is held against."""
    known = asked.outputs.known
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = {str(at): f"{at + 1}: {spell(output.name, LONGEST)}" for at, output in enumerate(known)}
        number = int(params.choose(say("Asked about"), OUTPUT, names, default=str(asked.outputs.telling)))
        rivals = _rivals(asked, known[number].target)
        rival = params.choose(say("Rather than"), AGAINST, rivals, default=ALL) if len(rivals) > 2 else ALL
    name, target = known[number].name, known[number].target
    if rival == ALL:
        return Question(asked, number, target, name)
    target = replace(target, against=int(rival))
    return Question(asked, number, target, say("{name} rather than {rival}", name=name, rival=rivals[rival]))


def _rivals(asked: ModelRun, target: Target) -> dict[str, str]:
    """What an output may be held against, by key in the address."""
    if target.head in ("forecast", "numbers"):
        return {}
    others = {str(index): name for index, name in choices_of(asked, target).items() if index != target.index}
    return {ALL: say("all others")} | others
