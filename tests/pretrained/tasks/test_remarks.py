"""What is said beside an answer whose source is unlike what a translator learned from."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core_models.networks.translator import END
from pretrained.kinds.translation import PairTask
from pretrained.tasks import TASKS
from pretrained.tasks.translation.dates import FIRST, FORMATS, LAST, remarks
from viz.translate.notices import notices
from viz.translate.texts import unended

BY_KEY = {task.key: task for task in TASKS if isinstance(task, PairTask)}


@given(st.dates(FIRST, LAST), st.sampled_from(FORMATS), st.sampled_from([str, str.lower, str.upper]))
def test_nothing_is_said_of_a_date_that_there_is(day, write, case):
    assert remarks(case(write(day))) == ()


@given(st.integers(FIRST.year, LAST.year), st.integers(1, 12), st.integers(29, 39))
def test_a_day_that_there_is_not_is_said(year, month, day):
    first = date(year, month, 1)
    exists = (first + timedelta(days=day - 1)).month == month
    for text in (
        f"{day}.{month}.{year}",
        f"{year}/{month}/{day}",
        f"{day} {first:%B} {year}",
        f"{year}年{month}月{day}日",
    ):
        assert (remarks(text) == ()) == exists, text


STRANGE = {
    ("dates", "31 February 2001"): "There is no 31 February 2001",
    ("dates", "13/13/2013"): "There is no month 13: with slashes the month comes first",
    ("dates", "1 Jan 1850"): "It learned the years from 1900 to 2099",
    ("dates", "5 Sept 2001"): "“Sept” is no month",
    ("dates", "2024-02-03"): "unknown to the network (“-”)",
    ("dates", "may"): "holds no date in a way that it learned",
    ("digits", "copy"): "one “copy” or “reverse” and then digits",
    ("digits", "copy 12abc"): "3 tokens, underlined with dots, are unknown to the network (“a”, “b”, “c”)",
    ("digits", "reverse 12 copy 34"): "one “copy” or “reverse”",
    ("english-french", "I am here. You are there! Is he?"): "single sentences, and this holds 3",
    ("english-chinese", "Go home. Stay."): "single sentences, and this holds 2",
    ("english-french", "это фильм"): "written in Cyrillic, which this model never learned, so what it writes means",
    ("sounds", "123"): "None of these tokens is known to this model",
}


@pytest.mark.parametrize(("key", "text"), STRANGE)
def test_what_was_never_learned_is_said_beside_the_answer(key, text):
    task = BY_KEY[key]
    assert STRANGE[key, text] in " ".join(notices(task, task.encode(text)))


@pytest.mark.parametrize(
    ("key", "text"),
    [("digits", "copy １２３"), ("digits", "REVERSE 12 34"), ("dates", "５ May 2001"),
     ("english-french", "Mr. Smith is here."), ("english-french", "He said “no”.")],
)  # fmt: skip
def test_what_only_looks_strange_needs_no_word(key, text):
    task = BY_KEY[key]
    assert notices(task, task.encode(text)) == []


@pytest.mark.parametrize("key", ["english-french", "english-chinese", "dates", "digits"])
def test_of_the_examples_only_those_that_are_meant_to_be_strange_are_remarked_on(key):
    task = BY_KEY[key]
    assert [example.title for example in task.examples if task.remarks(example.text)] == (
        ["No such day"] if key == "dates" else []
    )


def test_a_target_that_never_ends_is_said_and_that_it_repeats_itself():
    assert unended([5, 6, END]) == ""
    assert "repeats itself: it was stopped after 7 tokens" in unended([4, 5, 6, 5, 6, 5, 6])
    assert unended([4, 5, 6, 7]) == "It never came to an end: it was stopped after 4 tokens, the most that are written."
