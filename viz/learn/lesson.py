"""A lesson as data: what to read, where to look, what to predict, and what is measured to find out.

Nothing that a lesson says of a network is written in advance: each step names numbers, which are taken from the trace
of whatever is read (viz.learn.measurements), and which option of a prediction comes out follows from one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Words = Mapping[str, str]
"""One text by language."""

Guess = int | float | tuple[float, ...]
"""The number of an option, a number, or a curve: a number for each token."""

VALUE = "value"
"""The number of a step that its prediction is about."""


def in_language(words: Words, language: str) -> str:
    """A text in a language; where it lacks that, in the first that it has."""
    return words.get(language) or next(iter(words.values()), "")


@dataclass(frozen=True)
class Measured:
    """One number: the name of a measurement, and its fields as the file gives them."""

    measure: str
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class Option:
    """One thing that may come out.

    Attributes:
        says: what a person chooses.
        below: it comes out where the number is below this, and no option before it does; None for all that is left.
        then: what it means if it comes out.
    """

    says: Words
    below: float | None
    then: Words


@dataclass(frozen=True)
class Scale:
    """A number to predict, or every value of a curve: the ends of its axis, and how far from what is measured a guess
    may be to be right, a curve on average.
    """

    low: float
    high: float
    close: float


@dataclass(frozen=True)
class Prediction:
    """What is predicted.

    Attributes:
        asks: the question.
        options: what can be chosen; none where a number is predicted.
        scale: of the number or curve; None where there are options.
        expect: what the lesson's own network and input show: the option, counted from 0, or the ends of a range.
        curve: what is drawn as a curve over the tokens, fields of ``viz.learn.measures.inside.course``; None where
            nothing is.
    """

    asks: Words
    options: tuple[Option, ...]
    scale: Scale | None
    expect: int | tuple[float, float]
    curve: Mapping[str, Any] | None = None

    def picked(self, value: float) -> int:
        """The option that comes out: the first whose bound is not reached; without bounds the one at that position."""
        if all(option.below is None for option in self.options):
            return round(value) - 1
        found = (at for at, option in enumerate(self.options) if option.below is None or value < option.below)
        return next(found)

    def came_out(self, value: float) -> int | bool:
        """What tells two outcomes apart: the option; of a number, whether it lies in the expected range."""
        if isinstance(self.expect, tuple):
            return self.expect[0] <= value <= self.expect[1]
        return self.picked(value)

    def holds(self, value: float) -> bool:
        """Whether what came out is what the lesson expects."""
        found = self.came_out(value)
        return found if isinstance(found, bool) else found == self.expect


@dataclass(frozen=True)
class Step:
    """One step of a lesson.

    Attributes:
        model, input: what is measured, and shown where the address says nothing else.
        read: two or three sentences.
        see: where to look below, one sentence.
        look: key of the view, see viz.learn.views.
        at: what stands in the address while the step asks.
        after: what changes there when the answer is shown.
        late: whether the view is drawn only with the answer, which it would give away.
        own: whether a person may put in an input of their own.
        numbers: what is measured, by name.
        prediction: what is asked.
        reveal: what holds whatever came out; ``{name}`` stands for a number.
    """

    model: str
    input: str
    read: Words
    see: Words
    look: str
    at: Mapping[str, str]
    after: Mapping[str, str]
    late: bool
    own: bool
    numbers: Mapping[str, Measured]
    prediction: Prediction
    reveal: Words


@dataclass(frozen=True)
class Lesson:
    """A lesson of several steps about one question.

    Attributes:
        key: name in the address.
        title, question: on screen.
        minutes: that it takes.
        steps: in order.
    """

    key: str
    title: Words
    question: Words
    minutes: int
    steps: tuple[Step, ...]
