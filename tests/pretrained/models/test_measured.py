"""Means of groups of rows: as in textbooks where rows are apart, and wider where neighbours are alike."""

import numpy as np
import pytest

from pretrained.analysis.measured import Measured


def test_the_interval_of_rows_that_are_apart_is_that_of_the_mean():
    values = np.random.default_rng(0).normal(5.0, 2.0, 400)
    mean, low, high = Measured.alone(values).mean(np.arange(400) < 100)
    some = values[:100]
    assert mean == pytest.approx(some.mean())
    assert (high - low) / 2 == pytest.approx(1.959964 * some.std(ddof=1) / 10)


def test_rows_that_are_alike_say_less_than_as_many_apart():
    draw = np.random.default_rng(0)
    blocks = np.repeat(np.arange(100), 20)
    values = np.repeat(draw.normal(size=100), 20) + 0.1 * draw.normal(size=2000)
    together, apart = Measured(values, blocks), Measured.alone(values)
    every = np.ones(2000, dtype=bool)
    widths = [np.ptp(each.mean(every)[1:]) for each in (together, apart)]
    assert widths[0] == pytest.approx(np.sqrt(20) * widths[1], rel=0.1)


def test_nothing_is_said_of_a_group_from_a_few_stretches_of_time():
    blocks = np.repeat(np.arange(20), 50)
    groups = {f"first {count}": blocks < count for count in (1, 7, 8, 12, 13)}
    assert {each.name for each in Measured(np.ones(1000), blocks).slices(groups)} == {"first 8", "first 12"}


def test_a_group_that_is_planted_is_the_worst_and_luck_makes_none():
    draw = np.random.default_rng(1)
    blocks, values = np.repeat(np.arange(200), 10), draw.normal(size=2000)
    groups = {f"group {at}": draw.random(2000) < 0.1 for at in range(60)}
    assert not any(each.worse for each in Measured(values, blocks, high_is_bad=True).slices(groups))
    planted = draw.random(2000) < 0.05
    groups["planted"] = planted
    for sign in (1.0, -1.0):
        found = Measured(values + sign * planted, blocks, high_is_bad=sign > 0).slices(groups)
        assert (found[0].name, found[0].worse, found[0].count) == ("planted", True, int(planted.sum()))
    assert not any(each.name == "planted" and each.worse
                   for each in Measured(values + planted, blocks).slices(groups))  # fmt: skip
