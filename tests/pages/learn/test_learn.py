"""A lesson is worked through on the page: read, predict, see what the network says, and hold it against others."""

from functools import partial
from itertools import cycle

import pytest
from streamlit.testing.v1 import AppTest

from tests.support import pages
from tests.support.pages import sentences
from viz.learn import reading
from viz.learn.curve.step import measured
from viz.learn.ending import comparable
from viz.learn.shipped import lessons
from viz.markdown import escape

open_page = partial(pages.open_page, "learn")


def predict(page: AppTest, number: int = 0) -> AppTest:
    """Choose an option, draw a flat line, or move the slider, and ask for the answer."""
    if page.slider and str(page.slider[0].key).startswith("guess"):
        assert page.button(key="lesson-show").disabled
        page = page.slider[0].set_value(page.slider[0].min).run()
    if page.button(key="lesson-show").disabled and not page.radio:
        page = draw(page)
    if page.radio:
        page = page.radio[0].set_value(number).run()
    return page.button(key="lesson-show").click().run()


def draw(page: AppTest) -> AppTest:
    """Draw a flat line where the step asks for a curve: a test has no browser that would send one."""
    key, number = (page.query_params[name] for name in ("lesson", "step"))
    key, number = (value[0] if isinstance(value, list) else value for value in (key, number))
    step = lessons()[key].steps[int(number) - 1]
    curve = measured(step, reading.of_lesson(step))
    page.session_state[f"guess-{key}-{number}"] = (0.5,) * len(curve)
    return page.run()


def go_on(page: AppTest) -> AppTest:
    return page.button(key="lesson-next").click().run()


@pytest.mark.parametrize(("language", "heading"), [("en", "Learn by predicting"), ("zh", "先预测，再看结果")])
def test_the_list_names_every_lesson_in_the_language_of_the_address(language: str, heading: str):
    page = open_page(lang=language)
    assert not page.exception
    assert heading in sentences(page)
    for lesson in lessons().values():
        assert escape(lesson.title[language]) in sentences(page)


@pytest.mark.parametrize(("key", "language"), list(zip(lessons(), cycle(["en", "zh"]))))
def test_every_step_of_every_lesson_is_answered_and_ends_with_other_networks(key: str, language: str):
    lesson, page = lessons()[key], open_page(lesson=key, lang=language)
    for _ in lesson.steps:
        assert not page.success
        page = predict(page)
        assert not page.exception
        assert not page.error
        assert page.success or page.info
        page = go_on(page)
    if comparable(lesson.steps):
        page = predict(page)
    assert not page.exception
    assert len(page.table[0].value) == len(lesson.steps)
    assert list(page.table[0].value.columns)[1] == {"en": "untrained", "zh": "未训练"}[language]


def test_a_right_prediction_is_told_from_a_wrong_one():
    right = predict(open_page(lesson="reset-gate", step="3"), 2)
    assert "As you predicted: **It rises**" in right.success[0].value
    wrong = predict(open_page(lesson="reset-gate", step="3"), 0)
    assert "You said “It falls”. The network says: **It rises**" in wrong.info[0].value


@pytest.mark.parametrize(("away", "said"), [(0.0, "agrees with the network’s by **100%**"), (0.3, "by **0%**")])
def test_a_curve_that_was_drawn_is_held_against_the_network_s(away: float, said: str):
    page = open_page(lesson="good-not-good", step="1", lang="en")
    assert page.button(key="lesson-show").disabled
    step = lessons()["good-not-good"].steps[0]
    curve = measured(step, reading.of_lesson(step))
    page.session_state["guess-good-not-good-1"] = tuple(value + away for value in curve)
    page = page.run().button(key="lesson-show").click().run()
    assert not page.exception
    assert said in (page.success if away == 0.0 else page.info)[0].value
    assert "Your curve and the network’s" in sentences(page)


def test_the_answer_holds_the_gate_in_the_figure_below():
    page = open_page(lesson="reset-gate", step="3", lang="en")
    assert not [control for control in page.get("button_group") if control.key == "hold"]
    page = predict(page)
    assert page.selectbox(key="hold").value == "reset_gate:0"
    assert "With every reset gate" in sentences(page)


def test_an_input_of_one_s_own_is_measured_in_its_place():
    page = open_page(lesson="reset-gate", step="4", lang="en")
    assert not page.text_input
    page = predict(page, 1)
    assert "As you predicted" in page.success[0].value
    page = page.text_input(key="text").set_value("this is not a good film").run()
    assert "It rises" in page.info[0].value
    assert "On your input something else comes out" in sentences(page)


def test_an_empty_input_of_one_s_own_is_answered_with_what_to_do():
    page = predict(open_page(lesson="reset-gate", step="4"), 1)
    page = page.text_input(key="text").set_value(" ").run()
    assert not page.exception
    assert "type a sentence" in sentences(page)
    assert page.button(key="lesson-next")


def test_a_step_that_was_answered_is_still_answered_when_one_comes_back():
    page = go_on(predict(open_page(lesson="order"), 2))
    page = page.button(key="lesson-back").click().run()
    assert "It rises" in page.success[0].value
    page = page.button(key="lesson-again").click().run()
    assert not page.success
    assert page.button(key="lesson-show")


@pytest.mark.parametrize("query", [
    {"lesson": "<b>x</b>"}, {"lesson": "order", "step": "99"}, {"lesson": "order", "step": "x"}, {"lang": "tlh"},
    {"lesson": "order", "tab": "nowhere"}, {"lesson": "order", "model": "none"}, {"lesson": "reset-gate", "hold": "x"},
])  # fmt: skip
def test_whatever_the_address_holds_is_answered_with_a_page(query: dict[str, str]):
    page = open_page(**query)
    assert not page.exception
    assert "<b>" not in sentences(page)
