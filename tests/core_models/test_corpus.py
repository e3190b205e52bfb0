"""Searching a corpus: patterns, nearest states, what luck finds, and what one unit follows."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core_models.corpus.luck import common_to, lift_of
from core_models.corpus.matching import best_matches, match
from core_models.corpus.nearest import METRICS, Codes, distances, nearest, nearest_by_codes
from core_models.corpus.places import Pattern, find_places, parts_of, runs, scored, units_on
from core_models.corpus.quadrants import quadrants
from core_models.corpus.units import Track, best_scores, describe, responses, strongest

STATES = np.tanh(np.random.default_rng(0).normal(size=(3000, 24))).astype(np.float32)
BOUNDS = np.array([0, 500, 501, 1700, 3000])


def places_by_hand(on: np.ndarray, bounds: np.ndarray, before: int, after: int) -> dict[tuple[int, int], float]:
    """Start and end of every place with its score, step by step."""
    found = {}
    for low, high in pairwise(bounds.tolist()):
        step = low
        while step < high:
            if 2 * on[step].sum() < on.shape[1]:
                step += 1
                continue
            end = step
            while end < high and 2 * on[end].sum() >= on.shape[1]:
                end += 1
            shares = []
            for unit in range(on.shape[1]):
                inside = on[step:end, unit].sum()
                beside = on[max(low, step - before) : step, unit].sum() + on[end : min(high, end + after), unit].sum()
                shares.append(inside / (end - step + beside))
            found[int(step), int(end)] = float(np.mean(shares))
            step = end
    return found


@pytest.mark.parametrize(("before", "after"), [(0, 0), (1, 1), (2, 3)])
@pytest.mark.parametrize("units", [(3,), (0, 5), (1, 2, 3, 7)])
def test_every_place_is_found_with_the_score_that_it_has_by_hand(units, before, after):
    pattern = Pattern(units, 0.2, True, 1, before, after)
    places = find_places([(STATES, BOUNDS)], pattern)
    found = {(a, b): s for a, b, s in zip(places.start.tolist(), places.stop.tolist(), places.score, strict=True)}
    assert found == pytest.approx(places_by_hand(STATES[:, list(units)] >= 0.2, BOUNDS, before, after), abs=1e-6)


def test_a_corpus_in_parts_gives_the_places_of_the_whole():
    pattern = Pattern((0, 5), 0.2, length=2)
    whole = find_places([(STATES, BOUNDS)], pattern)
    pieces = [(STATES[BOUNDS[a] : BOUNDS[b]], BOUNDS[a : b + 1] - BOUNDS[a]) for a, b in parts_of(BOUNDS, size=600)]
    parted = find_places(pieces, pattern)
    assert len(pieces) > 1
    assert parted.start.tolist() == whole.start.tolist()
    assert parted.score.tolist() == whole.score.tolist()


def test_the_best_places_come_first_and_of_equal_ones_those_of_like_length():
    places = find_places([(STATES, BOUNDS)], Pattern((0, 5), 0.2, length=3))
    rank = list(zip(-places.score, np.abs(places.stop - places.start - 3), places.start, strict=True))
    assert rank == sorted(rank)


def test_the_units_that_are_on_are_off_beside_the_stretch():
    values = np.array([[0, 1, 1], [1, 1, 0], [1, 1, 1], [0, 1, 1]], dtype=np.float32)
    assert units_on(values, (1, 3), 0.5) == (0,)
    assert units_on(values, (1, 3), 0.5, before=0, after=0) == (0, 1)
    assert units_on(values, (0, 1), 0.5, above=False) == (0,)
    with pytest.raises(ValueError, match="within 4 steps"):
        units_on(values, (2, 5), 0.5)


def test_a_pattern_without_units_is_refused():
    with pytest.raises(ValueError, match="at least one unit"):
        find_places([(STATES, BOUNDS)], Pattern((), 0.2))


@given(st.lists(st.booleans(), min_size=1, max_size=30), st.sets(st.integers(1, 29)))
def test_no_run_reaches_into_another_text(active, cuts):
    bounds = np.array([0, *sorted(cut for cut in cuts if cut < len(active)), len(active)])
    start, stop = runs(np.array(active), bounds)
    covered = np.zeros(len(active), dtype=bool)
    for a, b in zip(start, stop, strict=True):
        covered[a:b] = True
        assert not any(a < cut < b for cut in bounds)
    assert covered.tolist() == active


@pytest.mark.parametrize("metric", METRICS)
def test_the_nearest_are_those_of_brute_force_in_float32_in_full_and_by_codes(metric):
    query = STATES[17] + np.float32(0.01)
    far = distances(STATES, query, metric)
    expected = np.lexsort((np.arange(len(far)), far))[:50]
    assert nearest([STATES[:1000], STATES[1000:]], query, 50, metric).token.tolist() == expected.tolist()
    by_codes = nearest_by_codes(Codes.of(STATES), lambda rows: STATES[rows], query, 50, metric)
    assert by_codes.token.tolist() == expected.tolist()
    assert by_codes.distance.tolist() == far[expected].tolist()


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("size", [0.01, 1.0, 60.0])
def test_no_state_lies_outside_the_bounds_that_its_code_gives(metric, size):
    values = STATES * np.float32(size)
    values[5] = 0.0
    query = values[9] * np.float32(0.5)
    low, high = Codes.of(values).bounds(query, metric)
    far = distances(values, query, metric)
    kept = np.arange(len(values)) != 5 if metric == "cosine" else slice(None)
    assert (low[kept] <= far[kept] + 1e-6).all()
    assert (far[kept] <= high[kept] + 1e-6).all()


def test_units_that_go_together_have_lift_and_units_that_do_not_have_none():
    draw = np.random.default_rng(1)
    together = np.repeat(draw.random((400, 1)) > 0.8, 4, axis=1)
    bounds = np.array([0, 400])
    lift = lift_of(together, bounds, (0, 0), 0.9)
    apart = lift_of(draw.random((4000, 4)) > 0.8, np.array([0, 4000]), (0, 0), 0.4)
    assert lift is not None
    assert apart is not None
    assert lift.found == len(scored(together, bounds, 0, 0)[0])
    assert lift.ratio > 5
    assert 0.7 < apart.ratio < 1.4
    assert lift_of(together[:, :1], bounds, (0, 0), 0.9) is None


def test_what_places_share_is_told_from_what_luck_finds():
    track = np.zeros(1000, dtype=bool)
    track[::20] = True
    everywhere = np.ones(1000, dtype=bool)
    places = np.flatnonzero(track)[np.r_[0:5, 9, 13:20, 31, 40]]
    shared = {each.name: each for each in common_to(places + 0, {"the mark": track, "anything": everywhere})}
    assert shared["the mark"].share == 1.0
    assert shared["the mark"].lift == pytest.approx(20.0)
    assert shared["anything"].by_luck


def planted() -> tuple[np.ndarray, list[Track]]:
    """Units at random, of which number 5 copies whether a text is inside quotes; and a list to describe them by."""
    draw = np.random.default_rng(3)
    inside = np.cumsum(draw.random(4000) < 0.05) % 2 == 1
    tracks = [
        Track("inside quotes", inside.astype(float)),
        Track("a digit", (draw.random(4000) < 0.1).astype(float)),
        Track("position", np.arange(4000.0) % 30, binary=False),
    ]
    values = draw.normal(size=(4000, 12)).astype(np.float32)
    values[:, 5] = np.where(inside, 0.8, -0.8) + 0.3 * draw.normal(size=4000)
    return values, tracks


def test_a_planted_unit_is_first_and_described_and_units_at_random_are_not():
    values, tracks = planted()
    other = np.random.default_rng(8).normal(size=values.shape).astype(np.float32)
    luck = best_scores(other, tracks)
    told = [describe(values[:, unit], tracks, luck) for unit in range(values.shape[1])]
    assert np.argmax([each.score if each else 0.0 for each in told]) == 5
    assert told[5] is not None
    assert (told[5].name, told[5].sign, told[5].holds) == ("inside quotes", 1, True)
    assert told[5].score > 0.9
    assert [unit for unit, each in enumerate(told) if each and each.holds] == [5]


def test_what_holds_on_one_half_alone_is_no_description():
    values, tracks = planted()
    values[2000:, 5] *= -1
    found = describe(values[:, 5], tracks, {})
    assert found is not None
    assert (found.name, found.score) == ("inside quotes", 0.0)


def test_a_unit_is_not_described_by_what_units_at_random_follow_as_well():
    values, tracks = planted()
    found = describe(values[:, 5], tracks, {"inside quotes": 0.97})
    assert found is not None
    assert not found.holds


def test_the_strongest_places_are_of_different_texts():
    values = np.array([5, 9, 8, 1, 7, 2], dtype=np.float32)
    assert strongest(values, np.array([0, 3, 5, 6]), 3).tolist() == [1, 4, 5]
    assert strongest(values, np.array([0, 3, 5, 6]), 3, largest=False).tolist() == [3, 5, 0]


def test_a_response_is_the_mean_over_the_tokens_of_a_name():
    found = responses(np.array([1, 3, 10, 12, 5], dtype=np.float32), ["a", "a", "b", "b", "c"], rarest=2)
    assert [(each.name, each.count, each.mean) for each in found] == [("b", 2, 11.0), ("a", 2, 2.0)]


def test_a_unit_is_matched_with_its_like_in_another_network_and_luck_is_told_apart():
    draw = np.random.default_rng(5)
    other = draw.normal(size=STATES.shape).astype(np.float32)
    other[:, 17] = -0.9 * STATES[:, 4] + 0.1 * other[:, 17]
    found = match(STATES[:, 4], other)
    assert (found.unit, found.holds) == (17, True)
    assert found.r == pytest.approx(np.corrcoef(STATES[:, 4], other[:, 17])[0, 1], abs=1e-4)
    assert not match(draw.normal(size=len(other)).astype(np.float32), other).holds
    units, values = best_matches(STATES, other)
    assert units[4] == 17
    assert values[4] == pytest.approx(found.r, abs=1e-5)


def test_gate_and_candidate_part_the_tokens_into_four():
    written = np.array([0.9, 0.8, 0.1, 0.2, 0.9, 0.1], dtype=np.float32)
    candidate = np.array([1.0, -1.0, 1.0, -1.0, 0.5, 0.0], dtype=np.float32)
    change = np.array([1.0, -1.0, 0.1, -0.1, 0.4, 0.0], dtype=np.float32)
    found = quadrants(np.tile(written, 5), np.tile(candidate, 5), np.tile(change, 5), list("abcdae") * 5)
    assert [(each.writes, each.high) for each in found] == [(True, True), (True, False), (False, True), (False, False)]
    assert [each.share for each in found] == pytest.approx([1 / 3, 1 / 6, 1 / 6, 1 / 3])
    assert [each.change for each in found] == pytest.approx([0.7, -1.0, 0.1, -0.05])
    assert found[0].names == (("a", pytest.approx(3.0)),)
