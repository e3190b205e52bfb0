"""What lessons claim of the shipped networks is so, in every language; and a file that is wrong is told where."""

import re
from itertools import pairwise

import pytest

from core_models.language import languages
from viz.learn import reading
from viz.learn.curve.agreement import agree
from viz.learn.curve.box import MOST, _curve
from viz.learn.curve.step import measured
from viz.learn.lesson import Lesson, Scale, Step
from viz.learn.measures.listed import MEASUREMENTS
from viz.learn.node import LessonError
from viz.learn.schema import read_lesson
from viz.learn.shipped import FOLDER, lessons

STEPS = [(lesson, number) for lesson in lessons().values() for number in range(len(lesson.steps))]
every_step = pytest.mark.parametrize(("lesson", "number"), STEPS, ids=[f"{one.key}-{at + 1}" for one, at in STEPS])
FILE = FOLDER / "02-reset-gate.toml"
GOOD = FILE.read_text(encoding="utf-8")


@every_step
def test_what_a_step_expects_is_what_the_network_shows(lesson: Lesson, number: int):
    step = lesson.steps[number]
    outcome = reading.find_out(reading.of_lesson(step), step)
    assert step.prediction.holds(outcome.value), outcome.numbers


CURVES = [(lesson, number) for lesson, number in STEPS if lesson.steps[number].prediction.curve]


@pytest.mark.parametrize(("lesson", "number"), CURVES, ids=[f"{one.key}-{at + 1}" for one, at in CURVES])
def test_a_curve_that_is_asked_for_lies_on_its_axis_and_is_no_flat_line(lesson: Lesson, number: int):
    step = lesson.steps[number]
    scale, curve = step.prediction.scale, measured(step, reading.of_lesson(step))
    assert scale
    assert step.late
    assert len(curve) <= MOST
    assert scale.low <= min(curve) <= max(curve) <= scale.high
    assert agree(curve, curve).score == 1.0
    assert scale.close < agree(curve, curve).flat


def test_two_lessons_or_more_let_a_curve_be_drawn():
    assert len({lesson.key for lesson, _ in CURVES}) >= 2


def test_the_score_of_a_curve_is_its_distance_as_a_share_of_that_of_the_best_flat_line():
    found = agree([0.0, 0.5, 1.0], [0.2, 0.5, 0.8])
    assert (found.away, found.flat) == pytest.approx((0.4 / 3, 0.2))
    assert found.score == pytest.approx(1 - 2 / 3)
    assert agree([1.0, 0.0], [0.0, 1.0]).score == 0.0
    assert agree([0.3, 0.3], [0.5, 0.5]).score == 0.0


@pytest.mark.parametrize("sent", [
    None, 3, "x", [], [0.1], [0.1, 0.2, 0.3], [0.1, None], [0.1, "0.2"], [0.1, True], [0.1, float("nan")], [0.1, 1.1],
])  # fmt: skip
def test_what_is_no_curve_over_these_tokens_is_not_taken_for_one(sent: object):
    assert _curve(sent, 2, Scale(0.0, 1.0, 0.1)) is None


def test_a_curve_over_these_tokens_is_taken():
    assert _curve([0, 0.25], 2, Scale(0.0, 1.0, 0.1)) == (0.0, 0.25)


def test_a_curve_over_another_quantity_than_there_is_is_refused_with_its_line():
    text = (FOLDER / "07-good-not-good.toml").read_text(encoding="utf-8")
    line = text[: text.index("curve = ")].count("\n") + 1
    with pytest.raises(LessonError, match=f"Line {line}, steps 1, predict.curve.of: expected one of them"):
        read_lesson(text.replace('{ of = "answer" }', '{ of = "update_gat" }'), "x")
    with pytest.raises(LessonError, match="steps 1, own: expected false where a curve is drawn"):
        read_lesson(text.replace('look = "inside"', 'look = "inside"\nown = true', 1), "x")


@every_step
def test_every_text_of_a_step_stands_in_every_language(lesson: Lesson, number: int):
    step = lesson.steps[number]
    for words in (lesson.title, lesson.question, *texts_of(step)):
        assert set(words) == set(languages())
        assert re.search("[\u4e00-\u9fff]", words["zh"]) or words["zh"] in words["en"]
        assert set(re.findall("{[a-z_]+}", words["en"])) == set(re.findall("{[a-z_]+}", words["zh"]))


def texts_of(step: Step):
    options = step.prediction.options
    return [step.read, step.see, step.reveal, step.prediction.asks, *(option.says for option in options),
            *(option.then for option in options if option.then)]  # fmt: skip


@every_step
def test_a_step_is_read_in_a_few_sentences(lesson: Lesson, number: int):
    assert len(lesson.steps[number].read["en"].split()) <= 75
    assert len(lesson.steps[number].see["en"].split()) <= 25


def test_lessons_take_five_to_ten_minutes_and_have_files_in_order():
    assert all(5 <= lesson.minutes <= 10 for lesson in lessons().values())
    numbers = [int(path.name[:2]) for path in sorted(FOLDER.glob("*.toml"))]
    assert all(second == first + 1 for first, second in pairwise(numbers))


def test_an_untrained_network_shows_less_than_the_trained_one():
    agreed = 0
    for lesson, number in STEPS:
        step = lesson.steps[number]
        try:
            outcome = reading.find_out(reading.of_lesson(step), step, "untrained")
        except ValueError:
            continue
        agreed += step.prediction.holds(outcome.value)
    assert agreed <= len(STEPS) // 2


BROKEN = {
    ("minutes = 7", "minutes = 0"): "minutes: expected a whole number from 1 to 60, got “0”.",
    ('model = "sst2-gru"', 'model = "sst2-grew"'): (
        "model: expected the key of a model, such as “sst2-gru”, got “sst2-grew”."
    ),
    ("[title]", "[titel]"): "titel: expected “title”, got “titel”.",
    ("to = 1.0", "to = -1.0"): "steps 2, predict.to: expected a number above 0, got -1.",
    ("close = 0.1", 'close = "near"'): "steps 2, predict.close: expected a number, got “near”.",
    ("below = -0.05", "below = 0.5"): (
        "expected rising bounds “below” in every option but the last"
    ),
    ("from {before} to {after}", "from {befor} to {after}"): (
        "expected in braces one of before, after, value, got “befor”"
    ),
    ('quantity = "reset_gate", token = "good"', 'quantity = "rest_gate", token = "good"'): (
        "steps 2, numbers.value.quantity: expected one of them, such as “reset_gate”, got “rest_gate”."
    ),
    ('measure = "move", token = "good" }', 'measure = "move" }'): (
        "steps 1, numbers.value: expected the field “token”, got none."
    ),
    ('measure = "move", token = "good" }', 'measure = "eval", code = "1" }'): "expected a measurement",
    ("expect = 1", "expect = 4"): "steps 1, predict.expect: expected a whole number from 1 to 3, got “4”.",
    ('{ hold = "reset_gate:0" }', '{ lesson = "x" }'): "expected a name of the address of Explore",
    ("own = true", 'own = "yes"'): "expected true or false, got “yes”.",
    ("[question]", "[question"): "this is not TOML",
}  # fmt: skip


@pytest.mark.parametrize(("change", "sentence"), BROKEN.items(), ids=[new for _, new in BROKEN])
def test_an_error_names_line_and_field_in_one_sentence(change: tuple[str, str], sentence: str):
    before, after = change
    assert before in GOOD
    with pytest.raises(LessonError) as error:
        read_lesson(GOOD.replace(before, after, 1), "x")
    assert sentence in str(error.value)
    line = GOOD[: GOOD.index(before)].count("\n") + 1
    assert str(error.value).startswith(f"Line {line}") or "rising bounds" in sentence
    assert "\n" not in str(error.value)


def test_the_line_that_an_error_names_is_the_line_of_the_field():
    text = GOOD.replace("below = -0.1", "below = true", 1)
    line = text[: text.index("below = true")].count("\n") + 1
    with pytest.raises(LessonError, match=f"Line {line}, steps 3, predict.options 1.below: expected a number"):
        read_lesson(text, "x")


@pytest.mark.parametrize("text", ["", "x", "[[", "a = " + "[" * 5000, "\x00", "minutes = 1e999", "steps = 3", "é = 1"])
def test_whatever_is_no_lesson_is_refused_with_a_sentence(text: str):
    with pytest.raises(LessonError):
        read_lesson(text, "x")


def test_a_file_of_any_size_is_refused_before_it_is_read():
    with pytest.raises(LessonError, match="at most 64,000 characters"):
        read_lesson("#" * 100_000, "x")


def test_every_measurement_is_described_and_its_fields_have_defaults_or_must_be_given():
    for name, one in MEASUREMENTS.items():
        assert re.fullmatch("[a-z-]+", name)
        assert one.says
        assert not one.combines or one.fields["of"].kind == "names"
