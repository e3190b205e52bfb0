"""Seeds of one architecture stand in one row, and the verdict on attention is what the numbers say."""

import re
from dataclasses import replace

import pytest

from pretrained.analysis.seeds import attends, is_plain, judge, seed_table
from pretrained.registry import recipes
from viz.figures.scores.seeds import draw_seeds

BASE = recipes("sentiment")["sst2-gru"]
WITH = recipes("sentiment")["sst2-gru-attention"]


def test_recipes_that_differ_in_their_seed_alone_are_one_row():
    other = replace(BASE, key="again", training=replace(BASE.training, seed=9), seeds={"9": 0.8})
    table = seed_table([replace(BASE, seeds={"1": 0.9}), other])
    assert len(table) == 1
    assert table["accuracies"].tolist() == [[0.9, 0.8]]
    assert table["mean"].tolist() == pytest.approx([0.85])
    assert (table["lowest"].tolist(), table["highest"].tolist()) == ([0.8], [0.9])


@pytest.mark.parametrize(
    ("plain", "attending", "expected"),
    [
        ({"1": 0.80, "2": 0.82}, {"1": 0.90, "2": 0.92}, "10.0 points more.*larger than chance"),
        ({"1": 0.80, "2": 0.84}, {"1": 0.81, "2": 0.84}, "0.5 points more.*no difference that these runs can show"),
        ({"1": 0.90, "2": 0.90}, {"1": 0.80, "2": 0.80}, "10.0 points less.*larger than chance"),
    ],
)
def test_the_verdict_weighs_the_gain_against_chance(plain, attending, expected):
    verdict = judge(seed_table([replace(BASE, seeds=plain), replace(WITH, seeds=attending)]))
    assert verdict.runs == (2, 2)
    assert re.search(expected, verdict.sentence)


def test_every_shipped_architecture_is_placed_on_one_side():
    for recipe in recipes("sentiment").values():
        assert not (attends(recipe.architecture) and is_plain(recipe.architecture))
    assert attends(WITH.architecture)
    assert is_plain(BASE.architecture)


def test_the_figure_has_a_dot_for_every_run():
    table = seed_table([replace(BASE, seeds={"1": 0.9, "2": 0.8}), WITH])
    assert len(draw_seeds(table).to_dict()["datasets"].popitem()[1]) == 2 + len(WITH.seeds)
