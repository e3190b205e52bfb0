"""Recognisers: exact inside, alone as in a batch, and every number recomputed by its arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core_models.explain.arithmetic.recogniser import explain
from core_models.networks.recogniser import ANSWER, RecogniserArchitecture, SequenceRecogniser
from core_models.trace import Tokens
from pretrained.registry import load, recipes

SMALL = {
    "letters, both ends": RecogniserArchitecture(
        "gru", 4, "additive", embedding=3, positions=8, bidirectional=True, place=2, readout="concatenated"
    ),
    "letters, two layers": RecogniserArchitecture("lstm", 3, "dot", embedding=4, layers=2, readout="fused"),
    "frames, convolution": RecogniserArchitecture("gru", 5, "additive", channels=4, width=3, readout="concatenated"),
    "frames": RecogniserArchitecture("gru", 5, "additive"),
    "frames, heads": RecogniserArchitecture("rnn", 4, "multi_head", heads=2, readout="concatenated"),
    "frames, both ends": RecogniserArchitecture("lstm", 2, "concat", bidirectional=True, place=1, readout="fused"),
}
INPUTS, CLASSES = 6, 3


@pytest.fixture(params=SMALL.values(), ids=list(SMALL))
def network(request: pytest.FixtureRequest) -> SequenceRecogniser:
    torch.manual_seed(3)
    return SequenceRecogniser(request.param, INPUTS, CLASSES).eval()


def sequence(network: SequenceRecogniser, steps: int) -> torch.Tensor:
    draw = torch.Generator().manual_seed(steps)
    if network.embedding is None:
        return torch.randn(steps, INPUTS, generator=draw)
    return torch.randint(1, INPUTS, (steps,), generator=draw)


def test_a_trace_is_what_the_network_answers_also_in_a_batch_of_other_lengths(network):
    sequences = [sequence(network, steps) for steps in (7, 3, 5)]
    padded = torch.nn.utils.rnn.pad_sequence(sequences, batch_first=True)
    with torch.no_grad():
        answers = network(padded, torch.tensor([7, 3, 5])).softmax(-1)
    for one, answer in zip(sequences, answers, strict=True):
        trace = network.trace(one, Tokens.numbered(len(one)))
        np.testing.assert_allclose(trace.array(ANSWER, "class_probability"), answer, atol=1e-6)


def test_the_answer_so_far_is_that_of_the_sequence_cut_there(network):
    whole = sequence(network, 6)
    trace = network.trace(whole, Tokens.numbered(6))
    if network.architecture.bidirectional:
        assert (ANSWER, "running_probability") not in trace
        return
    for step in range(6):
        cut = network.trace(whole[: step + 1], Tokens.numbered(step + 1)).array(ANSWER, "class_probability")
        np.testing.assert_allclose(trace.array(ANSWER, "running_probability")[step], cut, atol=1e-6)


def test_both_schedules_agree(network):
    whole = sequence(network, 5)
    one, other = (network.trace(whole, Tokens.numbered(5), schedule=way) for way in ("parallel", "sequential"))
    assert set(one) == set(other)
    for site, key in one:
        np.testing.assert_allclose(one.array(site, key), other.array(site, key), atol=1e-6)


def test_every_number_is_recomputed_by_its_arithmetic(network):
    trace = network.trace(sequence(network, 4), Tokens.numbered(4))
    explained = 0
    for site, key in trace:
        if site.module in ("embedding", "frames", "neighbours"):
            continue
        values = trace.array(site, key)
        for place in np.ndindex(values.shape):
            head, step, unit = (*(0,) * (3 - values.ndim), *place)
            arithmetic = explain(network, trace, site, key, step, unit, head)
            assert arithmetic.shown == pytest.approx(float(values[place]))
            assert arithmetic.value == pytest.approx(arithmetic.shown, abs=2e-6)
            explained += 1
    assert explained > 50
    with pytest.raises(KeyError, match="expected a recurrent layer"):
        explain(network, trace, next(iter(trace))[0], "embedding", 0)


def test_two_directions_need_a_place_and_one_has_none():
    with pytest.raises(ValueError, match="expected a place to answer from, got None"):
        SequenceRecogniser(RecogniserArchitecture("gru", 3, "dot", bidirectional=True), INPUTS, CLASSES)
    with pytest.raises(ValueError, match="expected no place to answer from, got 3"):
        SequenceRecogniser(RecogniserArchitecture("gru", 3, "dot", place=3), INPUTS, CLASSES)
    with pytest.raises(ValueError, match="expected no codes of places for frames, got 4"):
        SequenceRecogniser(RecogniserArchitecture("gru", 3, "dot", positions=4), INPUTS, CLASSES)


@pytest.mark.parametrize("key", recipes("recognise"))
def test_shipped_recognisers_say_of_their_examples_what_is_right(key):
    model = load(key)
    assert model.recipe.scores["test_accuracy"] > 0.9
    for example in model.task.examples:
        trace = model.trace(model.task.encode(example.text))
        assert example.reference in model.task.classes
        assert model.answer(trace)[0] == example.reference or "wrong" in example.why
