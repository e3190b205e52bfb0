"""A recurrence from a file as a network: what it reads, what it answers, and whether it is the original."""

import copy

import numpy as np
import pytest
import torch
from safetensors.torch import save
from torch import nn

from core_models.encoded import Encoded
from core_models.heads.classes import ANSWER, READOUT
from core_models.heads.values import VALUE, VALUES
from core_models.own.files.load import open_model
from core_models.own.network import Readout, network_of, readouts_in, untrained_like, vectors_in
from core_models.own.proving import _misread, prove
from core_models.own.traced import OwnError
from core_models.trace import Site, Tokens

X = np.random.default_rng(3).normal(size=(7, 3)).astype(np.float32)
READ = Encoded(Tokens.numbered(len(X)), values=X)
KINDS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class Tagger(nn.Module):
    """A whole model as people write them."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.embed, self.rnn, self.out = nn.Embedding(6, 3), nn.LSTM(3, 4, 2), nn.Linear(4, count)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        return self.out(self.rnn(self.embed(ids)[:, None])[0][:, 0])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("both", [False, True])
def test_a_bare_recurrence_gives_its_states_as_numbers(kind, both):
    module = KINDS[kind](3, 4, 2, bidirectional=both)
    trace = network_of(copy.deepcopy(module)).trace(READ)
    states = module(torch.from_numpy(X)[:, None])[0][:, 0].detach().numpy()
    np.testing.assert_allclose(trace.array(VALUES, VALUE), states, atol=1e-6)


@pytest.mark.parametrize(("count", "classes"), [(1, True), (2, True), (3, True), (3, False)])
def test_a_whole_model_is_put_together_from_the_weights_in_its_file(count, classes):
    model = Tagger(count).eval()
    contents = open_model(save(model.state_dict()), "m.safetensors")
    (vectors,), (name, (weight, bias)) = vectors_in(contents, 3).items(), *readouts_in(contents, 4).items()
    assert (vectors[0], name) == ("embed.weight", "out.weight")
    network = network_of(contents.modules["rnn"], embedding=vectors[1], readout=Readout(weight, bias, classes))
    ids = (1, 4, 0, 5, 2)
    trace = network.trace(Encoded(Tokens(tuple("abcde"), ids=ids)))
    raw = model(torch.tensor(ids)).detach()
    if not classes:
        np.testing.assert_allclose(trace.array(VALUES, VALUE), raw.numpy(), atol=1e-6)
    elif count < 3:
        expected = torch.sigmoid(raw[:, 0]) if count == 1 else raw.softmax(-1)[:, 1]
        np.testing.assert_allclose(trace.array(READOUT, "probability"), expected.numpy(), atol=1e-6)
    else:
        np.testing.assert_allclose(trace.array(ANSWER, "class_probability"), raw[-1].softmax(-1).numpy(), atol=1e-6)


def test_the_untrained_twin_differs_in_recurrence_and_readout_alone_and_is_the_same_each_time():
    network = network_of(nn.GRU(3, 4), readout=Readout(torch.randn(3, 4), torch.zeros(3)))
    one, other = untrained_like(network), untrained_like(network)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))
    changed = {name for name, value in one.named_parameters() if not torch.equal(value, network.get_parameter(name))}
    assert changed == {name for name, _ in network.named_parameters()}
    bare = network_of(nn.GRU(3, 4))
    assert torch.equal(untrained_like(bare).head("numbers").readout.weight, torch.eye(4))


def test_no_random_number_is_drawn():
    state = torch.get_rng_state()
    untrained_like(network_of(nn.GRU(3, 4, device="meta").to_empty(device="cpu")))
    assert torch.equal(state, torch.get_rng_state())


@pytest.mark.filterwarnings("ignore:LSTM with projections")
def test_parts_that_do_not_fit_are_refused():
    with pytest.raises(OwnError, match="vectors: expected 3 columns"):
        network_of(nn.GRU(3, 4), embedding=torch.zeros(9, 5))
    with pytest.raises(OwnError, match="readout: expected 8 columns"):
        network_of(nn.GRU(3, 4, bidirectional=True), readout=Readout(torch.zeros(2, 4), torch.zeros(2)))
    with pytest.raises(OwnError, match=r"gs\.trace\(module, x\)"):
        network_of(nn.LSTM(3, 4, proj_size=2))


# Proof against the original


@pytest.mark.parametrize("kind", KINDS)
def test_the_output_of_the_original_proves_the_weights(kind):
    module = KINDS[kind](3, 4, bidirectional=True)
    output, network = module(torch.from_numpy(X)[:, None])[0], network_of(copy.deepcopy(module))
    found = prove(network, READ, output.detach().numpy())
    assert found.agrees
    assert found.largest < 1e-6
    ends = torch.cat([output[-1, 0, :4], output[0, 0, 4:]])
    assert prove(network, READ, ends.detach().numpy()[None]).what == "the last state"


def wrongly_read(kind: str):
    torch.manual_seed(5)
    network = network_of(KINDS[kind](3, 4, bidirectional=kind == "gru"))
    return [(network, hint, other) for hint, other in _misread(network)]


@pytest.mark.parametrize(
    ("network", "hint", "other"),
    [each for kind in ("gru", "lstm") for each in wrongly_read(kind)],
    ids=lambda each: each[:60] if isinstance(each, str) else "",
)
def test_every_usual_way_to_read_weights_wrongly_is_named(network, hint, other):
    original = other.trace(READ)
    states = np.concatenate([original.array(site, "hidden_state") for site in original.cells], axis=1)
    found = prove(network, READ, states)
    assert not found.agrees
    assert found.hint == hint


def test_an_output_that_nothing_explains_is_told_with_its_difference():
    network = network_of(nn.GRU(3, 4))
    states = network.trace(READ).array(Site("rnn"), "hidden_state").copy()
    states[4] += 0.25
    found = prove(network, READ, states)
    assert (found.agrees, found.hint, found.step) == (False, "", 4)
    assert found.largest == pytest.approx(0.25)
    with pytest.raises(OwnError, match=r"states after every step \[7, 4\].*got \[7, 5\]"):
        prove(network, READ, np.zeros((7, 5)))
    with pytest.raises(OwnError, match="expected finite numbers"):
        prove(network, READ, states * np.nan)
