"""The inputs of one session: kept, bounded, pinned, opened again, and side by side by the kind of their tokens."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from pretrained.analysis.token_kinds import TAGGER, kinds_of
from pretrained.registry import load
from pretrained.task import Given
from tests.support.pages import MAIN, open_page, sentences
from viz import history, session
from viz.compare.history import PINS, RECEIVED, tabulate
from viz.history import Entry


def explore(page: AppTest | None, **query: str) -> AppTest:
    page = page or AppTest.from_file(MAIN, default_timeout=60)
    for name, value in query.items():
        page.query_params[name] = value
    return page.run()


def opened(page: AppTest) -> list[Entry]:
    return page.session_state[history.OPENED.name]


def compare(page: AppTest) -> AppTest:
    page = page.switch_page("app_pages/compare.py")
    page.query_params["mode"] = "history"
    return page.run()


def test_what_was_opened_is_listed_with_its_answer_the_last_first():
    page = explore(None, model="sst2-gru-attention", text="a superb film")
    page.session_state[history.OPENED.name][0] = replace(opened(page)[0], time=0.0)
    page.text_input(key="text").set_value("nothing but boredom from here on").run()
    page = compare(page)
    assert not page.exception
    rows = page.dataframe[0].value
    assert rows["input"].iloc[1] == "a superb film"
    assert rows["input"].iloc[0] == "nothing but boredom from here on"
    assert "negative" in rows["answer"].iloc[0]


def test_a_text_that_is_being_typed_is_kept_once():
    page = explore(None, model="sst2-gru-attention", text="the story is d")
    for text in ("the story is du", "the story is dul", "the story is dull"):
        page.text_input(key="text").set_value(text).run()
    assert [entry.text for entry in opened(page)] == ["the story is dull"]


def test_what_is_kept_is_bounded_and_what_is_pinned_stays(monkeypatch: pytest.MonkeyPatch):
    state: dict[str, object] = {}
    monkeypatch.setattr("viz.kept.st.session_state", state)
    monkeypatch.setattr(history, "PAUSE", 0.0)
    model = load("sst2-gru")
    for number in range(history.MOST + 8):
        text = f"{number} films"
        encoded = model.encode(text)
        history.record((model, Given(text), encoded, model.trace(encoded)))
        if number == 2:
            history.PINNED.put([history.opened()[0].key])
    texts = [entry.text for entry in history.opened()]
    assert len(texts) == history.MOST
    assert texts[0] == f"{history.MOST + 7} films"
    assert "2 films" in texts
    assert "1 films" not in texts


def test_pinned_inputs_stand_side_by_side():
    page = explore(None, model="sst2-gru-attention", text="a superb film with a dull end")
    page.session_state[history.OPENED.name][0] = replace(opened(page)[0], time=0.0)
    page.text_input(key="text").set_value("not one good joke in two long hours").run()
    page = compare(page)
    keys = [entry.key for entry in opened(page)][:2]
    page = page.multiselect(key=PINS).set_value(keys).run()
    assert not page.exception
    assert "by kind of token" in sentences(page)
    page = page.selectbox(key="quantity").set_value(RECEIVED).run()
    assert not page.exception
    assert page.session_state[history.PINNED.name] == keys


def test_attention_by_part_of_speech_is_all_of_it():
    entry = Entry("sst2-gru-attention", "the old dog was a quiet joy", "", 0.0)
    found = tabulate([(entry, *session.traced(entry.model, entry.text))], RECEIVED)
    assert float(found["mean"].to_numpy().sum()) == pytest.approx(1.0, abs=1e-5)
    assert {"noun", "determiner"} <= set(found["kind"])
    assert int(found["tokens"].to_numpy().sum()) == 7


def test_tokens_are_told_apart_by_what_they_are():
    reader = load("shakespeare-gru")
    assert kinds_of(reader.encode("a b(1).")) == ["start", "vowel", "blank", "consonant", "bracket", "digit", "bracket",
                                                  "sign"]  # fmt: skip
    words = load("sst2-gru").encode("she reads a book")
    assert kinds_of(words, load(TAGGER)) == ["pronoun", "verb", "determiner", "noun"]


def test_both_inputs_of_a_comparison_stand_in_the_list_and_are_answered_once(monkeypatch):
    page = open_page("compare", mode="inputs", model="sst2-gru", text="a good film", second="a dull story")
    assert not page.exception
    kept = opened(page)
    assert [entry.text for entry in kept] == ["a good film", "a dull story"]
    answered = list[str]()
    monkeypatch.setattr(history, "answer_in_brief", lambda *_: answered.append("") or "")
    page.run()
    assert opened(page) == kept
    assert not answered


def test_what_a_model_said_while_it_learned_is_no_input_of_the_session():
    page = open_page(model="stories-gru-attention", trained="116")
    assert not page.exception
    assert history.OPENED.name not in page.session_state
