"""The tour of the first screen: gone through on any kind of input, and ended with the picture as it was."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.test_pages import open_page, sentences
from viz.explore.tour import STOPS

KINDS = ("sst2-gru-attention", "sst2-rnn", "pos-bilstm", "co2-gru", "spoken-digits-gru")


def is_held(page: AppTest) -> bool:
    """Whether the address holds a gate shut."""
    return ":0" in "".join(page.query_params.get("hold", ""))


@pytest.mark.parametrize("key", KINDS)
def test_a_tour_is_gone_through_and_ended_with_the_picture_as_it_was(key: str):
    page = open_page(model=key, tour="1")
    for number in range(1, len(STOPS) + 1):
        assert not page.exception
        assert f"**{number}/{len(STOPS)}**" in sentences(page)
        assert key in page.query_params["model"]
        assert is_held(page) == (number == 4 and key != "sst2-rnn")
        if number < len(STOPS):
            page.button(key="tour-next").click().run()
    assert "gates" in page.query_params["tab"]
    page.button(key="tour-back").click().run()
    page.button(key="tour-end").click().run()
    assert not {"tour", "cell-step"} & set(page.query_params)
    assert not is_held(page)
    assert "/5**" not in sentences(page)


def test_the_tour_names_the_word_at_which_the_answer_moves_most():
    page = open_page(model="sst2-gru", text="the plot is silly, but wonderful", tour="2")
    assert any(f"stands at “{word}”" in sentences(page) for word in ("silly", "wonderful"))


@pytest.mark.parametrize("number", ["0", "6", "x", "-1"])
def test_an_address_that_names_no_step_shows_no_tour(number: str):
    page = open_page(model="sst2-gru", tour=number)
    assert not page.exception
    assert "/5**" not in sentences(page)
