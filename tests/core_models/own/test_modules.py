"""What a person's own module computes is what is traced, or it is refused by a sentence; the module is left alone."""

import copy
import pickle
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations, parametrize, prune
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from core_models import tracing
from core_models.own import tools
from core_models.own.trace import trace
from core_models.own.traced import OwnError, OwnTrace
from core_models.trace import Site

X = torch.randn(9, 3, generator=torch.Generator().manual_seed(1))
KINDS = (nn.RNN, nn.GRU, nn.LSTM)
CELLS = (nn.RNNCell, nn.GRUCell, nn.LSTMCell)


def top(found: OwnTrace) -> np.ndarray:
    """Hidden states of the topmost layer, as the module returns them."""
    sites = [site for site, key in found if key == "hidden_state"]
    last = [site for site in sites if site.layer == sites[-1].layer]
    return np.concatenate([found.array(site, "hidden_state") for site in last], axis=1)


def gap(found: OwnTrace, module: nn.Module, x: Tensor = X, *state: Any) -> float:
    with torch.no_grad():
        return float(np.abs(top(found) - module(x, *state)[0].float().numpy()).max())


class Normed(nn.LSTM):
    def __init__(self, *sizes: int) -> None:
        super().__init__(*sizes)
        self.norm = nn.LayerNorm(self.input_size)

    def forward(self, input, hx=None):
        return super().forward(self.norm(input), hx)


class Scaled(nn.GRU):
    def forward(self, input, hx=None):
        out, last = super().forward(input, hx)
        return 2 * out, last


class ByHand(nn.GRU):
    def forward(self, input: Any, hx: Any = None) -> Any:
        out = torch.tanh(input @ self.all_weights[0][0][:5].T)
        return out, out[-1:]


class Dropped(nn.Module):
    def forward(self, weight: Tensor) -> Tensor:
        return nn.functional.dropout(weight, 0.5, self.training)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("first", [False, True])
def test_every_stock_module_is_traced_at_any_depth(kind, both, first):
    module = kind(3, 5, 2, bidirectional=both, batch_first=first)
    assert gap(trace(module, X), module) < 1e-6


@pytest.mark.filterwarnings("ignore:LSTM with projections")
@pytest.mark.parametrize("both", [False, True])
def test_an_lstm_with_a_projection_is_traced(both):
    module = nn.LSTM(3, 5, 2, proj_size=2, bidirectional=both)
    state = (torch.randn(4 if both else 2, 2), torch.randn(4 if both else 2, 5))
    found = trace(module, X, state=state)
    assert gap(found, module, X, state) < 1e-6
    site = Site("rnn", 1)
    f, i, g, c = (found.array(site, k) for k in ("forget_gate", "input_gate", "cell_candidate", "cell_state"))
    before = np.concatenate([found.before(site, "cell_state")[None], c[:-1]])
    assert np.abs(f * before + i * g - c).max() < 1e-6
    assert tools.ledger(found).error(found) < 1e-5


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_a_module_of_any_number_type_gives_its_own_states(dtype):
    module = nn.LSTM(3, 5, 2).to(dtype)
    assert gap(trace(module, X), module, X.to(dtype)) == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize("given", [X.double(), X.numpy(), X.double().numpy(), X.tolist(), X.clone().requires_grad_()])
def test_numbers_are_read_however_they_are_given(given):
    module = nn.GRU(3, 5)
    assert gap(trace(module, given), module) < 1e-6


def test_whole_numbers_are_read_as_numbers():
    module = nn.GRU(3, 5)
    assert gap(trace(module, torch.ones(4, 3, dtype=torch.long)), module, torch.ones(4, 3)) < 1e-6


@pytest.mark.parametrize("form", [tuple, list])
def test_a_state_is_kept_and_explains_the_first_step(form):
    module, h, c = nn.LSTM(3, 5), torch.randn(1, 5), torch.randn(1, 5)
    found = trace(module, X, state=form((h, c)))
    assert gap(found, module, X, (h, c)) < 1e-6
    assert np.array_equal(found.before(Site("rnn"), "hidden_state"), h[0].numpy())
    assert np.array_equal(found.before(Site("rnn"), "cell_state"), c[0].numpy())


def test_a_state_may_have_a_batch_axis_of_one():
    module, h = nn.GRU(3, 5), torch.randn(1, 1, 5)
    assert gap(trace(module, X, state=h), module, X, h[0]) < 1e-6


@pytest.mark.parametrize("sort", [False, True])
def test_packed_sequences_give_a_trace_each_in_the_order_given(sort):
    module, lengths = nn.GRU(3, 5, 2, bidirectional=True, batch_first=True), [9, 6, 4] if sort else [4, 9, 6]
    batch = torch.randn(3, 9, 3)
    packed = pack_padded_sequence(batch, torch.tensor(lengths), batch_first=True, enforce_sorted=sort)
    wanted, _ = pad_packed_sequence(module(packed)[0], batch_first=True)
    for found in (trace(module, packed), trace(module, batch, lengths=lengths)):
        for row, (one, length) in enumerate(zip(found, lengths, strict=True)):
            assert len(one) == length
            assert np.abs(top(one) - wanted[row, :length].detach().numpy()).max() < 1e-6
            assert np.abs(top(one) - top(trace(module, batch[row, :length]))).max() < 1e-6


def test_states_of_a_packed_batch_go_with_their_sequences():
    module, batch, state = nn.GRU(3, 5), torch.randn(9, 3, 3), torch.randn(1, 3, 5)
    for row, one in enumerate(trace(module, batch, lengths=[4, 9, 6], state=state)):
        assert np.array_equal(one.before(Site("rnn"), "hidden_state"), state[0, row].numpy())


def test_sequences_of_different_lengths_may_be_a_list():
    module = nn.GRU(3, 5)
    for one, x in zip(trace(module, [X[:4], X]), (X[:4], X), strict=True):
        assert gap(one, module, x) < 1e-6


@pytest.mark.parametrize("kind", CELLS)
def test_a_cell_is_stepped_over_the_input(kind):
    cell = kind(3, 5)
    stock = {nn.RNNCell: nn.RNN, nn.GRUCell: nn.GRU, nn.LSTMCell: nn.LSTM}[kind](3, 5)
    stock.load_state_dict({f"{key}_l0": value for key, value in cell.state_dict().items()})
    h, c = torch.randn(1, 5), torch.randn(1, 5)
    state = (h, c) if kind is nn.LSTMCell else h
    assert gap(trace(cell, X), stock) < 1e-6
    assert gap(trace(cell, X, state=state), stock, X, state) < 1e-6


@pytest.mark.parametrize("wrap", [nn.DataParallel, torch.optim.swa_utils.AveragedModel])
def test_a_module_is_traced_within_what_is_wrapped_around_it(wrap):
    module = nn.GRU(3, 5)
    found, plain = trace(wrap(module), X), trace(module, X)
    assert all(np.array_equal(found.array(*at), plain.array(*at)) for at in plain)


def test_a_trace_can_be_copied_and_sent_to_another_process():
    found = trace(nn.LSTM(3, 5), X, state=(torch.ones(1, 5), torch.ones(1, 5)))
    for other in (copy.deepcopy(found), pickle.loads(pickle.dumps(found))):  # noqa: S301 - our own
        assert (other.tokens, other.cells, set(other.initial)) == (found.tokens, found.cells, set(found.initial))
        assert all(np.array_equal(other.array(*at), found.array(*at)) for at in found)
        assert not other.array(Site("rnn"), "hidden_state").flags.writeable


def test_numbers_are_read_whatever_the_order_of_their_bytes():
    module, there = nn.GRU(3, 5), X.numpy().astype(">f8")
    assert np.array_equal(*(trace(module, x).array(Site("rnn"), "hidden_state") for x in (X, there)))


def test_a_compiled_module_is_traced_as_it_was_written():
    module = nn.GRU(3, 5)
    compiled: Any = torch.compile(module, backend="eager")
    assert gap(trace(compiled, X), module) < 1e-6


@pytest.mark.filterwarnings("ignore:.*weight_norm.*is deprecated")
@pytest.mark.parametrize("wrap", [
    lambda m: nn.utils.weight_norm(m, "weight_hh_l0"), lambda m: prune.l1_unstructured(m, "weight_hh_l0", 0.5),
])  # fmt: skip
def test_weights_computed_before_each_call_are_those_of_the_next_call(wrap):
    module = nn.GRU(3, 5)
    wrap(module)
    step = torch.optim.SGD(module.parameters(), lr=1.0)
    module(X)[0].pow(2).sum().backward()
    step.step()
    stale = module.weight_hh_l0
    found = trace(module, X)
    assert module.weight_hh_l0 is stale
    assert gap(found, module) < 1e-6


@pytest.mark.filterwarnings("ignore:RNN module weights are not part")
@pytest.mark.parametrize("wrap", [
    lambda m: parametrize.register_parametrization(m, "weight_hh_l0", Dropped()),
    lambda m: parametrizations.spectral_norm(m, "weight_hh_l0"),
])  # fmt: skip
def test_parametrised_weights_are_read_as_in_eval_and_left_alone(wrap):
    module = nn.LSTM(3, 5)
    wrap(module)
    module.train()
    with torch.no_grad():
        module.parametrizations.weight_hh_l0.original.add_(torch.randn(20, 5))  # type: ignore[union-attr]  # torch adds it
    kept = {key: value.clone() for key, value in module.state_dict().items()}
    found = trace(module, X)
    assert all(torch.equal(value, kept[key]) for key, value in module.state_dict().items())
    assert module.training
    assert gap(found, module.eval()) < 1e-6


def test_what_a_subclass_or_a_hook_makes_of_the_input_is_what_was_read():
    hooked = nn.GRU(3, 5)
    hooked.register_forward_pre_hook(lambda module, args: (0.1 * args[0], *args[1:]))
    for module in (Normed(3, 5), hooked):
        assert gap(trace(module, 7 * X + 3), module, 7 * X + 3) < 1e-6


@pytest.mark.parametrize("module", [Scaled(3, 5), ByHand(3, 5)])
def test_a_module_that_computes_something_else_is_refused(module):
    with pytest.raises(OwnError, match=r"gs\.watch\(model"):
        trace(module, X)


@pytest.mark.parametrize("x", [X.double(), X.numpy(), X.long()])
def test_the_plain_trace_says_what_it_wants(x):
    with pytest.raises(TypeError, match=r"expected (a tensor \[step, 3\]|torch.float32 as the module has)"):
        tracing.trace(nn.GRU(3, 5), x)


def test_the_plain_trace_refuses_what_is_not_stock():
    with pytest.raises(TypeError, match=r"gatescope\.trace follows"):
        tracing.trace(Normed(3, 5), X)


def test_autocast_does_not_reach_a_trace():
    module = nn.GRU(3, 5)
    with torch.autocast("cpu", torch.bfloat16):
        found = trace(module, X)
    assert gap(found, module) < 1e-6


@pytest.mark.parametrize(("module", "x", "words"), [
    (nn.GRU(3, 5, device="meta"), X, "no numbers yet"),
    (nn.GRU(3, 5), torch.zeros(4, 2), r"of 3 features each, .* got shape \[4, 2\]"),
    (nn.GRU(3, 5), torch.zeros(3), "of 3 features each"),
    (nn.GRU(3, 5), torch.zeros(0, 3), "of 3 features each"),
    (nn.GRU(3, 5), [["a", "b", "c"]], "expected numbers"),
    (nn.GRU(3, 5), torch.full((2, 3), torch.nan), r"a finite number, got nan at \[0, 0\]"),
    (nn.GRU(3, 5), np.full((2, 3), 1e300), "a number that torch.float32 can hold"),
    (nn.GRU(3, 5), torch.zeros(2, 3, dtype=torch.complex64), "plain real numbers"),
    (nn.Linear(3, 5), X, "expected a torch.nn.RNN, GRU, LSTM or a cell"),
    (nn.Sequential(nn.GRU(3, 5)), X, r"with 0 inside: log = gs\.watch"),
])  # fmt: skip
def test_what_cannot_be_traced_is_refused_with_the_way_out(module, x, words):
    with pytest.raises((TypeError, ValueError), match=words):
        trace(module, x)


def test_a_module_that_overflows_is_refused():
    module = nn.RNN(3, 5, nonlinearity="relu")
    with torch.no_grad():
        module.all_weights[0][1].fill_(100.0)
    with pytest.raises(ValueError, match="overflows"):
        trace(module, X.abs().repeat(10, 1))


@pytest.mark.parametrize("state", [torch.zeros(1, 4), torch.zeros(2, 5), (torch.zeros(1, 5), torch.zeros(1, 5))])
def test_a_state_that_does_not_fit_is_refused(state):
    with pytest.raises((TypeError, ValueError), match="state: expected"):
        trace(nn.GRU(3, 5), X, state=state)


def test_a_look_changes_nothing():
    module = nn.LSTM(3, 5, 2, dropout=0.9).train()
    module(X)[0].sum().backward()
    grads = [parameter.grad.clone() for parameter in module.parameters() if parameter.grad is not None]
    random, kept, hooks = torch.get_rng_state(), dict(vars(module)), len(module._forward_hooks)
    first, second = trace(module, X), trace(module, X)
    assert np.array_equal(top(first), top(second))
    assert module.training
    assert len(module._forward_hooks) == hooks
    assert torch.equal(torch.get_rng_state(), random)
    assert all(value is kept[key] for key, value in vars(module).items())
    after = [parameter.grad for parameter in module.parameters()]
    assert all(torch.equal(was, now) for was, now in zip(grads, after, strict=True) if now is not None)
    assert gap(first, module.eval()) < 1e-6
