"""Every planted fault is found, and no sound model raises an alarm."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from core_models.own.comparing import compare
from core_models.own.doctor import check
from core_models.own.trace import trace
from core_models.own.traced import OwnError
from core_models.trace import Site

X = torch.randn(3, 8, 4, generator=torch.Generator().manual_seed(3))
LENGTHS = [8, 5, 3]


class Reader(nn.Module):
    """A classifier that reads the last state; subclasses plant a fault each."""

    def __init__(self, kind: Any = nn.GRU, *, both: bool = False, layers: int = 1, first: bool = True) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.rnn: Any = kind(4, 6, num_layers=layers, batch_first=first, bidirectional=both)
        self.out = nn.Linear(12 if both else 6, 2)
        with torch.no_grad():
            for key, bias in self.rnn.named_parameters():
                if kind is nn.LSTM and key.startswith("bias_hh"):
                    bias[6:12] += 1.0

    def forward(self, x: Tensor) -> Tensor:
        _, last = self.rnn(x)
        ends = last[0] if isinstance(last, tuple) else last
        return self.out(torch.cat(list(ends[-2:] if self.rnn.bidirectional else ends[-1:]), dim=-1))


class Last(Reader):
    def forward(self, x):
        return self.out(self.rnn(x)[0][:, -1])


class Carried(Reader):
    state: Tensor | None = None
    detach = True

    def forward(self, x):
        states, last = self.rnn(x, self.state)
        self.state = last.detach() if self.detach else last
        return self.out(states[:, -1])


class Attached(Carried):
    detach = False


class Dropping(Reader):
    def forward(self, x):
        return self.out(nn.functional.dropout(self.rnn(x)[0][:, -1]))


class Attending(Reader):
    """Attention over the states, with a mask where lengths are known."""

    axis, form, lengths = 1, "sum", None

    def forward(self, x):
        states = self.rnn(x)[0]
        scores = states.sum(-1)
        if self.lengths is not None:
            scores = scores.masked_fill(
                torch.arange(x.shape[1])[None] >= torch.tensor(self.lengths)[:, None], -torch.inf
            )
        if self.form == "pairs":
            weights = torch.softmax(states @ states.transpose(1, 2), dim=self.axis)
            return self.out((weights @ states)[:, -1])
        if self.form == "column":
            weights = torch.softmax(scores.unsqueeze(-1), dim=self.axis)
            return self.out((weights * states).sum(1))
        weights = torch.softmax(scores, dim=self.axis)
        return self.out((weights.unsqueeze(-1) * states).sum(1))


class Packed(Reader):
    def forward(self, x):
        _, last = self.rnn(pack_padded_sequence(x, torch.tensor(LENGTHS), batch_first=True))
        return self.out((last[0] if isinstance(last, tuple) else last)[-1])


class Reshaped(Reader):
    def forward(self, x):
        return self.out(self.rnn(x)[1].view(len(x), -1))


class Summed(Attending):
    """The same attention by ``einsum``."""

    def forward(self, x):
        states = self.rnn(x)[0]
        weights = nn.functional.softmax(states @ states.transpose(1, 2), dim=self.axis)
        return self.out(torch.einsum("bqk,bkd->bqd", weights, states)[:, -1])


class ManyHeads(Reader):
    """Attention by torch's own module."""

    first, masked = True, False

    def forward(self, x):
        states = self.rnn(x)[0]
        torch.manual_seed(0)
        heads = nn.MultiheadAttention(6, 2, batch_first=self.first)
        behind = torch.arange(x.shape[1])[None] >= torch.tensor(LENGTHS)[:, None] if self.masked else None
        return self.out(heads(states, states, states, key_padding_mask=behind)[0][:, 0])


def made(kind: type[Reader], **settings) -> Reader:
    model = kind()
    for key, value in settings.items():
        setattr(model, key, value)
    return model


def weighed(kind: Any, factor: float, shift: float = 0.0) -> Reader:
    model = Reader(kind)
    with torch.no_grad():
        for key, weights in model.rnn.named_parameters():
            if key.startswith("weight_hh"):
                weights *= factor
            if key.startswith("bias_ih"):
                weights += shift
    return model


def rectified(shift: float) -> Reader:
    model = Reader(nn.RNN)
    model.rnn = nn.RNN(4, 6, batch_first=True, nonlinearity="relu")
    with torch.no_grad():
        model.rnn.all_weights[0][2].add_(shift)
    return model


def forgetful() -> Reader:
    model = Reader(nn.LSTM)
    with torch.no_grad():
        model.rnn.all_weights[0][3][6:12] -= 1.0
    return model


FAULTS: dict[str, tuple[nn.Module, dict[str, Any]]] = {
    "batch_first": (Reader(first=False), {}),
    "wrong end": (Last(both=True), {}),
    "Padding leaks into states": (Reader(), {"lengths": LENGTHS}),
    "Padding leaks into attention": (Attending(), {"lengths": LENGTHS}),
    "carried from one call": (Carried(), {}),
    "not detached": (Attached(), {}),
    "Dropout in eval": (Dropping(), {}),
    "softmax over the batch": (made(Attending, axis=0), {}),
    "over the wrong axis": (made(Attending, axis=1, form="pairs"), {}),
    "axis of length 1": (made(Attending, axis=-1, form="column"), {}),
    "blow up": (weighed(nn.RNN, 6.0), {}),
    "forget at once": (weighed(nn.RNN, 0.001), {}),
    "Mostly saturated": (weighed(nn.RNN, 1.0, 6.0), {}),
    "Almost always near 0 or 1": (weighed(nn.GRU, 1.0, 9.0), {}),
    "Dead units": (rectified(-20.0), {}),
    "forget bias": (forgetful(), {}),
    "Rows of the batch are mixed": (Reshaped(both=True), {}),
    "batch are mixed": (made(ManyHeads, first=False), {}),
    "leaks into attention": (ManyHeads(), {"lengths": LENGTHS}),
    "wrong axis": (made(Summed, axis=1), {}),
    "The batch is read as time": (Reader(first=False), {}),
    "vanish before lag 6": (weighed(nn.RNN, 0.1), {"lag": 6}),
}

SOUND = [
    *(Reader(kind, both=both, layers=layers) for kind in (nn.RNN, nn.GRU, nn.LSTM) for both in (False, True)
      for layers in (1, 2)),
    *(Last(kind) for kind in (nn.RNN, nn.GRU, nn.LSTM)),
    Attending(), made(Attending, axis=-1, form="pairs"), made(Attending, axis=1, form="column"),
    made(Attending, axis=2, form="pairs"), Attending(nn.LSTM),
]  # fmt: skip


@pytest.mark.parametrize("words", FAULTS)
def test_a_planted_fault_is_found(words):
    model, given = FAULTS[words]
    faults = check(model, X, **given).faults
    assert any(words in fault.title for fault in faults), [fault.title for fault in faults]


@pytest.mark.parametrize("number", range(len(SOUND)))
def test_a_sound_model_raises_no_alarm(number):
    assert len(SOUND) == 20
    assert check(SOUND[number], X).faults == ()


@pytest.mark.parametrize(
    "model", [Packed(), Packed(nn.LSTM), made(Attending, lengths=LENGTHS), made(ManyHeads, masked=True)]
)
def test_masked_and_packed_batches_raise_no_alarm(model):
    assert check(model, X, lengths=LENGTHS).faults == ()


def test_a_sum_by_einsum_over_the_axis_of_its_softmax_raises_no_alarm():
    assert check(made(Summed, axis=2), X).faults == ()


def test_a_model_that_takes_the_steps_first_is_checked_along_its_own_batch():
    model = nn.Sequential(nn.Linear(4, 4), nn.GRU(4, 6))
    assert check(model, X, batch_axis=1, loss=lambda found: found[0].sum()).faults == ()


def test_a_bare_recurrence_can_be_checked_with_a_loss():
    assert check(nn.GRU(4, 6), X.transpose(0, 1), loss=lambda found: found[0].square().mean()).faults == ()
    with pytest.raises(OwnError, match="at least two sequences"):
        check(nn.GRU(4, 6), X[0])


def test_a_check_leaves_the_model_and_the_random_state_alone():
    model = Carried().train()
    random, kept = torch.get_rng_state(), {key: value.clone() for key, value in model.state_dict().items()}
    check(model, X)
    assert model.state is None
    assert model.training
    assert torch.equal(torch.get_rng_state(), random)
    assert all(torch.equal(value, kept[key]) for key, value in model.state_dict().items())
    assert all(part.grad is None for part in model.parameters())


def test_two_versions_part_where_one_weight_was_changed():
    a, b, x = nn.LSTM(4, 6, 2), nn.LSTM(4, 6, 2), X[0]
    b.load_state_dict(a.state_dict())
    assert compare(a, b, x).first is None
    assert "they agree" in str(compare(a, b, x))
    with torch.no_grad():
        b.all_weights[1][2][7] += 0.01
    first = compare(a, b, x).first
    assert first is not None
    assert (first.site.layer, first.key, first.step, first.unit) == (1, "forget_gate", 0, 1)


def test_a_swapped_gate_order_is_named():
    a, b = nn.GRU(4, 6), nn.GRU(4, 6)
    swapped = {key: torch.cat([part[6:12], part[:6], part[12:]]) for key, part in a.state_dict().items()}
    b.load_state_dict(swapped)
    first = compare(a, b, X[0]).first
    assert first is not None
    assert "the gate order differs" in first.hint


@pytest.mark.filterwarnings("ignore")
def test_of_a_module_that_cannot_be_looked_into_the_output_is_compared():
    a = nn.LSTM(4, 6)
    b = torch.ao.quantization.quantize_dynamic(nn.Sequential(a), {nn.LSTM}, dtype=torch.qint8)[0]  # type: ignore[index]  # it holds modules in order
    with pytest.raises(OwnError, match=r"gs\.compare"):
        trace(b, X[0])
    assert 1e-4 < compare(a, b, X[0], tolerance=0.05).largest[Site("rnn"), "hidden_state"] < 0.05
    first = compare(a, b, X[0], tolerance=1e-5).first
    assert first is not None
    assert first.hint == "the outputs alone were compared"


def test_half_precision_parts_later_than_a_coarse_tolerance():
    a = nn.GRU(4, 6)
    b = nn.GRU(4, 6)
    b.load_state_dict(a.state_dict())
    assert compare(a, b.bfloat16(), X[0], tolerance=0.05).first is None
    with pytest.raises(OwnError, match="same cell"):
        compare(a, nn.GRU(4, 5), X[0])
