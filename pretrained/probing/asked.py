"""What probes are fitted on and judged by: unseen sequences of a task's own data, every step of them labelled.

What is asked of a step is a yes or a no and follows from the data: from right labels and classes, from the letters or
numbers themselves, or from the calendar. Some questions need no memory (*is this a vowel?*), some need the past (*was
the token before a noun?*), some the future, which a network that reads in one direction cannot know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core_models.encoded import Encoded

STEPS = 5_000
"""Steps that probes learn from, and as many others by which they are judged."""

RAREST = 0.03
"""Share of the steps at which the rarer answer has to be right, for a statement to be asked about."""

FEW, STRETCH = 200, 4
"""Where a task has fewer types of steps than that, the control task draws a label for every stretch of so many."""

Truths = Sequence[bool | None]


@dataclass(frozen=True)
class Statement:
    """Something that is true or false of a step: its name on screen, and when it is true."""

    name: str
    meaning: str


@dataclass(frozen=True, eq=False)
class ProbeInput:
    """One input.

    Attributes:
        encoded: as the network reads it.
        types: what each step is; steps of one type have the same label in the control task.
        labels: by key of a statement, an answer for each step; None where it is not asked.
    """

    encoded: Encoded
    types: Sequence[str]
    labels: Mapping[str, Truths]


@dataclass(frozen=True, eq=False)
class ProbeInputs:
    """All that is asked about a task.

    Attributes:
        statements: by key.
        learned, unseen: inputs on which probes are fitted, and by which they are judged.
    """

    statements: Mapping[str, Statement]
    learned: Sequence[ProbeInput]
    unseen: Sequence[ProbeInput]


def halved(statements: Mapping[str, Statement], found: Sequence[ProbeInput]) -> ProbeInputs:
    """Every second input is kept to judge by."""
    return chosen(statements, found[::2], found[1::2])


def chosen(
    statements: Mapping[str, Statement], learned: Sequence[ProbeInput], unseen: Sequence[ProbeInput]
) -> ProbeInputs:
    """So many steps of either, and the statements whose truth varies in both; small alphabets stand in stretches."""
    parts = [_stretched(_first(part)) for part in (learned, unseen)]
    varying = {key: one for key, one in statements.items() if all(_varies(part, key) for part in parts)}
    return ProbeInputs(varying, *parts)


def _varies(found: Sequence[ProbeInput], key: str) -> bool:
    answers = [answer for item in found for answer in item.labels[key] if answer is not None]
    return bool(answers) and bool(RAREST < np.mean(answers) < 1.0 - RAREST)


def _first(found: Sequence[ProbeInput]) -> Sequence[ProbeInput]:
    ends = np.cumsum([len(item.encoded) for item in found])
    return found[: int(np.searchsorted(ends, STEPS)) + 1]


def _stretched(found: Sequence[ProbeInput]) -> Sequence[ProbeInput]:
    if len({one for item in found for one in item.types}) >= FEW:
        return found
    return [replace(item, types=_stretches(item.types)) for item in found]


def _stretches(types: Sequence[str]) -> list[str]:
    return [" ".join(types[max(0, step + 1 - STRETCH) : step + 1]) for step in range(len(types))]


def earlier(answers: Truths, steps: int = 1) -> list[bool | None]:
    """The answers that were right so many steps before; None where there was no such step."""
    return [*[None] * min(steps, len(answers)), *answers[: max(0, len(answers) - steps)]]


def later(answers: Truths) -> list[bool | None]:
    """The answers that will be right a step later; None at the last."""
    return [*answers[1:], *[None] * min(1, len(answers))]


def around(noun: str, what: str, true: str) -> dict[str, Statement]:
    """Of this step, the one before and the one after: ``what`` it is, and what is then ``true`` of it."""
    beyond = "which only a network that reads backwards can know"
    return {
        "here": Statement(f"this {noun}: {what}", f"the {noun} itself {true}"),
        "before": Statement(f"{noun} before: {what}", f"the {noun} before {true}"),
        "after": Statement(f"{noun} after: {what}", f"the {noun} after {true}, {beyond}"),
    }


def labels_around(answers: Truths) -> dict[str, Truths]:
    """The labels of ``around``, from the answers for each step itself."""
    return {"here": answers, "before": earlier(answers), "after": later(answers)}


def place(noun: str, limit: int) -> Statement:
    """That a step is not among the first."""
    return Statement(f"more than {limit} {noun}s read", f"the {noun} is not among the first {limit}")


def beyond(count: int, limit: int) -> list[bool]:
    """Whether more than ``limit`` steps have been read, at each of ``count`` steps."""
    return [step >= limit for step in range(count)]


def middle(lengths: Sequence[int]) -> int:
    """The place before which half of all steps stand."""
    return int(np.median(np.concatenate([np.arange(1, length + 1) for length in lengths])))


def bins(values: NDArray[np.floating]) -> list[str]:
    """The types of numbers ``[step]``: in steps of a quarter of their spread over the input."""
    spread = float(np.std(values)) or 1.0
    return [str(int(step)) for step in np.floor((values - np.mean(values)) / spread / 0.25)]
