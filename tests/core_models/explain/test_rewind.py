"""What is read back from states: of states that were made to hold the past in one way or the other."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core_models.explain.probing.rewind import LAGS, LEARNED, UNSEEN, draw, interval, rewind

TOKENS, UNITS = 4, 64
CODES = draw(TOKENS, seed=1)


def states_of(traces: NDArray[np.float64], noise: float = 1e-3) -> NDArray[np.float64]:
    """States that are a sum of what each token left so many steps ago, ``traces`` ``[lag, token, unit]``."""
    found = np.random.default_rng(2).normal(size=(*CODES.shape, UNITS)) * noise
    for lag, trace in enumerate(traces):
        found[:, lag:] += trace[CODES[:, : CODES.shape[1] - lag]]
    return found


OWN = np.random.default_rng(3).normal(size=(LAGS + 1, TOKENS, UNITS))
FADING = 0.4 ** np.arange(LAGS + 1)
ONION = FADING[:, None, None] * OWN[0][None]


def test_a_state_with_directions_of_their_own_for_every_place_is_read_back_linearly():
    found = rewind(CODES, states_of(OWN))
    assert found.linear.shape == (LAGS + 1, UNSEEN)
    assert found.linear.mean() > 0.99
    assert found.magnitude.mean() < 0.8
    assert found.together < 0.3


def test_an_onion_is_read_back_by_magnitude_and_not_linearly():
    found = rewind(CODES, states_of(ONION, noise=1e-6))
    linear, magnitude = found.linear.mean(axis=1), found.magnitude.mean(axis=1)
    assert found.together > 0.999
    assert found.sizes == pytest.approx(FADING, abs=1e-3)
    assert magnitude.min() > 0.95
    assert linear[2] < magnitude[2] - 0.1


def test_a_state_without_memory_is_read_back_by_luck_alone():
    found = rewind(CODES, states_of(OWN[:1]))
    assert found.linear[0].mean() == 1.0
    assert found.linear[1:].mean() == pytest.approx(1.0 / TOKENS, abs=0.02)


def test_the_control_task_is_not_solved_by_what_is_read_linearly():
    found = rewind(CODES, states_of(OWN))
    assert found.control.mean() == pytest.approx(1.0 / TOKENS, abs=0.05)


def test_readers_say_what_was_read_of_a_state_that_they_never_saw():
    states = states_of(OWN)
    found = rewind(CODES, states)
    assert found.readers.read_linearly(states[-1, -1:])[:, 0].tolist() == CODES[-1, ::-1][: LAGS + 1].tolist()


def test_an_interval_holds_its_mean_and_narrows_with_more_sequences():
    shares = np.random.default_rng(0).random((2, 400))
    low, high = interval(shares)
    few = np.subtract(*interval(shares[:, :100])[::-1])
    assert (low < shares.mean(axis=1)).all()
    assert (high > shares.mean(axis=1)).all()
    assert high - low == pytest.approx(few / 2, rel=0.2)


def test_states_of_other_sequences_are_refused():
    with pytest.raises(ValueError, match="rewind: expected codes and states of the same sequences"):
        rewind(CODES, states_of(OWN)[:, :-1])
    with pytest.raises(ValueError, match="rewind: expected every token at every place"):
        rewind(np.where(np.arange(len(CODES))[:, None] < LEARNED, 0, CODES), states_of(OWN))
