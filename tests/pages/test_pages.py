"""Every model opens on every page, and whatever the box or the URL holds is answered with a picture or a sentence."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core_models.vocabulary import VOCABULARY, Kind
from pretrained.analysis.seeds import attends
from pretrained.registry import every_recipe, recipes, task_of
from pretrained.tasks.classes.sentiment import EXAMPLES
from tests.support.pages import open_page, sentences, widget
from tests.support.shapes import one_of_each
from viz.glossary.page import slug
from viz.inputs import MENU

PAGES = ("app_pages/explore.py", "app_pages/glossary.py", "app_pages/memory.py", "app_pages/compare.py")
SHAPES = one_of_each("sentiment", "cell", "nonlinearity", "layers", "bidirectional", "attention", "readout")


def choose_model(page: AppTest, key: str) -> AppTest:
    """As a person does: first what the model does, then which one."""
    purpose, group = widget(page, "segmented_control", "purpose"), task_of(every_recipe()[key]).group
    if purpose.value != group:
        page = purpose.set_value(group).run()
    picker = widget(page, "selectbox", "model")
    return page if picker.value == key else picker.select(key).run()


def use_example(page: AppTest, title: str) -> AppTest:
    """The example of this name, in the menu."""
    page.session_state[MENU] = True
    return page.run().pills(key="example").set_value(title).run()


@pytest.mark.parametrize("file", PAGES[1:])
@pytest.mark.parametrize("key", ["sst2-gru-attention", "sst2-bilstm"])
def test_a_model_goes_along_to_every_page(key, file):
    page = open_page(model=key).switch_page(file).run()
    assert not page.exception
    assert not page.error


@pytest.mark.parametrize("key", SHAPES)
def test_every_model_shows_every_view_that_suits_it(key):
    page = open_page(model=key)
    assert not page.exception
    assert not page.error
    assert page.metric[0].label == f"{recipes('sentiment')[key].title} says"
    assert page.segmented_control(key="tab").value == "cell"
    page = page.segmented_control(key="tab").set_value("gates").run()
    assert ("In this" in sentences(page)) == (not key.startswith("sst2-rnn"))
    looks = attends(recipes("sentiment")[key].architecture)
    assert any("Attention" in option for option in page.segmented_control(key="tab").options) == looks
    if looks:
        assert "Every row sums to 1" in sentences(page.segmented_control(key="tab").set_value("attention").run())


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_an_example_is_one_click_away(example):
    page = use_example(open_page(), example.title)
    assert page.text_input(key="text").value == example.text
    assert not page.exception


WRITERS = list(recipes("write"))


@pytest.mark.parametrize("key", WRITERS)
def test_every_language_model_opens_on_explore_with_its_own_picture(key):
    page = open_page(model=key)
    assert not page.exception
    assert not page.error
    assert page.selectbox(key="model").value == key
    assert page.metric[0].label == f"{recipes('write')[key].title} expects"
    assert "The more orange a character" in sentences(page)
    said = sentences(page.segmented_control(key="tab").set_value("answer").run())
    assert "Surprise, and what is expected next" in said
    assert not page.exception
    assert "In this" in sentences(page.segmented_control(key="tab").set_value("gates").run())


@pytest.mark.parametrize("file", PAGES[1:])
def test_a_language_model_in_the_url_of_another_page_is_answered_with_a_sentence(file):
    page = open_page(model=WRITERS[0], text="Ay").switch_page(file).run()
    assert not page.exception
    assert not page.error


def test_another_task_brings_its_own_example_and_leaves_what_was_typed():
    page = open_page(model="sst2-gru")
    choose_model(page, WRITERS[0])
    assert str(page.text_area(key="text").value).startswith("ROMEO:")
    page.text_area(key="text").set_value("Thou knave!").run()
    choose_model(page, "sst2-gru")
    assert page.text_input(key="text").value == "Thou knave!"
    assert not page.exception


NUMBERS = (
    "next_token-0-forward.candidate_probability.3.1",
    "next_token-0-forward.chosen_probability.0.0",
    "next_token-0-forward.entropy.1.0",
    "rnn-0-forward.hidden_state.2.7",
)


@pytest.mark.parametrize("at", NUMBERS)
def test_the_arithmetic_of_a_language_model_s_number_shows_the_number_in_the_trace(at):
    page = open_page(model=WRITERS[0], at=at)
    assert not page.exception
    assert "In the trace" in sentences(page)


@pytest.mark.parametrize("text", ["🙂\x07é", "<script>alert(1)</script>", "a" * 3000, "\n\n\n", "床前明月光"])
def test_any_text_is_read_by_a_language_model_without_a_traceback(text):
    page = open_page(model=WRITERS[0], text=text)
    assert not page.exception
    assert not page.error
    assert page.metric or "There is nothing to read yet" in page.info[0].value


HOSTILE: dict[str, str] = {
    "one token": "boring",
    "ten thousand words": "good " * 10_000,
    "emoji": "🙂 👩‍👩‍👧 a good film 🏳️‍🌈",
    "right to left": "פרובה של טקסט good النص",
    "combining": "Z̷̢̛a͂lgo e\u0301\u0301\u0301 good",
    "control": "a\x00b\x07 good \x1b[31m film",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)> good",
    "markdown": "# good **bold** [link](javascript:alert(1)) `code` | a | b |",
    "latex": r"$\frac{1}{0}$ \input{/etc/passwd} good $$",
    "directives": ":red[good] :material/search: {x}",
    "one long word": "x" * 5000,
    "a megabyte": "word " * 200_000,
    "line breaks": "good\n\nfilm\r\nbad",
}


MIXED = {
    "all that are short": " ".join(text for text in HOSTILE.values() if len(text) < 100),
    "ten thousand words": HOSTILE["ten thousand words"],
}
"""The same in few texts, for the other pages and sections that read what Explore reads."""


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_any_text_is_answered_without_a_traceback(text):
    page = open_page(text=text)
    assert not page.exception
    assert not page.error
    assert page.metric


@pytest.mark.parametrize("text", [" ", "   ", "\u3000"])
def test_an_empty_text_says_what_to_do_and_keeps_the_page(text):
    page = open_page()
    page.text_input(key="text").set_value(text).run()
    assert not page.exception
    assert "type a sentence, or pick an example" in page.info[0].value
    assert page.selectbox(key="model").value == "sst2-gru-attention"


def test_a_long_text_is_cut_with_a_notice():
    page = open_page(text="good film " * 300)
    assert "Only the first 256 of 600 tokens are read" in page.info[0].value


@pytest.mark.parametrize("file", ["explore", "explain"])
def test_a_notice_about_a_conversion_bears_no_scissors(file):
    text = task_of(every_recipe()["splice-bigru"]).examples[0].text.replace("T", "U")
    page = open_page(file, model="splice-bigru", text=text)
    assert {(one.value, one.icon) for one in page.info} == {("U, as in RNA, is read as T\\.", ":material/info:")}


def test_one_token_is_spoken_of_as_one():
    assert "Press play to see the matrix grow" not in sentences(
        open_page(model="sst2-gru-attention", text="good", tab="attention")
    )
    assert "Press play to see the matrix grow" in sentences(
        open_page(model="sst2-gru-attention", text="good film", tab="attention")
    )
    assert r"1 token\: adjective 1" in sentences(open_page(model="pos-bilstm", text="good"))
    assert r"2 tokens\: " in sentences(open_page(model="pos-bilstm", text="good film"))


def test_an_unknown_model_in_the_url_is_answered_with_a_sentence():
    page = open_page(model="<b>nonsense</b>")
    assert "There is no model named" in page.warning[0].value
    assert "<b>" not in page.warning[0].value.replace(r"\<b\>", "")
    assert page.metric


@pytest.mark.parametrize(
    "at",
    [
        "x", "....", "a.b.c.d", "rnn-0-forward.update_gate.900.1", "rnn-0-forward.update_gate.1.900",
        "rnn-9-forward.update_gate.1.1", "rnn-0-forward.sparkle.1.1", "rnn-0-forward.update_gate.-1.0",
        "rnn-0-forward.update_gate.1.x",
    ],
)  # fmt: skip
def test_a_broken_selection_in_the_url_is_answered_with_a_sentence(at):
    page = open_page(at=at)
    assert not page.exception
    assert "is not in this picture; click any cell" in page.warning[0].value


@pytest.mark.parametrize(
    "query",
    [{"order": "sideways"}, {"stage": "seven"}, {"space": "9"}, {"units": "999"}, {"layer": "x"}],
)
def test_broken_view_options_in_the_url_fall_back_to_the_usual_ones(query):
    page = open_page(**query)
    assert not page.exception
    assert page.metric


def test_the_url_restores_model_text_selection_and_options():
    page = open_page(
        model="sst2-lstm", text="a dull film", at="rnn-0-forward.forget_gate.1.7", order="timescale", tab="gates"
    )
    assert page.selectbox(key="model").value == "sst2-lstm"
    assert page.text_input(key="text").value == "a dull film"
    assert page.selectbox(key="order").value == "timescale"
    assert any(r"f_t[7]" in line.value for line in page.latex)


@pytest.mark.parametrize("key", one_of_each("sentiment", "cell", "nonlinearity"))
def test_the_arithmetic_of_a_selected_number_shows_the_number_in_the_trace(key):
    page = open_page(model=key, at="rnn-0-forward.hidden_state.3.5")
    assert not page.exception
    assert "In the trace" in sentences(page)


def test_a_damaged_model_is_answered_and_the_others_still_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    from pretrained import recipe
    from viz import session

    session.model.clear()
    session.traced.clear()
    monkeypatch.setattr(recipe, "WEIGHTS", tmp_path)
    page = open_page()
    assert not page.exception
    assert "are missing" in page.error[0].value
    monkeypatch.undo()
    choose_model(page, "sst2-gru")
    assert page.metric


def test_the_glossary_has_every_quantity_and_finds_by_words():
    page = open_page("glossary")
    parts = page.segmented_control(key="tab").options
    assert len(parts) == 1 + len({row.kind for row in VOCABULARY.values()})
    shown = [len(page.segmented_control(key="tab").set_value(slug(kind)).run().latex) for kind in Kind]
    assert sum(shown) == len(VOCABULARY)
    page.text_input(key="find").set_value("forget").run()
    assert 0 < len(page.latex) < len(VOCABULARY)
    assert not page.exception
    for word in ("GRU", "unit", "token", "backward", "pooling", "half-life"):
        said = sentences(page.text_input(key="find").set_value(word).run()).casefold()
        assert re.search(rf"\*\*[^*]*{word.casefold()}", said)
    page.text_input(key="find").set_value("zebra").run()
    assert not page.latex
    assert "clear the box" in page.info[0].value


def test_a_chosen_head_is_forgotten_where_there_is_one_head():
    page = open_page(model="sst2-gru-heads-4", head="2", at="attention-0-forward.attention_weights.3.1")
    assert "head 3" in sentences(page)
    choose_model(page, "sst2-gru-attention")
    assert not page.exception
    assert "In the trace" in sentences(page)


def test_a_typed_sentence_waits_while_a_model_of_numbers_is_looked_at():
    page = open_page(model="sst2-gru")
    page.text_input[0].set_value("my very own sentence").run()
    choose_model(page, "co2-gru")
    choose_model(page, "sst2-gru-seed-2")
    assert page.text_input[0].value == "my very own sentence"
    assert not page.exception


def test_a_text_that_is_too_long_for_another_model_is_cut_with_a_sentence():
    page = open_page(model="shakespeare-lstm")
    page.text_area[0].set_value("Kate. " * 900).run()
    choose_model(page, "sst2-gru-attention")
    assert not page.exception
    assert "the rest was left out" in sentences(page)
    assert len(page.query_params["text"]) <= 4000
