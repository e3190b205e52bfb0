"""The same weights read by the GRU's other conventions give what those conventions compute."""

from typing import Any

import numpy as np
import pytest
import torch

from core_models.cells.recurrence import recurrence
from core_models.encoded import Encoded
from core_models.explain.dynamics.conventions import (
    RNN,
    _reset_after,
    _reset_before,
    has_conventions,
    read_by_conventions,
)
from core_models.heads.classes import READOUT
from core_models.inputs import TokenInput
from core_models.networks.architecture import Architecture
from core_models.networks.sequence import SequenceNetwork
from core_models.trace import Tokens, Trace
from viz.figures.explain.gru_conventions import apart, draw

STEPS = 9
GRUS = {
    "after": Architecture("gru", 8, 6),
    "before": Architecture("gru_reset_before", 8, 6),
    "attention": Architecture("gru", 8, 6, attention="additive"),
    "neighbours": Architecture("gru", 8, 6, channels=5, width=3),
}
kinds = pytest.mark.parametrize("name", GRUS)


def traced(architecture: Architecture, classes: int = 2) -> tuple[SequenceNetwork, Trace]:
    torch.manual_seed(2)
    network = SequenceNetwork(architecture, (20,), {"answer": classes}).eval()
    with torch.no_grad():
        for name in ("weight_ih_l0", "weight_hh_l0"):
            network.rnn.get_parameter(name).mul_(2)
    return network, network.trace(Encoded(Tokens(tuple("abcdefghi"), ids=tuple(range(1, STEPS + 1)))))


@kinds
def test_the_first_reading_is_the_networks_own(name):
    network, trace = traced(GRUS[name])
    own = read_by_conventions(network, trace)[0]
    assert np.array_equal(own.states, trace.array(RNN, "hidden_state"))
    assert np.array_equal(own.probability, trace.array(READOUT, "probability"))


def test_with_the_reset_before_the_product_the_candidate_is_the_papers():
    network, trace = traced(GRUS["after"])
    found = read_by_conventions(network, trace)[1].states
    h = np.zeros(8)
    stacks = (network.rnn.get_parameter(f"{name}_l0") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
    w, u, b_x, b_h = (stack.detach().numpy() for stack in stacks)
    b = b_x + b_h
    for t, x in enumerate(trace.array(*TokenInput.address)):
        r, z = np.split(1 / (1 + np.exp(-(w[:16] @ x + u[:16] @ h + b[:16]))), 2)
        h = (1 - z) * np.tanh(w[16:] @ x + u[16:] @ (r * h) + b[16:]) + z * h
        assert np.allclose(found[t], h, atol=1e-5)


@kinds
def test_the_conventions_part(name):
    network, trace = traced(GRUS[name])
    own, reset, update = read_by_conventions(network, trace)
    assert 1e-3 < np.abs(reset.states - own.states).max() < np.abs(update.states - own.states).max()


def test_going_there_and_back_changes_nothing():
    rnn = recurrence("gru_reset_before", 5, 4)
    with torch.no_grad():
        back = _reset_before(_reset_after(rnn))
    for name, value in rnn.named_parameters():
        assert torch.allclose(value, back.get_parameter(name), atol=1e-7), name


@pytest.mark.parametrize(("cell", "classes"), [("lstm", 2), ("gru", 3)])
def test_other_cells_and_more_classes_have_no_such_conventions(cell, classes):
    network, trace = traced(Architecture(cell, 8, 6), classes)
    assert not has_conventions(network)
    with pytest.raises(TypeError, match=f"expected one layer of a GRU .* and two classes, got {cell.upper()}"):
        read_by_conventions(network, trace)


def test_the_figure_draws_the_answers_and_the_distances():
    network, trace = traced(GRUS["after"])
    readings = read_by_conventions(network, trace)
    figure: Any = draw(trace, readings)
    assert [len(curve["y"]) for curve in figure.data] == [STEPS] * 5
    assert np.array_equal(figure.data[3]["y"], apart(readings)[1])
    assert not apart(readings)[0].any()
