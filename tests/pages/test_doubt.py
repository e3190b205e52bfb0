"""Where there is no evidence there is no answer, on any page; and what is asked for and not here is said."""

import pytest

from tests.pages.test_compare import open_compare
from tests.pretrained.test_evidence import FOREIGN
from tests.support.pages import open_page, sentences
from viz.markdown import JOINER, escape

GERMAN, SAID = "Der Film ist gut und schön", "3 of these 6 words are not known to this model"


@pytest.mark.parametrize("key", FOREIGN)
def test_explore_gives_no_answer_and_says_why(key):
    text, sentence = next(iter(FOREIGN[key].items()))
    page = open_page(model=key, text=text)
    assert not page.exception
    assert escape(sentence) in sentences(page)
    says = [metric.value for metric in page.metric]
    assert says == ["No answer"] if key in ("sst2-gru", "splice-bigru") else "No answer" not in says


@pytest.mark.parametrize("page", ["app_pages/explain.py", "app_pages/compare.py"])
def test_other_pages_say_it_too(page):
    shown = open_page(model="sst2-gru", text=GERMAN).switch_page(page).run()
    assert not shown.exception
    assert SAID in sentences(shown)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [({"model": "nope"}, "There is no model named “nope”"),
     ({"models": "digits-attention,sst2-gru"}, "Only models of one task can be compared"),
     ({"models": "nope,sst2-gru"}, "There is no model named “nope”")],
)  # fmt: skip
def test_compare_says_of_every_model_that_is_not_here_what_is_wrong(query, sentence):
    page = open_compare(**query)
    assert not page.exception
    assert sentence in sentences(page)


@pytest.mark.parametrize("key", ["sst2-gru", "pos-bilstm", "c-code-lstm"])
def test_of_a_pasted_text_that_is_too_long_nothing_is_lost(key):
    text = "good film " * 1000
    page = open_page(model=key, text=text)
    boxes = [*page.text_input, *page.text_area]
    assert next(box.value for box in boxes if box.key == "text") == text
    assert key == "c-code-lstm" or "Only the first 4,000 characters are read" in sentences(page)


def test_what_markdown_would_make_something_of_is_parted_where_nobody_sees_it():
    typed = "see https://a.b, www.a.b, me@a.b :smile: a -> b -- c $x$ [y](z) :red[w]"
    found = escape(typed)
    assert found.replace(JOINER, "").replace("\\", "") == typed
    for made in ("://", "www.", "@a", ":smile", "->", "--", ":red"):
        assert made not in found.replace("\\", "")
