"""The inputs that one visitor opened in this session: text, model and answer. It ends with the session.

A page reads while somebody types, so that most texts are on the way to another one: a text takes the place of the one
before it where it came within ``PAUSE`` seconds of it, or where one begins with the other.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core_models.encoded import Encoded
from core_models.heads.forecast import CENTRE, FORECAST
from core_models.language import mark, say
from core_models.trace import Trace
from pretrained.kinds.next_token import shown
from pretrained.task import Given
from viz.kept import Kept

MOST, LONGEST, SHOWN, PAUSE = 40, 4000, 60, 3.0
"""Inputs that are kept; characters of a text that is kept at all, and of one that is shown; seconds."""


@dataclass(frozen=True)
class Entry:
    """One input that was opened.

    Attributes:
        model: key of the model.
        text: as it was typed, or the name of an example.
        answer: in a few words.
        time: of the clock, in seconds, when it was opened.
    """

    model: str
    text: str
    answer: str
    time: float

    @property
    def key(self) -> str:
        """What tells it from all others."""
        return f"{self.model}\n{self.text}"

    @property
    def short(self) -> str:
        """The beginning of its text."""
        line = " ".join(self.text.split())
        return line if len(line) <= SHOWN else f"{line[:SHOWN]} …"


OPENED = Kept[list[Entry]]("opened inputs")
"""The inputs, the last one first."""

PINNED = Kept[list[str]]("pinned inputs")
"""Keys of those that stay whatever is opened."""


def opened() -> list[Entry]:
    """The inputs that were opened, the last one first."""
    return OPENED.get() or []


def pinned() -> list[str]:
    """Keys of the inputs that stay, in the order in which they were pinned."""
    return [key for key in PINNED.get() or [] if key in {entry.key for entry in opened()}]


def record(model: Any, given: Given, encoded: Encoded, trace: Trace) -> None:
    """Keep an input that a page shows; one that was uploaded is not kept, as its name means nothing elsewhere."""
    if given.content is not None or len(given.text) > LONGEST or not given.text:
        return
    before, entry = opened(), Entry(model.recipe.key, given.text, "", time.monotonic())
    if before and before[0].key == entry.key:
        return
    entry = replace(entry, answer=answer_in_brief(model, encoded, trace))
    stay = set(pinned())
    if before and before[0].key not in stay and _leads_to(before[0], entry):
        before = before[1:]
    others = [each for each in before if each.key != entry.key]
    loose = [each for each in others if each.key not in stay]
    gone = {each.key for each in loose[max(0, MOST - 1 - len(others) + len(loose)) :]}
    OPENED.put([entry, *(each for each in others if each.key not in gone)])


def _leads_to(before: Entry, after: Entry) -> bool:
    """Whether one text was on the way to the other."""
    one, other = before.text, after.text
    grew = one.startswith(other) or other.startswith(one)
    return before.model == after.model and (grew or after.time - before.time < PAUSE)


NOTHING: Mapping[str, str] = {"numbers": mark("numbers at every step")}


def answer_in_brief(model: Any, encoded: Encoded, trace: Trace) -> str:
    """What a model answers, in a few words."""
    task = model.task
    if task.kind == "translation":
        tokens = encoded.written or trace.tokens
        return " ".join(tokens.labels[:-1])[:SHOWN]
    if task.kind == "next_token":
        chances = model.expectations(trace)[-1]
        best = int(chances.argmax())
        return say("next {token} {share:.0%}", token=shown(task.character(best)), share=float(chances[best]))
    if task.kind == "forecast":
        values = trace.array(FORECAST, CENTRE)
        return say("next {noun}: {value:.3g}", noun=say(task.noun), value=float(values[0]))
    found = model.answer(trace) if hasattr(model, "answer") else None
    if found is not None:
        return say("{answer} {share:.0%}", answer=task.name(found[0]), share=found[1])
    if task.kind == "labels":
        return " ".join(model.labels(trace))[:SHOWN]
    return say(NOTHING["numbers"])
