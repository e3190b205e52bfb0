"""Gradients through time equal autograd's full Jacobian of the stock modules, and are the product of their factors."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core_models.cells import CELLS, Attending, Unrolled
from core_models.cells.looped import Looped
from core_models.cells.unrolled import Past
from core_models.explain.dynamics import gradient_flow as gradients_module
from core_models.explain.dynamics.gradient_flow import state_gradients, step_jacobians
from core_models.explain.dynamics.recurrence import Recurrence, unroll
from core_models.explain.memory.fading import StateGradients
from core_models.trace import Site
from core_models.tracing import cell_of, replay
from tests.core_models.test_schedules import KEYS, PLAIN, build
from tests.support.gradients import gradient_matrices

SIZE = {"features": 3, "hidden": 5, "layers": 1, "bidirectional": False, "bias": True, "steps": 7, "seed": 4}


def bound_of(found: StateGradients) -> np.ndarray:
    """The product of the steps' factors, of a recurrence that has such."""
    assert found.bound is not None
    return found.bound


def states_of(module: nn.RNNBase | Looped, x: Tensor) -> list[Tensor]:
    """Every state after each step as the module's own call gives it, end to end, ``[state]`` each."""
    found, state = [], None
    with torch.no_grad():
        for row in x:
            _, state = module(row[None], state)
            parts = state if isinstance(state, tuple) else (state,)
            found.append(torch.cat([part[0] for part in parts]))
    return found


def full_jacobian(module: nn.RNNBase | Looped, x: Tensor, step: int, state: Tensor) -> Tensor:
    """Derivative of the last state by the state after ``step``, by autograd through the module's own call."""
    parts = len(cell_of(module).states)

    def rest(start: Tensor) -> Tensor:
        given = tuple(part[None] for part in start.chunk(parts))
        _, last = module(x[step + 1 :], given if parts > 1 else given[0])
        return torch.cat([part[0] for part in (last if isinstance(last, tuple) else (last,))])

    if step == len(x) - 1:
        return torch.eye(len(state), dtype=state.dtype)
    return torch.autograd.functional.jacobian(rest, state)  # type: ignore[return-value]  # one tensor for one tensor


@pytest.mark.parametrize("block", [2, 64])
@pytest.mark.parametrize("key", KEYS)
def test_the_gradients_are_autograds_full_jacobian_of_the_module(key, block, monkeypatch):
    monkeypatch.setattr(gradients_module, "BLOCK", block)
    module, x = build(key, SIZE, torch.float64)
    found, norms = gradient_matrices(unroll(module, x)), state_gradients(module, x).norms
    for step, state in enumerate(states_of(module, x)):
        expected = full_jacobian(module, x, step, state)
        assert torch.allclose(found[step], expected, rtol=1e-10, atol=1e-14), step
        for place, name in enumerate(cell_of(module).states):
            part = slice(5 * place, 5 * place + 5)
            norm = np.linalg.norm(expected[part, part].numpy(), 2)
            assert norms[name][step] == pytest.approx(norm, rel=1e-9, abs=1e-14)


def test_the_gradients_of_an_lstm_go_through_the_cell_state_too():
    module, x = build("lstm", SIZE, torch.float64)
    found = gradient_matrices(unroll(module, x))[0]
    hidden_alone = torch.eye(5, dtype=torch.float64)
    for jacobian in step_jacobians(unroll(module, x))[1:]:
        hidden_alone = jacobian[:5, :5] @ hidden_alone
    assert not torch.allclose(found[:5, :5], hidden_alone, rtol=0.1)


@pytest.mark.parametrize("key", KEYS)
def test_every_layer_and_direction_has_the_gradients_of_its_own_recurrence(key):
    module, x = build(key, SIZE | {"layers": 2, "bidirectional": True}, torch.float64)
    values = replay(module, x)
    below = torch.cat([values[Site("rnn", 0, way), "hidden_state"] for way in ("forward", "backward")], dim=-1)
    alone, _ = build(key, SIZE | {"features": 10}, torch.float64)
    weights = {name.removesuffix("_reverse")[:-1] + "0": value for name, value in module.named_parameters()
               if name.endswith("l1_reverse")}  # fmt: skip
    alone.load_state_dict({name.replace("l1", "l0"): value for name, value in weights.items()})
    found = state_gradients(module, x, Site("rnn", 1, "backward"))
    expected = state_gradients(alone, below.flip(0))
    for name, norms in found.norms.items():
        assert norms == pytest.approx(expected.norms[name][::-1], rel=1e-9)
        assert norms[0] == 1.0
    assert bound_of(found) == pytest.approx(bound_of(expected)[::-1], rel=1e-9)
    assert found.lags.tolist() == expected.lags[::-1].tolist() == list(range(7))


@pytest.mark.parametrize("key", KEYS)
def test_the_product_of_the_steps_factors_bounds_every_gradient(key):
    module, x = build(key, SIZE | {"steps": 20}, torch.float64)
    found = state_gradients(module, x)
    for norms in found.norms.values():
        assert np.all(norms <= bound_of(found) * (1 + 1e-12))
    assert found.steps is not None
    assert bound_of(found)[-2] == pytest.approx(found.steps[-1])
    assert bound_of(found)[0] == pytest.approx(np.prod(found.steps[1:]))


@pytest.mark.parametrize("key", [key for key in KEYS if PLAIN[key].convention.keeps_past])
def test_a_gate_that_keeps_everything_carries_the_gradient_undiminished(key):
    module, x = build(key, SIZE | {"steps": 30}, torch.float64)
    cell = cell_of(module)
    gate, keeps = next(iter(cell.convention.keeps_past.items()))
    with torch.no_grad():
        module.get_parameter("weight_hh_l0").zero_()
        for name in cell.convention.effects:
            sign = 1.0 if name == gate and keeps else -1.0
            module.get_parameter("bias_ih_l0").view(-1, 5)[cell.row_of(name)] = 40.0 * sign
    found = state_gradients(module, x)
    assert found.memory == pytest.approx(np.ones(30), abs=1e-9)
    assert found.kept_path == pytest.approx(np.ones(30), abs=1e-9)


def test_without_other_paths_the_gradient_is_the_product_of_the_gates():
    module, x = build("gru", SIZE | {"steps": 12}, torch.float64)
    with torch.no_grad():
        module.get_parameter("weight_hh_l0").zero_()
    found = state_gradients(module, x)
    assert found.kept is not None
    assert found.kept_path is not None
    assert found.kept_path == pytest.approx(found.memory, rel=1e-12)
    assert found.kept_path[3] == pytest.approx(found.kept[4:].prod(axis=0).max(), rel=1e-12)


def test_an_elman_step_is_the_slope_times_the_recurrent_weights():
    module, x = build("rnn", SIZE, torch.float64)
    run, found = unroll(module, x), state_gradients(module, x)
    hidden = run.states[1:]
    assert found.slopes == pytest.approx((1 - hidden**2).numpy())
    expected = (1 - hidden**2)[:, :, None] * module.get_parameter("weight_hh_l0").detach()
    assert torch.allclose(step_jacobians(run), expected)
    assert found.stretch == pytest.approx(np.linalg.norm(module.get_parameter("weight_hh_l0").detach().numpy(), 2))
    assert found.kept is None
    assert found.kept_path is None


@pytest.mark.parametrize("key", KEYS)
def test_one_token_has_a_gradient_of_one(key):
    module, x = build(key, SIZE | {"steps": 1}, torch.float32)
    found = state_gradients(module, x)
    assert found.memory.tolist() == [1.0]
    assert bound_of(found).tolist() == [1.0]
    assert found.lags.tolist() == [0]


def test_the_module_is_left_as_it_was():
    module, x = build("lstm", SIZE, torch.float32)
    module.requires_grad_(False)
    before = [parameter.clone() for parameter in module.parameters()]
    with torch.no_grad():
        state_gradients(module, x)
    assert all(torch.equal(new, old) for new, old in zip(module.parameters(), before, strict=True))
    assert module.get_parameter("weight_hh_l0").dtype == torch.float32


def test_numbers_too_large_to_be_written_are_refused():
    module, x = build("rnn_relu", SIZE | {"steps": 40, "bias": False}, torch.float64)
    with torch.no_grad():
        module.get_parameter("weight_hh_l0").fill_(1e20)
        module.get_parameter("weight_ih_l0").fill_(1e-300)
    with pytest.raises(ValueError, match="expected finite derivatives, got some too large"):
        state_gradients(module, x.abs())


def test_a_layer_that_does_not_exist_is_refused():
    module, x = build("gru", SIZE, torch.float32)
    with pytest.raises(ValueError, match="expected a layer and direction of the network, got rnn-3-forward"):
        unroll(module, x, Site("rnn", 3))


ATTENDING = {key: cell.module for key, cell in CELLS.items() if isinstance(cell, Attending)}


@pytest.mark.parametrize("key", ATTENDING)
def test_a_recurrence_that_looks_further_back_has_no_single_steps(key):
    module = ATTENDING[key](3, 3)
    with pytest.raises(TypeError, match="expected a cell that reads only the state just before a token, got"):
        unroll(module, torch.randn(4, 3))


@pytest.mark.parametrize("key", ATTENDING)
def test_the_gradient_through_attention_is_what_a_small_change_of_a_state_does(key):
    torch.manual_seed(3)
    module, x = ATTENDING[key](4, 4).double(), torch.randn(6, 4, dtype=torch.float64)
    found = state_gradients(module, x)
    assert found.steps is None
    for step in range(6):
        columns = []
        for unit in range(4):
            ends = [nudged(module, x, step, unit, size) for size in (1e-5, -1e-5)]
            columns.append((ends[0] - ends[1]) / 2e-5)
        norm = np.linalg.norm(torch.stack(columns, dim=1).numpy(), 2)
        assert found.norms["hidden_state"][step] == pytest.approx(norm, rel=1e-6)


@torch.no_grad()
def nudged(module: Unrolled, x: Tensor, step: int, unit: int, size: float) -> Tensor:
    """The last state when one unit's state after ``step`` was moved by ``size``, in a loop of its own."""
    carried, states = torch.zeros(1, 1, 4, dtype=x.dtype), []
    for t in range(len(x)):
        seen = torch.cat(states, dim=1) if states else carried[:, :0]
        inputs = x[None, : t + 1] if module.includes_now else x[None, :t]
        found = module.values(module.project(x[None, t : t + 1]), Past(carried, seen, inputs))
        state = found["hidden_state"].clone()
        carried = found[module.carries].clone()
        if t == step:
            state[0, 0, unit] += size
            carried[0, 0, unit] += size * (found["attended_input"][0, 0, unit] if module.keys == "input" else 1.0)
            if module.keys == "input":
                carried = module.attend(state, module.squash(inputs), Past(carried, seen, inputs))[2] * state
        states.append(state)
    return states[-1][0, 0]


@pytest.mark.parametrize("key", KEYS)
def test_a_recurrence_that_goes_on_from_a_state_has_its_gradients(key):
    module, x = build(key, SIZE | {"steps": 9}, torch.float64)
    with torch.no_grad():
        _, middle = module(x[:4])
    whole, rest = unroll(module, x), unroll(module, x[4:], state=middle)
    assert torch.allclose(rest.states, whole.states[4:], atol=1e-12)
    assert torch.allclose(gradient_matrices(rest), gradient_matrices(whole)[4:], atol=1e-12)
    assert state_gradients(module, x[4:], state=middle).memory == pytest.approx(state_gradients(module, x).memory[4:])


def test_a_step_of_the_recurrence_is_the_cells_own():
    module, x = build("gru", SIZE, torch.float64)
    run: Recurrence = unroll(module, x)
    with torch.no_grad():
        after = run.step(run.states[:-1], run.from_input)
    assert torch.allclose(after, run.states[1:], atol=1e-13)


@pytest.mark.parametrize("way", ["forward", "backward"])
@pytest.mark.parametrize("key", KEYS)
def test_what_each_token_did_to_the_gradient_multiplies_to_the_gradient(key, way):
    module, x = build(key, SIZE | {"bidirectional": True}, torch.float64)
    found = state_gradients(module, x, Site("rnn", 0, way))
    for name, norms in found.norms.items():
        passed = found.passed(name)
        first, others = (6, passed[:6]) if way == "backward" else (0, passed[1:])
        assert np.isnan(passed[first])
        if not np.isfinite(others).all():  # of a state that another one makes anew
            assert (norms == 0.0).any()
        else:
            assert np.prod(others) == pytest.approx(norms[first], rel=1e-9)
