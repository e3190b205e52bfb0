"""Sampling: what temperature, top-k and top-p say they do, and one text from one seed."""

import math

import numpy as np
import pytest
import torch

from core_models.encoded import Encoded
from core_models.heads.next_token import NEXT
from core_models.networks.architecture import Architecture
from core_models.networks.sampling import Pen, Sampling, draw, narrow
from core_models.networks.sequence import SequenceNetwork
from core_models.trace import Tokens

LOGITS = np.log(np.array([0.4, 0.3, 0.15, 0.1, 0.05]))


def test_temperature_reshapes_before_anything_is_cut():
    cold = narrow(LOGITS, Sampling(temperature=0.5))
    squares = np.exp(LOGITS) ** 2
    np.testing.assert_allclose(cold.tempered, squares / squares.sum())
    np.testing.assert_allclose(cold.plain, np.exp(LOGITS))
    np.testing.assert_allclose(narrow(LOGITS, Sampling()).final, np.exp(LOGITS))


def test_temperature_nought_takes_the_most_probable_and_the_first_of_equals():
    assert narrow(LOGITS, Sampling(temperature=0.0)).final.tolist() == [1, 0, 0, 0, 0]
    assert narrow(np.zeros(4), Sampling(temperature=0.0)).final.tolist() == [1, 0, 0, 0]


@pytest.mark.parametrize(("k", "kept"), [(1, 1), (2, 2), (5, 5), (9, 5), (0, 5)])
def test_top_k_keeps_the_k_most_probable_and_shares_out_anew(k, kept):
    found = narrow(LOGITS, Sampling(top_k=k))
    assert found.kept.tolist() == [place < kept for place in range(5)]
    np.testing.assert_allclose(found.final[:kept], np.exp(LOGITS)[:kept] / np.exp(LOGITS)[:kept].sum())


@pytest.mark.parametrize(("p", "kept"), [(0.01, 1), (0.39, 1), (0.5, 2), (0.71, 3), (0.84, 3), (0.96, 5), (1.0, 5)])
def test_top_p_keeps_the_fewest_that_reach_p(p, kept):
    assert int(narrow(LOGITS, Sampling(top_p=p)).kept.sum()) == kept


EQUAL = [([0.1] * 10, 0.8, 8), ([0.3, 0.1, 0.1, 0.5], 0.8, 2), ([0.2] * 5, 1.0, 5)]


@pytest.mark.parametrize(("shares", "p", "kept"), EQUAL)
def test_top_p_is_not_misled_by_rounding(shares, p, kept):
    assert int(narrow(np.log(shares), Sampling(top_p=p)).kept.sum()) == kept


def test_top_p_counts_shares_of_what_top_k_left():
    assert int(narrow(LOGITS, Sampling(top_k=2, top_p=0.5)).kept.sum()) == 1  # 0.4 / 0.7 is past a half
    assert int(narrow(LOGITS, Sampling(top_p=0.5)).kept.sum()) == 2


def test_what_must_never_be_written_never_is():
    logits = LOGITS.copy()
    logits[0] = -np.inf
    for temperature in (0.0, 1.0, 2.0):
        found = narrow(logits, Sampling(temperature=temperature))
        assert found.final[0] == 0.0
        assert all(draw(found.final, u) != 0 for u in np.linspace(0.0, 0.999999, 50))


def test_a_draw_is_the_inverse_of_the_running_sum():
    final = np.array([0.0, 0.25, 0.0, 0.75, 0.0])
    assert [draw(final, u) for u in (0.0, 0.2499, 0.25, 0.9999999, 1.0)] == [1, 1, 3, 3, 3]


@pytest.mark.parametrize("wrong", [{"temperature": -1}, {"top_k": -1}, {"top_p": 0.0}, {"top_p": 1.5}, {"seed": -1}])
def test_a_setting_outside_its_range_is_refused(wrong):
    with pytest.raises(ValueError, match="sampling: expected a temperature in"):
        Sampling(**wrong)


def network(vocabulary: int = 11) -> SequenceNetwork:
    torch.manual_seed(3)
    model = SequenceNetwork(Architecture("lstm", 7, 5), (vocabulary,), {"next_token": vocabulary}, unknown=0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(2.0)
    return model.eval().requires_grad_(False)


def written(seed: int, *parts: int, temperature: float = 1.0) -> list[int]:
    pen = Pen(network(), [1, 2], Sampling(temperature, seed=seed), banned=(0,))
    for count in parts:
        pen.write(count)
    return pen.ids


def test_one_seed_gives_one_text_however_it_is_cut_into_ticks():
    assert written(7, 40) == written(7, 1, 9, 30) == written(7, 40)
    assert written(7, 60)[:42] == written(7, 40)
    assert written(8, 40) != written(7, 40)
    assert 0 not in written(7, 200)
    assert written(1, 20, temperature=0.0) == written(2, 20, temperature=0.0)


def test_the_candidates_of_a_choice_hold_the_written_token_and_what_cut_the_others():
    pen = Pen(network(vocabulary=40), [1], Sampling(temperature=2.0, top_k=20, top_p=0.6, seed=5))
    pen.write(30)
    for choice, index in zip(pen.choices, pen.ids[1:], strict=True):
        assert choice.ids[choice.rank] == index == choice.index
        assert choice.final[choice.rank] > 0.0
        assert all((final > 0.0) == kept for final, kept in zip(choice.final, choice.kept, strict=True))
        assert choice.count <= choice.count_k == 20
        assert 0.0 < choice.entropy <= math.log(40)


def test_a_pen_expects_what_a_trace_of_the_whole_text_expects():
    pen, model = Pen(network(), [1, 4], Sampling(seed=3)), network()
    pen.write(12)
    trace = model.trace(Encoded(Tokens(("",) * len(pen.ids), ids=tuple(pen.ids))))
    chosen = [choice.plain[choice.rank] for choice in pen.choices]
    np.testing.assert_allclose(trace.array(NEXT, "chosen_probability")[2:], chosen, atol=1e-6)
