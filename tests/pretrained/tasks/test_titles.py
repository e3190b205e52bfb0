"""Poems and their titles: what is cut off, what simple methods write, how overlap is scored, what is said of a text."""

from __future__ import annotations

import pytest

from pretrained.analysis.measures import longest_common, overlap, shared
from pretrained.data.text.pairs import Pair
from pretrained.registry import load
from pretrained.tasks.translation.titles import TITLES, copy_first, measure, named, remarks, take_nearest
from viz.translate.inside import tell_overlap

RIVER = "白日依山尽，黄河入海流。欲穷千里目，更上一层楼。"
LEARNED = [Pair("明月照高楼，清风入我怀。明月照高楼，清风入我怀。", ("明月",)),
           Pair("黄河入海流，千里目更高。黄河入海流，千里目更高。", ("黄河",)),
           Pair("秋浦田舍翁，采鱼水中宿。秋浦田舍翁，采鱼水中宿。", ("秋浦歌",))]  # fmt: skip


@pytest.mark.parametrize(("title", "wanted"), [
    ("蝶三首一", "蝶"), ("劝酒十四首何处难忘酒七首七", "劝酒十四首何处难忘酒"), ("问刘十九", "问刘十九"),
    ("春晓", "春晓"), ("二首", "二首"), ("仙诗五首", "仙诗"),
])  # fmt: skip
def test_a_place_in_a_series_is_left_out_and_a_number_that_belongs_to_a_name_is_not(title, wanted):
    assert named(title) == wanted


def test_the_first_characters_are_copied_as_many_as_do_best():
    assert copy_first(LEARNED, [Pair(RIVER, ("登鹳雀楼",))]) == ["白日"]


def test_the_nearest_poem_is_that_with_the_rarest_common_characters():
    assert take_nearest(LEARNED, [Pair(RIVER, ("登鹳雀楼",)), Pair("秋浦多白鱼", ("x",))]) == ["黄河", "秋浦歌"]


@pytest.mark.parametrize(("one", "other", "common", "both"), [
    ("送友人", "送友人", 3, 3), ("送友人", "友送人", 2, 3), ("江", "山", 0, 0), ("", "山", 0, 0), ("山山", "山", 1, 1),
])  # fmt: skip
def test_overlap_counts_what_stands_in_both_in_order_and_in_any_order(one, other, common, both):
    assert (longest_common(one, other), shared(one, other)) == (common, both)


def test_overlap_is_a_mean_over_sources_with_an_interval_around_it():
    pairs = [Pair("x", ("送友人", "别")), Pair("y", ("秋",)), Pair("z", ("江楼",))]
    found = overlap(["别", "春", "江上"], pairs)
    assert (found["rouge_l"], found["character_f1"], found["count"]) == (0.5, 0.5, 3)
    low, high = found["rouge_l_interval"]
    assert low < 0.5 < high


def test_what_was_copied_is_counted_in_titles_and_in_what_people_wrote():
    found = measure(["黄河", "春"], [Pair(RIVER, ("登楼",)), Pair("秋", ("秋",))])
    assert (found["copied"], found["copied_in_references"]) == (0.6667, 0.6667)
    assert (found["different"], found["whole"]) == (2, 0)


def test_a_text_that_is_no_poem_of_the_learned_forms_is_told_so():
    assert not remarks(RIVER)
    assert remarks("今天的天气很好，我们一起去公园吧。")
    assert "none: the title means little" in TITLES.encode("明月").notices[0]


def test_marks_of_other_spellings_are_read_as_the_poems_own():
    own = TITLES.source.ids(RIVER)
    assert TITLES.source.ids(RIVER.replace("，", ",").replace("。", ".")) == own


def test_it_beats_copied_characters_and_the_card_says_that_it_does_not_beat_the_nearest_poem():
    model = load("titles-attention")
    scores, floors = model.recipe.scores, model.recipe.scores["test_floors"]
    low, high = scores["test_rouge_l_interval"]
    assert low > floors["first_characters"]["rouge_l_interval"][1]
    assert low < floors["nearest_poem"]["rouge_l"] < high
    assert "no more than the nearest poem's title gets" in tell_overlap(model)
    assert "comes no closer" in model.task.data["limits"]
