"""Half-lives follow from the gate's values, and a nudged unit forgets the nudge as the derivative says."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from core_models.cells import CELLS
from core_models.explain.dynamics.recurrence import unroll
from core_models.explain.memory.perturbation import perturb
from core_models.explain.memory.timescale import first_halving, half_lives, kept_shares, name_kept, retention
from core_models.trace import Site, Tokens, Trace
from core_models.tracing import cell_of, trace
from tests.core_models.explain.test_gradient_flow import SIZE
from tests.core_models.test_schedules import KEYS, build
from tests.support.gradients import gradient_matrices

HERE = Site("rnn")
GATED = [key for key in KEYS if not key.startswith("rnn")]


def made(gate: str, values: list[list[float]], key: str) -> Trace:
    """A trace that holds one gate, in the convention of the cell named ``key``."""
    convention = CELLS[key].convention
    array = np.array(values, dtype=np.float32)
    return Trace(Tokens.numbered(len(array)), {(HERE, gate): array}, {HERE: convention})


@pytest.mark.parametrize(("gate", "key"), [("update_gate", "gru"), ("forget_gate", "lstm")])
def test_a_gate_of_one_half_has_a_half_life_of_one_token(gate, key):
    found = half_lives(made(gate, [[0.5, 0.25, 1.0, 0.0], [0.5, 0.75, 1.0, 0.0]], key), HERE)
    assert found == pytest.approx([1.0, 1.0, np.inf, 0.0])


def test_the_mean_share_kept_decides_so_that_one_closed_gate_does_not():
    assert half_lives(made("update_gate", [[0.0], [1.0], [1.0], [1.0]], "gru"), HERE) == pytest.approx(
        [np.log(0.5) / np.log(0.75)]
    )


def test_what_is_kept_is_one_less_a_gate_that_overwrites():
    found = made("update_gate", [[0.25, 0.0], [0.75, 0.0]], "gru_reset_before")
    assert half_lives(found, HERE) == pytest.approx([1.0, np.inf])
    assert name_kept(found.cells[HERE]) == "1 − update gate zₜ"


def test_what_multiplies_the_memory_counts_in_what_is_kept():
    convention = CELLS["multiplied_gru"].convention
    gate, factor = np.array([[0.5], [0.8], [0.5]]), np.array([[0.25], [-1.0], [0.9]])
    entries = {(HERE, "update_gate"): gate, (HERE, "attended_input"): factor}
    found = Trace(Tokens.numbered(3), entries, {HERE: convention})
    assert retention(found, HERE) == pytest.approx(np.array([[0.5], [0.2], [-0.5]]))
    assert half_lives(found, HERE) == pytest.approx([np.log(0.5) / np.log(0.4)])
    assert kept_shares(found, HERE, 0) == pytest.approx(np.array([[1.0], [0.2], [0.1]]))
    assert name_kept(convention) == "update gate zₜ × attended input aₜ₋₁, without sign"


def test_a_text_that_goes_on_from_a_state_keeps_what_the_whole_text_does():
    module, x = build("gru", SIZE | {"steps": 12}, torch.float64)
    with torch.no_grad():
        _, middle = module(x[:5])
    whole, rest = perturb(module, x, 7), perturb(module, x[5:], 2, state=middle)
    assert rest.own == pytest.approx(whole.own)
    found = trace(module, x[5:], state=middle)
    assert found.before(HERE, "hidden_state") == pytest.approx(middle[0].numpy(), abs=1e-6)


def test_only_tokens_read_after_the_one_that_is_asked_for_count():
    found = made("update_gate", [[0.1], [0.5], [0.25]], "gru")
    assert half_lives(found, HERE, after=0) == pytest.approx([np.log(0.5) / np.log(0.375)])
    assert half_lives(found, HERE, after=2) == pytest.approx(half_lives(found, HERE))
    back = Site("rnn", 0, "backward")
    turned = Trace(found.tokens, {(back, "update_gate"): found.array(HERE, "update_gate")}, {back: found.cells[HERE]})
    assert half_lives(turned, back, after=2) == pytest.approx([np.log(0.5) / np.log(0.3)])


@pytest.mark.parametrize("key", ["rnn", "rnn_relu"])
def test_a_cell_without_a_keeping_gate_has_no_half_life_to_read_off(key):
    module, x = build(key, SIZE, torch.float32)
    assert half_lives(trace(module, x), HERE) is None
    assert half_lives(trace(module, x), Site("attention")) is None


def test_reading_half_lives_needs_no_torch():
    code = "import sys; sys.modules['torch'] = None; import core_models.explain.memory.timescale"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_first_halving_is_read_between_two_tokens():
    left = np.array([[1.0, 1.0, 1.0, 1.0, 1.0], [0.5, 0.7, 2.0, 0.0, 0.25], [0.5, 0.7, 1.0, 0.0, 9.0]])
    assert first_halving(left) == pytest.approx([1.0, np.inf, np.inf, 0.0, 0.5])
    assert first_halving(0.8 ** np.arange(9.0)[:, None]) == pytest.approx([np.log(0.5) / np.log(0.8)])


@pytest.mark.parametrize("key", KEYS)
def test_a_small_nudge_fades_as_the_derivative_says(key):
    module, x = build(key, SIZE, torch.float64)
    run, memory = unroll(module, x), cell_of(module).convention.memory
    place = run.places[memory]
    found = perturb(module, x, 2, size=1e-6)
    expected = gradient_matrices(run)[2][place, place]
    assert found.own.shape == found.whole.shape == (5, 5)
    assert found.own[-1] == pytest.approx(expected.diagonal().abs().numpy(), abs=1e-5)
    assert found.whole[-1] == pytest.approx(expected.norm(dim=0).numpy(), abs=1e-5)
    assert found.own[0] == pytest.approx(np.ones(5))
    assert found.whole[0] == pytest.approx(np.ones(5))


@pytest.mark.parametrize("key", GATED)
def test_without_other_paths_the_measurement_is_the_bookkeeping(key):
    module, x = build(key, SIZE | {"steps": 40}, torch.float64)
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if not name.startswith("bias"):
                parameter.zero_()
    measured = first_halving(perturb(module, x, 0).own)
    assert measured == pytest.approx(half_lives(trace(module, x), HERE, after=0), rel=1e-6)
    assert np.isfinite(measured).all()


@pytest.mark.parametrize("key", KEYS)
def test_a_backward_layer_forgets_towards_the_beginning(key):
    module, x = build(key, SIZE | {"bidirectional": True}, torch.float64)
    alone, _ = build(key, SIZE, torch.float64)
    names = [name for name, _ in alone.named_parameters()]
    alone.load_state_dict({name: getattr(module, f"{name}_reverse") for name in names})
    found = perturb(module, x, 5, site=Site("rnn", 0, "backward"), size=0.3)
    expected = perturb(alone, x.flip(0), 1, size=0.3)
    assert found.own == pytest.approx(expected.own)
    assert found.whole == pytest.approx(expected.whole)
    assert len(found.own) == 6


@pytest.mark.parametrize(("start", "size", "message"), [
    (7, 0.1, "expected a token from 0 to 6, got 7"),
    (-1, 0.1, "expected a token from 0 to 6, got -1"),
    (0, 0.0, "expected a nudge other than 0, got 0.0"),
    (0, float("nan"), "expected a nudge other than 0, got nan"),
])  # fmt: skip
def test_a_nudge_that_cannot_be_given_is_refused(start, size, message):
    module, x = build("gru", SIZE, torch.float32)
    with pytest.raises(ValueError, match=message):
        perturb(module, x, start, size=size)


def test_what_the_gate_alone_leaves_is_its_product_from_the_token_on():
    found = made("update_gate", [[0.1], [0.5], [0.25]], "gru")
    assert kept_shares(found, HERE, 0) == pytest.approx(np.array([[1.0], [0.5], [0.125]]))
    assert kept_shares(found, HERE, 2) == pytest.approx(np.array([[1.0]]))
    back = Site("rnn", 0, "backward")
    turned = Trace(found.tokens, {(back, "update_gate"): found.array(HERE, "update_gate")}, {back: found.cells[HERE]})
    assert kept_shares(turned, back, 2) == pytest.approx(np.array([[1.0], [0.5], [0.05]]))
    assert kept_shares(found, Site("attention"), 0) is None
