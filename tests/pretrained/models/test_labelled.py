"""Answers beside labels: every number by hand, and what is no label."""

import numpy as np
import pytest
from scipy import stats

from pretrained.analysis import labelled
from pretrained.analysis.labelled import Judged, LogWays, Rights, class_of, versus
from pretrained.task import InputError

CLASSES = ("0", "1")
NAMES = {"0": "negative", "1": "positive"}
JUDGED = Judged(
    ("negative", "positive"),
    label=np.array([0, 0, 0, 1, 1, -1, 1]),
    predicted=np.array([0, 0, 1, 1, 0, 1, -1]),
    confidence=np.array([0.9, 0.9, 0.6, 0.8, 0.7, 0.9, 0.0]),
)


def test_accuracy_confusion_and_f1_are_those_by_hand():
    share, low, high = JUDGED.accuracy
    assert share == pytest.approx(3 / 5)
    assert low < share < high
    assert JUDGED.confusion.tolist() == [[2, 1, 0], [1, 1, 1]]
    assert [row[1:] for row in JUDGED.per_class()] == [(3, 2 / 3, 2 / 3, 2 / 3), (2, 0.5, 0.5, 0.5)]
    assert JUDGED.f1 == pytest.approx((2 / 3 + 0.5) / 2)
    assert JUDGED.calibration_error == pytest.approx((0.2 + 0.6 + 0.2 + 0.7) / 5)


@pytest.mark.parametrize(("values", "expected"), [
    (["Positive", " negative ", None, "other", "positive"], [1, 0, -1, -1, 1]),
    (["pos", "neg", float("nan")], [1, 0, -1]),
    ([0, 1, 1], [0, 1, 1]),
    (["0.0", "1.0"], [0, 1]),
])  # fmt: skip
def test_labels_are_known_by_name_by_their_beginning_or_by_number(values, expected):
    assert class_of(values, ("negative", "positive"), str)[0].tolist() == expected
    assert class_of(values, CLASSES, NAMES.__getitem__)[0].tolist() == expected


@pytest.mark.parametrize("values", [
    [None, None], ["a text that is free", "and another one", "positive"], [1, 2, 3, 4, 5], ["p", "n"],
])  # fmt: skip
def test_what_holds_no_labels_is_refused_with_a_sentence(values):
    with pytest.raises(InputError, match="choose another"):
        class_of(values, ("negative", "positive"), str)


def test_numbers_that_stand_for_classes_are_said():
    assert "negative, positive, in this order" in class_of([0, 1], ("negative", "positive"), str)[1]


def test_a_slice_that_is_planted_is_the_worst_and_luck_makes_none():
    draw = np.random.default_rng(0)
    right, groups = draw.random(2000) < 0.9, {f"group {at}": draw.random(2000) < 0.1 for at in range(80)}
    assert not any(each.worse for each in Rights(right).slices(groups))
    planted = draw.random(2000) < 0.05
    found = Rights(np.where(planted, draw.random(2000) < 0.6, right)).slices(groups | {"planted": planted})
    assert (found[0].name, found[0].worse, found[0].count) == ("planted", True, int(planted.sum()))
    assert found[0].low < found[0].mean < found[0].high
    assert Rights(right).slices({"few": np.arange(2000) < 29, "all": np.ones(2000, dtype=bool)}) == []


def test_200_000_labels_of_which_half_are_missing_are_counted_and_searched():
    count = 200_000
    cells = ["positive" if at % 4 == 1 else "negative" if at % 2 else None for at in range(count)]
    label, _ = class_of(cells, ("negative", "positive"), str)
    judged = Judged(("negative", "positive"), label, np.ones(count, np.int64), np.ones(count))
    assert int(judged.counted.sum()) == count // 2
    assert judged.accuracy[0] == pytest.approx(0.5)
    texts = [f"{'dull' if at % 4 == 3 else 'fine'} film" for at in np.flatnonzero(judged.counted).tolist()]
    worst = Rights(judged.right[judged.counted]).slices(labelled.by_word(texts))[0]
    assert (worst.name, worst.mean, worst.worse) == ("holds “dull”", 0.0, True)


def test_groups_part_the_rows_by_length_unknown_words_values_and_words():
    length, unknown = np.array([1.0, 5, 9, 30]), np.array([0.0, 1, 0, 2])
    assert np.sum(list(labelled.by_length(length).values()), axis=0).tolist() == [1, 1, 1, 1]
    assert np.sum(list(labelled.by_unknown(length, unknown).values()), axis=0).tolist() == [1, 1, 1, 1]
    assert labelled.by_value("shop", ["a", None, "b", "a"])["shop is “a”"].tolist() == [True, False, False, True]
    assert labelled.by_value("text", [str(at) for at in range(50)]) == {}
    words = labelled.by_word(["But no", "yes"] * 30)
    assert words["holds “but”"].tolist() == [True, False] * 30


def test_two_models_are_compared_by_the_rows_that_one_alone_has_right():
    one, other = np.array([True] * 12 + [False] * 3), np.array([True] * 2 + [False] * 12 + [True])
    found = versus(one, other)
    assert (found.both, found.one, found.other, found.none) == (2, 10, 1, 2)
    assert found.p == pytest.approx(2 * (1 + 11) / 2**11)
    assert versus(one, one).p == 1.0


@pytest.mark.parametrize(("count", "all_hits", "rows", "hits"), [(100, 60, 30, 12), (1000, 900, 40, 30), (9, 9, 4, 4)])
def test_a_group_is_tested_as_scipy_tests_it(count, all_hits, rows, hits):
    expected = stats.hypergeom.cdf(hits, count, all_hits, rows)
    assert LogWays(count).fisher(hits, rows, all_hits) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("count", "heads"), [(1, 0), (10, 5), (11, 3), (5000, 2400)])
def test_two_models_are_tested_as_scipy_tests_a_coin(count, heads):
    assert LogWays(count).mcnemar(heads) == pytest.approx(stats.binomtest(heads, count).pvalue, rel=1e-9)
