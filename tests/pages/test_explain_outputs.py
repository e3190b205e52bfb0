"""Every output, step by step, on the Explain page; and the sections that suit any trace, for kinds that are no text."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.test_explain_sections import open_section, words
from tests.pages.test_pages import MAIN


@pytest.mark.parametrize("key", ["pos-bilstm", "commands-bilstm", "dialogue-zh-bilstm", "shakespeare-lstm"])
def test_the_section_is_shown_for_every_kind_of_model_with_many_outputs(key: str) -> None:
    app = open_section("outputs", model=key, text="我想吃烤鸭" if "zh" in key else "play it again")
    shown = words(app)
    assert "Every output, token by token" in shown
    assert "integrated gradients" in shown


@pytest.mark.parametrize("text", ["a", "word " * 120, "<script>alert(1)</script> $x$ :red[no]"])
def test_odd_texts_are_answered_in_words(text: str) -> None:
    shown = words(open_section("outputs", model="pos-bilstm", text=text))
    assert "<script>" not in shown


@pytest.mark.parametrize("section", ["ledger", "health"])
@pytest.mark.parametrize("key", ["pos-bilstm", "shakespeare-lstm"])
def test_sections_that_suit_any_trace_open_for_other_kinds(section: str, key: str) -> None:
    assert words(open_section(section, model=key, text="play it again"))


@pytest.mark.parametrize("section", ["what-ifs", "attribution", "attention", "health", "probes", "attractors"])
def test_sections_are_offered_on_explore_and_drawn_where_asked_for(section: str) -> None:
    app = AppTest.from_file(MAIN, default_timeout=60)
    query = {"model": "sst2-gru-attention", "text": "superb but dull", "explain": section}
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    alone = words(open_section(section, model="sst2-gru-attention", text="superb but dull"))
    told = max(alone.split("\n"), key=len)
    assert told in words(app)


@pytest.mark.parametrize("key", ["splice-bigru", "spoken-digits-gru", "beijing-attention", "co2-gru"])
@pytest.mark.parametrize("section", ["outputs", "health", "ledger"])
def test_sections_open_for_sequences_that_are_no_text(key: str, section: str) -> None:
    app = AppTest.from_file(MAIN, default_timeout=90)
    app.switch_page("app_pages/explain.py")
    app.query_params["model"], app.query_params["section"] = key, section
    assert words(app.run())
