"""Recurrences and attention inside any model, seen while it runs; and the tools on what was seen."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from core_models.own.trace import trace
from core_models.own.traced import OwnError
from core_models.trace import Site
from core_models.watching import watch, watch_once

X = torch.randn(9, 3, generator=torch.Generator().manual_seed(1))
RNN, ATTENTION = Site("rnn"), Site("attention")


class Model(nn.Module):
    """An encoder, a decoder stepped by hand with attention of its own, and torch's attention."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.ModuleDict({"rnn": nn.GRU(3, 8, 2, bidirectional=True, batch_first=True)})
        self.cell = nn.LSTMCell(16, 16)
        self.look = nn.MultiheadAttention(16, 2, batch_first=True)
        self.choose = Choose()
        self.out = nn.Linear(16, 2)

    def forward(self, x: torch.Tensor, padding: torch.Tensor | None = None) -> torch.Tensor:
        states, _ = self.encoder["rnn"](x)
        seen, _ = self.look(states, states, states, key_padding_mask=padding)
        h = c = torch.zeros(len(x), 16)
        for _ in range(4):
            h, c = self.cell(self.choose(h, seen), (h, c))
        return self.out(h)


class Choose(nn.Module):
    def forward(self, query: torch.Tensor, keys: torch.Tensor) -> torch.Tensor:
        weights = torch.softmax((keys @ query[..., None])[..., 0], dim=-1)
        return (weights[:, None] @ keys)[:, 0]


@pytest.fixture
def model() -> Model:
    torch.manual_seed(0)
    return Model().eval()


def test_every_recurrence_is_found_by_its_name(model):
    batch = torch.randn(2, 7, 3)
    with torch.no_grad():
        bare = model(batch)
        with watch(model, softmax=["choose"]) as log:
            assert torch.equal(model(batch), bare)
    assert set(log) == {"encoder.rnn", "look", "cell", "choose"}
    states = model.encoder["rnn"](batch)[0].detach()
    for row, one in enumerate(log.calls("encoder.rnn")[0]):
        found = [one.array(Site("rnn", 1, way), "hidden_state") for way in ("forward", "backward")]
        assert np.abs(np.concatenate(found, axis=1) - states[row].numpy()).max() < 1e-6
    assert len(log["cell"]) == 4
    assert log["choose"].array(ATTENTION, "attention_weights").shape == (1, 4, 7)
    assert log["look"].array(ATTENTION, "attention_weights").shape == (2, 7, 7)


def test_padding_is_masked_in_what_is_shown_of_attention(model):
    padding = torch.zeros(2, 7, dtype=torch.bool)
    padding[1, 4:] = True
    with watch(model) as log:
        model(torch.randn(2, 7, 3), padding)
    _, second = log.calls("look")[0]
    assert not second.array(ATTENTION, "attention_weights")[..., 4:].any()
    assert second.array(ATTENTION, "attention_mask")[0, 0].tolist() == [1, 1, 1, 1, 0, 0, 0]


def held(cell: nn.Module, x: torch.Tensor, lengths: torch.Tensor, how: str) -> torch.Tensor:
    """The last states of a padded batch, ``[batch, unit]``, by a loop that holds those of sequences that are over."""
    several = isinstance(cell, nn.LSTMCell)
    state = tuple(torch.zeros(len(lengths), 5) for _ in range(2))
    for step in range(len(x)):
        inside = (step < lengths)[:, None]
        after = cell(x[step], state if several else state[0])
        parts = after if several else (after,)
        if how == "where":
            parts = tuple(torch.where(inside, new, old) for new, old in zip(parts, state, strict=False))
        else:
            mask = inside.float()
            parts = tuple(mask * new + (1 - mask) * old for new, old in zip(parts, state, strict=False))
        state = parts if several else (*parts, state[1])
    return state[0]


class Loop(nn.Module):
    def __init__(self, cell: nn.Module, loop) -> None:
        super().__init__()
        self.cell, self.loop = cell, loop

    def forward(self, *given: torch.Tensor) -> torch.Tensor:
        return self.loop(self.cell, *given)


@pytest.mark.parametrize("how", ["where", "product"])
@pytest.mark.parametrize("kind", [nn.GRUCell, nn.LSTMCell, nn.RNNCell])
def test_a_loop_that_holds_the_states_of_shorter_sequences_is_one_call(kind, how):
    torch.manual_seed(0)
    cell, x, lengths = kind(3, 5), torch.randn(6, 4, 3), torch.tensor([2, 6, 4, 1])
    log = watch_once(Loop(cell, lambda cell, x, lengths: held(cell, x, lengths, how)), x, lengths)
    assert [len(one) for one in log.call("cell", 0)] == lengths.tolist()
    assert len(log.calls("cell")) == 1
    for row, one in enumerate(log.call("cell", 0)):
        alone = trace(cell, x[: lengths[row], row])
        assert max(np.abs(one.array(*at) - alone.array(*at)).max() for at in alone) < 1e-6


def test_a_sequence_that_a_loop_begins_anew_is_another_one_of_its_row():
    done = torch.zeros(7, 3)
    done[2, 0] = done[4, 0] = done[3, 2] = 1

    def loop(cell: nn.Module, x: torch.Tensor) -> torch.Tensor:
        h = torch.zeros(3, 5)
        for step in range(len(x)):
            h = cell(x[step], h * (1 - done[step - 1])[:, None])
        return h

    cell, x = nn.GRUCell(3, 5), torch.randn(7, 3, 3)
    found = watch_once(Loop(cell, loop), x, tokens=[list("abcdefg")] * 3).call("cell", 0)
    assert ["".join(one.tokens.labels) for one in found] == ["abc", "de", "fg", "abcdefg", "abcd", "efg"]
    alone = trace(cell, x[3:5, 0])
    assert max(np.abs(found[1].array(*at) - alone.array(*at)).max() for at in alone) < 1e-6


def test_a_masked_output_of_a_whole_run_holds_nothing():
    class Last(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.GRU(3, 5)

        def forward(self, x: Any) -> torch.Tensor:
            return self.rnn(x)[1][-1] * torch.tensor([1.0, 0.0])[:, None]

    model, x = Last(), torch.randn(4, 2, 3)
    assert [len(one) for one in watch_once(model, x).call("rnn", 0)] == [4, 4]
    packed = nn.utils.rnn.pack_padded_sequence(x, torch.tensor([2, 4]), enforce_sorted=False)
    assert [len(one) for one in watch_once(model, packed).call("rnn", 0)] == [2, 4]


def test_states_that_are_changed_otherwise_are_another_call():
    def loop(cell: nn.Module, x: torch.Tensor) -> torch.Tensor:
        h = torch.zeros(3, 5)
        for step in range(len(x)):
            h = cell(x[step], h * 0.5)
        return h

    log = watch_once(Loop(nn.GRUCell(3, 5), loop), torch.randn(4, 3, 3))
    assert [len(one) for call in log.calls("cell") for one in call] == [1] * 12


@pytest.mark.parametrize("given", [
    {}, {"is_causal": True}, {"scale": 0.1}, {"attn_mask": torch.randn(5, 7)}, {"enable_gqa": True},
    {"attn_mask": torch.rand(2, 1, 5, 7) > 0.4}, {"attn_mask": torch.full((5, 7), -torch.inf).triu(1)},
])  # fmt: skip
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_the_weights_of_scaled_dot_product_attention_are_those_that_give_its_output(given, dtype):
    torch.manual_seed(0)
    heads = 2 if given.get("enable_gqa") else 4
    query, key, value = (torch.randn(2, n, rows, 8, dtype=dtype) for n, rows in ((4, 5), (heads, 7), (heads, 7)))
    given = {name: part.to(dtype) if isinstance(part, torch.Tensor) and part.is_floating_point() else part
             for name, part in given.items()}  # fmt: skip
    if "attn_mask" in given and given["attn_mask"].dtype is torch.bool:
        given["attn_mask"][..., 0] = True
    call: Any = nn.functional.scaled_dot_product_attention
    log = watch_once(Loop(nn.Identity(), lambda _, *parts: call(*parts, **given)), query, key, value)
    wide = {name: part.float() if isinstance(part, torch.Tensor) and part.is_floating_point() else part
            for name, part in given.items()}  # fmt: skip
    values = value.float().repeat_interleave(4 // heads, 1)
    for row, one in enumerate(log.call("", 0)):
        weights = torch.from_numpy(np.array(one.array(ATTENTION, "attention_weights")))
        own = call(query.float(), key.float(), value.float(), **wide)[row]
        assert (weights @ values[row] - own).abs().max() < 1e-5


def test_attention_that_has_no_weights_to_show_is_refused():
    query, mask = torch.randn(1, 2, 3, 8), torch.ones(3, 3, dtype=torch.bool)
    mask[1] = False
    call: Any = nn.functional.scaled_dot_product_attention
    for given, words in (({"dropout_p": 0.5}, r"model\.eval\(\)"), ({"attn_mask": mask}, "no key that it may look at")):
        log = watch_once(Loop(nn.Identity(), lambda _, q, given=given: call(q, q, q, **given)), query)
        with pytest.raises(OwnError, match=words):
            log[""]


@pytest.mark.parametrize("grad", [False, True])
def test_attention_that_was_asked_for_no_weights_shows_them(grad):
    layer, x = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True).eval(), torch.randn(2, 5, 16)
    with torch.set_grad_enabled(grad), watch(layer) as log:
        layer(x)
    wanted = layer.self_attn(x, x, x, average_attn_weights=False)[1][1].detach().numpy()
    assert np.abs(log.call("self_attn", 0)[1].array(ATTENTION, "attention_weights") - wanted).max() < 1e-6


def test_every_call_is_kept_and_a_new_sequence_of_a_cell_is_a_new_call(model):
    with watch(model) as log:
        model(torch.randn(1, 5, 3))
        model(torch.randn(1, 6, 3))
    assert [len(call[0]) for call in log.calls("encoder.rnn")] == [5, 6]
    assert [len(call[0]) for call in log.calls("cell")] == [4, 4]
    with pytest.raises(KeyError, match=r"got 'rnn'; called were 'encoder\.rnn'"):
        log["rnn"]


class Stepped(nn.Module):
    """A decoder that asks a whole recurrence for one step at a time, under two names."""

    def __init__(self, rnn: nn.Module) -> None:
        super().__init__()
        self.rnn = self.again = rnn

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out, state = self.rnn(x[:3])
        for step in range(3, len(x)):
            out, state = self.again(x[step : step + 1], state)
        return out


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_steps_that_go_on_from_one_another_are_one_call_under_each_name(kind):
    module, batch = kind(3, 5, 2), torch.randn(7, 2, 3)
    log = watch_once(Stepped(module), batch)
    assert len(log.calls("rnn")) == 1
    for row, (one, other) in enumerate(zip(log.call("rnn", 0), log.call("again", 0), strict=True)):
        whole = trace(module, batch[:, row])
        assert max(np.abs(one.array(*at) - whole.array(*at)).max() for at in whole) < 1e-6
        assert one is other


def test_a_model_that_is_watched_once_reads_as_in_eval_and_is_left_as_it_was():
    model = nn.Sequential(nn.GRU(3, 5, 2, dropout=0.5)).train()
    before = torch.get_rng_state()
    log = watch_once(model, X)
    assert model.training
    assert model[0].training
    assert torch.equal(torch.get_rng_state(), before)
    assert len(log["0"]) == len(X)
    with pytest.raises(TypeError, match="expected a torch module"):
        watch_once("model", X)  # type: ignore[arg-type]  # what is refused


@pytest.mark.filterwarnings("ignore:The tensor attributes")
def test_an_exported_program_is_seen():
    model = nn.Sequential(nn.GRU(3, 5)).eval()
    program = torch.export.export(model, (X,)).module()
    seen = watch_once(program, X)
    (name,) = seen
    assert np.abs(seen[name].array(RNN, "hidden_state") - model(X)[0].detach().numpy()).max() < 1e-6


@pytest.mark.filterwarnings("ignore")  # what torch says of its own older ways
@pytest.mark.parametrize(("make", "words"), [
    (lambda model: torch.jit.script(model), "scripted"), (lambda model: torch.jit.trace(model, X[:, None]), "scripted"),
    (lambda model: torch.ao.quantization.quantize_dynamic(model, {nn.GRU}), "quantised"),
])  # fmt: skip
def test_what_cannot_be_looked_into_says_so(make, words):
    model = make(nn.Sequential(nn.GRU(3, 5)).eval())
    log = watch_once(model, X[:, None])
    assert words in repr(log)
    with pytest.raises(OwnError, match=words):
        log["0"]


def test_watching_leaves_gradients_and_hooks_as_they_are(model):
    batch, hooks = torch.randn(2, 7, 3), [len(part._forward_hooks) for part in model.modules()]
    model(batch).sum().backward()
    wanted = model.cell.weight_hh.grad.clone()
    model.zero_grad()
    with watch(model):
        model(batch).sum().backward()
    assert torch.equal(model.cell.weight_hh.grad, wanted)
    assert [len(part._forward_hooks) for part in model.modules()] == hooks


def test_weights_that_change_within_the_block_are_those_of_each_call():
    recurrent = nn.GRU(3, 5)
    model = nn.Sequential(recurrent)
    with watch(model) as log, torch.no_grad():
        first = model(X)[0]
        recurrent.all_weights[0][1].mul_(2.0)
        second = model(X)[0]
    for out, (one,) in zip((first, second), log.calls("0"), strict=True):
        assert np.abs(one.array(RNN, "hidden_state") - out.numpy()).max() < 1e-6


def test_values_dropped_between_layers_are_refused():
    model = nn.Sequential(nn.GRU(3, 5, 2, dropout=0.5)).train()
    with watch(model) as log:
        model(X)
    with pytest.raises(OwnError, match=r"model\.eval\(\)"):
        log["0"]


def test_a_model_under_autocast_is_refused_with_the_way_out():
    model = nn.Sequential(nn.GRU(3, 5)).eval()
    with watch(model) as log, torch.autocast("cpu", torch.bfloat16):
        model(X)
    with pytest.raises(OwnError, match=r"outside of autocast, or convert it"):
        log["0"]


def test_a_softmax_that_is_not_there_is_refused(model):
    with pytest.raises(OwnError, match="name of a module"), watch(model, softmax=["chose"]):
        pass


class Mapped(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.GRUCell(3, 5)

    def forward(self, x: torch.Tensor) -> Any:
        return torch.vmap(lambda row: self.cell(row, torch.zeros(5)))(x)


@pytest.mark.filterwarnings("ignore")  # what torch says of its own newer and older ways
@pytest.mark.parametrize(("model", "given", "words"), [
    (Mapped(), X, "outside of them"), (nn.Sequential(nn.GRU(3, 5, device="meta")), X.to("meta"), "meta device"),
    (nn.Sequential(nn.GRU(3, 5)), torch.zeros(4, 0, 3), "an empty batch"),
])  # fmt: skip
def test_what_was_run_without_numbers_says_so(model, given, words):
    log = watch_once(model, given)
    (name,) = {*log, *log.closed}
    with pytest.raises(OwnError, match=words):
        log[name]


def test_a_model_whose_weights_are_not_made_yet_is_not_made_by_a_look():
    model = nn.Sequential(nn.LazyLinear(3), nn.GRU(3, 5))
    with pytest.raises(OwnError, match=r"0: it makes its weights .* call the model once first"):
        watch_once(model, torch.zeros(4, 2, 7))
    assert isinstance(model[0], nn.LazyLinear)


@pytest.mark.filterwarnings("ignore")  # what torch says of its own older ways
def test_a_scripted_model_keeps_its_mode():
    model = torch.jit.script(nn.Sequential(nn.GRU(3, 5)).train())
    watch_once(model, X[:, None])
    assert model.training
