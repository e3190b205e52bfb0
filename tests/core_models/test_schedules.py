"""Both schedules compute the same trace as each other and as torch, for every cell, depth, direction and size."""

import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from core_models.cells import CELLS, Cell, Unrolled
from core_models.cells.looped import Looped
from core_models.cells.recurrence import recurrence
from core_models.cells.scan import scan
from core_models.trace import Site, Tokens, TraceError
from core_models.tracing import DIRECTIONS, cell_of, layers_of, replay, trace
from tests.support.toy_cells import TOYS

PLAIN = {key: cell for key, cell in (CELLS | TOYS).items() if isinstance(cell, Cell)}
"""Every cell that reads the state just before alone, and some that are listed nowhere."""

KEYS = list(PLAIN)
STOCK = [key for key, cell in PLAIN.items() if cell.stock is not None]

sizes = st.fixed_dictionaries(
    {
        "features": st.integers(1, 40),
        "hidden": st.one_of(st.integers(1, 40), st.sampled_from([64, 128])),
        "layers": st.integers(1, 3),
        "bidirectional": st.booleans(),
        "bias": st.booleans(),
        "steps": st.one_of(st.integers(1, 40), st.integers(1, 120)),
        "seed": st.integers(0, 2**16),
    }
)


def build(key: str, size: dict, dtype: torch.dtype) -> tuple[nn.RNNBase | Looped, torch.Tensor]:
    torch.manual_seed(size["seed"])
    module = recurrence(
        PLAIN[key], size["features"], size["hidden"], layers=size["layers"], bidirectional=size["bidirectional"]
    ).to(dtype)
    assert not isinstance(module, Unrolled)
    if not size["bias"]:
        for name, parameter in module.named_parameters():
            if name.startswith("bias"):
                torch.nn.init.zeros_(parameter)
    return module, torch.randn(size["steps"], size["features"], dtype=dtype)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.float64, 1e-12)])
@pytest.mark.parametrize("key", KEYS)
@settings(max_examples=10)
@given(size=sizes)
def test_both_schedules_agree_with_each_other_and_with_torch(key, dtype, tolerance, size):
    module, x = build(key, size, dtype)
    with torch.no_grad():
        parallel, sequential = replay(module, x), replay(module, x, schedule="sequential")
        expected = module(x)[0]
    assert parallel.keys() == sequential.keys()
    for address, values in parallel.items():
        scale = max(1.0, values.abs().max().item())
        assert (values - sequential[address]).abs().max() <= tolerance * scale, address
    top = [parallel[layer.site, "hidden_state"] for layer in layers_of(module)[-1]]
    assert torch.equal(torch.cat(top, dim=-1), expected)


@pytest.mark.parametrize("key", KEYS)
def test_the_final_states_are_those_that_torch_returns(key):
    module, x = build(key, {"features": 5, "hidden": 7, "layers": 2, "bidirectional": True, "bias": True,
                            "steps": 9, "seed": 1}, torch.float64)  # fmt: skip
    with torch.no_grad():
        values, last = replay(module, x), module(x)[1]
    parts = dict(zip(cell_of(module).states, last if isinstance(last, tuple) else (last,), strict=True))
    for state, expected in parts.items():
        for depth in range(2):
            for index, way in enumerate(DIRECTIONS):
                end = 0 if way == "backward" else -1
                assert torch.allclose(values[Site("rnn", depth, way), state][end], expected[2 * depth + index])


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("schedule", ["parallel", "sequential"])
def test_an_initial_state_is_used_by_both_schedules(key, schedule):
    module, x = build(key, {"features": 4, "hidden": 6, "layers": 2, "bidirectional": True, "bias": True,
                            "steps": 5, "seed": 2}, torch.float64)  # fmt: skip
    start = torch.randn(4, 6, dtype=torch.float64)
    state = tuple(start.roll(n, 0) for n in range(len(PLAIN[key].states))) if len(PLAIN[key].states) > 1 else start
    with torch.no_grad():
        values = replay(module, x, state=state, schedule=schedule)
        expected = module(x, state)[0]
    top = [values[Site("rnn", 1, way), "hidden_state"] for way in DIRECTIONS]
    assert torch.allclose(torch.cat(top, dim=-1), expected, atol=1e-12)


@pytest.mark.parametrize("cell", PLAIN.values(), ids=KEYS)
def test_a_gate_that_keeps_the_past_does_so_at_the_end_of_its_scale(cell):
    torch.manual_seed(0)
    memory, shape = cell.convention.memory, (3, 5)
    before = {state: torch.rand(shape) for state in cell.states}
    gates = {part.key: torch.zeros(shape) if part.squash == "sigmoid" else torch.rand(shape) for part in cell.parts}
    gates |= {key: torch.zeros(shape) for key in cell.made}
    for key, keeps in cell.convention.keeps_past.items():
        kept = cell.update(gates | {key: torch.full(shape, float(keeps))}, before)
        assert torch.equal(kept[memory], before[memory])
        lost = cell.update(gates | {key: torch.full(shape, float(not keeps))}, before)
        assert not torch.isclose(lost[memory], before[memory]).any()


@pytest.mark.parametrize("steps", [1, 2, 31, 32, 33, 36, 37, 100, 1000])
def test_the_chunked_scan_equals_the_plain_loop(steps):
    torch.manual_seed(steps)
    factor, addend, state = torch.rand(steps, 3).double(), torch.randn(steps, 3).double(), torch.randn(3).double()
    found = scan(factor, addend, state)
    for step in range(steps):
        state = factor[step] * state + addend[step]
        assert torch.allclose(found[step], state, atol=1e-13), step


@pytest.mark.parametrize("steps", [1, 5, 40])
def test_the_gradient_of_a_scan_is_that_of_the_plain_loop(steps):
    torch.manual_seed(steps)
    factor, addend = torch.rand(steps, 2, 3).double(), torch.randn(steps, 2, 3).double()
    given = [value.requires_grad_() for value in (factor, addend, torch.randn(2, 3).double())]
    assert torch.autograd.gradcheck(scan, given)
    assert torch.autograd.gradgradcheck(scan, given)


@pytest.mark.parametrize("schedule", ["parallel", "sequential"])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_a_long_sum_in_half_precision_is_what_the_weights_say(dtype, schedule):
    torch.manual_seed(0)
    module = nn.LSTM(8, 16).to(dtype)
    with torch.no_grad():
        module.get_parameter("bias_ih_l0")[:32] = torch.tensor([2.0, 8.0]).repeat_interleave(16)
    x = torch.randn(200, 8).to(dtype) + 1
    found = replay(module, x, schedule=schedule)[Site("rnn"), "cell_state"]
    exact = replay(copy.deepcopy(module).double(), x.double())[Site("rnn"), "cell_state"]
    assert found.dtype == dtype
    assert exact.abs().max() > 100
    assert (found.double() - exact).abs().max() < 0.005 * exact.abs().max()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_a_scan_in_half_precision_is_rounded_once(dtype):
    factor, addend = torch.ones(1000, 1, dtype=dtype), torch.full((1000, 1), 0.5, dtype=dtype)
    found = scan(factor, addend, torch.zeros(1, dtype=dtype))
    assert found.dtype == dtype
    assert torch.equal(found[:, 0], (torch.arange(1, 1001) / 2).to(dtype))


def test_a_stock_module_is_traced_with_labels_and_conventions():
    torch.manual_seed(0)
    module, x = nn.GRU(3, 4, num_layers=2, bidirectional=True, batch_first=True), torch.randn(6, 3)
    found = trace(module, x, tokens=Tokens(("a", "b", "c", "d", "e", "f")), name="mine")
    gate = found[Site("rnn", 1, "backward"), "update_gate"]
    assert gate.dims == ("step", "unit")
    assert gate.coords["step_token"].values.tolist() == ["a", "b", "c", "d", "e", "f"]
    assert found.cells[Site("rnn", 0)].keeps_past == {"update_gate": True}
    assert found.model == "mine"


@pytest.mark.parametrize(
    ("module", "x", "error", "message"),
    [
        (nn.Linear(2, 2), torch.zeros(1, 2), TypeError, "expected a torch.nn.RNN, GRU or LSTM, got Linear"),
        (nn.GRU(2, 2), torch.zeros(1, 3, 2), ValueError, r"expected one sequence \[step, 2\].*got \[1, 3, 2\]"),
        (nn.GRU(2, 2), torch.zeros(0, 2), ValueError, r"at least one step, got \[0, 2\]"),
        (nn.GRU(2, 2), torch.full((1, 2), torch.nan), TraceError, "expected finite numbers, got nan"),
    ],
)
def test_what_cannot_be_traced_is_refused_with_a_sentence(module, x, error, message):
    with pytest.raises(error, match=message):
        trace(module, x)


def test_an_initial_state_of_the_wrong_shape_is_refused():
    with pytest.raises(ValueError, match=r"expected 1 initial state\(s\) of shape \[1, 4\], got \[\[2, 4\]\]"):
        trace(nn.GRU(3, 4), torch.zeros(2, 3), state=torch.zeros(2, 4))
