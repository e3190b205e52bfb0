"""A sentence about something else than films is known by its words, a review is not taken for one."""

from __future__ import annotations

import numpy as np
import pytest

from pretrained.analysis.subjects import fit
from pretrained.data.text.tokenizer import UNKNOWN_ID
from pretrained.registry import load
from pretrained.shipped import is_listed
from pretrained.subject import FILE, SAID, Subject, subject
from pretrained.tasks.classes.sentiment import SENTIMENT, ids_of
from viz.batch.answers import NOTE, read_all

ELSEWHERE = (
    "How do I reset my password?",
    "He did not go to work today because he was ill",
    "Shares of the company fell 3 percent on Tuesday after the report",
    "My phone battery dies too fast",
    "Can you pass me the salt, please?",
    "for (i = 0; i < n; i++) { sum += a[i]; }",
    "Please book a table for four at seven o'clock",
)
REVIEWS = (
    "a wonderful film with a terrific cast",
    "the plot makes no sense, and the jokes are older than the actors",
    "one of the year's most moving dramas",
    "an overlong, clumsy thriller that never finds its feet",
    "it's hard to care about characters this thin",
    "the director gets fine performances out of everybody",
)


@pytest.mark.parametrize("text", ELSEWHERE)
def test_a_sentence_about_something_else_gets_a_remark_beside_the_verdict(text):
    assert SENTIMENT.encode(text).notices == (SAID,)


@pytest.mark.parametrize("text", [*REVIEWS, *(example.text for example in SENTIMENT.examples)])
def test_a_review_gets_none(text):
    assert SAID not in SENTIMENT.encode(text).notices


@pytest.mark.parametrize("text", ["password", "good", "my salt, please", "!!! ... ?? ,,"])
def test_a_few_words_are_not_judged(text):
    assert np.isnan(subject().score(ids_of([text])[0]))
    assert SENTIMENT.encode(text).notices == ()


def test_what_was_measured_covers_every_word_and_is_listed():
    assert is_listed(FILE)
    assert subject().weights.shape == (SENTIMENT.vocabulary,)
    assert np.isfinite(subject().weights[UNKNOWN_ID])


def draws(words: list[int], count: int, draw: np.random.Generator) -> list[list[int]]:
    return [draw.choice(words, size=12).tolist() for _ in range(count)]


def test_what_tells_two_kinds_of_text_apart_is_learned_and_flags_one_of_fifty_that_were_held_back():
    draw = np.random.default_rng(0)
    ours, theirs = [2, 3, 4, 5, UNKNOWN_ID], [5, 6, 7, 8, UNKNOWN_ID]
    words = np.array([False, True, True, True, True, True, True, True, True, False])
    found = fit(draws(ours, 500, draw), draws(ours, 500, draw), {"a": draws(theirs, 500, draw)}, words)
    assert np.isnan(found.weights[[0, 9]]).all()
    assert (found.weights[[2, 3, 4]] > 0).all()
    assert (found.weights[[6, 7, 8]] < 0).all()
    assert np.mean([found.is_elsewhere(ids) for ids in draws(theirs, 200, draw)]) > 0.99
    assert np.mean([found.is_elsewhere(ids) for ids in draws(ours, 2000, draw)]) < 0.04


def test_the_score_is_the_sum_of_distinct_words_off_that_of_reviews_of_the_same_length_in_deviations():
    own = Subject(np.array([np.nan, 1.0, -2.0]), np.array([0.5, 1.0, 0.25]), np.array([1.0, 0.5]), limit=-2.0)
    assert own.score([0, 1, 1, 2, 2, 0]) == pytest.approx((-1.0 - (0.5 + 2.0 + 1.0)) / 2.0)
    assert own.is_elsewhere([1, 1, 2, 2])
    assert not own.is_elsewhere([1, 1, 1, 1])


def test_a_batch_has_the_remark_in_its_column_of_notes():

    notes = read_all(load("sst2-gru"), [ELSEWHERE[0], REVIEWS[0]])[NOTE.key]
    assert list(notes) == [SAID, None]
