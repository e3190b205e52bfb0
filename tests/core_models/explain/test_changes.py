"""What differs most between two traces of one input."""

from __future__ import annotations

import numpy as np
import pytest

from core_models.explain.changes import changes, most_changed
from core_models.trace import Site, Tokens, Trace

RNN = Site("rnn")


def trace(gate: np.ndarray, state: np.ndarray):
    return Trace(Tokens.numbered(len(gate)), {(RNN, "update_gate"): gate, (RNN, "hidden_state"): state})


def test_quantities_and_units_come_in_the_order_of_how_far_they_moved():
    gate, state = np.full((3, 4), 0.5), np.zeros((3, 4))
    moved = state.copy()
    moved[:, 2], moved[1, 0] = 0.9, 0.3
    found = changes(trace(gate, state), trace(gate + 0.1, moved))
    assert [each.key for each in found] == ["hidden_state", "update_gate"]
    np.testing.assert_allclose(found[0].units, [0.1, 0.0, 0.9, 0.0], atol=1e-6)
    np.testing.assert_allclose(found[1].mean, 0.1, atol=1e-6)
    ranked = most_changed(found, 3)
    assert (ranked[0][0].key, ranked[0][1]) == ("hidden_state", 2)
    assert len(ranked) == 3


def test_a_trace_does_not_differ_from_itself():
    same = trace(np.full((3, 4), 0.5), np.ones((3, 4)) / 2)
    assert all(each.mean == 0.0 for each in changes(same, same))


def test_traces_of_two_inputs_are_refused():
    with pytest.raises(ValueError, match="one input"):
        changes(trace(np.full((3, 4), 0.5), np.zeros((3, 4))), trace(np.full((2, 4), 0.5), np.zeros((2, 4))))
