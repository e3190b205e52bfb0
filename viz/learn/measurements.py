"""What a lesson can measure: a small closed list of numbers, each taken from a trace under its own name.

A lesson names a measurement and its fields; nothing in a file is ever run. A few of them combine other numbers of the
same step. Tokens are named by the word itself, by ``@first``, ``@last`` or ``@turn`` (where the answer moves most), or
by their number, counted from 1, from the end if negative.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from core_models.vocabulary import VOCABULARY, Kind
from pretrained.registry import every_recipe
from viz.learn.node import Node
from viz.learn.taking import (
    answer,
    gate,
    largest,
    move,
    over,
    smallest,
    steps_read,
)
from viz.run import ModelRun

Form = Literal["share", "signed", "steps", "whole", "factor"]
"""How a number is written."""

FieldKind = Literal["edits", "text", "token", "number", "whole", "choice", "names"]


@dataclass(frozen=True)
class Field:
    """A field of a measurement.

    Attributes:
        kind: what stands in it.
        default: where it is left out; None if it must be given.
        options: of a choice.
    """

    kind: FieldKind
    default: Any = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measurement:
    """One kind of number.

    Attributes:
        says: what it is, for those who write lessons.
        take: takes it from a reading; of a combination, from the numbers before it.
        fields: by name.
        form: how it is written.
    """

    says: str
    take: Callable[..., float]
    fields: Mapping[str, Field]
    form: Form = "share"

    @property
    def combines(self) -> bool:
        """Whether it is made of other numbers of the step."""
        return "of" in self.fields and self.fields["of"].kind == "names"


GATES = tuple(key for key, row in VOCABULARY.items() if row.kind is Kind.GATE)
ELSE = {"model": Field("choice", "", tuple(every_recipe())), "input": Field("text", "")}
"""Another model or another input than the step's."""
EDITS, TOKEN = Field("edits", ""), Field("token", "")
OF = {"of": Field("names")}

MEASUREMENTS: Mapping[str, Measurement] = {
    "probability": Measurement(
        "the probability of the answer (for two classes that of the second one), under edits, after a token, or with "
        "the tokens in another order",
        answer,
        {"edits": EDITS, "token": TOKEN, "order": Field("choice", "typed", ("typed", "reversed", "shuffled"))} | ELSE,
    ),
    "move": Measurement(
        "by how much a token moves the probability of the answer", move,
        {"token": Field("token"), "edits": EDITS} | ELSE, "signed",
    ),
    "gate": Measurement(
        "the value of a gate at a token: of one unit, or over all units",
        gate,
        {"gate": Field("choice", None, GATES), "token": TOKEN, "unit": Field("whole", -1),
         "over": Field("choice", "mean", ("mean", "highest", "lowest"))} | ELSE,
    ),
    "tokens": Measurement("how many tokens are read", steps_read, ELSE, "whole"),
    "difference": Measurement("the first number less the second", lambda a, b: a - b, OF, "signed"),
    "ratio": Measurement("the first number over the second", over, OF, "factor"),
    "largest": Measurement("which of the numbers is the largest, counted from 1", largest, OF, "whole"),
    "smallest": Measurement("which of the numbers is the smallest, counted from 1", smallest, OF, "whole"),
}  # fmt: skip
"""All of them by name."""

POSITIONS = ("largest", "smallest")
"""Those whose value is the position of an option."""


def check_fields(node: Node, measure: str, before: tuple[str, ...]) -> Mapping[str, Any]:
    """The fields of a number with their defaults, checked.

    Raises:
        LessonError: if one is missing or cannot be that.
    """
    found = {}
    for name, field in MEASUREMENTS[measure].fields.items():
        part = node.get(name) if field.default is not None else node.need(name)
        found[name] = field.default if part is None else _value(part, field, before)
    return found


def _value(node: Node, field: Field, before: tuple[str, ...]) -> Any:
    match field.kind:
        case "choice":
            return node.one_of(field.options, "one of them")
        case "number":
            return node.number()
        case "whole":
            return node.whole(-9999, 9999)
        case "token":
            return node.whole(-9999, 9999) if isinstance(node.value, int) else node.string(80)
        case "names":
            return tuple(each.one_of(before, "a number that stands above") for each in node.each(2, 6))
    return node.string()


def measure(asked: ModelRun, name: str, fields: Mapping[str, Any]) -> float:
    """One number taken from a reading.

    Raises:
        MeasureError: if this reading has no such number; the message says why.
    """
    return MEASUREMENTS[name].take(asked, **{key: value for key, value in fields.items() if key not in ELSE})


def written(value: float, form: Form) -> str:
    """A number as it stands in a sentence."""
    shown = {
        "share": f"{value:.2f}", "signed": f"{value:+.2f}", "steps": f"{value:.1f}", "whole": f"{value:.0f}",
        "factor": f"{value:.3g}",
    }[form]  # fmt: skip
    return shown.replace("-", "−")
