"""Recurrences that torch has no module for are their equations, in every schedule, batch and length."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from core_models.cells import UNROLLED, Unrolled
from core_models.cells.multiplied import MultipliedGRU
from core_models.trace import Site
from core_models.tracing import replay, trace

FEATURES = HIDDEN = 7
RNN = Site("rnn")
kinds = pytest.mark.parametrize("key", UNROLLED)


def build(key: str, seed: int = 0, hidden: int = HIDDEN) -> Unrolled:
    torch.manual_seed(seed)
    return UNROLLED[key](hidden, hidden).double()


def sequence(steps: int, seed: int = 1, features: int = FEATURES) -> torch.Tensor:
    return torch.randn(steps, features, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def sigmoid(a: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-a))


def softmax(e: np.ndarray) -> np.ndarray:
    powers = np.exp(e - e.max()) if len(e) else e
    return powers / powers.sum()


def matrices(module: Unrolled) -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
    """Input weights, recurrent weights and biases of every part, as NumPy arrays."""
    stacks = (module.weight_ih_l0, module.weight_hh_l0, module.bias_ih_l0)
    w, u, b = ([block.numpy() for block in stack.detach().split(module.hidden_size)] for stack in stacks)
    return w, u, b


def textbook_gru(module: Unrolled, x: np.ndarray) -> list[np.ndarray]:
    (w_r, w_z, w_n), (u_r, u_z, u_n), (b_r, b_z, b_n) = matrices(module)
    h, found = np.zeros(module.hidden_size), []
    for x_t in x:
        r, z = sigmoid(w_r @ x_t + u_r @ h + b_r), sigmoid(w_z @ x_t + u_z @ h + b_z)
        h = (1 - z) * h + z * np.tanh(w_n @ x_t + u_n @ (r * h) + b_n)
        found.append(h)
    return found


def attentive(module: Unrolled, x: np.ndarray, gated: bool) -> list[np.ndarray]:
    w, u, b = matrices(module)
    assert module.score is not None
    w_a, u_a, v = (getattr(module.score, name).weight.detach().numpy() for name in "wuv")
    h, found = np.zeros(module.hidden_size), []
    for x_t in x:
        e = np.array([v[0] @ np.tanh(w_a @ h_i + u_a @ h) for h_i in found])
        m = sum((share * h_i for share, h_i in zip(softmax(e), found, strict=True)), np.zeros_like(h))
        n = np.tanh(w[-1] @ x_t + u[-1] @ m + b[-1])
        z = sigmoid(w[0] @ x_t + u[0] @ h + b[0]) if gated else 1.0
        h = (1 - z) * h + z * n
        found.append(h)
    return found


def multiplied(module: Unrolled, x: np.ndarray) -> list[np.ndarray]:
    (w_r, w_z, w_n), (u_r, u_z, u_n), (b_r, b_z, b_n) = matrices(module)
    carried, found = np.zeros(module.hidden_size), []
    for t, x_t in enumerate(x):
        r = sigmoid(w_r @ x_t + u_r @ carried + b_r)
        z = sigmoid(w_z @ x_t + u_z @ carried + b_z)
        h = (1 - z) * np.tanh(w_n @ x_t + r * (u_n @ carried) + b_n) + z * carried
        found.append(h)
        keys = np.tanh(x[: t + 1] + module.get_parameter("shift").detach().numpy())
        carried = softmax(keys @ h) @ keys * h
    return found


BY_HAND = {
    "gru_reset_before": textbook_gru,
    "attentive_gru": lambda module, x: attentive(module, x, gated=True),
    "attentive_rnn": lambda module, x: attentive(module, x, gated=False),
    "multiplied_gru": multiplied,
}


@kinds
def test_the_states_are_those_of_the_equations_written_out_by_hand(key):
    module, x = build(key), sequence(11)
    assert np.allclose(replay(module, x)[RNN, "hidden_state"], BY_HAND[key](module, x.numpy()), atol=1e-12)


@kinds
@settings(max_examples=12, deadline=None, derandomize=True)
@given(steps=st.integers(1, 60), hidden=st.integers(1, 24), seed=st.integers(0, 999))
def test_both_schedules_agree_for_every_size(key, steps, hidden, seed):
    module, x = build(key, seed, hidden), sequence(steps, seed, hidden)
    parallel, sequential = replay(module, x), replay(module, x, schedule="sequential")
    assert parallel.keys() == sequential.keys()
    for address, values in parallel.items():
        assert torch.allclose(values.double(), sequential[address].double(), atol=1e-11), address


@kinds
def test_a_batch_of_different_lengths_gives_every_sequence_its_own_states(key):
    """Fails for a softmax over the batch, for weights of one text on another, and for padding that is read."""
    module, lengths = build(key), torch.tensor([3, 9, 1, 6])
    padded = torch.full((4, 9, FEATURES), 1e3, dtype=torch.float64)
    for row, length in enumerate(lengths):
        padded[row, :length] = sequence(int(length), seed=row)
    with torch.no_grad():
        output, last = module(pack_padded_sequence(padded, lengths, batch_first=True, enforce_sorted=False))
    states, _ = pad_packed_sequence(output, batch_first=True)
    for row, length in enumerate(lengths):
        alone = replay(module, sequence(int(length), seed=row))[RNN, "hidden_state"]
        assert torch.allclose(states[row, :length], alone, atol=1e-12)
        assert torch.allclose(last[0, row], alone[-1], atol=1e-12)


@kinds
def test_a_gate_that_decides_what_survives_does_what_its_convention_says(key):
    module, x = build(key), sequence(4)
    rows = {part.key: row for row, part in enumerate(module.cell.parts)}
    for gate, keeps in module.cell.convention.keeps_past.items():
        with torch.no_grad():
            module.bias_ih_l0[rows[gate] * HIDDEN : (rows[gate] + 1) * HIDDEN] = 60.0
        found = replay(module, x)
        kept = torch.cat([torch.zeros(1, HIDDEN, dtype=torch.float64), found[RNN, module.carries][:-1]])
        expected = kept if keeps else found[RNN, "candidate"]
        assert torch.allclose(found[RNN, "hidden_state"], expected, atol=1e-12)


@pytest.mark.parametrize("key", ["attentive_gru", "attentive_rnn"])
def test_the_first_token_has_nothing_to_attend_to(key):
    found = trace(build(key).float(), sequence(5).float())
    weights, mask = found.array(RNN, "attention_weights"), found.array(RNN, "attention_mask")
    assert not mask[0, 0].any()
    assert not weights[0, 0].any()
    assert not found.array(RNN, "attended_memory")[0].any()
    assert np.allclose(weights[0, 1:].sum(-1), 1, atol=1e-6)
    assert not np.triu(weights[0]).any()


@kinds
def test_what_was_computed_does_not_change_when_more_is_read(key):
    module, x = build(key), sequence(9)
    short, whole = replay(module, x[:5]), replay(module, x)
    for address, values in short.items():
        part = whole[address][..., :5, :5] if values.ndim == 3 else whole[address][:5]
        assert torch.allclose(values.double(), part.double(), atol=1e-12), address


def test_a_multiplied_state_needs_as_many_features_as_units():
    with pytest.raises(ValueError, match="expected as many features as units, got 3 and 4"):
        MultipliedGRU(3, 4)


def test_the_textbook_gru_is_not_torchs_under_the_same_weights():
    module = build("gru_reset_before")
    stock = torch.nn.GRU(FEATURES, HIDDEN).double()
    with torch.no_grad():
        for name, value in module.named_parameters():
            getattr(stock, name).copy_(value)
        torch.nn.init.zeros_(stock.get_parameter("bias_hh_l0"))
        for name, _ in module.named_parameters():
            getattr(stock, name)[HIDDEN : 2 * HIDDEN] *= -1  # z the other way round
        x = sequence(20)
        gap = (stock(x)[0] - replay(module, x)[RNN, "hidden_state"]).abs().max()
    assert 1e-3 < gap < 1
