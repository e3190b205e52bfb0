"""The classifier's trace is what the network computes, and every number in it can be spelled out."""

import numpy as np
import pytest
import torch

from core_models.explain.arithmetic.classifier import explain
from core_models.networks.classifier import ATTENTION, EMBEDDING, READOUT, Architecture, SequenceClassifier
from core_models.trace import Site, Tokens, TraceError

ARCHITECTURES = {
    "rnn": Architecture("rnn", 6, 9),
    "gru": Architecture("gru", 6, 9),
    "gru-2": Architecture("gru", 6, 9, layers=2),
    "gru-attention": Architecture("gru", 6, 9, attention="additive"),
    "gru-concat": Architecture("gru", 6, 9, attention="concat"),
    "gru-dot-joined": Architecture("gru", 6, 9, attention="dot", readout="concatenated"),
    "gru-scaled-fused": Architecture("gru", 6, 9, attention="scaled_dot", readout="fused"),
    "gru-heads": Architecture("gru", 6, 9, attention="multi_head", heads=3),
    "rnn-relu": Architecture("rnn", 6, 9, nonlinearity="relu"),
    "lstm": Architecture("lstm", 6, 9),
    "lstm-self-attention": Architecture("lstm", 6, 9, attention="multi_head", heads=3, readout="pooled"),
    "gru-reset-before": Architecture("gru_reset_before", 6, 9),
    "attentive-gru": Architecture("attentive_gru", 6, 9),
    "attentive-rnn": Architecture("attentive_rnn", 6, 9),
    "multiplied-gru": Architecture("multiplied_gru", 9, 9),
    "bilstm-2": Architecture("lstm", 6, 9, layers=2, bidirectional=True),
}
STEPS = 8

networks = pytest.mark.parametrize("name", ARCHITECTURES)


def network(name: str) -> SequenceClassifier:
    torch.manual_seed(3)
    return SequenceClassifier(ARCHITECTURES[name], 30).eval()


def ids(steps: int = STEPS) -> torch.Tensor:
    return torch.randint(1, 30, (steps,), generator=torch.Generator().manual_seed(1))


@networks
def test_the_logit_after_every_token_is_the_answer_to_that_prefix(name):
    model, text = network(name), ids()
    trace = model.trace(text, Tokens.numbered(STEPS))
    with torch.no_grad():
        prefixes = [model(text[None, :end], torch.tensor([end])).item() for end in range(1, STEPS + 1)]
    assert np.allclose(trace.array(READOUT, "logit"), prefixes, atol=1e-6)
    assert np.allclose(trace.array(READOUT, "probability"), 1 / (1 + np.exp(-np.array(prefixes))), atol=1e-6)


@networks
def test_padding_never_changes_an_answer(name):
    model, text = network(name), ids()
    with torch.no_grad():
        alone = model(text[None], torch.tensor([STEPS]))
        batch = torch.stack([torch.cat([text, torch.zeros(7, dtype=torch.long)]), ids(STEPS + 7)])
        together = model(batch, torch.tensor([STEPS, STEPS + 7]))
    assert torch.allclose(alone[0], together[0], atol=1e-6)


@networks
def test_both_schedules_give_the_same_trace(name):
    model, text = network(name), ids(40)
    parallel = model.trace(text, Tokens.numbered(40))
    sequential = model.trace(text, Tokens.numbered(40), schedule="sequential")
    for address in parallel:
        assert np.allclose(parallel.array(*address), sequential.array(*address), atol=1e-6), address


@networks
def test_every_number_is_spelled_out_to_the_same_value(name):
    model, text = network(name), ids()
    trace = model.trace(text, Tokens.numbered(STEPS))
    for site, key in trace:
        if key in ("embedding", "influence"):
            continue
        values = trace.array(site, key)
        for index in np.ndindex(values.shape):
            place = (*index[1:], index[0]) if values.ndim == 3 else index
            found = explain(model, trace, site, key, *place)
            assert found.value == pytest.approx(values[index], abs=1e-6), (site, key, index)
            assert found.shown == pytest.approx(values[index])
            assert str(found.terms[0].name) if found.terms else found.lines


@pytest.mark.parametrize("key", ["reset_gate", "update_gate", "candidate"])
def test_the_terms_of_a_sum_add_up_to_what_is_squashed(key):
    model, text = network("gru"), ids()
    trace, site = model.trace(text, Tokens.numbered(STEPS)), Site("rnn")
    found = explain(model, trace, site, key, 4, 2)
    total = sum(term.product for term in found.terms)
    squashed = np.tanh(total) if key == "candidate" else 1 / (1 + np.exp(-total))
    assert squashed == pytest.approx(trace.array(site, key)[4, 2], abs=1e-6)
    assert len(found.terms) == 6 + 9 + 2


def test_influence_is_the_units_share_of_the_logit_where_the_readout_reads_one_state():
    model, text = network("lstm"), ids()
    trace = model.trace(text, Tokens.numbered(STEPS))
    shares = trace.array(Site("rnn"), "influence")
    last = trace.array(Site("rnn"), "hidden_state")[-1]
    assert np.allclose(shares, last * model.readout.weight[0].detach().numpy(), atol=1e-6)
    logit = trace.array(READOUT, "logit")[-1]
    assert shares.sum() + model.readout.bias.item() == pytest.approx(logit, abs=1e-6)


@pytest.mark.parametrize("name", ["gru-2", "gru-attention", "bilstm-2"])
def test_influence_is_gradient_times_activation_of_the_layers_output(name):
    model, text = network(name), ids()
    trace = model.trace(text, Tokens.numbered(STEPS))
    output = torch.tensor(np.concatenate(
        [trace.array(site, "hidden_state") for site in trace.cells if site.layer == model.rnn.num_layers - 1], axis=1
    ), requires_grad=True)  # fmt: skip
    if model.attention is None:
        size = model.architecture.hidden
        summary = torch.cat([output[-1, :size], output[0, size:]])
    else:
        scores = model.attention(output, output)[0, -1]
        summary = torch.softmax(scores, -1) @ output
    model.readout(summary).sum().backward()
    assert output.grad is not None
    expected = (output.grad * output).sum(0).detach().numpy()
    found = [trace.array(site, "influence") for site in trace.cells if site.layer == model.rnn.num_layers - 1]
    assert np.allclose(np.concatenate(found), expected, atol=1e-6)


def test_attention_looks_at_read_tokens_only_and_its_rows_sum_to_one():
    trace = network("gru-attention").trace(ids(), Tokens.numbered(STEPS))
    weights = trace.array(ATTENTION, "attention_weights")
    assert weights.shape == (1, STEPS, STEPS)
    assert np.all(np.triu(weights[0], 1) == 0)
    assert np.allclose(weights.sum(-1), 1)
    states = trace.array(Site("rnn"), "hidden_state")
    assert np.allclose(trace.array(ATTENTION, "context"), weights[0] @ states, atol=1e-6)


def test_one_token_is_enough():
    for name in ARCHITECTURES:
        trace = network(name).trace(ids(1), Tokens.numbered(1))
        assert trace.array(EMBEDDING, "embedding").shape == (1, ARCHITECTURES[name].embedding)


def test_damaged_weights_are_refused():
    model = network("gru")
    with torch.no_grad():
        next(model.rnn.parameters())[0, 0] = torch.nan
    with pytest.raises(TraceError, match="expected finite numbers"):
        model.trace(ids(), Tokens.numbered(STEPS))


def test_attention_over_two_directions_is_refused():
    with pytest.raises(ValueError, match="expected attention pooling over one reading direction"):
        SequenceClassifier(Architecture("gru", 4, 4, bidirectional=True, attention="additive"), 10)


def test_what_has_no_arithmetic_is_answered_with_a_sentence():
    model, text = network("gru"), ids()
    trace = model.trace(text, Tokens.numbered(STEPS))
    with pytest.raises(KeyError, match="expected a recurrent layer, attention or the readout, got embedding"):
        explain(model, trace, EMBEDDING, "embedding", 0, 0)
