"""The tests of attention tell a network that ignores its attention from one that answers through it."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

from core_models.explain.attribution.ranks import mean_interval
from core_models.explain.faithfulness.adversary import TOLERANCE, find_adversary
from core_models.explain.faithfulness.attended import Attended, attend
from core_models.explain.faithfulness.panel import Faithfulness, FaithfulnessError, Settings, examine
from core_models.explain.faithfulness.reweighting import divergence, erased, shuffled, uniform
from core_models.explain.outputs import Output, Outputs
from core_models.networks.architecture import Architecture
from core_models.networks.sequence import SequenceNetwork
from core_models.target import Target
from pretrained.analysis.seeds import attends
from pretrained.data.text.treebank import SHA256
from pretrained.faithfulness import measure, results
from pretrained.faithfulness.results import MEASURES, read_background
from pretrained.faithfulness.verdict import MOVED, UNUSED, USED, Estimate, Use, judge, use_of
from pretrained.registry import load, recipes
from tests.support.kinds import ids_of

TEXT = "the acting is superb , but the story never wakes up"
ATTENDING = [key for key, recipe in recipes("sentiment").items() if attends(recipe.architecture)]
SECOND = Target("answer", 1)
QUICK = Settings(shuffles=40, most=3, draws=10, starts=4, steps=15)


def asked(key: str, text: str = TEXT) -> Outputs:
    model = load(key)
    encoded = model.encode(text)
    return model.outputs(encoded, model.trace(encoded))


def about(network: SequenceNetwork, ids: list[int]) -> Outputs:
    return Outputs(network, ids_of(ids), (Output(SECOND, "the second class"),))


def attended_by(outputs: Outputs) -> Attended:
    found = attend(outputs, SECOND)
    assert found is not None
    return found


def chance(outputs: Outputs) -> float:
    """The network's own answer."""
    return 1.0 / (1.0 + float(np.exp(-outputs.value(SECOND))))


def trained_nowhere(**choices) -> SequenceNetwork:
    torch.manual_seed(1)
    return SequenceNetwork(Architecture("gru", 6, 6, **choices), (30,), {"answer": 2}).eval().requires_grad_(False)


# Forced weights


@pytest.mark.parametrize("key", ATTENDING)
def test_the_networks_own_weights_give_its_own_answer_and_its_trace(key):
    outputs = asked(key)
    attended = attended_by(outputs)
    assert float(attended.answers(attended.weights[None])[0]) == pytest.approx(chance(outputs), abs=2e-6)
    network: Any = outputs.network
    trace = network.trace(outputs.encoded)
    site = next(site for site, name in trace if name == "attention_weights")
    rows = trace.array(site, "attention_weights")
    assert np.allclose(attended.weights.numpy(), rows[:, -len(attended.mask) :], atol=1e-6)
    assert np.array_equal(attended.mask.numpy(), trace.array(site, "attention_mask")[0, -len(attended.mask) :] > 0)


@pytest.mark.parametrize("key", ["sst2-gru-attention-inside", "sst2-gru-multiplied"])
def test_forcing_weights_inside_the_recurrence_leaves_the_shared_network_alone(key):
    outputs = asked(key)
    before, attended = chance(outputs), attended_by(outputs)
    assert abs(float(attended.answers(uniform(attended))[0]) - before) > 1e-6
    assert chance(outputs) == before
    assert "attend" not in vars(outputs.network.rnn)


def test_uniform_attention_is_the_mean_of_the_states():
    network = trained_nowhere(attention="additive")
    outputs = about(network, list(range(2, 10)))
    attended = attended_by(outputs)
    mean = network.rnn(outputs.x[:, None])[0][:, 0].mean(0)
    expected = torch.sigmoid(network.head("answer").readout(mean))
    assert torch.allclose(attended.answers(uniform(attended)), expected, atol=1e-6)


@pytest.mark.parametrize("key", ["sst2-gru-heads-4", "sst2-gru-attention-inside", "sst2-lstm-self-attention"])
def test_other_weights_are_attention_too(key):
    attended = attended_by(asked(key))
    generator = torch.Generator().manual_seed(0)
    tokens = torch.rand(6, attended.weights.shape[-1], generator=generator) < 0.4
    looks = attended.mask.any(-1).float()
    for rows in (uniform(attended), shuffled(attended, 5, generator), erased(attended, tokens)):
        assert torch.allclose(rows.sum(-1), looks.expand(rows.shape[:-1]), atol=1e-6)
        assert not rows[..., ~attended.mask].any()
    orders = shuffled(attended, 5, generator)
    assert torch.equal(orders.sort(-1).values, attended.weights.sort(-1).values.expand_as(orders))
    assert not torch.equal(orders[0], orders[1])
    muted = erased(attended, tokens)
    rest = (attended.mask & ~tokens[:, None]).any(-1)[:, None].expand(muted.shape[:-1])
    gone = (muted * tokens[:, None, None]).sum(-1)
    assert not gone[rest].any()


def test_divergence_is_0_for_the_same_and_ln_2_for_weights_that_share_no_token():
    one, other = torch.eye(4)[:1][None, None], torch.eye(4)[2:3][None, None]
    free = torch.tensor([True])
    assert divergence(one, one, free).item() == 0.0
    assert divergence(one, other, free).item() == pytest.approx(np.log(2))


# The search


@pytest.mark.parametrize("key", ["sst2-gru-attention", "sst2-gru-multiplied", "sst2-lstm-self-attention"])
def test_the_adversary_answers_alike_and_is_as_different_as_it_says(key):
    outputs = asked(key)
    attended = attended_by(outputs)
    found = find_adversary(attended, starts=4, steps=15)
    answer = float(attended.answers(found.weights[None])[0])
    assert abs(answer - chance(outputs)) <= TOLERANCE + 1e-6
    assert found.answer == pytest.approx(answer, abs=1e-6)
    assert found.divergence == pytest.approx(
        float(divergence(found.weights[None], attended.weights, attended.free)), abs=1e-6
    )
    assert 0.05 < found.divergence <= np.log(2) + 1e-6


def test_where_every_other_weight_changes_the_answer_none_is_found():
    network = trained_nowhere(attention="additive")
    outputs, readout = about(network, [4, 9]), network.head("answer").readout
    with torch.no_grad():
        readout.weight.mul_(1e4)
        readout.bias.add_(-outputs.value(SECOND))
    attended = attended_by(outputs)
    assert chance(outputs) == pytest.approx(0.5, abs=1e-2)
    assert find_adversary(attended).divergence < 1e-3


# The controls: networks of which it is known whether they use their attention

ASKS, FILLERS, GOOD, BAD = 1, range(2, 26), 26, 27


def bypassed() -> SequenceNetwork:
    """Attention is computed and joined to the last state, and the readout has no weight on it."""
    network = trained_nowhere(attention="additive", readout="concatenated")
    weight = network.head("answer").readout.weight
    with torch.no_grad():
        weight[:, :6] = 0.0
        weight[:, 6:] *= 20.0
    return network


def through_attention() -> SequenceNetwork:
    """States know their own token alone, and one word in a sentence is telling: the answer can only be attended to.

    A GRU without recurrence: h_t = tanh(x_t). Feature 0 is what the readout reads, the others what attention looks for.
    """
    network = trained_nowhere(attention="dot")
    with torch.no_grad():
        for parameter in network.rnn.parameters():
            parameter.zero_()
        network.get_parameter("rnn.bias_ih_l0")[6:12] = -40.0  # z = 0: the state is the candidate
        network.get_parameter("rnn.weight_ih_l0")[12:] = torch.eye(6)
        table = network.get_parameter("input.embedding.weight")
        table.zero_()
        table[[ASKS, GOOD, BAD], 1:] = 5.0
        table[list(FILLERS), 1:] = torch.linspace(0.02, 0.3, len(FILLERS))[:, None]
        table[GOOD, 0], table[BAD, 0] = 3.0, -3.0
        readout = network.head("answer").readout
        readout.weight.zero_()
        readout.bias.zero_()
        readout.weight[0, 0] = 6.0
    return network


def control_sentences(count: int = 60) -> list[list[int]]:
    """Fillers around one telling word, and a last token that asks."""
    random = np.random.default_rng(0)
    found = []
    for number in range(count):
        ids = random.choice(FILLERS, size=int(random.integers(8, 16)), replace=False).tolist()
        ids[int(random.integers(len(ids)))] = (GOOD, BAD)[number % 2]
        found.append([*ids, ASKS])
    return found


@cache
def examined(control: Callable[[], SequenceNetwork]) -> list[Faithfulness]:
    network = control()
    return [examine(about(network, ids), SECOND, QUICK) for ids in control_sentences()]


def verdict_of(found: list[Faithfulness]):
    """The verdict as the results file's numbers give it to the page."""
    rows = [measure.summarize(one) for one in found]
    values = {name: np.array([row[name] for row in rows]) for name in MEASURES}
    return results.Background("control", "", values).verdict


def test_a_network_whose_attention_is_bypassed_comes_out_as_not_used():
    found = examined(bypassed)
    verdict = verdict_of(found)
    assert verdict.use is Use.UNUSED
    assert verdict.share.value == 0.0
    assert verdict.share.high < UNUSED
    answers = [one.answer for one in found]
    assert max(answers) - min(answers) > 0.3, "the network answers one thing whatever it reads"
    assert all(one.divergence > 0.5 for one in found)


def test_a_network_that_can_only_answer_through_attention_comes_out_as_used():
    found = examined(through_attention)
    verdict = verdict_of(found)
    assert verdict.use is Use.USED
    assert verdict.share.low > USED
    for ids, one in zip(control_sentences(), found, strict=True):
        place = next(place for place, index in enumerate(ids) if index in (GOOD, BAD))
        assert (one.answer > 0.5) == (ids[place] == GOOD)
        assert one.effects.argmax() == place


def test_one_sentence_is_judged_by_the_same_rule():
    for control, use in ((bypassed, Use.UNUSED), (through_attention, Use.USED)):
        for one in examined(control)[:6]:
            moved = int((np.abs(one.shuffled - one.answer) >= MOVED).sum())
            assert judge(moved, len(one.shuffled), Estimate(0, -1, 1)).use is use


# The verdict


def test_the_verdict_needs_the_whole_interval_beyond_a_line():
    assert use_of(0, 10) is Use.PARTLY
    assert use_of(0, 100) is Use.UNUSED
    assert use_of(52, 100) is Use.PARTLY
    assert use_of(70, 100) is Use.USED
    assert [use_of(moved, 300) for moved in (0, 100, 300)] == [Use.UNUSED, Use.PARTLY, Use.USED]


@pytest.mark.parametrize("moved", [0, 18, 19, 100, 167, 168, 300])
def test_the_number_of_flips_is_what_changes_the_verdict(moved):
    verdict = judge(moved, 300, Estimate(0.3, 0.2, 0.4))
    flipped = {use_of(other, 300) for other in (moved - verdict.flips, moved + verdict.flips) if 0 <= other <= 300}
    fewer = {
        use_of(other, 300)
        for other in range(max(0, moved - verdict.flips + 1), min(300, moved + verdict.flips - 1) + 1)
    }
    assert fewer == {verdict.use}
    assert flipped != {verdict.use}


@pytest.mark.parametrize(("interval", "points"), [((0.6, 0.9), True), ((0.1, 0.4), False), ((0.4, 0.6), None)])
def test_attention_points_at_what_matters_if_the_whole_interval_says_so(interval, points):
    assert judge(300, 300, Estimate(0.5, *interval)).points is points


def test_an_unclear_agreement_is_not_an_agreement():
    assert judge(3, 3, Estimate(float("nan"), float("nan"), float("nan"))).points is None
    with pytest.raises(ValueError, match="expected at least one trial"):
        judge(0, 0, Estimate(0, 0, 0))


# What cannot be tested, and what is random


def test_what_cannot_be_tested_is_said_in_a_sentence():
    with pytest.raises(FaithfulnessError, match="has no attention to test; choose one"):
        examine(asked("sst2-gru"), SECOND)
    with pytest.raises(FaithfulnessError, match="only one place to look at: make it longer"):
        examine(asked("sst2-gru-attention", "boring"), SECOND)
    with pytest.raises(FaithfulnessError, match="make it longer"):
        examine(asked("sst2-gru-attention-inside", "boring film"), SECOND)


@pytest.mark.parametrize("text", ["a film", "so very dull"])
@pytest.mark.parametrize("key", ["sst2-gru-attention", "sst2-lstm-self-attention"])
def test_short_texts_are_tested_as_far_as_they_go(key, text):
    found = examine(asked(key, text), SECOND, QUICK)
    assert len(found.removed.top) == min(QUICK.most, len(found.attention) - 1)
    assert found.removed.random.shape == (len(found.removed.top), QUICK.draws)


def test_the_same_text_is_tested_alike_whatever_else_is_drawn():
    one = examine(asked("sst2-gru-attention"), SECOND, QUICK)
    torch.manual_seed(5)
    other = examine(asked("sst2-gru-attention"), SECOND, QUICK)
    assert np.array_equal(one.shuffled, other.shuffled)
    assert np.array_equal(one.removed.random, other.removed.random)
    assert one.divergence == other.divergence


def test_removing_a_token_is_reading_the_text_without_it():
    outputs = asked("sst2-gru-attention")
    found, ids = examine(outputs, SECOND, QUICK), list(outputs.encoded.ids)
    for place in (0, 4, len(ids) - 1):
        kept = about(outputs.network, ids[:place] + ids[place + 1 :])  # type: ignore[arg-type]  # ids are of one kind
        assert found.left_out[place] == pytest.approx(chance(kept), abs=1e-6)
    top = int(found.attention.argmax())
    assert found.removed.top[0] == pytest.approx(found.left_out[top], abs=1e-6)


# Results on many sentences


@pytest.mark.parametrize("key", ATTENDING)
def test_every_attending_model_was_measured_with_the_weights_that_are_shipped(key):
    background = read_background(recipes("sentiment")[key])
    assert background is not None, f"run python -m pretrained.faithfulness.measure --data FOLDER for {key}"
    assert background.count == measure.COUNT
    settings = json.loads(results.FILE.read_text(encoding="utf-8"))["settings"]
    assert settings == measure.describe(measure.COUNT)
    assert settings["sha256"] == SHA256["sst2/dev.tsv"]
    for name in ("uniform", "shuffled", "divergence"):
        assert np.isfinite(background.values[name]).all()


def test_results_of_other_weights_are_not_taken(tmp_path):
    key = ATTENDING[0]
    path = tmp_path / "other.json"
    path.write_text(
        results.FILE.read_text(encoding="utf-8").replace(recipes("sentiment")[key].weights["sha256"], "0" * 64)
    )
    assert read_background(recipes("sentiment")[key], path) is None
    assert read_background(recipes("sentiment")["sst2-gru"], path) is None
    assert read_background(recipes("sentiment")[key], tmp_path / "none.json") is None


def test_a_mean_has_the_interval_of_a_bootstrap():
    background = read_background(recipes("sentiment")[ATTENDING[0]])
    assert background is not None
    mean = background.mean("agreement")
    assert (mean.low, mean.high) == mean_interval(background.values["agreement"])
    assert mean.low < mean.value < mean.high


def test_measuring_keeps_numbers_of_the_same_sentences_for_every_model_and_no_text(tmp_path):
    model = load("sst2-gru-attention")
    read = [model.encode(text) for text in (TEXT, "a quiet and moving film")]
    row = measure.measure(model, read)
    assert row["sha256"] == model.recipe.weights["sha256"]
    assert set(row["values"]) == set(MEASURES)
    assert all(len(values) == 2 and all(isinstance(v, float) for v in values) for values in row["values"].values())
    found = examine(asked("sst2-gru-attention", "a quiet and moving film"), SECOND, measure.SETTINGS)
    assert row["values"]["uniform"][1] == pytest.approx(abs(found.uniform - found.answer), abs=1e-4)
