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
from viz.models import finished

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

Shown = tuple[Any, Given, Encoded, Trace]
"""A model, what it was given, how it read that, and the trace."""

PINNED = Kept[list[str]]("pinned inputs")
"""Keys of those that stay whatever is opened."""


def opened() -> list[Entry]:
    """The inputs that were opened, the last one first."""
    return OPENED.get() or []


def pinned() -> list[str]:
    """Keys of the inputs that stay, in the order in which they were pinned."""
    return [key for key in PINNED.get() or [] if key in {entry.key for entry in opened()}]


def record(*shown: Shown) -> None:
    """Keep what a page shows, the first input first; nothing that was uploaded, as its name means nothing elsewhere."""
    new = {entry.key: (entry, each) for each in shown if (entry := _entry(*each[:2]))}
    before = opened()
    if [*new] == [each.key for each in before[: len(new)]]:
        return
    stay = {*pinned(), *new}
    passed = [each for each in before[: len(new)] if each.key not in stay]
    led = {each.key for each in passed if any(_leads_to(each, entry) for entry, _ in new.values())}
    others = [each for each in before if each.key not in new and each.key not in led]
    loose = [each for each in others if each.key not in stay]
    gone = {each.key for each in loose[max(0, MOST - len(new) - len(others) + len(loose)) :]}
    answered = [replace(entry, answer=answer_in_brief(each[0], *each[2:])) for entry, each in new.values()]
    OPENED.put([*answered, *(each for each in others if each.key not in gone)])


def _entry(model: Any, given: Given) -> Entry | None:
    """What is kept of an input, without its answer; None of one that is not."""
    key = model.recipe.key
    if given.content is not None or not 0 < len(given.text) <= LONGEST or finished(key) != key:
        return None
    return Entry(key, given.text, "", time.monotonic())


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
        return say("{answer} {share:.0%}", answer=task.called(found[0]), share=found[1])
    if task.kind == "labels":
        return " ".join(model.labels(trace))[:SHOWN]
    return say(NOTHING["numbers"])
