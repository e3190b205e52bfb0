"""What a visitor pastes, opens or says is seen by nobody else, and nobody else decides what its owner sees."""

from __future__ import annotations

from urllib.parse import parse_qs

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import TextArea, TextInput

from pretrained.tasks.classes.spoken_digits import ELSEWHERE, EXAMPLES, RECORDINGS
from tests.pages.given.test_open_file import give
from tests.support.pages import open_page, sentences
from viz import session
from viz.inputs import LONGEST_IN_URL
from viz.kinds.long.text import OPEN
from viz.markdown import escape
from viz.params.stand_ins import TEXTS

MODEL = "shakespeare-gru"
SECRET = "My neighbour keeps the key below the third stone.\n" * 90
TIDES = pd.DataFrame({"date": pd.date_range("2020-01-01", periods=100), "tide": np.arange(100) % 11}).to_csv(
    index=False
)


def paste(page: AppTest, text: str) -> AppTest:
    page.text_area(key="text").set_value(text).run()
    assert not page.exception
    return page


def opened(**query: str) -> AppTest:
    """The page at the tab whose link to Generate holds what the network has read."""
    return open_page(model=MODEL, tab="answer", **query)


def read_text(page: AppTest) -> str:
    """The text that the network on the page has read."""
    queries = [parse_qs(link.proto.query_string) for link in page.get("page_link")]
    asked = next(query["text"][0] for query in queries if "text" in query)
    return page.session_state[TEXTS.name].get(asked, asked) if TEXTS.name in page.session_state else asked


def names_of(page: AppTest) -> list[str]:
    """Every name under which a page's long text can be thought to be kept."""
    part = page.session_state[OPEN.name]
    return [str(page.query_params["text"]), part.name, f"{part.name}@{part.begin}"]


def owner() -> AppTest:
    assert len(SECRET) > LONGEST_IN_URL
    return paste(opened(), SECRET)


@pytest.mark.parametrize("place", range(3))
def test_who_types_the_name_of_another_s_text_reads_the_name(place: int) -> None:
    name = names_of(owner())[place]
    assert read_text(paste(opened(), name)) == name


@pytest.mark.parametrize("place", range(3))
def test_who_types_the_name_of_a_text_does_not_change_what_its_owner_sees(place: int) -> None:
    page = owner()
    session.traced.clear()
    paste(opened(), names_of(page)[place])
    assert read_text(page.run()) == SECRET[:400]


def test_names_of_the_same_text_differ_from_visitor_to_visitor() -> None:
    assert set(names_of(owner())).isdisjoint(names_of(owner()))


def test_the_address_of_a_long_text_asks_another_visitor_to_paste_it() -> None:
    other = opened(text=names_of(owner())[0])
    assert "was never stored: paste it again" in sentences(other)
    assert "third stone" not in read_text(other)


def test_the_address_of_a_long_text_leads_its_owner_back_to_it() -> None:
    page = owner()
    name = str(page.query_params["text"])
    paste(page, "Short.")
    page.query_params["text"] = name
    assert page.run().text_area(key="text").value == SECRET


@pytest.mark.parametrize("key", [MODEL, "sst2-gru"])
def test_a_name_that_is_typed_is_a_text_in_the_address_too(key: str) -> None:
    name, page = "long-text-0123456789abcdef", open_page(model=key)

    def box() -> TextArea | TextInput:
        return page.text_area(key="text") if key == MODEL else page.text_input(key="text")

    box().set_value(name).run()
    assert box().value == name
    address = str(page.query_params["text"])
    box().set_value("another one").run()
    page.query_params["text"] = address
    page.run()
    assert box().value == name
    assert "paste it again" not in sentences(page)


def test_a_short_text_that_equals_a_part_of_another_s_is_read_from_its_own_beginning() -> None:
    page = owner()
    page.button(key="part-next").click().run()
    part = read_text(page)
    expected = opened(text=part).metric[0].value
    page.run()
    other = opened(text=part)
    assert not other.exception
    assert other.metric[0].value == expected


def test_the_outputs_of_a_typed_name_are_those_of_its_own_letters() -> None:
    page = paste(open_page(model=MODEL, tab="explain", explain="what-ifs"), SECRET)
    page.button(key="part-next").click().run()
    name = names_of(page)[2]
    other = paste(open_page(model=MODEL, tab="explain", explain="what-ifs"), name)
    assert len(other.selectbox(key="output").options) == len(name) + 1  # its letters, and what comes next


def test_a_part_of_a_long_text_goes_along_to_the_page_of_explanations() -> None:
    page = owner()
    page.button(key="part-next").click().run()
    part = read_text(page)
    page.segmented_control(key="tab").set_value("explain").run()
    queries = [parse_qs(link.proto.query_string) for link in page.get("page_link")]
    query = next(query for query in queries if "from" in query)
    page.switch_page("app_pages/explain.py")
    page.query_params["section"] = "what-ifs"
    for name, values in query.items():
        page.query_params[name] = values[0]
    page.run()
    assert not page.exception
    assert page.text_area(key="text").value == SECRET
    assert page.session_state[OPEN.name].begin == int(query["from"][0])
    assert part == SECRET[int(query["from"][0]) - 1 :][:400]


def test_the_name_of_a_file_is_not_told_to_another_who_opens_the_same_bytes() -> None:
    first = give(open_page(model="seattle-gru"), "salary-of-anna.csv", TIDES.encode())
    assert "salary-of-anna" in str(first.selectbox(key="text").options)
    second = give(open_page(model="seattle-gru"), "tides.csv", TIDES.encode())
    assert "tides.csv" in str(second.selectbox(key="text").options)
    assert "anna" not in str(second.selectbox(key="text").options) + sentences(second)
    assert first.query_params["text"] != second.query_params["text"]
    other = open_page(model="seattle-gru", text=str(first.query_params["text"]), end=str(first.query_params["end"]))
    assert "The link points to a file on somebody's computer" in sentences(other)
    assert "anna" not in str(other.selectbox(key="text").options) + sentences(other)


def test_the_name_of_a_sound_is_the_visitor_s_own() -> None:
    content = (RECORDINGS / f"{EXAMPLES[6].text}.flac").read_bytes()
    first, second = (give(open_page(model="spoken-digits-gru"), "five.flac", content) for _ in range(2))
    assert first.query_params["text"] != second.query_params["text"]
    for page in (second, open_page(model="spoken-digits-gru")):
        page.query_params["text"] = str(first.query_params["text"])
        assert page.run().info[0].value == escape(ELSEWHERE)


def _keep_many() -> None:
    from viz.params import stand_ins

    names = [stand_ins.name_of(f"text {number}") for number in range(3 * stand_ins.KEPT)]
    assert [name for name in names if stand_ins.text_of(name)] == names[-stand_ins.KEPT :]
    assert stand_ins.name_of(f"text {3 * stand_ins.KEPT - 1}") == names[-1]


def test_a_session_keeps_the_newest_texts_alone() -> None:
    assert not AppTest.from_function(_keep_many).run().exception
