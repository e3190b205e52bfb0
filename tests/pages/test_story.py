"""A question about a story: two boxes, the known answer, and the model as it was while it learned."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core_models.trace import Site
from pretrained.checkpoints import FIRST, course_of, kept_steps, load_at
from pretrained.errors import ModelError
from pretrained.registry import every_recipe, load
from pretrained.tasks.classes.story_questions import EXAMPLES, NAMED
from pretrained.uploads.tables.table import Table
from tests.pages.test_compare import in_url, open_compare
from tests.pages.test_pages import open_page, sentences
from viz import learned, session
from viz.batch.source import in_one
from viz.kinds.story import looked_at, sentence_table, sentences_of
from viz.models import at_step, finished

KEY = "stories-gru-attention"
QUESTION, STORY, BOTH = "text-question", "text-story", "Where is Ben? Ben went to the attic. Anna ran to the office."
WITH_COURSE = [key for key in every_recipe() if course_of(key)]


def test_question_and_story_have_a_box_each_and_the_address_holds_both():
    page = open_page(model=KEY, text=BOTH)
    assert not page.exception
    assert page.text_input(key=QUESTION).value == "Where is Ben?"
    assert page.text_area(key=STORY).value == "Ben went to the attic. Anna ran to the office."
    page.text_input(key=QUESTION).set_value("where is Anna").run()
    assert not page.exception
    assert in_url(page, "text") == "where is Anna? Ben went to the attic. Anna ran to the office."
    assert "**Known answer: office**" in sentences(page)
    page.text_area(key=STORY).set_value("Anna went to the garden.").run()
    assert "**Known answer: garden**" in sentences(page)


def test_an_example_fills_both_boxes():
    page = open_page(model=KEY)
    parts = NAMED.divide(EXAMPLES[0].text)
    assert page.text_input(key=QUESTION).value == parts["question"]
    assert page.text_area(key=STORY).value == parts["story"]


def test_a_story_without_a_question_is_answered_with_what_to_type():
    page = open_page(model=KEY, text="Anna went to the garden.")
    assert "no question yet" in page.info[0].value
    assert not page.exception


def test_a_story_that_does_not_tell_has_no_known_answer():
    page = open_page(model=KEY, text="Where is Clara? Anna went to the garden.")
    assert "The story does not tell" in sentences(page)
    assert "Known answer" not in sentences(page)


def test_what_is_locked_stays_as_it_is_in_both_boxes():
    page = open_page(model=KEY, text=BOTH, lock="text")
    assert page.text_input(key=QUESTION).disabled
    assert page.text_area(key=STORY).disabled


def test_two_stories_are_compared_in_four_boxes():
    page = open_compare(model=KEY, text=BOTH, second="Where is Ben? Ben ran to the office.", mode="inputs")
    assert not page.exception
    assert page.text_area(key="second-story").value == "Ben ran to the office."


def test_a_table_with_a_column_for_each_input_is_read_row_by_row():
    frame = pd.DataFrame({"story": ["Anna ran to the attic."], "gold": ["attic"], "question": ["Where is Anna?"]})
    found = in_one(load(KEY).task, Table(frame)).frame
    assert list(found) == ["gold", "question + story"]
    assert list(found["question + story"]) == ["Where is Anna? Anna ran to the attic."]
    assert list(in_one(load("sst2-gru").task, Table(frame)).frame) == list(frame)
    assert list(in_one(load(KEY).task, Table(frame.filter(["story", "gold"]))).frame) == ["story", "gold"]


def test_attention_on_sentences_is_the_sum_over_their_words():
    trace = session.traced(KEY, BOTH)[1]
    table = sentence_table(trace)
    assert [len(part) for part in sentences_of(trace)] == [6, 6]
    assert list(table["needed"]) == [False, True, False]
    np.testing.assert_allclose(table["attention"].sum(), 1.0, atol=1e-5)
    np.testing.assert_allclose(table["attention"][1], looked_at(trace)[4:10].sum(), atol=1e-6)


def test_the_kept_steps_begin_before_training_and_end_with_it():
    assert kept_steps(1000, 6) == (0, FIRST, 32, 100, 316, 1000)
    assert kept_steps(1000, 0) == ()
    assert kept_steps(4, 6) == (0, 4)


@pytest.mark.parametrize("key", WITH_COURSE)
def test_the_last_checkpoint_is_the_model_itself_and_the_first_is_another(key: str):
    course, model = course_of(key), load(key)
    assert course is not None
    assert len(course.losses) == course.steps[-1]
    first, last = load_at(key, 0), load_at(key, course.steps[-1])
    assert all((last.network.state_dict()[name] == value).all() for name, value in model.network.state_dict().items())
    assert any((first.network.state_dict()[name] != value).any() for name, value in model.network.state_dict().items())
    with pytest.raises(KeyError, match="a step that was kept"):
        load_at(key, 7)
    assert finished(at_step(key, 0, course)) == at_step(key, course.steps[-1], course) == key


def test_one_slider_moves_every_figure_of_the_page_and_stands_in_the_address():
    course = course_of(KEY)
    assert course is not None
    steps = course.steps
    page = open_page(model=KEY, text=BOTH, trained=str(steps[3]))
    assert not page.exception
    assert page.select_slider(key="trained").value == str(steps[3])
    assert f"after {steps[3]} steps of training" in sentences(page)
    early = page.metric[0].value, page.metric[0].label
    page.select_slider(key="trained").set_value(str(steps[-1])).run()
    assert not page.exception
    assert in_url(page, "trained") == str(steps[-1])
    assert (page.metric[0].value, page.metric[0].label) != early
    states = [session.traced(name, BOTH)[1].array(Site("rnn"), "hidden_state") for name in (KEY, f"{KEY}@{steps[3]}")]
    assert np.abs(states[0] - states[1]).max() > 0.01


def test_a_step_that_was_not_kept_shows_the_finished_model():
    page = open_page(model=KEY, text=BOTH, trained="7")
    assert not page.exception
    assert "The whole page shows the model after" not in sentences(page)


def test_a_damaged_file_of_checkpoints_is_named_and_the_finished_model_is_shown(monkeypatch: pytest.MonkeyPatch):
    def damaged(key: str):
        raise ModelError("The file of the checkpoints is damaged.")

    monkeypatch.setattr(learned, "course_of", damaged)
    page = open_page(model=KEY, text=BOTH)
    assert "checkpoints is damaged" in page.error[0].value
    assert "**Known answer: attic**" in sentences(page)


def test_a_page_that_ends_with_a_sentence_gives_way_to_the_next_address():
    page = open_page(model="stories-gru-attention", text="Anna went to the garden.")
    assert not page.exception
    assert "There is no question yet" in page.info[0].value
    assert page.query_params["text"] == "Anna went to the garden."
    page.query_params["model"], page.query_params["text"] = "sst2-gru", "a good film"
    page.run()
    assert page.text_input(key="text").value == "a good film"
    assert page.metric


def test_boxes_for_a_question_and_a_story_open_on_an_example_after_a_text_of_another_kind():
    page = open_page(model="sst2-gru", text="a good film")
    page.query_params.clear()
    page.query_params["model"] = "stories-gru-attention"
    page.run()
    assert not page.exception
    assert page.text_input(key="text-question").value == "Where is the key?"
    assert not page.info
