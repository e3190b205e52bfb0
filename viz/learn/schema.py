"""A lesson's file: TOML that is read and checked field by field; ``FORM`` shows all of them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

from core_models.language import mark, say
from pretrained.registry import every_recipe
from viz.learn.lesson import VALUE, Lesson, Measured, Option, Prediction, Scale, Step, Words
from viz.learn.measures.listed import CURVE, MEASUREMENTS, POSITIONS, check_fields
from viz.learn.node import LessonError, Node
from viz.learn.views import LOOKS

FORM = (
    ("minutes = 6", mark("from 1 to 60")),
    ('model = "sst2-gru"', mark("what is read where a step says nothing else")),
    ('input = "this is not a good film"', ""),
    ("", ""),
    ("[title]", mark("every text in one or more languages")),
    ('en = "…"', ""),
    ('zh = "…"', ""),
    ("", ""),
    ("[question]", ""),
    ("", ""),
    ("[[steps]]", ""),
    ('input = "this is a good film"', mark("what is measured here; likewise model")),
    ('look = "explore"', mark("a view of viz.learn.views")),
    ('at = { tab = "cell" }', mark("what stands in the address of that page: text, `lock` and `hide` too")),
    ('after = { hold = "reset_gate:0" }', mark("what changes there when the answer is shown")),
    ("late = true", mark("the view is drawn only with the answer")),
    ("own = true", mark("a person may put in an input of their own")),
    ("[steps.read]", ""),
    ("[steps.see]", ""),
    ("[steps.numbers]", mark("measurements of viz.learn.measures.listed, by name")),
    ('value = { measure = "change", edits = "hold:rnn-0-forward:reset_gate:0:all:all" }', ""),
    ("[steps.predict]", mark("the question about `value`, with options or from, to and close")),
    ('curve = { of = "update_gate" }',
     mark("a curve over the tokens to draw from `from` to `to`; right if close on average")),
    ("expect = 3", mark("the option that the network shows, counted from 1; or a range [0.3, 0.6]")),
    ("[[steps.predict.options]]", ""),
    ("below = -0.05", mark("it comes out below this number; the last has no bound")),
    ("[steps.predict.options.then]", mark("what it means if it comes out")),
    ("[steps.reveal]", mark("what holds anyway; {value} is put in")),
)  # fmt: skip
"""Every line of a file, and what is to be said of it."""

LARGEST = 64_000
"""Characters of a file."""

OWN_NAMES = ("lesson", "step", "lang", "room", "pack", "teach")
"""What the page itself puts into the address."""

_LESSON = ("title", "question", "minutes", "model", "input", "steps")
_STEP = ("read", "see", "look", "at", "after", "late", "own", "model", "input", "numbers", "predict", "reveal")
_PREDICT = ("expect", "options", "curve", "from", "to", "close")


def read_lesson(text: str, key: str) -> Lesson:
    """The lesson that a file holds.

    Raises:
        LessonError: if it is none; the message names line and field.
    """
    if len(text) > LARGEST:
        raise LessonError(
            say("A lesson has at most {most:,} characters; this file has {n:,}.", most=LARGEST, n=len(text))
        )
    try:
        root = Node(text, (), tomllib.loads(text.replace("\r\n", "\n"))).table(_LESSON)
    except tomllib.TOMLDecodeError as error:
        raise LessonError(_say_syntax(str(error))) from error
    except RecursionError as error:
        raise LessonError(say("The file nests lists or tables too deeply to be a lesson.")) from error
    return Lesson(
        key=key,
        title=root.need("title").words(),
        question=root.need("question").words(),
        minutes=root.need("minutes").whole(1, 60),
        steps=tuple(_step(root, node.table(_STEP)) for node in root.need("steps").each(1, 20)),
    )


def _say_syntax(message: str) -> str:
    """What tomllib says of a file that is no TOML, with the line first."""
    found = re.search(r"\(at (?:line (\d+), column \d+|(end of document))\)", message)
    said = message.partition(" (at ")[0][:120]
    if found and found[1]:
        return say("Line {line}: this is not TOML ({said}).", line=found[1], said=said)
    return say("The end of the file: this is not TOML ({said}).", said=said)


def _step(lesson: Node, node: Node) -> Step:
    numbers = _numbers(node.need("numbers"))
    model, given = node.get("model") or lesson.need("model"), node.get("input") or lesson.need("input")
    look, at, after = node.get("look"), node.get("at"), node.get("after")
    late, own = node.get("late"), node.get("own")
    view = look.one_of(LOOKS, say("a view")) if look else "explore"
    prediction = _prediction(node.need("predict"), numbers)
    if own and own.flag() and prediction.curve:
        own.refuse(say("false where a curve is drawn, which is one over the tokens of this input"), "“true”")
    return Step(
        model=model.one_of(every_recipe(), say("the key of a model")),
        input=given.string(),
        read=_words(node.need("read"), numbers),
        see=_words(node.need("see"), numbers),
        look=view,
        at=_query(at) if at else {},
        after=_query(after) if after else {},
        late=late.flag() if late else view == "race",
        own=own.flag() if own else False,
        numbers=numbers,
        prediction=prediction,
        reveal=_words(node.need("reveal"), numbers),
    )


def _query(node: Node) -> Mapping[str, str]:
    """What stands in the address; a model there must be one."""
    found = node.query(OWN_NAMES)
    if "model" in found:
        node.need("model").one_of(every_recipe(), say("the key of a model"))
    return found


def _numbers(node: Node) -> dict[str, Measured]:
    found: dict[str, Measured] = {}
    if not isinstance(node.value, dict) or VALUE not in node.value:
        node.refuse(say("a number named “{name}”, which the prediction is about", name=VALUE), say("none"))
    for name in node.value:
        part = node.need(name)
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", name):
            part.refuse(say("a name of small letters"), f"“{name[:40]}”")
        if not isinstance(part.value, dict):
            part.refuse(say("a table such as {code}", code='{ measure = "probability" }'))
        measure = part.need("measure").one_of(MEASUREMENTS, say("a measurement"))
        fields = MEASUREMENTS[measure].fields
        found[name] = Measured(measure, check_fields(part.table(["measure", *fields]), fields, tuple(found)))
    return found


def _prediction(node: Node, numbers: dict[str, Measured]) -> Prediction:
    asks = _words(node, numbers, _PREDICT)
    listed, expect = node.get("options"), node.need("expect")
    if listed is None:
        low, high, close = (node.need(key).number() for key in ("from", "to", "close"))
        if not low < high:
            node.need("to").refuse(say("a number above {low:g}", low=low), f"{high:g}")
        ends = [end.number() for end in expect.each(2, 2)]
        curve = node.get("curve")
        fields = check_fields(curve.table(CURVE), CURVE) if curve else None
        return Prediction(asks, (), Scale(low, high, close), (ends[0], ends[1]), fields)
    options = tuple(_option(each, numbers) for each in listed.each(2, 6))
    _check_bounds(listed, options, numbers[VALUE])
    return Prediction(asks, options, None, expect.whole(1, len(options)) - 1)


def _option(node: Node, numbers: dict[str, Measured]) -> Option:
    says = _words(node, numbers, ("below", "then"))
    below, then = node.get("below"), node.get("then")
    return Option(says, below.number() if below else None, _words(then, numbers) if then else {})


def _check_bounds(node: Node, options: tuple[Option, ...], value: Measured) -> None:
    bounds = [option.below for option in options]
    if value.measure in POSITIONS:
        if any(bound is not None for bound in bounds) or len(options) != len(value.fields["of"]):
            node.refuse(
                say("one option without “below” for each of the {n} numbers compared", n=len(value.fields["of"]))
            )
        return
    given = [bound for bound in bounds[:-1] if bound is not None]
    if len(given) != len(options) - 1 or bounds[-1] is not None or given != sorted(given):
        node.refuse(say("rising bounds “below” in every option but the last"))


def _words(node: Node, numbers: dict[str, Measured], besides: tuple[str, ...] = ()) -> Words:
    """A text whose names in braces are all numbers of the step."""
    words = node.words(besides)
    for language, text in words.items():
        for name in re.findall(r"\{([^{}]*)\}", text):
            if name not in numbers:
                wanted = say("in braces one of {names}", names=say(", ").join(numbers))
                node.need(language).refuse(wanted, f"“{name[:40]}”")
    return words
