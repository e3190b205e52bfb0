"""The reading aids of the Explain page, as a visitor meets them."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.pages import open_page, sentences

SENTENCE = "the acting is superb but the story is dull"


def open_section(section: str, **query: str) -> AppTest:
    return open_page("explain", **{"text": SENTENCE, "section": section} | query)


def words(app: AppTest) -> str:
    assert not app.exception
    return sentences(app).replace("\\", "")


def test_the_check_up_names_unknown_words_and_points_at_them() -> None:
    shown = words(open_section("health", text="blorp zorg is great", model="sst2-gru"))
    assert " checks, " in shown
    assert "Unknown words" in shown
    assert "“blorp”" in shown


def test_probes_are_shown_with_their_controls() -> None:
    shown = words(open_section("probes", model="sst2-gru", property="praise")).replace("\\", "")
    assert "control task" in shown
    assert "On your input: last opinion was good" in shown


def test_fixed_points_are_found_for_the_person_s_own_text() -> None:
    app = open_section("attractors", model="sst2-rnn")
    assert "One attractor was found, where the readout says" in words(app)
    assert len(app.dataframe[0].value) >= 1


def test_the_flip_flop_shows_its_eight_memories() -> None:
    assert "**8 attractors**" in words(open_section("attractors", rest="flip-flop"))


def test_a_network_that_looks_back_has_no_fixed_points_to_show() -> None:
    app = open_section("attractors", model="sst2-gru-attention-inside")
    assert not app.exception
    assert "Fixed points" not in app.segmented_control(key="section").options


@pytest.mark.parametrize("section", ["health", "probes", "attractors"])
def test_hostile_text_is_shown_as_typed(section: str) -> None:
    app = open_section(section, model="sst2-rnn", text="<b>$x$</b> **bold** :red[no] <script>alert(1)</script>")
    assert "<script>" not in words(app)


@pytest.mark.parametrize("query", [{"section": "nowhere"}, {"held": "99"}, {"point": "77"}, {"property": "x"}])
def test_a_choice_that_does_not_exist_falls_back(query: dict[str, str]) -> None:
    section = query.get("section", "attractors" if {"held", "point"} & set(query) else "probes")
    rest = {name: value for name, value in query.items() if name != "section"}
    assert words(open_section(section, model="sst2-rnn", **rest))


@pytest.mark.parametrize("section", ["health", "probes", "attractors"])
def test_a_text_of_one_word_is_enough(section: str) -> None:
    assert words(open_section(section, model="sst2-rnn", text="good"))
