"""What compared traces answer step by step, as one number a step that can be held against one another's.

two classes       the probability of the second one, had the input ended there
more classes      the probability, had it ended there, of the class that the first trace gives in the end
labels            the probability of the label that the first trace gives to the token
next tokens       −ln p of the token that came, before it was read
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core_models.explain.dynamics.divergence import first_apart, first_opposite
from core_models.language import say
from core_models.trace import Array, Trace
from viz.figures.compare.comparison import Comparison, answers
from viz.figures.trace import prediction

APART = 0.25
"""Difference of probabilities above which answers are said to be apart."""

MARGIN = 0.1
"""Answers on both sides of 0.5 diverge where they differ by at least this much."""

NATS_APART = 2.0
"""Difference of surprise, in nats, above which it is said to be apart."""

LEAST = 1e-30
"""The smallest probability that is told from 0."""


@dataclass(frozen=True, eq=False)
class Answered:
    """One number a step of every compared trace.

    Attributes:
        label: what it is, plain text.
        rows: ``[trace, column]``; NaN where a trace has no token.
        about: what it is said of in each column, such as a label; "" where that is always the same.
        sides: what a probability below and above 0.5 means; None where there are no two sides.
        probable: whether it is a probability; else a number of nats.
    """

    label: str
    rows: Array
    about: tuple[str, ...]
    sides: tuple[str, str] | None = None
    probable: bool = True

    @property
    def apart(self) -> float:
        """Difference above which two of them are said to be apart."""
        return APART if self.probable else NATS_APART

    @property
    def unit(self) -> str:
        """Behind a difference: "" for probabilities."""
        return "" if self.probable else f" {say('nats')}"


def answered(comparison: Comparison) -> Answered | None:
    """What the traces answer step by step; None where they answer for the whole only, or do not hold the same."""
    for read in (_of_two, _of_classes, _of_labels, _of_next):
        found = read(comparison)
        if found is not None:
            return found
    return None


def _of_two(comparison: Comparison) -> Answered | None:
    values = answers(comparison)
    if values is None:
        return None
    classes = comparison.words.classes
    if len(classes) == 2:
        return Answered(
            say("probability of “{name}”", name=classes[1]),
            values,
            _nothing(comparison),
            (classes[0], classes[1]),
        )
    label = prediction.targets(comparison.traces[0])[0].quantity.label
    return Answered(label, values, _nothing(comparison), (say("below 0.5"), say("above 0.5")))


def _of_classes(comparison: Comparison) -> Answered | None:
    rows = _held(comparison, "running_probability")
    if rows is None:
        return None
    final = int(rows[0][np.flatnonzero(np.isfinite(rows[0][:, 0]))[-1]].argmax())
    classes = comparison.words.classes
    name = classes[final] if classes else say("class {n}", n=final + 1)
    values = np.stack([row[:, final] for row in rows])
    return Answered(
        say("probability of “{name}”", name=name),
        values,
        _nothing(comparison),
        (say("not “{name}”", name=name), f"“{name}”"),
    )


def _of_labels(comparison: Comparison) -> Answered | None:
    rows = _held(comparison, "tag_probability")
    if rows is None:
        return None
    given = [_given(rows, column) for column in range(len(comparison))]
    values = np.stack([row[np.arange(len(given)), given] for row in rows])
    names = comparison.words.labels
    about = tuple(names[index] if names else say("label {n}", n=index + 1) for index in given)
    return Answered(
        say("probability of the first model’s label"), values, about, (say("another label"), say("that label"))
    )


def _given(rows: list[Array], column: int) -> int:
    """The label that the first trace with a token in a column gives to it."""
    row = next(row[column] for row in rows if np.isfinite(row[column, 0]))
    return int(row.argmax())


def _of_next(comparison: Comparison) -> Answered | None:
    rows = _held(comparison, "chosen_probability")
    if rows is None:
        return None
    values = (-np.log(np.maximum(np.stack(rows), LEAST))).astype(np.float32)
    return Answered(say("surprise, −ln p (nats)"), values, _nothing(comparison), probable=False)


def _held(comparison: Comparison, key: str) -> list[Array] | None:
    """Values by column of every trace, ``[column, ...]``; None if one lacks them."""
    found = [_find(trace, key) for trace in comparison.traces]
    rows = [comparison.place(number, values) for number, values in enumerate(found) if values is not None]
    return rows if len(rows) == len(found) else None


def _find(trace: Trace, key: str) -> Array | None:
    return next((trace.array(site, key) for site, other in trace if other == key), None)


def _nothing(comparison: Comparison) -> tuple[str, ...]:
    return ("",) * len(comparison)


def last_of(values: NDArray[np.floating]) -> float:
    """The last number of a row that has gaps."""
    return float(values[np.flatnonzero(np.isfinite(values))[-1]])


@dataclass(frozen=True)
class Parting:
    """Columns in which answers diverge: the first on both sides of 0.5 by a margin, and the first that is far apart."""

    opposite: int | None
    apart: int | None


def part_answers(comparison: Comparison) -> Parting:
    """Where the answers diverge, among the columns that all traces have."""
    found, shared = answered(comparison), np.flatnonzero(comparison.shared())
    if found is None or not len(shared):
        return Parting(None, None)
    values = found.rows[:, shared]
    places = first_opposite(values, MARGIN) if found.sides else None, first_apart(values, found.apart)
    return Parting(*(None if place is None else int(shared[place]) for place in places))


def classes_of(comparison: Comparison) -> Array | None:
    """Probability of every class of the whole, ``[trace, class]``; None if a trace holds none."""
    rows = [values for trace in comparison.traces if (values := _find(trace, "class_probability")) is not None]
    return np.stack(rows) if len(rows) == len(comparison.traces) else None
