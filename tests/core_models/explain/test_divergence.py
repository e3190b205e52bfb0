"""Where readings part: tokens are aligned without loss, and partings and mergings are found where they are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core_models.explain.dynamics.divergence import MISSING, align, diverge, first_apart, first_opposite

WORDS = st.lists(st.sampled_from(["a", "A", "film", "good", "not"]), min_size=0, max_size=12)


@pytest.mark.parametrize(
    ("first", "second", "columns"),
    [
        ("this is a good film", "this is not a good film", [(0, 0), (1, 1), (-1, 2), (2, 3), (3, 4), (4, 5)]),
        ("it is good", "It is bad", [(0, 0), (1, 1), (2, 2)]),
        ("one very old film", "one film", [(0, 0), (1, -1), (2, -1), (3, 1)]),
        ("a long tale", "a b c d tale", [(0, 0), (1, 1), (-1, 2), (-1, 3), (2, 4)]),
        ("same", "same", [(0, 0)]),
        ("the plot is dull but the cast is fine", "the cast is fine but the plot is dull", [(i, i) for i in range(9)]),
        ("not a good film today", "a good film today indeed", [(0, -1), (1, 0), (2, 1), (3, 2), (4, 3), (-1, 4)]),
        ("", "new", [(-1, 0)]),
    ],
)
def test_tokens_are_aligned_by_what_the_texts_share(first, second, columns):
    assert align(first.split(), second.split()).T.tolist() == [list(column) for column in columns]


@given(WORDS, WORDS)
def test_every_token_stands_in_one_column_and_in_its_order(first, second):
    columns = align(first, second)
    assert [step for step in columns[0] if step != MISSING] == list(range(len(first)))
    assert [step for step in columns[1] if step != MISSING] == list(range(len(second)))
    assert not np.any((columns == MISSING).all(axis=0))


@given(WORDS)
def test_a_text_aligned_with_itself_shares_every_column(words):
    assert align(words, [word.upper() for word in words]).tolist() == [list(range(len(words)))] * 2


@pytest.mark.parametrize(
    ("rows", "step"),
    [
        ([[0.6, 0.7, 0.4], [0.6, 0.8, 0.6]], 2),
        ([[0.6, 0.5], [0.6, 0.51]], 1),  # exactly one half is not positive
        ([[0.5, 0.5], [0.1, 0.2]], None),
        ([[0.9, 0.8]], None),
        ([[0.4, 0.6], [0.4, 0.6], [0.6, 0.6]], 0),
    ],
)
def test_answers_part_at_the_first_token_with_answers_on_both_sides(rows, step):
    assert first_opposite(np.array(rows)) == step


@pytest.mark.parametrize(("amount", "step"), [(0.1, 1), (0.3, 2), (0.6, None), (0.25, 2)])  # differences: 0, 0.25, 0.5
def test_answers_are_apart_where_the_difference_exceeds_the_amount(amount, step):
    assert first_apart(np.array([[0.5, 0.5, 0.25], [0.5, 0.75, 0.75], [0.5, 0.5, 0.5]]), amount) == step


STILL = np.zeros((5, 2))
MOVED = np.array([[0.0, 0.0], [0.3, 0.0], [1.0, 0.0], [0.1, 0.4], [0.1, 0.1]])
SAME = np.stack([np.arange(5), np.arange(5)])


def test_each_unit_parts_where_its_own_difference_first_exceeds_the_threshold():
    found = diverge(STILL, MOVED, SAME, part=0.25, share=0.5)
    assert found.threshold == pytest.approx(0.25)
    assert found.first.tolist() == [1, 3]
    np.testing.assert_allclose(found.distance, np.linalg.norm(MOVED, axis=1))


@pytest.mark.parametrize(("share", "merged"), [(0.5, 3), (0.2, 4), (0.1, None)])
def test_readings_merge_where_the_distance_falls_below_its_share_and_stays(share, merged):
    found = diverge(STILL, MOVED, SAME, part=0.25, share=share)
    assert (found.peak, found.merged) == (2, merged)


def test_a_distance_that_rises_again_has_not_merged():
    back = np.array([[1.0], [0.1], [0.9], [0.1]])
    found = diverge(np.zeros((4, 1)), back, np.stack([np.arange(4)] * 2), part=0.25, share=0.5)
    assert (found.peak, found.merged) == (0, 3)


def test_states_read_backward_part_and_merge_in_their_own_order():
    found = diverge(STILL, MOVED, SAME, part=0.25, share=0.5, backward=True)
    assert found.first.tolist() == [2, 3]
    assert (found.peak, found.merged) == (2, 1)


def test_columns_of_one_text_alone_have_no_distance():
    columns = np.array([[0, MISSING, 1], [0, 1, 2]])
    found = diverge(np.ones((2, 1)), np.array([[1.0], [9.0], [3.0]]), columns, part=0.1, share=0.5)
    assert np.isnan(found.distance[1])
    assert found.distance[[0, 2]].tolist() == [0.0, 2.0]
    assert found.first.tolist() == [2]


@pytest.mark.parametrize("columns", [np.stack([np.arange(5)] * 2), np.array([[0, MISSING], [MISSING, 0]])])
def test_readings_that_never_differ_neither_part_nor_merge(columns):
    found = diverge(MOVED, MOVED, columns, part=0.25, share=0.5)
    assert found.first.tolist() == [MISSING, MISSING]
    assert (found.peak, found.merged) == (None, None)
