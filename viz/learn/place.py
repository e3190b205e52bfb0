"""Where somebody is in a lesson: which step, what they predicted there, and what the address then holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from core_models.language import current
from viz import params
from viz.inputs import MODEL, TEXT
from viz.kept import Kept
from viz.learn.lesson import Guess, Lesson, Step
from viz.learn.views import LOOKS
from viz.params import HIDE, LANG, LOCK, Param
from viz.params.whole_numbers import nearest

LESSON, STEP = Param("lesson"), Param("step")
PACK, ROOM, TEACH = Param("pack"), Param("room"), Param("teach")
"""A lesson of somebody's own, packed; a room; and the lesson that a teacher begins to write from."""

ANSWERED = Param("answered")
"""Stands in the address of a step whose answer is shown, so that Back leads to the question again."""

GUESSES = Kept[dict[tuple[str, int], Guess]]("predictions")
"""What was predicted, by lesson and step."""


MOVED = Kept[str]("moved slider")
"""The widget of the prediction whose slider was moved last."""


@dataclass(frozen=True)
class Place:
    """A step of a lesson.

    Attributes:
        lesson: the lesson.
        number: of the step, counted from 1; one more than there are for the end.
        language: in which it is read.
        link: what names the lesson in the address, or the room in which it is read.
    """

    lesson: Lesson
    number: int
    language: str
    link: Mapping[str, str]

    @property
    def step(self) -> Step | None:
        """The step; None at the end."""
        return self.lesson.steps[self.number - 1] if self.number <= len(self.lesson.steps) else None

    @property
    def guess(self) -> Guess | None:
        """What was predicted here, where the address shows the answer too; else None."""
        return self.given if params.asked(ANSWERED) else None

    @property
    def given(self) -> Guess | None:
        """What was predicted here; None while it is not."""
        return (GUESSES.get() or {}).get((self.lesson.key, self.number))

    @property
    def done(self) -> bool:
        """Whether every step of the lesson is answered."""
        answered = {number for key, number in GUESSES.get() or {} if key == self.lesson.key}
        return len(answered) > len(self.lesson.steps)

    @property
    def widget(self) -> Param:
        """The widget of the prediction."""
        return Param(f"guess-{self.lesson.key}-{self.number}", public=False)

    @property
    def ready(self) -> bool:
        """Whether there is a prediction: a slider that nobody moved holds none."""
        scale = self.step.prediction.scale if self.step else None
        slides = scale is not None and self.step is not None and not self.step.prediction.curve
        return params.held(self.widget) is not None and (not slides or MOVED.get() == self.widget)

    def query(self, *, answered: bool) -> dict[str, str]:
        """What stands in the address here, before the answer or with it."""
        own = dict(self.link) | {str(STEP): str(self.number), str(LANG): self.language}
        own |= {str(ANSWERED): "1"} if answered else {}
        step = self.step
        if step is None:
            return own
        at = dict(step.at)
        if answered and step.after:
            at = {name: value for name, value in at.items() if name not in (LOCK, HIDE)} | dict(step.after)
        hidden = [
            *LOOKS[step.look].fixed,
            *([] if step.own and answered else [str(TEXT)]),
            *filter(None, [at.get(HIDE)]),
        ]
        given = {str(MODEL): step.model, str(TEXT): step.input} if LOOKS[step.look].of_input else {}
        return own | given | at | {str(HIDE): ",".join(hidden)}

    def complete(self) -> None:
        """Let the address hold all that the step looks at; what it says already stays, as in a link."""
        held, needed = params.address(), self.query(answered=self.guess is not None)
        if any(name not in held for name in needed):
            params.open_at(needed | held | {str(HIDE): needed.get(HIDE, "")})

    def go(self, by: int) -> None:
        """To another step; call it from a callback."""
        there = replace(self, number=self.number + by)
        params.open_at(there.query(answered=there.given is not None))

    def move(self) -> None:
        """Take note that the slider was moved, as its callback."""
        MOVED.put(str(self.widget))

    def answer(self) -> None:
        """Take the prediction and show what comes out; call it from a callback."""
        guess = params.held(self.widget)
        if self.ready and guess is not None:
            GUESSES.put((GUESSES.get() or {}) | {(self.lesson.key, self.number): guess})
            params.open_at(self.query(answered=True))

    def retry(self) -> None:
        """Predict anew; call it from a callback."""
        kept = dict(GUESSES.get() or {})
        kept.pop((self.lesson.key, self.number), None)
        GUESSES.put(kept)
        params.open_at(self.query(answered=False))


def chosen_place(lesson: Lesson, link: Mapping[str, str]) -> Place:
    """The step of a lesson that the address names, the first one if it names none."""
    number = nearest(params.asked(STEP) or 1, range(1, len(lesson.steps) + 2), 1)
    return Place(lesson, number, current(), link)
