"""The translator's trace is what the network computes; what-ifs change what they say and nothing else."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from core_models.edits.edit import Begin, Edit, HoldGate, PoolAttention, Rescore, Stack, Transplant
from core_models.edits.writing import rewrite
from core_models.encoded import Encoded
from core_models.explain.arithmetic.gate_split import (
    encoder_states,
    gathered_from,
    score_anew,
    split_gate,
    states_before,
)
from core_models.explain.arithmetic.translator import explain
from core_models.networks.decoding import Found, Search, search, write_all
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


def edited(model: Translator, stack: Stack, target: Sequence[int] = WRITTEN) -> Translation:
    """The target written under edits."""
    return rewrite(model, ids_of(TEXT), stack, target)


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


def searched(*stack: Edit) -> Found:
    """A search under edits."""
    return search(network("gru-dot"), TEXT, stack=stack, longest=8)


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


def logits_after(model: Translator, ids: tuple[int, ...]) -> torch.Tensor:
    """Logits of the token after a beginning, from the batched computation of training."""
    with torch.no_grad():
        return model.logits(model(torch.tensor([TEXT]), torch.tensor([len(TEXT)]), torch.tensor([[BEGIN, *ids]])))[
            0, -1
        ]


def every_target(model: Translator, length: int) -> dict[tuple[int, ...], float]:
    """Log-probability of every finished target of at most ``length`` tokens, by brute force."""
    found: dict[tuple[int, ...], float] = {}
    beginnings: list[tuple[tuple[int, ...], float]] = [((), 0.0)]
    for _ in range(length):
        longer = []
        for ids, total in beginnings:
            logs = torch.log_softmax(logits_after(model, ids), dim=-1).tolist()
            found[(*ids, END)] = total + logs[END]
            longer += [((*ids, t), total + logs[t]) for t in range(len(logs)) if t not in (PADDING, BEGIN, END)]
        beginnings = longer
    return found


def test_a_wide_enough_beam_finds_the_most_probable_target():
    torch.manual_seed(2)
    model = Translator(TranslatorArchitecture("gru", 4, 6, attention="additive"), SOURCES, 7).eval()
    model.output_bias.data[END] = 1.0
    exact = every_target(model, 3)
    found = search(model, TEXT, Search(16, 0.0), longest=3)
    assert found.best.ids == max(exact, key=lambda ids: exact[ids])
    for hypothesis in found.hypotheses:
        assert hypothesis.log_probability == pytest.approx(exact[hypothesis.ids], abs=1e-5)


@networks
def test_greedy_search_writes_the_first_candidate_at_every_step(name):
    model = network(name)
    found = search(model, TEXT, longest=7)
    steps = translate(model, TEXT, found.best.ids).steps
    firsts = [next(c.token for c in step.candidates if c.token not in (PADDING, BEGIN)) for step in steps]
    assert firsts == list(found.best.ids)
    assert len(found.nodes) == len(found.best.ids)


@networks
def test_many_sources_side_by_side_get_the_targets_that_each_gets_alone(name):
    model = network(name)
    sources = [TEXT, [8, END], [4, 4, 15, END], [*range(4, 18), END]]
    alone = [search(model, source, longest=9).best.ids for source in sources]
    assert write_all(model, sources, longest=9) == alone


@networks
@pytest.mark.parametrize("penalty", [0.0, 1.0])
def test_the_search_is_a_tree_whose_totals_add_up(name, penalty):
    model = network(name)
    how = Search(4, penalty)
    found = search(model, TEXT, how, longest=6)
    for node in found.nodes:
        before = found.nodes[node.parent] if node.parent >= 0 else None
        assert node.total == pytest.approx((before.total if before else 0.0) + node.log_probability)
        assert node.step == (before.step + 1 if before else 0)
        assert before is None or before.fate == "kept"
        assert node.score == pytest.approx(node.total / ((5 + node.step + 1) / 6) ** penalty)
    for step in range(6):
        alive = [node for node in found.nodes if node.step == step and node.fate != "pruned"]
        dropped = [node for node in found.nodes if node.step == step and node.fate == "pruned"]
        assert len(alive) <= 4
        assert not dropped or max(n.total for n in dropped) <= min(n.total for n in alive)
    scores = [hypothesis.score for hypothesis in found.hypotheses]
    assert scores == sorted(scores, reverse=True)
    for hypothesis in found.hypotheses:
        assert tuple(found.nodes[i].token for i in found.path(hypothesis.node)) == hypothesis.ids
        written = translate(model, TEXT, hypothesis.ids)
        assert written.log_probability == pytest.approx(hypothesis.log_probability, abs=1e-4)


@pytest.mark.parametrize("width", [1, 3])
def test_a_given_prefix_is_written_and_the_rest_is_searched_for(width):
    model = network("gru-additive")
    found = search(model, TEXT, Search(width), prefix=[20, 19], longest=6)
    assert all(h.ids[:2] == (20, 19) for h in found.hypotheses)
    assert found.best.ids[2:] == search(model, TEXT, Search(width), prefix=found.best.ids[:3], longest=6).best.ids[2:]


@attentive
def test_an_edited_step_has_the_weights_that_were_asked_for_and_others_keep_theirs(name):
    model = network(name)
    edit = PoolAttention("drawn", weights=(0, 1, 0, 2, 1, 0), steps=(2,))
    plain = translate(model, TEXT, WRITTEN).trace.array(ATTENTION, "attention_weights")
    trace = edited(model, [edit]).trace
    changed = trace.array(ATTENTION, "attention_weights")
    assert np.allclose(changed[:, 2], np.array([0, 0.25, 0, 0.5, 0.25, 0]))
    assert np.array_equal(changed[:, :2], plain[:, :2])
    gathered, rest = gathered_from(model, trace, 2)
    assert gathered is not None
    assert np.allclose(gathered.sum(0) + rest, trace.array(ATTENTION, "context")[2], atol=1e-6)
    assert np.array_equal(translate(model, TEXT, WRITTEN).trace.array(ATTENTION, "attention_weights"), plain)


def test_the_rest_is_decoded_anew_behind_an_edit():
    model = network("gru-additive")
    stack = [PoolAttention("one", position=5, steps=(1,))]
    found = search(model, TEXT, stack=stack, longest=7)
    plain = search(model, TEXT, longest=7)
    assert found.best.ids[0] == plain.best.ids[0]
    written = edited(model, stack, found.best.ids)
    assert written.log_probability == pytest.approx(found.best.log_probability, abs=1e-5)
    assert found.best.log_probability != pytest.approx(plain.best.log_probability, abs=1e-5)


@attentive
@pytest.mark.parametrize("score", ["dot", "scaled_dot"])
def test_another_score_gives_its_weights_on_the_states_as_they_are(name, score):
    model = network(name)
    trace = translate(model, TEXT, WRITTEN).trace
    scores, weights = score_anew(model, trace, score, temperature=2.0)
    products = states_before(model, trace) @ encoder_states(model, trace).T / 2.0
    assert np.allclose(scores, products / (np.sqrt(12) if score == "scaled_dot" else 1.0))
    assert np.allclose(weights.sum(-1), 1.0)
    first = edited(model, [Rescore(score, 2.0)]).trace
    assert np.allclose(first.array(ATTENTION, "attention_weights")[:, 0], weights[0], atol=1e-6)


def test_a_high_temperature_flattens_attention_and_a_low_one_sharpens_it():
    model = network("gru-additive")
    highest = [
        edited(model, [Rescore(None, t)]).trace.array(ATTENTION, "attention_weights")[0, 0] for t in (0.1, 1.0, 10.0)
    ]
    assert highest[0].max() > highest[1].max() > highest[2].max()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: searched(PoolAttention("drawn", weights=(0.5, 0.2))), "6 weights that are not negative and not all 0"),
        (lambda: searched(PoolAttention("one", position=6)), "expected a token from 0 to 5, got 6"),
        (lambda: searched(PoolAttention("uniform", steps=(8,))), "expected a step from 0 to 7, got 8"),
        (lambda: searched(Rescore("additive")), "one of dot, scaled_dot, got 'additive'"),
        (lambda: searched(Rescore(None, 0.0)), "expected a temperature above 0, got 0"),
        (lambda: searched(Transplant(DECODER, 0, (4,), 0)), "a layer that reads, got the one that writes"),
        (lambda: searched(HoldGate(DECODER, "forget_gate", 1.0)), "got 'forget_gate'"),
        (lambda: searched(Begin((99,))), "expected a token id from 0 to 22, got 99"),
        (lambda: Search(0), "expected a width from 1 to 16 and a penalty from 0 to 2, got 0 and 0"),
        (lambda: Search(1, 3.0), "got 1 and 3"),
        (lambda: search(network("gru-none"), TEXT, prefix=[4] * 9, longest=8), "at most 8 tokens, got 9"),
        (lambda: translate(network("gru-none"), TEXT, []), "expected a target that is written, got none"),
        (lambda: Translator(TranslatorArchitecture("gru", 4, 7), 9, 9), "even number of units for two directions"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_a_sentence(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@networks
def test_candidates_are_the_most_probable_tokens(name):
    model = network(name)
    written = translate(model, TEXT, WRITTEN)
    for number, step in enumerate(written.steps):
        said = torch.softmax(logits_after(model, tuple(WRITTEN[:number])).double(), dim=-1)
        best = said.topk(10)
        assert [c.token for c in step.candidates] == best.indices.tolist()
        assert [c.probability for c in step.candidates] == pytest.approx(best.values.tolist(), abs=1e-6)
        assert step.chosen.probability == pytest.approx(float(said[WRITTEN[number]]), abs=1e-6)
        assert step.rank == 1 + int((said > said[WRITTEN[number]] + 1e-12).sum())
        entropy = -float((said * said.log()).sum())
        assert written.trace.array(OUTPUT, "entropy")[number] == pytest.approx(entropy, abs=1e-5)


def test_encoder_sites_have_names_of_their_own():
    assert Site("encoder", 1, "backward").label == "encoder, layer 2, backward"
    assert Site("source_embedding").label == "source embedding"
