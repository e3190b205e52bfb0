"""What a lesson can measure: a small closed list of numbers, each taken from a trace under its own name.

A lesson names a measurement and its fields; nothing in a file is ever run. A few of them combine other numbers of the
same step. Tokens are named by the word itself, by ``@first``, ``@last`` or ``@turn`` (where the answer moves most), or
by their number, counted from 1, from the end if negative.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from core_models.explain.probing.text_properties import PROPERTIES
from core_models.language import Number, mark, say
from core_models.vocabulary import VOCABULARY, Kind
from pretrained.memory.architectures import CELLS
from pretrained.registry import every_recipe
from viz.learn.measures import answers, attention, combining, inside, memory, writing
from viz.learn.measures.memory import Which
from viz.learn.node import Node
from viz.run import ModelRun

Form = Literal["share", "signed", "steps", "whole", "factor", "percent"]
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
        recorded: whether it was written down at the end of training; then it is asked by which network it is of.
    """

    says: str
    take: Callable[..., float]
    fields: Mapping[str, Field]
    form: Form = "share"
    recorded: bool = False

    @property
    def combines(self) -> bool:
        """Whether it is made of other numbers of the step."""
        return "of" in self.fields and self.fields["of"].kind == "names"


INSIDE = tuple(key for key, row in VOCABULARY.items() if row.kind in (Kind.GATE, Kind.CANDIDATE, Kind.STATE))
STATES = tuple(key for key in INSIDE if VOCABULARY[key].kind is Kind.STATE)
ELSE = {"model": Field("choice", "", tuple(every_recipe())), "input": Field("text", "")}
"""Another model or another input than the step's."""
EDITS, TOKEN, UNIT = Field("edits", ""), Field("token", ""), Field("whole", -1)
OF = {"of": Field("names")}
CELL, LAG = Field("choice", options=tuple(CELLS)), Field("whole")
RACE = {"task": Field("choice", options=("recall", "adding")), "cell": CELL}

MEASUREMENTS: Mapping[str, Measurement] = {
    "probability": Measurement(
        mark(
            "the probability of the answer (for two classes that of the second one), under "
            "edits, after a token, or with the tokens in another order"
        ),
        answers.answer,
        {"edits": EDITS, "token": TOKEN, "order": Field("choice", "typed", ("typed", "reversed", "shuffled"))} | ELSE,
    ),
    "move": Measurement(
        mark("by how much a token moves the probability of the answer"),
        answers.move,
        {"token": Field("token"), "edits": EDITS} | ELSE,
        "signed",
    ),
    "value": Measurement(
        mark("a gate, candidate or state at a token, of one unit or over all units"),
        inside.value,
        {
            "quantity": Field("choice", options=INSIDE),
            "token": TOKEN,
            "unit": UNIT,
            "over": Field("choice", "mean", tuple(inside.SUMMARIES)),
        }
        | ELSE,
    ),
    "apart": Measurement(
        mark("how far the states of this input and a second one are from each other after the same word"),
        inside.apart,
        {"second": Field("text"), "token": Field("token")} | ELSE,
    ),
    "follows": Measurement(
        mark("how closely a unit, or the best of all, follows something that can be said of every place in the text"),
        inside.follows,
        {
            "what": Field("choice", options=tuple(one.key for one in PROPERTIES)),
            "quantity": Field("choice", options=STATES),
            "unit": UNIT,
        }
        | ELSE,
    ),
    "half-life": Measurement(
        mark("how long units remember by their keeping gate, in tokens"),
        memory.half_life,
        {"of": Field("choice", "median", ("median", "longest"))} | ELSE,
        "steps",
    ),
    "gradient": Measurement(
        mark("how much of a change of the state so many tokens before the end can arrive there"),
        memory.gradient,
        {"lag": LAG} | ELSE,
        "factor",
    ),
    "attention": Measurement(
        mark("a test of whether the attention explains the answer"),
        attention.attention,
        {"test": Field("choice", options=attention.TESTS), "token": TOKEN} | ELSE,
    ),
    "right": Measurement(
        mark("share of a reference that a translator writes, given the reference so far or its own words"),
        writing.right,
        {"reference": Field("text"), "how": Field("choice", options=("forced", "free"))} | ELSE,
    ),
    "tokens": Measurement(mark("how many tokens are read"), answers.steps_read, ELSE, "whole"),
    "score": Measurement(
        mark("a score of a model on test"),
        writing.score,
        {
            "of": Field("choice", options=tuple(every_recipe())),
            "by": Field("choice", "accuracy", ("accuracy", "exact", "bleu", "nats")),
        },
        "percent",
        recorded=True,
    ),
    "reach": Measurement(
        mark("the longest lag that a racer of the memory race learned"), memory.reach, RACE, "whole", True
    ),
    "effort": Measurement(
        mark("training steps until a racer learned a lag"), memory.effort, RACE | {"lag": LAG}, "whole", recorded=True
    ),
    "size": Measurement(
        mark("units or parameters of a racer"),
        memory.size,
        RACE | {"of": Field("choice", options=("units", "parameters"))},
        "whole",
        recorded=True,
    ),
    "recalled": Measurement(
        mark("how often a network that was trained on lag 100 is right at another lag"),
        memory.recalled,
        {"cell": CELL, "lag": LAG},
        recorded=True,
    ),
    "kept": Measurement(
        mark("the share of the past that a recall network keeps at a distractor"),
        memory.kept,
        {"cell": CELL},
        recorded=True,
    ),
    "difference": Measurement(mark("the first number less the second"), combining.difference, OF, "signed"),
    "ratio": Measurement(mark("the first number over the second"), combining.ratio, OF, "factor"),
    "largest": Measurement(mark("which of the numbers is the largest, counted from 1"), combining.largest, OF, "whole"),
    "smallest": Measurement(
        mark("which of the numbers is the smallest, counted from 1"), combining.smallest, OF, "whole"
    ),
}
"""All of them by name."""

CURVE: Mapping[str, Field] = {
    "of": Field("choice", options=(answers.ANSWER, *INSIDE)), "unit": UNIT,
    "over": Field("choice", "mean", tuple(inside.SUMMARIES)), "edits": EDITS,
}  # fmt: skip
"""What can be drawn as a curve over the tokens; see ``inside.course``."""

POSITIONS = ("largest", "smallest")
"""Those whose value is the position of an option."""


def check_fields(node: Node, fields: Mapping[str, Field], before: tuple[str, ...] = ()) -> Mapping[str, Any]:
    """The fields of a number or curve with their defaults, checked; ``before`` are the numbers that stand above it.

    Raises:
        LessonError: if one is missing or cannot be that.
    """
    found = {}
    for name, field in fields.items():
        part = node.get(name) if field.default is not None else node.need(name)
        found[name] = field.default if part is None else _value(part, field, before)
    return found


def _value(node: Node, field: Field, before: tuple[str, ...]) -> Any:
    match field.kind:
        case "choice":
            return node.one_of(field.options, say("one of them"))
        case "number":
            return node.number()
        case "whole":
            return node.whole(-9999, 9999)
        case "token":
            return node.whole(-9999, 9999) if isinstance(node.value, int) else node.string(80)
        case "names":
            return tuple(each.one_of(before, say("a number that stands above")) for each in node.each(2, 6))
    return node.string()


def measure(asked: ModelRun, name: str, fields: Mapping[str, Any], which: Which, second: ModelRun | None) -> float:
    """One number taken from a reading.

    Args:
        asked: the reading.
        name: of the measurement.
        fields: what the file says.
        which: the network that read it.
        second: the reading of a second input by the same network, where the fields name one.

    Raises:
        MeasureError: if this reading has no such number; the message says why.
    """
    one, own = MEASUREMENTS[name], {key: value for key, value in fields.items() if key not in ELSE}
    if one.recorded:
        return one.take(which, **own)
    return one.take(asked, **own | ({"second": second} if second else {}))


def written(value: float, form: Form) -> str:
    """A number as it stands in a sentence."""
    spec = {
        "share": ".2f", "signed": "+.2f", "steps": ".1f", "whole": ".0f", "factor": ".3g",
        "percent": ".1%" if value <= 1.0 else ".1f",
    }[form]  # fmt: skip
    return format(Number(value), spec)
