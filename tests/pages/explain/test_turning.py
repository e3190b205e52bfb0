"""What would turn the answer, on the page: what is listed, chosen, and opened on Compare."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from streamlit.testing.v1 import AppTest

from tests.pages.explain.test_every_kind import open_section
from tests.support.pages import sentences
from viz.explain.pairs import DRAWER
from viz.explain.turning import FOUND, SHOWN
from viz.session import model

TEXT = "I expected a bad film, but it is wonderful"


def links(page: AppTest) -> list[dict[str, str]]:
    """What the address of the Compare page would hold behind each link to it."""
    found = [element.proto for element in page.main if element.type == "page_link"]
    found = found or [node.proto for node in page.get("page_link")]
    asked = [proto.query_string for proto in found if "compare" in proto.page]
    return [{name: values[0] for name, values in parse_qs(urlsplit(f"?{query}").query).items()} for query in asked]


def test_each_change_that_turns_the_answer_opens_on_compare():
    page = open_section("turning", "sst2-gru-attention", text=TEXT)
    assert not page.exception
    assert "**One change** is enough" in sentences(page)
    found = [query for query in links(page) if query.get("mode") == "inputs"]
    assert 0 < len(found) <= 12
    reader = model("sst2-gru-attention")
    first, *others = reader.predict([reader.encode(text) for text in (TEXT, *(query["second"] for query in found))])
    assert {query["text"] for query in found} == {TEXT}
    assert all(other.argmax() != first.argmax() for other in others)


def test_one_kind_of_change_is_listed_alone():
    page = open_section("turning", "sst2-gru-attention", text=TEXT, change="delete")
    assert not page.exception
    assert page.segmented_control(key="change").value == "delete"
    assert 0 < len([query for query in links(page) if query.get("mode") == "inputs"]) <= SHOWN
    assert "left out" in sentences(page)


def test_a_label_of_a_token_is_turned_by_other_tokens():
    page = open_section("turning", "pos-bilstm", text="the old dog barks loudly", output="3")
    assert not page.exception
    search = page.session_state[FOUND._kept.name][1]
    assert search.begun.step == 3
    assert search.tried > 0


def test_pairs_that_differ_in_one_word_are_scored_for_the_model():
    page = open_section("turning", "sst2-gru-attention", text=TEXT)
    page.session_state[DRAWER] = True
    page = page.run()
    assert not page.exception
    table = page.dataframe[0].value
    assert len(table) == 3
    assert table.iloc[:, 3].between(0, 1).all()
