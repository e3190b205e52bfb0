"""The memory ledger: what the tokens wrote adds up to the memory, and to the logit, in every gated cell."""

import copy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from core_models.attention import SCORES
from core_models.attention.join import JOINS
from core_models.cells import CELLS, Attending, Cell
from core_models.cells.recurrence import recurrence
from core_models.edits.writing import rewrite
from core_models.encoded import Encoded
from core_models.explain.attribution.erasure import erase_each
from core_models.explain.memory.deletion import delete_writing
from core_models.explain.memory.ledger import ROUNDING, ledger_sites, open_ledger
from core_models.explain.memory.logit_split import split_logit
from core_models.networks.architecture import Architecture
from core_models.networks.sequence import SequenceNetwork
from core_models.target import Target
from core_models.trace import Site, Tokens, Trace
from core_models.tracing import trace
from pretrained.registry import load, recipes
from tests.support.kinds import ids_of
from tests.support.toy_cells import TOYS
from viz.figures.explain import ledger_answer
from viz.figures.explain.ledger_answer import Beside
from viz.figures.trace import ledger as ledger_view
from viz.figures.trace import ledger_history
from viz.view import Options
from viz.view import Target as Place

EVERY = CELLS | TOYS
GATED = [key for key, cell in EVERY.items() if cell.convention.keeps_past]
UNGATED = [key for key in EVERY if key not in GATED]
HERE = Site("rnn")


def build(key: str, hidden: int, layers: int = 1, both: bool = False) -> Any:
    one = isinstance(EVERY[key], Attending)
    return recurrence(EVERY[key], hidden, hidden, layers=1 if one else layers, bidirectional=both and not one)


def wide(module: Any, factor: float) -> Any:
    """The module with larger weights, so that its gates reach their ends."""
    for parameter in module.parameters():
        parameter.data *= factor
    return module.eval()


@pytest.mark.parametrize("key", GATED)
@settings(max_examples=12)
@given(steps=st.integers(1, 40), hidden=st.integers(1, 9), layers=st.integers(1, 3), both=st.booleans(),
       factor=st.sampled_from([1.0, 4.0]), seed=st.integers(0, 99))  # fmt: skip
def test_the_parts_add_up_to_the_memory_after_every_token(key, steps, hidden, layers, both, factor, seed):
    torch.manual_seed(seed)
    found = trace(wide(build(key, hidden, layers, both), factor), torch.randn(steps, hidden))
    assert len(ledger_sites(found)) == (1 if isinstance(EVERY[key], Attending) else layers * (2 if both else 1))
    for site in ledger_sites(found):
        ledger = open_ledger(found, site)
        memory, hidden_state = found.array(site, ledger.memory), found.array(site, "hidden_state")
        scale = max(1.0, float(np.abs(memory).max()), float(np.abs(hidden_state).max()))
        assert ledger.error(found) <= ROUNDING
        for position in range(steps):
            assert np.abs(ledger.hidden_at(position).total - hidden_state[position]).max() <= ROUNDING * scale
            unread = range(position) if site.direction == "backward" else range(position + 1, steps)
            assert not ledger.at(position).tokens[list(unread)].any()


@pytest.mark.parametrize("key", [key for key in GATED if isinstance(EVERY[key], Cell)])
def test_without_what_a_token_wrote_its_part_is_missing_exactly_where_nothing_reads_the_state(key, monkeypatch):
    monkeypatch.setitem(CELLS, key, EVERY[key])
    torch.manual_seed(2)
    network = wide(SequenceNetwork(Architecture(key, 6, 6, 2), (12,), {"answer": 2}), 2.0)
    text = Encoded(Tokens(tuple("abcdef"), ids=(3, 7, 2, 9, 4, 5)))
    whole = network.trace(text)
    for site in ledger_sites(whole):
        for present in range(1, 6):
            found = delete_writing(network, text, whole, open_ledger(whole, site), present)
            assert found is not None
            assert found.written < present
            assert np.abs(found.part).max() > 1e-3
            assert (found.gap < 1e-5) == (not EVERY[key].convention.gates_read_state)
        assert delete_writing(network, text, whole, open_ledger(whole, site), 0) is None


def test_a_part_is_the_written_amount_times_all_that_was_kept_of_it():
    torch.manual_seed(0)
    found = trace(nn.GRU(3, 4), torch.randn(6, 3))
    z, n = (found.array(HERE, key).astype(float) for key in ("update_gate", "candidate"))
    part = (1 - z[1]) * n[1] * z[2] * z[3] * z[4]
    np.testing.assert_allclose(open_ledger(found, HERE).at(4).tokens[1], part, rtol=1e-12)
    found = trace(nn.LSTM(3, 4, bidirectional=True), torch.randn(6, 3))
    back = Site("rnn", 0, "backward")
    i, f, g = (found.array(back, key).astype(float) for key in ("input_gate", "forget_gate", "cell_candidate"))
    np.testing.assert_allclose(open_ledger(found, back).at(2).tokens[4], i[4] * g[4] * f[3] * f[2], rtol=1e-12)


@pytest.mark.parametrize("kind", [nn.GRU, nn.LSTM])
def test_what_is_left_of_the_initial_state_has_a_part_of_its_own(kind):
    torch.manual_seed(1)
    module, start = kind(3, 4), torch.randn(1, 4)
    found = trace(module, torch.randn(5, 3), state=(start, start) if kind is nn.LSTM else start)
    ledger = open_ledger(found, HERE)
    gate = found.array(HERE, "forget_gate" if kind is nn.LSTM else "update_gate").astype(float)
    np.testing.assert_allclose(ledger.at(3).initial, start[0].numpy() * gate[:4].prod(axis=0), atol=1e-7)
    assert ledger.error(found) <= ROUNDING
    assert ledger.begun
    assert ledger.at(3).shares.sum() < 1.0


@pytest.mark.parametrize("key", UNGATED)
def test_a_cell_that_keeps_nothing_has_no_ledger(key):
    found = trace(build(key, 3), torch.randn(4, 3))
    assert not ledger_sites(found)
    assert not ledger_view.targets(found)
    with pytest.raises(ValueError, match="expected a cell whose gates say what is kept, got"):
        open_ledger(found, HERE)


def test_gate_implied_attention_is_the_share_of_absolute_parts_and_sums_to_one():
    torch.manual_seed(2)
    ledger = open_ledger(trace(nn.GRU(3, 5), torch.randn(7, 3)), HERE)
    balance = ledger.at(5)
    amounts = np.abs(balance.tokens).sum(axis=1)
    np.testing.assert_allclose(balance.shares, amounts / (amounts.sum() + np.abs(balance.initial).sum()))
    np.testing.assert_allclose(ledger.shares().sum(axis=1), 1.0, atol=1e-6)
    with pytest.raises(IndexError, match="expected a token from 0 to 6, got 7"):
        ledger.at(7)


def test_an_open_and_a_shut_gate_remember_the_first_token_and_the_last_one_alone():
    torch.manual_seed(3)
    for bias, writer in ((30.0, 0), (-30.0, 4)):
        module = nn.GRU(2, 3)
        module.state_dict()["bias_ih_l0"][3:6] = bias
        found = trace(module, torch.randn(5, 2))
        entries: dict = dict(found.entries)
        z = np.array(found.array(HERE, "update_gate"))
        z[0] = 0.0  # the first token is written in full
        n = found.array(HERE, "candidate")
        h = np.zeros(3)
        states = []
        for step in range(5):
            h = (1 - z[step]) * n[step] + z[step] * h
            states.append(h)
        entries |= {(HERE, "update_gate"): z, (HERE, "hidden_state"): np.stack(states)}
        shares = open_ledger(Trace(found.tokens, entries, found.cells), HERE).at(4).shares
        assert shares[writer] > 0.99


def network(cell: str, attention: str | None = None, readout: str = "context", **rest: Any) -> SequenceNetwork:
    torch.manual_seed(4)
    heads = 2 if attention == "multi_head" else 1
    architecture = Architecture(cell, 6, 6, attention=attention, heads=heads, readout=readout, **rest)
    made = SequenceNetwork(architecture, (12,), {"answer": 2}).eval()
    return wide(made, 2.0)


NETWORKS = {
    "gru": network("gru"),
    "lstm": network("lstm", layers=2),
    "both": network("lstm", bidirectional=True),
    **{cell: network(cell) for cell in CELLS if cell in GATED},
    **{
        f"{score} {join}": network("lstm" if join == "fused" else "gru", score, join)
        for score in SCORES
        for join in JOINS
    },
}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_logit_is_the_sum_of_the_tokens_parts_and_the_biases(name):
    net, ids = NETWORKS[name], [3, 5, 7, 2, 9, 4]
    found = net.trace(ids_of(ids))
    before = copy.deepcopy(net.state_dict())
    for step in range(6):
        split = split_logit(net, found, Target("answer", 1, step))
        if name == "both" and step < 5:
            assert split is None
            continue
        assert split is not None
        assert split.total == pytest.approx(split.logit, abs=2e-6)
        assert not split.tokens[step + 1 :].any()
        assert split.tokens.any()
    assert all(torch.equal(value, before[key]) for key, value in net.state_dict().items())


def test_the_split_of_a_plain_readout_is_each_tokens_part_times_the_weights():
    net = NETWORKS["gru"]
    found = net.trace(ids_of([3, 5, 7]))
    split = split_logit(net, found, Target("answer", 1))
    assert split is not None
    readout = net.head("answer").readout
    weight = readout.weight[0].detach().double().numpy()
    np.testing.assert_allclose(split.tokens, open_ledger(found, HERE).at(2).tokens @ weight, rtol=1e-9)
    assert split.constant == pytest.approx(readout.bias.item(), abs=1e-9)
    plain = network("rnn")
    assert split_logit(plain, plain.trace(ids_of([1, 2])), Target("answer", 1)) is None


@pytest.mark.parametrize("name", ["gru", "both", "attentive_gru", "multi_head pooled"])
def test_erasing_a_token_is_reading_the_text_without_it(name):
    net, ids = NETWORKS[name], [3, 5, 7, 2]
    expected = [net.trace(ids_of(ids[:i] + ids[i + 1 :])).array(Site("readout"), "logit")[-1] for i in range(4)]
    np.testing.assert_allclose(erase_each(net, ids_of(ids), Target("answer", 1)), expected, atol=1e-5)
    assert np.isnan(erase_each(net, ids_of([3]), Target("answer", 1))).all()


@pytest.mark.parametrize("key", recipes("sentiment"))
def test_the_ledger_of_every_shipped_model_adds_up(key):
    model = load(key, torch.device("cpu"))
    found = model.trace(model.encode(model.task.examples[0].text))
    for site in ledger_sites(found):
        ledger = open_ledger(found, site)
        assert ledger.error(found) <= ROUNDING
        assert not ledger.begun
        split = split_logit(model.network, found, Target("answer", 1))
        assert split is not None
        assert split.total == pytest.approx(split.logit, abs=2e-6)


def test_a_translators_encoder_and_decoder_have_ledgers_too():
    model = load("dates-attention", torch.device("cpu"))
    found = rewrite(model.network, model.encode(model.task.examples[0].text), (), [5, 8, 6, 7]).trace
    sites = ledger_sites(found)
    assert {site.module for site in sites} == {"encoder", "decoder"}
    assert all(open_ledger(found, site).error(found) <= ROUNDING for site in sites)
    decoder = next(site for site in sites if site.module == "decoder")
    assert np.abs(open_ledger(found, decoder).at(0).initial).max() > 0.01


def known(steps: int = 8, units: int = 5) -> tuple[Trace, Place]:
    torch.manual_seed(5)
    tokens = Tokens(tuple(["the", "acting", "is", "superb", "but", "<b>it</b>", "never", "wakes"][:steps]))
    return trace(nn.GRU(3, units), torch.randn(steps, 3), tokens=tokens), Place(HERE, "hidden_state")


def test_the_view_draws_the_parts_of_the_selected_moment_and_leaves_unread_tokens_blank():
    found, target = known()
    figure: Any = ledger_view.draw(found, target, Options(step=4, order="timescale"))
    balance, units = open_ledger(found, HERE).at(4), figure.layout.meta["units"]
    np.testing.assert_allclose(figure.data[0].z[:, :5], balance.tokens.T[units][:, :5].astype(np.float32))
    assert np.isnan(figure.data[0].z[:, 5:]).all()
    np.testing.assert_allclose(figure.data[1].y, balance.shares.astype(np.float32))
    assert "after token 5, “but”" in ledger_view.how_to_read(found, target, Options(step=4))
    table = ledger_view.numbers(found, target)
    sums = [table["part"][table["unit"] == unit].sum() for unit in range(5)]
    np.testing.assert_allclose(sums, found.array(HERE, "hidden_state")[-1], atol=1e-6)


@pytest.mark.parametrize("kind", [nn.GRU, nn.LSTM])
def test_what_was_remembered_before_the_first_token_is_drawn_as_a_column_of_its_own(kind):
    torch.manual_seed(6)
    module, start = kind(3, 4), torch.randn(1, 4)
    found = trace(module, torch.randn(5, 3), state=(start, 50.0 * start) if kind is nn.LSTM else start)
    ledger = open_ledger(found, HERE)
    target = Place(HERE, ledger.memory)
    figure: Any = ledger_view.draw(found, target, Options(step=3))
    rows = np.nansum(figure.data[0].z, axis=1) + figure.data[2].z[:, 0]
    memory = found.array(HERE, ledger.memory)
    np.testing.assert_allclose(rows, memory[3], rtol=1e-5, atol=1e-6)
    assert figure.data[1].y.sum() + figure.data[3].y[0] == pytest.approx(1.0, abs=1e-6)
    assert "“before”" in ledger_view.how_to_read(found, target, Options(step=3))
    table = ledger_view.numbers(found, target)
    np.testing.assert_allclose(np.asarray(table.groupby("unit")["part"].sum()), memory[-1], rtol=1e-5, atol=1e-6)
    history: Any = ledger_history.draw(ledger, list(found.tokens.labels), 3)
    sums = np.nansum(history.data[0].z, axis=1) + history.data[1].z[:, 0]
    np.testing.assert_allclose(sums, 1.0, atol=1e-6)
    table = ledger_history.numbers(ledger, list(found.tokens.labels))
    np.testing.assert_allclose(table.drop(columns="after").sum(axis=1), 1.0, atol=1e-6)


def test_nothing_is_drawn_before_the_first_token_where_nothing_was_remembered():
    found, target = known()
    figure: Any = ledger_view.draw(found, target, Options(step=4))
    assert len(figure.data) == 2
    assert "“before”" not in ledger_view.how_to_read(found, target, Options(step=4))


def test_the_history_has_one_row_for_each_moment():
    found, _ = known()
    ledger = open_ledger(found, HERE)
    figure: Any = ledger_history.draw(ledger, list(found.tokens.labels), 3)
    shares = ledger.shares()
    for row in range(8):
        np.testing.assert_allclose(figure.data[0].z[row, : row + 1], shares[row, : row + 1].astype(np.float32))
        assert np.isnan(figure.data[0].z[row, row + 1 :]).all()
    assert (figure.layout.shapes[0].y0, figure.layout.shapes[0].y1) == (2.5, 3.5)
    assert ledger_history.numbers(ledger, list(found.tokens.labels)).shape == (8, 9)


def test_bookkeeping_stands_beside_cause_with_the_places_where_they_disagree():
    shares, parts = np.array([0.1, 0.6, 0.3]), np.array([0.2, -1.5, 0.4])
    erased, moved = np.array([0.1, -1.0, 1.4]), np.array([0.02, -0.2, 0.3])
    beside = Beside(["a", "b", "<c>"], shares, parts, erased, moved)
    figure: Any = ledger_answer.draw(beside)
    for curve, values in zip(figure.data, (shares, parts, erased), strict=True):
        np.testing.assert_allclose(curve.y, values.astype(np.float32))
    assert list(figure.data[2].text) == ["p +0.02", "p −0.20", "p +0.30"]
    said = ledger_answer.describe(beside)
    assert "at token 2 “b”: 60% of it, then at token 3 “<c>”: 30%" in said
    assert "written at token 2 “b” affects the logit most, by −1.50; without it the answer changes" in said
    assert "without it the answer changes by +1.00. Bookkeeping and effect differ most at token 3 “<c>”: it" in said
    assert "it wrote +0.40, but without it the answer changes by −1.40." in said
    assert ledger_answer.agreement(beside) == pytest.approx(1.0)
    assert ledger_answer.agreement(replace(beside, erased=np.array([3.0, -1.0, 1.4]))) == pytest.approx(0.5)
    alone = Beside(["a"], np.ones(1), None, np.full(1, np.nan), np.full(1, np.nan))
    figure: Any = ledger_answer.draw(alone)
    assert len(figure.data) == 2
    assert ledger_answer.describe(alone).endswith("100% of it.")
