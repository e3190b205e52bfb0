"""The same weights read by the GRU's other conventions give what those conventions compute."""

import numpy as np
import pytest
import torch

from core_models.cells.recurrence import recurrence
from core_models.explain.dynamics.conventions import (
    RNN,
    _reset_after,
    _reset_before,
    has_conventions,
    read_by_conventions,
)
from core_models.networks.classifier import EMBEDDING, READOUT, Architecture, SequenceClassifier
from core_models.trace import Tokens, Trace
from viz.figures.explain.gru_conventions import apart, draw

STEPS = 9
GRUS = {
    "after": Architecture("gru", 6, 8),
    "before": Architecture("gru_reset_before", 6, 8),
    "attention": Architecture("gru", 6, 8, attention="additive"),
}
kinds = pytest.mark.parametrize("name", GRUS)


def traced(architecture: Architecture) -> tuple[SequenceClassifier, Trace]:
    torch.manual_seed(2)
    network = SequenceClassifier(architecture, 20).eval()
    with torch.no_grad():
        for name in ("weight_ih_l0", "weight_hh_l0"):
            network.rnn.get_parameter(name).mul_(2)
    return network, network.trace(torch.arange(1, STEPS + 1), Tokens.numbered(STEPS))


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
    for t, x in enumerate(trace.array(EMBEDDING, "embedding")):
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


def test_other_cells_have_no_such_conventions():
    network, trace = traced(Architecture("lstm", 6, 8))
    assert not has_conventions(network)
    with pytest.raises(TypeError, match="expected one layer of a GRU read forward, got LSTM"):
        read_by_conventions(network, trace)


def test_the_figure_draws_the_answers_and_the_distances():
    network, trace = traced(GRUS["after"])
    readings = read_by_conventions(network, trace)
    figure = draw(trace, readings)
    assert [len(curve["y"]) for curve in figure.data] == [STEPS] * 5
    assert np.array_equal(figure.data[3]["y"], apart(readings)[1])
    assert not apart(readings)[0].any()
