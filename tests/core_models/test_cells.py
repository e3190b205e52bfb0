"""Every cell is its equations, in every schedule, depth, direction, batch and length, a cell that is not listed too."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from core_models.cells import CELLS, Attending, Cell
from core_models.cells.attentive import AttentiveRNN
from core_models.cells.gru import GRUCell
from core_models.cells.looped import Looped
from core_models.cells.recurrence import Recurrent, recurrence
from core_models.cells.steps import gather, read_all
from core_models.edits.edit import HoldGate
from core_models.edits.run import run as edited
from core_models.encoded import Encoded
from core_models.explain.arithmetic.cell import explain_cell
from core_models.explain.dynamics.fixed_points import find_attractors
from core_models.explain.dynamics.recurrence import unroll
from core_models.explain.memory.ledger import open_ledger
from core_models.networks.architecture import Architecture
from core_models.networks.sequence import SequenceNetwork
from core_models.trace import Site, Tokens
from core_models.tracing import layers_of, replay, trace
from core_models.vocabulary import Kind, quantity
from tests.core_models.test_schedules import PLAIN
from tests.support.by_hand import BY_HAND, attentive, declared
from tests.support.toy_cells import TOYS

FEATURES = HIDDEN = 7
RNN = Site("rnn")
EVERY = CELLS | TOYS
UNFUSED = [key for key, cell in CELLS.items() if not (isinstance(cell, Cell) and cell.stock)]
kinds = pytest.mark.parametrize("key", UNFUSED)


def build(key: str, seed: int = 0, hidden: int = HIDDEN, layers: int = 1, both: bool = False) -> Recurrent:
    torch.manual_seed(seed)
    return recurrence(EVERY[key], hidden, hidden, layers=layers, bidirectional=both).double()


def depths(key: str) -> list[tuple[int, bool]]:
    """Layers, and whether read in both directions, that a cell can be run in."""
    return [(1, False)] if isinstance(EVERY[key], Attending) else [(1, False), (2, True), (3, False)]


def every_shape(*, keys: list[str] | None = None):
    found = [(key, layers, both) for key in keys or EVERY for layers, both in depths(key)]
    return pytest.mark.parametrize(("key", "layers", "both"), found)


def sequence(steps: int, seed: int = 1, features: int = FEATURES) -> torch.Tensor:
    return torch.randn(steps, features, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("key", BY_HAND)
def test_the_states_are_those_of_the_equations_written_out_by_hand(key):
    module, x = build(key), sequence(11)
    assert np.allclose(replay(module, x)[RNN, "hidden_state"], BY_HAND[key](module, x.numpy()), atol=1e-12)


@pytest.mark.parametrize("key", PLAIN)
def test_the_states_are_those_of_the_parts_and_formulas_that_a_cell_declares(key):
    module, x = build(key), sequence(11)
    expected = declared(PLAIN[key], module, x.numpy())
    assert np.allclose(replay(module, x)[RNN, "hidden_state"], expected, atol=1e-12)


def test_states_may_be_compared_in_a_smaller_space():
    torch.manual_seed(0)
    module, x = AttentiveRNN(FEATURES, HIDDEN, 3).double(), sequence(11)
    expected = attentive(module, x.numpy(), gated=False)
    assert np.allclose(replay(module, x)[RNN, "hidden_state"], expected, atol=1e-12)


@kinds
@settings(max_examples=12)
@given(steps=st.integers(1, 60), hidden=st.integers(1, 24), seed=st.integers(0, 999))
def test_both_schedules_agree_for_every_size(key, steps, hidden, seed):
    module, x = build(key, seed, hidden), sequence(steps, seed, hidden)
    parallel, sequential = replay(module, x), replay(module, x, schedule="sequential")
    assert parallel.keys() == sequential.keys()
    for address, values in parallel.items():
        assert torch.allclose(values.double(), sequential[address].double(), atol=1e-11), address


@every_shape()
def test_a_batch_of_different_lengths_gives_every_sequence_its_own_states(key, layers, both):
    """Fails for a softmax over the batch, for weights of one text on another, and for padding that is read."""
    module, lengths = build(key, layers=layers, both=both), torch.tensor([3, 9, 1, 6])
    padded = torch.full((4, 9, FEATURES), 1e3, dtype=torch.float64)
    for row, length in enumerate(lengths):
        padded[row, :length] = sequence(int(length), seed=row)
    with torch.no_grad():
        output, last = module(pack_padded_sequence(padded, lengths, batch_first=True, enforce_sorted=False))
    states, _ = pad_packed_sequence(output, batch_first=True)
    last = last[0] if isinstance(last, tuple) else last
    for row, length in enumerate(lengths):
        values, alone = replay(module, sequence(int(length), seed=row)), []
        for depth, directions in enumerate(layers_of(module)):
            alone = [values[layer.site, "hidden_state"] for layer in directions]
            for way, own in enumerate(alone):
                assert torch.allclose(last[len(alone) * depth + way, row], own[0 if way else -1], atol=1e-12)
        assert torch.allclose(states[row, :length], torch.cat(alone, dim=-1), atol=1e-12)


@every_shape(keys=list(TOYS) + UNFUSED)
def test_a_batch_without_padding_is_read_as_it_is_packed(key, layers, both):
    module, x = build(key, layers=layers, both=both), torch.randn(5, 3, FEATURES, dtype=torch.float64)
    with torch.no_grad():
        states, last = module(x)
        packed, ends = module(pack_padded_sequence(x, torch.full((3,), 5)))
    assert torch.allclose(states, pad_packed_sequence(packed)[0], atol=1e-12)
    for one, other in zip(*(part if isinstance(part, tuple) else (part,) for part in (last, ends)), strict=True):
        assert torch.allclose(one, other, atol=1e-12)


@pytest.mark.parametrize(("layers", "both"), [(1, False), (2, True)])
@pytest.mark.parametrize("key", [key for key, cell in PLAIN.items() if cell.stock])
def test_the_loop_over_steps_is_torchs_own_module(key, layers, both):
    module = build(key, layers=layers, both=both)
    looped = Looped(PLAIN[key], FEATURES, HIDDEN, num_layers=layers, bidirectional=both).double()
    x = torch.randn(6, 2, FEATURES, dtype=torch.float64)
    with torch.no_grad():
        for name, value in module.named_parameters():
            getattr(looped, name).copy_(value)
        for one, other in zip(_flat(looped(x)), _flat(module(x)), strict=True):
            assert torch.allclose(one, other, atol=1e-12)


def _flat(found):
    states, last = found
    return (states, *last) if isinstance(last, tuple) else (states, last)


def test_dropout_between_layers_is_for_training_alone():
    torch.manual_seed(0)
    module, x = Looped(GRUCell(), 3, 8, num_layers=2, dropout=0.5), torch.randn(4, 3)
    with torch.no_grad():
        assert not torch.equal(module(x)[0], module(x)[0])
        module.eval()
        assert torch.equal(module(x)[0], module(x)[0])


def test_the_table_has_each_cell_under_the_key_of_its_convention():
    assert {key: cell.convention.key for key, cell in CELLS.items()} == {key: key for key in CELLS}


@pytest.mark.parametrize("key", EVERY)
def test_a_cell_says_whether_its_gates_read_the_state(key):
    cell = EVERY[key]
    assert cell.convention.gates_read_state == bool(cell.reading_parts)


@every_shape()
def test_a_fresh_module_has_no_recurrent_rows_for_parts_that_read_no_state(key, layers, both):
    for directions in layers_of(build(key, layers=layers, both=both)):
        for layer in directions:
            assert layer.weights.w_h.shape == (len(layer.cell.reading_parts) * HIDDEN, HIDDEN)
            assert layer.weights.w_x.shape[0] == len(layer.cell.parts) * HIDDEN


@pytest.mark.parametrize("steps", [1, 9, 70])
@pytest.mark.parametrize("key", [key for key, cell in PLAIN.items() if not cell.reading_parts])
def test_where_nothing_reads_the_state_all_steps_together_are_the_loop_and_so_are_their_gradients(key, steps):
    torch.manual_seed(3)
    (layer,), x = layers_of(build(key))[0], torch.randn(2, steps, FEATURES, dtype=torch.float64, requires_grad=True)
    initial = {name: torch.randn(2, HIDDEN, dtype=torch.float64, requires_grad=True) for name in layer.cell.states}
    towards = torch.randn(2, steps, HIDDEN, dtype=torch.float64)
    found = []
    for states in (read_all(PLAIN[key], layer.weights, x, initial), gather(list(layer.steps(x, initial)))):
        leaves = (x, initial[layer.cell.convention.memory], layer.weights.w_x, layer.weights.b_x)
        gradients = torch.autograd.grad((states["hidden_state"] * towards).sum(), leaves)
        found.append([*(states[name] for name in layer.cell.states), *gradients])
    for together, looped in zip(*found, strict=True):
        assert torch.allclose(together, looped, atol=1e-10)


def test_what_a_selective_state_space_writes_is_a_matrix_of_attention():
    """h_T of a unit is its row of the matrix times the candidates; the matrix is made from inputs alone."""
    module, x = build("s6"), sequence(12)
    found = {key: value.numpy() for (_, key), value in replay(module, x).items()}
    kept, written = found["decay_gate"], (1 - found["decay_gate"]) * found["write_factor"]
    for unit in range(HIDDEN):
        attention = np.zeros((12, 12))
        for query in range(12):
            for step in range(query + 1):
                left = kept[step + 1 : query + 1, unit].prod()
                attention[query, step] = found["read_factor"][query, unit] * left * written[step, unit]
        expected = attention @ found["linear_candidate"][:, unit]
        assert np.allclose(found["hidden_state"][:, unit], expected, atol=1e-12)


def test_peepholes_of_zero_leave_the_lstm_of_torch():
    module, x = build("peephole_lstm"), sequence(9)
    stock = torch.nn.LSTM(FEATURES, HIDDEN).double()
    with torch.no_grad():
        for name, value in module.named_parameters():
            value.zero_() if name.startswith("peephole") else getattr(stock, name).copy_(value)
        torch.nn.init.zeros_(stock.get_parameter("bias_hh_l0"))
        assert torch.allclose(stock(x)[0], replay(module, x)[RNN, "hidden_state"], atol=1e-12)


def test_exponents_too_large_to_be_written_are_stabilised():
    module, x = build("slstm"), sequence(9)
    with torch.no_grad():
        module.get_parameter("bias_ih_l0")[:HIDDEN] = 2000.0
    found = replay(module, x)
    assert all(values.isfinite().all() for values in found.values())
    assert (found[RNN, "hidden_state"].abs() <= 1).all()


def test_a_cell_that_is_not_listed_is_refused_by_name():
    with pytest.raises(ValueError, match=r"expected a cell out of rnn, .*, got 'perceptron'"):
        recurrence("perceptron", 3, 4)


@pytest.mark.parametrize("key", [key for key, cell in CELLS.items() if isinstance(cell, Attending)])
def test_attention_inside_is_one_layer_read_forward(key):
    with pytest.raises(ValueError, match="expected one layer read forward for"):
        recurrence(key, 4, 4, layers=2)


@pytest.mark.parametrize("key", EVERY)
def test_steps_held_at_their_own_values_and_left_unchanged_are_the_replay(key):
    module, x = build(key), sequence(6)
    (layer,), values = layers_of(module)[0], replay(module, x)
    found = gather(
        list(
            layer.steps(
                x[None],
                hold=lambda step, part, computed: values[RNN, part][step][None],
                change=lambda step, after, before: after,
                weigh=lambda step, computed: computed,
            )
        )
    )
    for part, value in found.items():
        if part != "attention_scores":
            assert torch.allclose(value[0], values[RNN, part], atol=1e-12), part


@pytest.mark.parametrize("key", EVERY)
def test_a_state_that_is_changed_after_a_step_is_what_the_next_steps_read(key):
    module, x = build(key), sequence(6)
    (layer,) = layers_of(module)[0]

    def wipe(step, after, before):
        return {name: torch.zeros_like(value) for name, value in after.items()} if step < 3 else after

    changed = list(layer.steps(x[None], change=wipe))
    assert not changed[2]["hidden_state"].any()
    if not isinstance(layer.cell, Attending):
        rest = replay(module, x[3:])
        assert torch.allclose(changed[5]["hidden_state"][0], rest[RNN, "hidden_state"][2], atol=1e-12)


@pytest.mark.parametrize(("layers", "both"), [(1, False), (2, True)])
@pytest.mark.parametrize("key", TOYS)
def test_a_new_cell_passes_through_every_tool(key, layers, both, monkeypatch):
    monkeypatch.setitem(CELLS, key, TOYS[key])
    torch.manual_seed(1)
    network = SequenceNetwork(Architecture(key, 5, 6, layers, both), (12,), {"answer": 2}).eval()
    text = Encoded(Tokens(tuple("abcde"), ids=(3, 7, 2, 9, 4)))
    found, content = network.trace(text), network.input.tensor(text)
    x = found.array(*network.input.address)
    logit = network(content[None], torch.tensor([5]))["answer"][0, 1].item()
    assert np.allclose(logit, found.array(Site("readout"), "logit")[-1], atol=1e-5)
    for depth, directions in enumerate(layers_of(network.rnn)):
        for layer in directions:
            for name in [part.key for part in layer.cell.parts] + list(layer.cell.states):
                spelled = explain_cell(layer, found, x, name, 2, 3)
                assert spelled.value == pytest.approx(spelled.shown, abs=1e-5)
            assert open_ledger(found, layer.site).error(found) < 1e-5
            gate = layer.cell.parts[0].key
            value = float(found.array(layer.site, gate)[1, 2])
            held = HoldGate(layer.site, gate, value, (2,), (1,))
            again = edited(network, text, (held,))
            assert np.allclose(
                again.array(layer.site, "hidden_state"), found.array(layer.site, "hidden_state"), atol=1e-6
            )
        x = np.concatenate([found.array(layer.site, "hidden_state") for layer in layers_of(network.rnn)[depth]], axis=1)
    run = unroll(network.rnn, network.input.embed(content))
    assert find_attractors(run, run.from_input[0], run.states).points


@kinds
def test_a_gate_that_decides_what_survives_does_what_its_convention_says(key):
    module, x = build(key), sequence(4)
    for gate, keeps in EVERY[key].convention.keeps_past.items():
        with torch.no_grad():
            module.get_parameter("bias_ih_l0").view(-1, HIDDEN)[EVERY[key].row_of(gate)] = 60.0
            if (writes := EVERY[key].convention.writes) is not None:
                module.get_parameter("bias_ih_l0").view(-1, HIDDEN)[EVERY[key].row_of(writes)] = -60.0
        found = replay(module, x)
        memory = EVERY[key].convention.memory
        carried = found[RNN, getattr(module, "carries", memory)]
        (written,) = (values for (_, name), values in found.items() if quantity(name).kind is Kind.CANDIDATE)
        expected = torch.cat([torch.zeros_like(carried[:1]), carried[:-1]]) if keeps else written
        assert torch.allclose(found[RNN, memory], expected, atol=1e-12)


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
        recurrence("multiplied_gru", 3, 4)


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
