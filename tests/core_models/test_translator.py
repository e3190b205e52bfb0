"""Encoder-decoders: what is trained is what is traced, split and spelled out."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from core_models.edits.writing import rewrite
from core_models.encoded import Encoded
from core_models.explain.arithmetic.gate_split import (
    encoder_states,
    gathered_from,
    split_gate,
    states_before,
)
from core_models.explain.arithmetic.translator import explain
from core_models.networks.translation import ATTENTION, DECODER, OUTPUT, SOURCE, TARGET, Translation
from core_models.networks.translator import BEGIN, END, PADDING, Translator, TranslatorArchitecture
from core_models.trace import Site, Tokens, TraceError
from core_models.vocabulary import Kind
from tests.support.kinds import ids_of

ARCHITECTURES = {
    "gru-none": TranslatorArchitecture("gru", 6, 12),
    "gru-additive": TranslatorArchitecture("gru", 6, 12, attention="additive"),
    "gru-concat": TranslatorArchitecture("gru", 6, 12, attention="concat", bidirectional=False),
    "gru-dot": TranslatorArchitecture("gru", 6, 12, attention="dot"),
    "gru-scaled-2": TranslatorArchitecture("gru", 6, 12, attention="scaled_dot", layers=2),
    "gru-heads": TranslatorArchitecture("gru", 6, 12, attention="multi_head", heads=3),
    "lstm-additive": TranslatorArchitecture("lstm", 6, 12, layers=2, attention="additive"),
    "lstm-heads": TranslatorArchitecture("lstm", 6, 12, attention="multi_head", heads=2, bidirectional=False),
}


ATTENTIVE = [name for name in ARCHITECTURES if not name.endswith("none")]


SOURCES, TARGETS = 20, 23


TEXT, WRITTEN = [5, 9, 4, 4, 17, END], [7, 21, 7, 12, END]


networks = pytest.mark.parametrize("name", ARCHITECTURES)


attentive = pytest.mark.parametrize("name", ATTENTIVE)


def network(name: str) -> Translator:
    torch.manual_seed(5)
    made = Translator(ARCHITECTURES[name], SOURCES, TARGETS)
    for parameter in made.parameters():
        nn.init.normal_(parameter, std=0.4)
    return made.eval()


def translate(
    model: Translator,
    source: Sequence[int],
    target: Sequence[int],
    sources: Tokens | None = None,
    targets: Tokens | None = None,
    name: str = "",
) -> Translation:
    """Everything while a target is written for a source."""
    read = ids_of(source) if sources is None else Encoded(replace(sources, ids=tuple(source)))
    return rewrite(model, read, (), target, targets=targets, name=name)


def stock_step(model: Translator, x: torch.Tensor, state: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
    """One step of torch's own cell that reads [y; c], with this decoder's weights."""
    size, hidden = model.architecture.embedding, model.architecture.hidden
    cell = (nn.LSTMCell if model.architecture.cell == "lstm" else nn.GRUCell)(size + hidden, hidden)
    cell.weight_ih.data = torch.cat([model.decoder.weight_ih, model.from_context.weight], dim=1)
    cell.weight_hh.data, cell.bias_ih.data = model.decoder.weight_hh.data, model.decoder.bias_ih.data
    cell.bias_hh.data = model.decoder.bias_hh.data
    if isinstance(cell, nn.LSTMCell):
        return cell(x, (state[0], state[1]))
    return (cell(x, state[0]),)


@networks
def test_the_decoder_is_torchs_own_cell_on_token_and_context(name):
    model = network(name)
    trace = translate(model, TEXT, WRITTEN).trace
    memory = model.encode(torch.tensor([TEXT]), torch.tensor([len(TEXT)]))
    state = tuple(model.begin(memory).values())
    with torch.no_grad():
        for step, token in enumerate([BEGIN, *WRITTEN[:-1]]):
            context = torch.from_numpy(trace.array(ATTENTION, "context")[step].copy())
            state = stock_step(model, torch.cat([model.target_embedding.weight[token], context])[None], state)
            for key, value in zip(model.cell.states, state, strict=True):
                assert np.allclose(trace.array(DECODER, key)[step], value[0].numpy(), atol=1e-6)


@networks
def test_the_encoder_is_torchs_own_module(name):
    model = network(name)
    trace = translate(model, TEXT, WRITTEN).trace
    with torch.no_grad():
        output, _ = model.encoder(model.source_embedding(torch.tensor(TEXT)))
    assert np.allclose(encoder_states(model, trace), output.numpy(), atol=1e-6)


@attentive
def test_attention_is_asked_by_the_state_before_the_step(name):
    model = network(name)
    trace = translate(model, TEXT, WRITTEN).trace
    states, asked = (torch.from_numpy(f(model, trace)).float() for f in (encoder_states, states_before))
    assert model.attention is not None
    with torch.no_grad():
        scores = model.attention(states, asked)
    assert np.allclose(trace.array(ATTENTION, "attention_scores"), scores.numpy(), atol=1e-5)
    weights = torch.softmax(torch.from_numpy(trace.array(ATTENTION, "attention_scores").copy()), dim=-1)
    assert np.allclose(trace.array(ATTENTION, "attention_weights"), weights.numpy(), atol=1e-6)


@networks
def test_training_computes_what_the_trace_shows(name):
    model = network(name)
    other = [8, 8, END]
    sources = torch.tensor([TEXT, [*other, *[PADDING] * (len(TEXT) - 3)]])
    read = torch.tensor([[BEGIN, *WRITTEN[:-1]], [BEGIN, 9, 9, PADDING, PADDING]])
    with torch.no_grad():
        logits = model.logits(model(sources, torch.tensor([len(TEXT), 3]), read))
    for row, (source, target) in enumerate([(TEXT, WRITTEN), (other, [9, 9, END])]):
        said = torch.softmax(logits[row], dim=-1)[torch.arange(len(target)), torch.tensor(target)]
        trace = translate(model, source, target).trace
        assert np.allclose(trace.array(OUTPUT, "chosen_probability"), said.numpy(), atol=1e-6)


@networks
def test_a_trace_stands_on_two_token_axes(name):
    model = network(name)
    sources, targets = Tokens(tuple("abcdef")), Tokens(tuple("vwxyz"))
    trace = translate(model, TEXT, WRITTEN, sources=sources, targets=targets, name="x").trace
    encoder = [site for site in trace.sites(Kind.STATE) if site.module == "encoder"]
    assert len(encoder) == model.encoder.num_layers * (2 if model.encoder.bidirectional else 1)
    for site in (SOURCE, *encoder):
        assert trace.tokens_of(site).labels == sources.labels
    for site in (TARGET, DECODER, OUTPUT):
        assert trace.tokens_of(site) == targets
    assert trace[encoder[0], "hidden_state"].coords["step_token"].values.tolist() == list("abcdef")
    if model.attention is not None:
        weights = trace[ATTENTION, "attention_weights"]
        assert weights.dims == ("head", "query", "key")
        assert weights.coords["query_token"].values.tolist() == list("vwxyz")
        assert weights.coords["key_token"].values.tolist() == list("abcdef")
    dataset = trace.dataset
    assert (dataset.sizes["step"], dataset.sizes["source"]) == (5, 6)
    assert trace.cells[DECODER] == model.cell.convention


def test_a_site_is_refused_on_the_other_axis():
    trace = translate(network("gru-additive"), TEXT, WRITTEN).trace
    with pytest.raises(TraceError, match=r"encoder-0-forward .*: expected 5 tokens along step, got 6"):
        replace(trace, reading=frozenset({SOURCE}))
    with pytest.raises(TraceError, match=r"attention_scores: expected 7 tokens along key, got 6"):
        replace(trace, sources=Tokens.numbered(7), reading=frozenset(), entries={
            (ATTENTION, "attention_scores"): trace.array(ATTENTION, "attention_scores")})  # fmt: skip


@networks
def test_every_gate_is_split_into_parts_that_sum_to_the_whole(name):
    model = network(name)
    trace = translate(model, TEXT, WRITTEN).trace
    states = states_before(model, trace)
    for part in model.cell.parts:
        for step in range(len(WRITTEN)):
            split = split_gate(model, trace, part.key, step)
            assert np.allclose(split.value, split.shown, atol=1e-6)
            if split.sources is not None:
                assert np.allclose(split.sources.sum(0) + split.rest, split.context, atol=1e-6)
            assert np.allclose(split.total, whole(model, trace, part.key, step, states[step]), atol=1e-6)


def whole(model: Translator, trace, key: str, step: int, state: np.ndarray) -> np.ndarray:
    """The sum inside a gate, from torch's products of whole vectors."""
    keys = [part.key for part in model.cell.parts]
    with torch.no_grad():
        from_input = model.project(torch.from_numpy(trace.array(TARGET, "embedding")[step].copy()))
        from_input = from_input + model.from_context(torch.from_numpy(trace.array(ATTENTION, "context")[step].copy()))
        recurrent = model.weights.recur(torch.from_numpy(state).float()[None])[0]
    row = keys.index(key)
    x, h = (values.chunk(len(keys))[row].numpy().astype(float) for values in (from_input, recurrent))
    return x + (trace.array(DECODER, "reset_gate")[step] * h if key == "candidate" else h)


@networks
def test_what_source_tokens_add_sums_to_the_context(name):
    model = network(name)
    trace = translate(model, TEXT, WRITTEN).trace
    for step in range(len(WRITTEN)):
        gathered, rest = gathered_from(model, trace, step)
        assert (gathered is None) == (model.attention is None)
        if gathered is not None:
            assert np.allclose(gathered.sum(0) + rest, trace.array(ATTENTION, "context")[step], atol=1e-6)


@networks
def test_every_number_is_spelled_out_to_the_same_value(name):
    model = network(name)
    trace = translate(model, TEXT, WRITTEN).trace
    explained = set()
    for site, key in trace:
        if key in ("embedding", "attention_mask") or site == OUTPUT or (model.attention is None and site == ATTENTION):
            continue
        values = trace.array(site, key)
        for index in np.ndindex(values.shape):
            place = (*index[1:], index[0]) if values.ndim == 3 else index
            found = explain(model, trace, site, key, *place)
            assert found.value == pytest.approx(values[index], abs=2e-6), (site, key, index)
            assert found.shown == pytest.approx(values[index])
        explained.add(site.module)
    assert {"encoder", "decoder"} <= explained


def test_a_gates_terms_name_token_context_state_and_bias():
    model = network("gru-additive")
    trace = translate(model, TEXT, WRITTEN, targets=Tokens(tuple("vwxyz"))).trace
    found = explain(model, trace, DECODER, "update_gate", 0, 3)
    sums = {source: sum(t.product for t in found.terms if t.source == source) for source in ("input", "attention")}
    split = split_gate(model, trace, "update_gate", 0)
    assert sums["input"] == pytest.approx(split.embedding[3])
    assert sums["attention"] == pytest.approx(split.context[3], abs=1e-6)
    assert found.title == "update gate zₜ, decoder, unit 3, writing token 1 “v”"
    assert {term.name[:2] for term in found.terms} >= {"yₜ", "cₜ", "hₜ"}
    with pytest.raises(KeyError, match="expected the encoder, the decoder or attention, got output-0-forward entropy"):
        explain(model, trace, OUTPUT, "entropy", 0)


def test_a_gate_that_the_cell_lacks_is_refused():
    model = network("gru-additive")
    trace = translate(model, TEXT, WRITTEN).trace
    with pytest.raises(KeyError, match="expected one of reset_gate, update_gate, candidate at decoder-0-forward"):
        split_gate(model, trace, "forget_gate", 0)
    with pytest.raises(IndexError, match="expected a step below 5, got 5"):
        split_gate(model, trace, "update_gate", 5)


def test_encoder_sites_have_names_of_their_own():
    assert Site("encoder", 1, "backward").label == "encoder, layer 2, backward"
    assert Site("source_embedding").label == "source embedding"
