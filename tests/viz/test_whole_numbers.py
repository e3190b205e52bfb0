"""Whatever an address holds where a number belongs, the page gets a number that it can show."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pretrained.registry import load
from tests.pages.test_translate import DIGITS
from tests.support.pages import open_page
from viz.explain.edits.stack import address_of, read_entries
from viz.params.whole_numbers import nearest, whole
from viz.translate.answers import Request, answer, run_of

STRANGE = [
    "",
    "²",
    "٣",
    "03",
    "-1",
    "+1",
    " 3",
    "3\n",
    "1_0",
    "1.5",
    "1234abc",
    "1234.567",
    "1e3",
    "0x1",
    "9" * 10,
    "9" * 5000,
]
"""What stands in addresses that were cut, typed or made up."""

ANYTHING = (
    st.sampled_from(STRANGE)
    | st.text(max_size=12)
    | st.text(st.characters(categories=["Nd", "No", "Nl"]), max_size=12)
    | st.integers().map(str)
)


@given(ANYTHING, st.integers(0, 500), st.integers(1, 500), st.data())
def test_whatever_is_asked_for_the_answer_is_one_of_those_that_are_allowed(asked, first, count, data):
    allowed = range(first, first + count)
    default = data.draw(st.sampled_from(allowed))
    found = nearest(asked, allowed, default)
    assert found in allowed
    if re.fullmatch("[0-9]{1,9}", asked):
        assert abs(found - int(asked)) == min(abs(one - int(asked)) for one in (allowed[0], found, allowed[-1]))
        assert found == int(asked) or int(asked) not in allowed
    else:
        assert found == default


@given(st.integers(0, 999_999_999))
def test_a_number_in_plain_digits_is_that_number(number):
    assert whole(str(number)) == whole(number) == number


@pytest.mark.parametrize("asked", ["²", "٣", "-1", " 3", "1_0", "1.5", "1e3", "1234abc", "9" * 10, None, True])
def test_what_is_not_written_in_plain_digits_is_no_number(asked):
    assert whole(asked) is None


KINDS = (
    "attend:one",
    "attend:uniform",
    "attend:drawn",
    "begin",
    "compare",
    "delete",
    "token",
    "hold:encoder-0-forward",
)
PARTS = st.tuples(st.sampled_from(KINDS), st.lists(ANYTHING | st.sampled_from(["all", "update_gate", ""]), max_size=4))


@given(st.lists(PARTS.map(lambda part: ":".join((part[0], *part[1]))), max_size=6).map(";".join))
def test_any_what_ifs_in_an_address_can_be_done_and_stand_in_it_in_one_spelling(address):
    asked = Request("digits-attention", "reverse 2718", "1", "0")
    run = run_of(asked, *answer(asked))
    edits = tuple(entry.edit for entry in read_entries(address, run) if entry.edit is not None)
    again = address_of(edits)
    assert tuple(entry.edit for entry in read_entries(again, run)) == edits
    assert again.isascii()


PLACES: dict[str, Callable[[str], dict[str, str]]] = {
    "explore": lambda asked: {"units": f"{asked},1,1", "head": asked, "at": f"rnn-0-forward.hidden_state.{asked}.0"},
    "explore, a long text": lambda asked: {
        "model": "shakespeare-lstm", "text": "ab " * 200, "from": asked, "zoom": f"{asked}-300",
    },
    "explore, a long sequence": lambda asked: {"model": "splice-bigru", "text": "ACGTTGCA" * 20, "place": asked},
    "explore, a series": lambda asked: {"model": "co2-gru", "end": f"{CO2}@{asked}"},
    "compare": lambda asked: {"token": asked, "baseline": "shuffled", "shuffle": asked},
    "explain": lambda asked: {"section": "ledger", "after": asked},
    "generate": lambda asked: {"seed": asked, "unit": asked, "length": "50"},
    "memory": lambda asked: {"lag": asked, "draw": asked, "start": asked, "unit": asked},
    "translate": lambda asked: {**DIGITS, "head": asked, "whatifs": f"attend:uniform::{asked};token:1:{asked}"},
}  # fmt: skip
"""Numbers in the addresses of every page that has any."""

CO2 = load("co2-gru").task.examples[0].text


STRANGEST = ["²", "-1", "9" * 9]
ASKED = [(place, asked) for place in PLACES for asked in STRANGEST] + [
    (place, asked) for place in ("explore", "translate") for asked in STRANGE if asked not in STRANGEST
]


@pytest.mark.parametrize(("place", "asked"), ASKED)
def test_a_strange_number_in_an_address_is_answered_with_the_page(place, asked):
    page = open_page(place.split(",")[0], **PLACES[place](asked))
    assert not page.exception
    assert not page.error
