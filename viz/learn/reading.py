"""What a step measures, taken from what the trained network read, the untrained one, or one of another seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from core_models.language import say
from pretrained.registry import every_recipe, other_seed
from pretrained.task import Given
from pretrained.training.untrained import untrained
from viz import session
from viz.learn.lesson import VALUE, Step
from viz.learn.measures.error import MeasureError
from viz.learn.measures.listed import MEASUREMENTS, measure, written
from viz.learn.measures.memory import Which
from viz.run import ModelRun


@dataclass(frozen=True)
class Outcome:
    """What a step's numbers are.

    Attributes:
        step: whose.
        numbers: by name.
    """

    step: Step
    numbers: Mapping[str, float]

    @property
    def value(self) -> float:
        """The number that the prediction is about."""
        return self.numbers[VALUE]

    @property
    def shown(self) -> str:
        """``value`` as it is written."""
        return self.write(VALUE)

    def write(self, name: str) -> str:
        """A number as it is written."""
        return written(self.numbers[name], MEASUREMENTS[self.step.numbers[name].measure].form)

    def fill(self, text: str) -> str:
        """A text with its numbers put in."""
        for name in self.numbers:
            text = text.replace(f"{{{name}}}", self.write(name))
        return text


def read(key: str, given: Given) -> ModelRun:
    """What a model makes of an input.

    Raises:
        InputError, ModelError: if there is nothing to read, or the model cannot be used.
    """
    return ModelRun(session.model(key), given, *session.traced(key, given.key, given.content))


def of_lesson(step: Step) -> ModelRun:
    """What the step's own model makes of its own input."""
    return read(step.model, Given(step.input))


def find_out(asked: ModelRun, step: Step, which: Which = "trained") -> Outcome:
    """All numbers of a step.

    Raises:
        InputError, ModelError: as ``read``.
        MeasureError: if a reading has no such number, or there is no such network.
    """
    found: dict[str, float] = {}
    for name, measured in step.numbers.items():
        one, fields = MEASUREMENTS[measured.measure], measured.fields
        if one.combines:
            found[name] = one.take(*(found[other] for other in fields["of"]))
        elif one.recorded:
            found[name] = measure(asked, measured.measure, fields, which, None)
        else:
            subject, other = _subject(asked, fields), str(fields.get("second", ""))
            second = _network(read(subject.model.recipe.key, Given(other)), which) if other else None
            found[name] = measure(_network(subject, which), measured.measure, fields, which, second)
    return Outcome(step, found)


def _subject(asked: ModelRun, fields: Mapping[str, object]) -> ModelRun:
    """The step's own reading, or that of another model or input which a number names."""
    key, text = str(fields.get("model", "")), str(fields.get("input", ""))
    if not key and not text:
        return asked
    return read(key or asked.model.recipe.key, Given(text) if text else asked.given)


def _network(asked: ModelRun, which: Which) -> ModelRun:
    """The same input in another network."""
    key = asked.model.recipe.key
    if which == "trained":
        return asked
    if which == "seed":
        other = other_seed(key)
        if other is None:
            raise MeasureError(say("no other seed of “{title}” is shipped", title=say(every_recipe()[key].title)))
        return read(other, asked.given)
    model = untrained(key)
    encoded = model.complete(replace(asked.encoded, written=None, state=None))
    return ModelRun(model, asked.given, encoded, model.trace(encoded))
