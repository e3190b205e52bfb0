"""A sequence network's trace is what it computes, of whatever parts it is made, and every number can be spelled out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import cycle
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from core_models.attention import SCORES
from core_models.attention.join import JOINS
from core_models.cells import CELLS
from core_models.encoded import Encoded
from core_models.explain.arithmetic.sequence import explain
from core_models.heads import NextTokenHead
from core_models.heads.classes import ANSWER, READOUT
from core_models.heads.forecast import CENTRE, FORECAST, LOWER, UPPER
from core_models.heads.labels import TAGS
from core_models.heads.next_token import NEXT
from core_models.inputs import SeriesInput, TokenInput
from core_models.networks.architecture import Architecture
from core_models.networks.sequence import ATTENTION, SequenceNetwork
from core_models.trace import Site, Tokens, Trace, TraceError

HIDDEN, IDS, CHANNELS, STEPS = 4, 9, 3, 6
TOLD = ("embedding", "frames", "input", "neighbours")
"""Modules whose numbers have no arithmetic of their own."""


@dataclass(frozen=True)
class Made:
    """A network to make: its architecture, what it reads and what it answers."""

    architecture: Architecture
    inputs: int | tuple[int, ...]
    outputs: Mapping[str, int]

    def build(self) -> SequenceNetwork:
        torch.manual_seed(3)
        return SequenceNetwork(self.architecture, self.inputs, self.outputs).eval().requires_grad_(False)

    def read(self, steps: int = STEPS, seed: int = 0) -> Encoded:
        """A random input."""
        draw, names = np.random.default_rng(seed), Tokens.numbered(steps).labels
        if isinstance(self.inputs, int):
            return Encoded(Tokens(names), values=draw.normal(size=(steps, self.inputs)).astype(np.float32))
        columns = [draw.integers(1, size, steps).tolist() for size in self.inputs]
        ids = tuple(zip(*columns, strict=True)) if len(columns) > 1 else tuple(columns[0])
        return Encoded(Tokens(names, ids=ids))


TOKENS = {"embedding": HIDDEN}
INPUTS: dict[str, tuple[dict[str, Any], int | tuple[int, ...]]] = {
    "tokens": (TOKENS, (IDS,)),
    "columns": (TOKENS | {"features": (2, 3)}, (IDS, 5, 4)),
    "places": (TOKENS | {"features": (2,), "positions": STEPS}, (IDS, 5)),
    "neighbours": (TOKENS | {"channels": 5, "width": 3}, (IDS,)),
    "frames": ({}, CHANNELS),
    "frames, neighbours": ({"channels": 5, "width": 3}, CHANNELS),
    "series": ({"anchor": "mean"}, CHANNELS),
    "anchored": ({"anchor": "last", "linear": 4}, CHANNELS),
    "series, both": ({"anchor": "both", "linear": 40}, CHANNELS),
}
HEADS: dict[str, Mapping[str, int]] = {
    "two classes": {"answer": 2},
    "classes": {"answer": 3},
    "labels": {"tags": 4},
    "labels, two classes": {"tags": 4, "answer": 2},
    "next token": {"next_token": IDS},
    "forecast": {"forecast": 3},
}
WAYS: dict[str, dict[str, Any]] = {
    "forward": {},
    "both ends": {"bidirectional": True},
    "place": {"bidirectional": True, "place": 1},
    "attention": {"attention": "additive", "readout": "concatenated"},
    "place, attention": {"bidirectional": True, "place": 1, "attention": "multi_head", "heads": 2, "readout": "fused"},
}


def made(wanted: str, read: str = "tokens", cell: str = "gru", **choices: Any) -> Made:
    parts, inputs = INPUTS[read]
    return Made(Architecture(cell, HIDDEN, **parts, **choices), inputs, HEADS[wanted])


def every_network() -> dict[str, Made]:
    """Every cell; every score with one join, and one score with every join; every input and head, read in every way."""
    found = {cell: made("two classes", cell=cell) for cell in CELLS}
    found |= {f"{cell}, {depth}": made("classes", cell=cell, layers=2, **WAYS[depth])
              for cell in ("lstm", "gru_reset_before") for depth in ("forward", "both ends", "attention")}  # fmt: skip
    found |= {f"{score}, {join}": made("classes", attention=score, readout=join, heads=1 + (score == "multi_head"))
              for score, join in [*zip(SCORES, cycle(JOINS)), *(("dot", join) for join in JOINS)]}  # fmt: skip
    for way, choices in WAYS.items():
        found |= {f"{read}, {way}": made("two classes", read, "lstm", **choices) for read in INPUTS}
        for heads in HEADS:
            if not (choices.get("bidirectional") and heads == "next token"):
                read = "anchored" if heads == "forecast" else "columns" if heads == "next token" else "tokens"
                found[f"{heads}, {way}"] = made(heads, read, **choices)
    return found


NETWORKS = every_network()
networks = pytest.mark.parametrize("name", NETWORKS)


def answered(raw: Mapping[str, Tensor], trace: Trace) -> dict[tuple[Site, str], Tensor]:
    """What a trace is to hold, from the raw outputs of one sequence."""
    found: dict[tuple[Site, str], Tensor] = {}
    if "answer" in raw and (READOUT, "logit") not in trace:
        found[ANSWER, "class_probability"] = raw["answer"].softmax(-1)
    if "tags" in raw:
        found[TAGS, "tag_probability"] = raw["tags"].softmax(-1)
    if "next_token" in raw:
        logs = raw["next_token"].log_softmax(-1)
        found[NEXT, "entropy"] = -(logs.exp() * logs).sum(-1)
        found[NEXT, "candidate_probability"] = logs.exp().sort(descending=True).values
    if "forecast" in raw:
        found |= {(FORECAST, key): raw["forecast"][:, place] for place, key in enumerate((CENTRE, LOWER, UPPER))}
    return found


@networks
def test_a_trace_is_what_the_network_answers_in_a_batch_of_other_lengths_whatever_the_padding(name):
    network, one_length = NETWORKS[name].build(), network_of_series(NETWORKS[name])
    lengths = [STEPS] * 3 if one_length else [STEPS, 2, 4]
    texts = [NETWORKS[name].read(steps, seed) for seed, steps in enumerate(lengths)]
    contents = [network.input.tensor(text) for text in texts]
    for padding in (0, 3):
        batch = torch.nn.utils.rnn.pad_sequence(contents, batch_first=True, padding_value=padding)
        raw = network(batch, torch.tensor(lengths))
        for row, text in enumerate(texts):
            trace = network.trace(text)
            mine = {key: value[row, : len(text)] if network.head(key).each_step else value[row]
                    for key, value in raw.items()}  # fmt: skip
            for address, expected in answered(mine, trace).items():
                np.testing.assert_allclose(trace.array(*address), expected, atol=2e-6, err_msg=str(address))
            if (READOUT, "logit") in trace:
                assert trace.array(READOUT, "logit")[-1] == pytest.approx(float(mine["answer"][1]), abs=2e-6)


def network_of_series(wanted: Made) -> bool:
    return wanted.architecture.anchor != "none"


@networks
def test_what_is_said_after_a_step_is_said_of_the_input_cut_there(name):
    network, text = NETWORKS[name].build(), NETWORKS[name].read()
    trace, content = network.trace(text), network.input.tensor(text)
    first = 1 + (network.architecture.place or 0)
    cut = [network(content[None, :end], torch.tensor([end])) for end in range(first, STEPS + 1)]
    if network.running:
        logits = torch.cat([raw["answer"] for raw in cut])
        if (READOUT, "logit") in trace:
            np.testing.assert_allclose(trace.array(READOUT, "logit"), logits[:, 1], atol=2e-6)
            np.testing.assert_allclose(trace.array(READOUT, "probability"), logits.softmax(-1)[:, 1], atol=2e-6)
        else:
            np.testing.assert_allclose(trace.array(ANSWER, "running_probability"), logits.softmax(-1), atol=2e-6)
    else:
        assert (READOUT, "logit") not in trace
        assert (ANSWER, "running_probability") not in trace
    if not network.architecture.bidirectional and not network.input.looks_ahead:
        whole = network(content[None], torch.tensor([STEPS]))
        for key in (key for key in whole if network.head(key).each_step):
            ends = torch.cat([raw[key][:, -1] for raw in cut])
            torch.testing.assert_close(whole[key][0], ends, atol=2e-6, rtol=0)


@networks
def test_a_head_asked_at_one_step_of_each_row_says_what_it_says_there(name):
    network = NETWORKS[name].build()
    contents = [network.input.tensor(NETWORKS[name].read(seed=seed)) for seed in range(3)]
    x, lengths, at = network.input.embed(torch.stack(contents)), torch.full((3,), STEPS), torch.tensor([0, 5, 2])
    states = network.recur(x, lengths)[0]
    for key in (key for key in network.heads if network.head(key).each_step):
        everywhere = network.output(key, states, x, lengths)
        found = network.output(key, states, x, lengths, at)
        torch.testing.assert_close(found, everywhere[torch.arange(3), at], atol=2e-6, rtol=0)
    for key in (key for key in network.heads if not network.head(key).each_step):
        whole = network.output(key, states, x, lengths)
        torch.testing.assert_close(network.output(key, states, x, lengths, at), whole)


@networks
def test_both_schedules_give_the_same_trace(name):
    network, text = NETWORKS[name].build(), NETWORKS[name].read()
    parallel, sequential = network.trace(text), network.trace(text, schedule="sequential")
    assert list(parallel) == list(sequential)
    for address in parallel:
        np.testing.assert_allclose(parallel.array(*address), sequential.array(*address), atol=2e-6)


@networks
def test_every_number_is_spelled_out_to_the_same_value(name):
    network, text = NETWORKS[name].build(), NETWORKS[name].read(3)
    trace, explained = network.trace(text), 0
    for site, key in trace:
        if site.module in TOLD or key == "influence":
            continue
        values = trace.array(site, key)
        for index in np.ndindex(values.shape):
            head, step, unit = place_of(site, index)
            found = explain(network, trace, site, key, step, unit, head)
            assert found.shown == pytest.approx(float(values[index])), (site, key, index)
            assert found.value == pytest.approx(found.shown, abs=1e-6), (site, key, index)
            assert found.terms or found.lines
            explained += 1
    assert explained > 20
    site, key = next(iter(trace))
    with pytest.raises(KeyError, match="expected a recurrent layer, attention or an answer, got"):
        explain(network, trace, site, key, 0)


def place_of(site: Site, index: tuple[int, ...]) -> tuple[int, int, int]:
    """Head, step and unit of a number of a trace."""
    if len(index) == 3:
        return index[0], index[1], index[2]
    if len(index) == 2:
        return 0, index[0], index[1]
    return (0, index[0], 0) if site in (READOUT, NEXT) else (0, 0, index[0])


CARRIED = [name for name, wanted in NETWORKS.items() if not (
    wanted.architecture.bidirectional or wanted.architecture.attention or wanted.architecture.channels
    or wanted.architecture.positions or network_of_series(wanted) or wanted.build().attends_inside
)]  # fmt: skip


@pytest.mark.parametrize("name", CARRIED)
def test_a_sequence_read_on_from_a_state_is_the_rest_of_a_whole_one(name):
    network, text = NETWORKS[name].build(), NETWORKS[name].read()
    x = network.input.embed(network.input.tensor(text))[None]
    whole, end = network.recur(x, torch.tensor([STEPS]))
    first, state = network.recur(x[:, :2], torch.tensor([2]))
    rest, after = network.recur(x[:, 2:], torch.tensor([STEPS - 2]), state)
    torch.testing.assert_close(torch.cat([first, rest], dim=1), whole)
    torch.testing.assert_close(after, end)
    assert state is not None
    carried = tuple(part[:, 0] for part in state) if isinstance(state, tuple) else state[:, 0]
    ids, values = text.ids[2:], None if text.values is None else text.values[2:]
    part = network.trace(Encoded(Tokens(tuple("abcd"), ids=ids), values=values, state=carried))
    trace = network.trace(text)
    for site, key in trace:
        if trace[site, key].dims[0] == "step":
            np.testing.assert_allclose(part.array(site, key), trace.array(site, key)[2:], atol=2e-6)
    share = part.array(Site("rnn", network.rnn.num_layers - 1), "hidden_state")
    np.testing.assert_allclose(share, whole[0, 2:], atol=2e-6)


def test_no_state_is_read_on_from_where_attention_stands_inside():
    network = NETWORKS["attentive_gru"].build()
    x, lengths = torch.zeros(1, 2, HIDDEN), torch.tensor([2])
    with pytest.raises(ValueError, match="expected no state to read on from where attention stands inside"):
        network.recur(x, lengths, network.recur(x, lengths)[1])


@pytest.mark.parametrize("name", [name for name, wanted in NETWORKS.items() if "next_token" in wanted.outputs])
def test_before_it_has_read_anything_a_network_expects_what_its_readout_makes_of_nothing(name):
    network, text = NETWORKS[name].build(), NETWORKS[name].read()
    head = network.head("next_token")
    assert isinstance(head, NextTokenHead)
    every = torch.cat([head.readout.bias[None], network(network.input.tensor(text)[None], torch.tensor([STEPS]))
                       ["next_token"][0, :-1]]).softmax(-1)  # fmt: skip
    expected = every[torch.arange(STEPS), network.input.tensor(text)[:, 0]]
    np.testing.assert_allclose(network.trace(text).array(NEXT, "chosen_probability"), expected, atol=2e-6)


@pytest.mark.parametrize("key", ["reset_gate", "update_gate", "candidate"])
def test_the_terms_of_a_sum_add_up_to_what_is_squashed(key):
    network, text = NETWORKS["gru"].build(), NETWORKS["gru"].read()
    trace, site = network.trace(text), Site("rnn")
    found = explain(network, trace, site, key, 4, 2)
    total = sum(term.product for term in found.terms)
    squashed = np.tanh(total) if key == "candidate" else 1 / (1 + np.exp(-total))
    assert squashed == pytest.approx(trace.array(site, key)[4, 2], abs=1e-6)
    assert len(found.terms) == 2 * HIDDEN + 2


def test_influence_is_the_units_share_of_the_logit_where_the_readout_reads_one_state():
    network, text = NETWORKS["lstm"].build(), NETWORKS["lstm"].read()
    trace, readout = network.trace(text), network.head("answer").readout
    shares, last = trace.array(Site("rnn"), "influence"), trace.array(Site("rnn"), "hidden_state")[-1]
    np.testing.assert_allclose(shares, last * readout.weight[0].numpy(), atol=1e-6)
    assert shares.sum() + readout.bias.item() == pytest.approx(trace.array(READOUT, "logit")[-1], abs=1e-6)


@pytest.mark.parametrize("name", [name for name in NETWORKS if NETWORKS[name].build().running])
def test_influence_is_gradient_times_activation_of_the_topmost_output(name):
    network, text = NETWORKS[name].build(), NETWORKS[name].read()
    trace, top = network.trace(text), network.rnn.num_layers - 1
    sites = [site for site in trace.cells if site.module == "rnn" and site.layer == top]
    whole = np.concatenate([trace.array(site, "hidden_state") for site in sites], axis=1)
    states = torch.tensor(whole, requires_grad=True)
    logits = network.output("answer", states[None], states[None], torch.tensor([STEPS]))[0]
    named = 1 if len(logits) == 2 else int(logits.argmax())
    rivals = torch.cat([logits[:named], logits[named + 1 :]])
    (gradient,) = torch.autograd.grad(logits[named] - rivals.logsumexp(0), states)
    expected = (gradient * states.detach()).sum(0)
    found = np.concatenate([trace.array(site, "influence") for site in sites])
    np.testing.assert_allclose(found, expected, atol=2e-6)


def test_attention_looks_at_read_tokens_only_and_its_rows_sum_to_one():
    trace = NETWORKS["additive, context"].build().trace(NETWORKS["additive, context"].read())
    weights = trace.array(ATTENTION, "attention_weights")
    assert weights.shape == (1, STEPS, STEPS)
    assert np.all(np.triu(weights[0], 1) == 0)
    assert np.allclose(weights.sum(-1), 1)
    states = trace.array(Site("rnn"), "hidden_state")
    assert np.allclose(trace.array(ATTENTION, "context"), weights[0] @ states, atol=1e-6)


@pytest.mark.parametrize("name", [name for name, wanted in NETWORKS.items() if wanted.architecture.place is None])
def test_one_step_is_enough(name):
    network = NETWORKS[name].build()
    assert len(network.trace(NETWORKS[name].read(1)).array(*network.input.address)) == 1


def test_damaged_weights_are_refused():
    network = NETWORKS["gru"].build()
    next(network.rnn.parameters())[0, 0] = torch.nan
    with pytest.raises(TraceError, match="expected finite numbers"):
        network.trace(NETWORKS["gru"].read())


@pytest.mark.parametrize("anchor", ["mean", "last", "both"])
def test_a_series_is_read_relative_to_what_it_is_anchored_at(anchor):
    layer = SeriesInput(Architecture("gru", HIDDEN, anchor=anchor), CHANNELS)
    values = torch.arange(18.0).reshape(1, STEPS, CHANNELS) ** 2
    moved = values[..., :1] - values[0, -1, 0]
    expected = {"mean": values, "last": torch.cat([moved, values[..., 1:]], -1), "both": torch.cat([moved, values], -1)}
    torch.testing.assert_close(layer.look(values), expected[anchor])
    assert layer.size == layer.look(values).shape[-1]


def test_several_columns_have_codes_of_places_too():
    layer = NETWORKS["places, forward"].build().input
    assert isinstance(layer, TokenInput)
    same = layer.embed(torch.tensor([[2, 3]] * STEPS))
    assert layer.positions is not None
    torch.testing.assert_close((same - same[0])[:, :HIDDEN], layer.positions.weight - layer.positions.weight[0])


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        ({"bidirectional": True, "attention": "dot"}, "expected a place to be asked at, got attention from both ends"),
        ({"place": 3}, "expected no place to be asked at in one direction, got 3"),
        ({"positions": 4, "embedding": 0}, "expected no codes of places for numbers, got 4"),
        ({"bidirectional": True, "channels": 3, "width": 4}, "expected an odd width around each step, got 4"),
    ],
)
def test_choices_that_do_not_fit_together_are_refused(choices, sentence):
    with pytest.raises(ValueError, match=sentence):
        Architecture("gru", HIDDEN, **(TOKENS | choices))


def test_parts_that_do_not_fit_together_are_refused():
    with pytest.raises(ValueError, match="expected 2 widths of features, got 0"):
        SequenceNetwork(Architecture("gru", 3, 2), (9, 5, 4), {"tags": 4})
    with pytest.raises(ValueError, match="expected one direction where the next token is asked for, got both"):
        SequenceNetwork(Architecture("gru", 3, 2, bidirectional=True), (9,), {"next_token": 9})
    with pytest.raises(KeyError, match="tags"):
        NETWORKS["gru"].build().head("tags")
