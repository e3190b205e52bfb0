"""Whatever an address holds where a number belongs, the page gets a number that it can show."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viz.explain.edit_stack import address_of, read_entries
from viz.translate.answers import Request, answer, run_of
from viz.whole_numbers import nearest, whole

STRANGE = ["", "²", "٣", "03", "-1", "+1", " 3", "3\n", "1_0", "1.5", "1234abc", "1234.567", "1e3", "0x1", "9" * 5000]
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


@pytest.mark.parametrize("asked", ["²", "٣", "-1", " 3", "1_0", "1.5", "1e3", "1234abc", "9" * 5000, None, True])
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
