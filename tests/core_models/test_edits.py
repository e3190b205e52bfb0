"""Edits do what they say in every cell, layer and direction, change nothing else, and never touch the network."""

import copy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from core_models.edits.edit import (
    ChangeState,
    DeleteToken,
    Edit,
    EditError,
    HoldGate,
    MaskToken,
    PoolAttention,
    ReplaceToken,
    Stack,
    Transplant,
)
from core_models.edits.limits import check
from core_models.edits.run import edited_outputs, edited_tokens, limits_of, run, running_outputs
from core_models.edits.sweep import sweep, trials
from core_models.explain.arithmetic.sequence import explain
from core_models.explain.faithfulness.attended import attend
from core_models.explain.outputs import Outputs
from core_models.heads.classes import READOUT
from core_models.networks.architecture import Architecture
from core_models.networks.sequence import ATTENTION, SequenceNetwork
from core_models.target import Target
from core_models.trace import Site, Tokens, Trace
from core_models.tracing import layers_of
from core_models.vocabulary import Kind, quantity
from tests.support.kinds import ids_of

IDS = [3, 5, 7, 2, 9, 4]
ASKED = Target("answer", 1)
TOKENS = Tokens(("the", "acting", "is", "superb", "but", "dull"), ids=tuple(IDS))


def network(cell: str, *, attention: str | None = None, readout: str = "context", **rest: Any) -> SequenceNetwork:
    torch.manual_seed(4)
    heads = 2 if attention == "multi_head" else 1
    architecture = Architecture(cell, 6, 6, attention=attention, heads=heads, readout=readout, **rest)
    made = SequenceNetwork(architecture, (12,), {"answer": 2}).eval()
    for parameter in made.parameters():
        parameter.data *= 2.0
        parameter.requires_grad_(False)
    return made


NETWORKS = {
    "rnn": network("rnn"),
    "rnn_relu": network("rnn", nonlinearity="relu", layers=2),
    "gru": network("gru"),
    "gru, three layers": network("gru", layers=3),
    "gru, both directions": network("gru", layers=2, bidirectional=True),
    "lstm": network("lstm", layers=2),
    "lstm, both directions": network("lstm", layers=2, bidirectional=True),
    "rnn, both directions": network("rnn", bidirectional=True),
    "gru_reset_before": network("gru_reset_before"),
    "attentive_gru": network("attentive_gru"),
    "attentive_rnn": network("attentive_rnn"),
    "multiplied_gru": network("multiplied_gru"),
    "additive pooling": network("gru", attention="additive"),
    "fused pooling": network("gru", attention="dot", readout="fused"),
    "joined pooling": network("lstm", attention="concat", readout="concatenated"),
    "self-attention": network("lstm", attention="multi_head", readout="pooled"),
}
DRAWN = PoolAttention("drawn", weights=(0, 1, 0, 3, 0, 0))
POOLING = ["additive pooling", "fused pooling", "joined pooling", "self-attention"]
every = pytest.mark.parametrize("name", NETWORKS)


def original(net: SequenceNetwork, ids: list[int] = IDS) -> Trace:
    return net.trace(ids_of(ids))


def edited(net: SequenceNetwork, *stack: Edit, ids: list[int] = IDS) -> Trace:
    return run(net, ids_of(ids), stack)


def agree(a: Trace, b: Trace, tolerance: float = 1e-6) -> None:
    """What both hold is the same; scores of positions that may not be looked at are computed in one of them alone."""
    for site, key in set(a) & set(b):
        x, y = a.array(site, key), b.array(site, key)
        if key == "attention_scores":
            mask = a.array(site, "attention_mask")
            x, y = x * mask, y * mask
        scale = max(1.0, float(np.abs(x).max()))
        assert np.abs(x - y).max() <= tolerance * scale, (site.key, key)


def last(trace: Trace) -> float:
    return float(trace.array(READOUT, "logit")[-1])


@every
def test_without_edits_the_reading_is_the_networks_own(name):
    net = NETWORKS[name]
    found, own = edited(net), original(net)
    assert set(found) == set(own)
    assert found.cells == own.cells
    agree(own, found)
    for count in range(1, 7):
        expected = last(original(net, IDS[:count]))
        assert edited_outputs(net, ids_of(IDS[:count]), [[]], ASKED).item() == pytest.approx(expected, abs=2e-6)


@every
def test_holding_every_gate_at_what_it_was_changes_nothing(name):
    net = NETWORKS[name]
    own = original(net)
    observed = []
    for site, gates in limits_of(net, 6).gates.items():
        for gate in gates:
            values = own.array(site, gate)
            observed += [HoldGate(site, gate, float(values[t, u]), (u,), (t,)) for t in range(6) for u in range(6)]
    found = edited(net, *observed)
    states = {address: own.array(*address) for address in own if quantity(address[1]).kind is Kind.STATE}
    for address, values in states.items():
        assert np.abs(found.array(*address) - values).max() <= 1e-6 * max(1.0, float(np.abs(values).max()))
    assert last(found) == pytest.approx(last(own), abs=1e-6 * max(1.0, abs(last(own))))
    if not net.architecture.bidirectional:  # of which every shorter text is another reading, with other gates
        agree(own, found)


@every
def test_a_held_gate_has_its_value_there_and_all_else_follows_from_it(name):
    net = NETWORKS[name]
    for site, gates in limits_of(net, 6).gates.items():
        for gate in gates:
            row = quantity(gate)
            value = 0.25 if row.high > 0.25 else 0.0
            found = edited(net, HoldGate(site, gate, value, (1, 4), (2,)))
            values = found.array(site, gate)
            assert values[2, [1, 4]].tolist() == [value, value]
            assert abs(last(found) - last(original(net))) > 1e-7
            for other, key in found:
                if other.module != "rnn" or len(quantity(key).dims) != 2 or (other == site and key == gate):
                    continue
                for step, unit in ((2, 1), (2, 0), (3, 4), (5, 5)):
                    arithmetic = explain(net, found, other, key, step, unit)
                    assert arithmetic.value == pytest.approx(arithmetic.shown, abs=2e-5), (key, step, unit)


@pytest.mark.parametrize("name", ["gru", "gru_reset_before", "multiplied_gru"])
def test_a_shut_reset_gate_makes_the_candidate_from_the_token_alone(name):
    net = NETWORKS[name]
    found = edited(net, HoldGate(Site("rnn"), "reset_gate", 0.0))
    x = net.input.embed(torch.tensor(IDS))
    weights = layers_of(net.rnn)[0][0].weights
    alone = torch.tanh(x @ weights.w_x[12:].T + weights.b_x[12:])
    np.testing.assert_allclose(found.array(Site("rnn"), "candidate"), alone.numpy(), atol=1e-6)


@every
@pytest.mark.parametrize("how", ["zero", "freeze", "shuffle"])
def test_a_changed_state_is_changed_there_and_nowhere_before(name, how):
    net = NETWORKS[name]
    own = original(net)
    for site in limits_of(net, 6).gates:
        found = edited(net, ChangeState(site, how, (0, 2, 3), (3,), seed=1))
        after, back = found.array(site, "hidden_state"), site.direction == "backward"
        kept = own.array(site, "hidden_state")
        earlier, before = (slice(4, 6), 4) if back else (slice(0, 3), 2)
        np.testing.assert_allclose(after[earlier], kept[earlier], atol=1e-6)
        np.testing.assert_allclose(after[3, [1, 4, 5]], kept[3, [1, 4, 5]], atol=1e-6)
        if how == "zero":
            assert not after[3, [0, 2, 3]].any()
        elif how == "freeze":
            np.testing.assert_allclose(after[3, [0, 2, 3]], after[before, [0, 2, 3]], atol=1e-6)
        else:
            assert sorted(after[3, [0, 2, 3]]) == pytest.approx(sorted(kept[3, [0, 2, 3]]), abs=1e-6)
            assert np.abs(after[3] - kept[3]).max() > 1e-4


@every
def test_a_transplanted_state_goes_on_as_in_the_other_text(name):
    net, donor = NETWORKS[name], [8, 1, 6, 10]
    if net.architecture.bidirectional or name.startswith(("attentive", "multiplied")):
        site = Site("rnn")
        found = edited(net, Transplant(site, 2, tuple(donor), 1))
        there = original(net, donor).array(site, "hidden_state")[1]
        np.testing.assert_allclose(found.array(site, "hidden_state")[2], there, atol=1e-6)
        return
    pasted = [Transplant(site, 2, tuple(donor), 3) for site in limits_of(net, 6).gates]
    found, whole = edited(net, *pasted), original(net, donor + IDS[3:])
    for site in limits_of(net, 6).gates:
        np.testing.assert_allclose(
            found.array(site, "hidden_state")[2:], whole.array(site, "hidden_state")[3:], atol=2e-6
        )
    if net.attention is None:
        assert last(found) == pytest.approx(last(whole), abs=2e-6)


@every
def test_a_deleted_or_replaced_token_is_a_text_without_or_with_another_one(name):
    net = NETWORKS[name]
    agree(original(net, [3, 5, 2, 9, 4]), edited(net, DeleteToken(2)))
    agree(original(net, [3, 9, 4]), edited(net, DeleteToken(1), DeleteToken(2), DeleteToken(3)))
    agree(original(net, [3, 5, 11, 2, 9, 4]), edited(net, ReplaceToken(2, 11)))
    agree(original(net, [3, 5, 1, 2, 9, 4]), edited(net, MaskToken(2, 1)))
    assert not edited(net, MaskToken(2)).array(Site("embedding"), "embedding")[2].any()


@every
def test_many_readings_side_by_side_are_those_one_by_one(name, monkeypatch: pytest.MonkeyPatch):
    net, sites = NETWORKS[name], list(limits_of(NETWORKS[name], 6).gates)
    site = sites[-1]
    gate = limits_of(net, 6).gates[site][-1]
    stacks: list[list[Edit]] = [
        [], [DeleteToken(0)], [DeleteToken(5), HoldGate(site, gate, 0.0, None, (3,))],
        [ChangeState(site, "zero", (1,))], [ChangeState(site, "shuffle", None, (2,), 3), DeleteToken(1)],
        [ChangeState(sites[0], "freeze", None, (4,)), ChangeState(sites[0], "zero", (2,))],
        [Transplant(site, 3, (8, 1), 1), MaskToken(1)], [DeleteToken(step) for step in range(5)],
    ]  # fmt: skip
    if limits_of(net, 6).attends:
        pools: list[Edit] = [PoolAttention("permuted", seed=2), PoolAttention("one", position=3), DRAWN]
        stacks += [[PoolAttention("uniform"), DeleteToken(2)], *([pool] for pool in pools)]
    expected = [last(edited(net, *stack)) for stack in stacks]
    np.testing.assert_allclose(edited_outputs(net, ids_of(IDS), stacks, ASKED).numpy(), expected, atol=3e-6)
    monkeypatch.setattr("core_models.edits.run.NUMBERS_TOGETHER", 80)
    np.testing.assert_allclose(edited_outputs(net, ids_of(IDS), stacks, ASKED).numpy(), expected, atol=3e-6)


@every
def test_the_answer_after_each_token_is_that_of_the_whole_trace_under_each_edit(name, monkeypatch):
    net = NETWORKS[name]
    site, gates = next(iter(limits_of(net, 6).gates.items()))
    stacks: list[list[Edit]] = [[], *([HoldGate(site, gate, 0.0)] for gate in gates), [MaskToken(2)]]
    expected = [edited(net, *stack).array(READOUT, "logit") for stack in stacks]
    np.testing.assert_allclose(running_outputs(net, ids_of(IDS), stacks, ASKED).numpy(), expected, atol=3e-6)
    monkeypatch.setattr("core_models.edits.run.NUMBERS_TOGETHER", 80)
    np.testing.assert_allclose(running_outputs(net, ids_of(IDS), stacks, ASKED).numpy(), expected, atol=3e-6)


@pytest.mark.parametrize("name", POOLING)
def test_attention_is_what_the_edit_says_at_every_reader(name):
    net = NETWORKS[name]
    own = original(net).array(ATTENTION, "attention_weights")
    uniform = edited(net, PoolAttention("uniform")).array(ATTENTION, "attention_weights")
    alone = edited(net, PoolAttention("one", position=2)).array(ATTENTION, "attention_weights")
    drawn = edited(net, PoolAttention("drawn", weights=(2, 0, 0, 6, 0, 0))).array(ATTENTION, "attention_weights")
    permuted = edited(net, PoolAttention("permuted", seed=1)).array(ATTENTION, "attention_weights")
    for t in range(6):
        np.testing.assert_allclose(uniform[:, t, : t + 1], 1 / (t + 1), rtol=1e-6)
        np.testing.assert_allclose(alone[:, t], np.eye(6)[[2] * len(own)] if t >= 2 else own[:, t], atol=1e-6)
        shares = [0.25, 0, 0, 0.75, 0, 0] if t >= 3 else [1.0, 0, 0, 0, 0, 0]
        np.testing.assert_allclose(drawn[:, t], np.array(shares)[None].repeat(len(drawn), 0), atol=1e-6)
        np.testing.assert_allclose(np.sort(permuted[:, t]), np.sort(own[:, t]), atol=1e-6)
    assert np.abs(permuted[:, 5] - own[:, 5]).max() > 1e-3


INSIDE = {"attentive_gru": 0, "attentive_rnn": 0, "multiplied_gru": 1}
"""By name of a recurrence that attends, how many tokens the first step may look at."""


@pytest.mark.parametrize("name", INSIDE)
def test_attention_inside_a_recurrence_is_what_the_edit_says_and_later_steps_go_on_from_it(name):
    net, site = NETWORKS[name], Site("rnn")
    own = original(net).array(site, "attention_weights")
    edits = {
        "uniform": PoolAttention("uniform"), "one": PoolAttention("one", position=2),
        "permuted": PoolAttention("permuted", seed=1), "drawn": PoolAttention("drawn", weights=(2, 0, 0, 6, 0, 0)),
    }  # fmt: skip
    traces = {how: edited(net, edit) for how, edit in edits.items()}
    rows = {how: trace.array(site, "attention_weights")[0] for how, trace in traces.items()}
    for t in range(6):
        seen = t + INSIDE[name]
        np.testing.assert_allclose(rows["uniform"][t, :seen], 1 / max(seen, 1), rtol=1e-6)
        np.testing.assert_allclose(rows["drawn"][t, 3], 0.75 if seen > 3 else 0.0, atol=1e-6)
        if seen > 2:
            np.testing.assert_allclose(rows["one"][t], np.eye(6)[2], atol=1e-6)
        np.testing.assert_allclose(rows["one"][t, seen:], 0.0)
    first = 2 - INSIDE[name]  # the first step with a choice: those before it read the same
    np.testing.assert_allclose(rows["permuted"][first, :2], own[0, first, 1::-1], atol=1e-6)
    attended = attend(Outputs(net, ids_of(IDS), ()), ASKED)
    assert attended is not None
    for how, trace in traces.items():
        forced = torch.tensor(trace.array(site, "attention_weights"))[None]
        chance = float(trace.array(READOUT, "probability")[-1])
        assert chance == pytest.approx(float(attended.answers(forced)[0]), abs=1e-5), how
        assert np.abs(trace.array(site, "hidden_state") - original(net).array(site, "hidden_state")).max() > 1e-3


def test_edits_stack_in_their_order():
    net, site = NETWORKS["gru"], Site("rnn")
    frozen, zeroed = ChangeState(site, "freeze", None, (3,)), ChangeState(site, "zero", (0,), (3,))
    first = edited(net, frozen, zeroed).array(site, "hidden_state")
    second = edited(net, zeroed, frozen).array(site, "hidden_state")
    assert first[3, 0] == 0.0
    assert second[3, 0] == pytest.approx(second[2, 0])
    held = edited(net, HoldGate(site, "update_gate", 1.0), HoldGate(site, "update_gate", 0.5, (1,)))
    assert held.array(site, "update_gate")[0, :3].tolist() == [1.0, 0.5, 1.0]


@every
def test_the_network_and_its_own_reading_are_never_changed(name):
    net = NETWORKS[name]
    before, own = copy.deepcopy(net.state_dict()), original(net)
    site = next(iter(limits_of(net, 6).gates))
    edited(net, ChangeState(site, "zero"), MaskToken(1), DeleteToken(0), Transplant(site, 3, (4, 4), 0))
    assert all(torch.equal(value, before[key]) for key, value in net.state_dict().items())
    agree(own, original(net), tolerance=0.0)


REFUSED = [
    (HoldGate(Site("rnn"), "forget_gate", 0.0), "expected one of reset_gate, update_gate, candidate at rnn-0-forward"),
    (HoldGate(Site("rnn"), "reset_gate", 1.5), r"expected a reset gate in \[0, 1\], got 1.5"),
    (HoldGate(Site("rnn"), "reset_gate", float("nan")), "expected a reset gate"),
    (HoldGate(Site("rnn"), "reset_gate", 0.0, (6,)), "expected a unit from 0 to 5, got 6"),
    (HoldGate(Site("rnn"), "reset_gate", 0.0, None, (-1,)), "expected a token from 0 to 5, got -1"),
    (HoldGate(Site("rnn", 1), "reset_gate", 0.0), "expected a layer of this network, got rnn-1-forward"),
    (ChangeState(Site("rnn"), "explode"), "expected as change of state one of zero, freeze, shuffle"),  # type: ignore[arg-type]  # wrong on purpose
    (ChangeState(Site("rnn"), "zero", ()), "expected a unit from 0 to 5, got none"),
    (Transplant(Site("rnn"), 2, (1, 2), 2), "expected a token of the other text from 0 to 1, got 2"),
    (Transplant(Site("rnn"), 2, (99,), 0), "expected a token id from 0 to 11, got 99"),
    (DeleteToken(6), "expected a token from 0 to 5, got 6"),
    (ReplaceToken(0, 12), "expected a token id from 0 to 11, got 12"),
    (PoolAttention("uniform"), "expected a network that attends, got one without"),
]


@pytest.mark.parametrize(("edit", "message"), REFUSED)
def test_an_edit_that_does_not_fit_is_refused_with_a_sentence(edit, message):
    with pytest.raises(EditError, match=message):
        edited(NETWORKS["gru"], edit)


def test_attention_edits_that_do_not_fit_are_refused():
    fits = limits_of(NETWORKS["additive pooling"], 6)
    for edit in (PoolAttention("drawn", weights=(1.0,)), PoolAttention("drawn", weights=(0.0,) * 6),
                 PoolAttention("drawn", weights=(-1.0, 2.0, 0, 0, 0, 0)), PoolAttention("one", position=6),
                 PoolAttention("sideways")):  # type: ignore[arg-type]  # wrong on purpose  # fmt: skip
        with pytest.raises(EditError, match="edit: expected"):
            check(edit, fits)


def test_a_text_whose_tokens_are_all_deleted_is_refused():
    with pytest.raises(EditError, match="expected a text with at least one token"):
        edited(NETWORKS["gru"], *[DeleteToken(step) for step in range(6)])


def test_the_edited_tokens_are_those_that_are_read():
    stack: Stack = [DeleteToken(0), ReplaceToken(1, 5, "plot"), MaskToken(2, 1), MaskToken(3)]
    found = edited_tokens(TOKENS, stack)
    assert found.labels == ("plot", "(unknown)", "(zeros)", "but", "dull")
    assert found.ids == (5, 1, 2, 9, 4)


@every
def test_the_sweep_tries_every_unit_gate_and_token_alone_and_on_top_of_others(name):
    net = NETWORKS[name]
    limits = limits_of(net, 6)
    tried = trials(net, 6, unknown=1)
    groups = ("token", "unit", "gate_unit", "gate_token", "gate")
    gates = sum(quantity(key).kind is Kind.GATE for keys in limits.gates.values() for key in keys)
    counts = {group: sum(trial.group == group for trial in tried) for group in groups}
    expected = (12, 6 * len(limits.gates), 12 * gates, 12 * gates, 2 * gates)
    assert counts == dict(zip(groups, expected, strict=True))
    logits = np.concatenate(list(sweep(net, ids_of(IDS), ASKED, tried)))
    for number in range(0, len(tried), 7):
        assert logits[number] == pytest.approx(last(edited(net, tried[number].edit)), abs=3e-6)
    base = (DeleteToken(2),)
    less = trials(net, 6, base, unknown=1)
    assert not any(getattr(trial.edit, "step", None) == 2 for trial in less)
    (first, *_) = sweep(net, ids_of(IDS), ASKED, less[:3], base)
    assert first[1] == pytest.approx(last(edited(net, *base, less[1].edit)), abs=3e-6)


def test_holding_a_gate_at_another_value_is_another_edit():
    edit = HoldGate(Site("rnn"), "update_gate", 1.0)
    assert last(edited(NETWORKS["gru"], edit)) != pytest.approx(last(edited(NETWORKS["gru"], replace(edit, value=0.0))))
