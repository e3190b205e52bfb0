"""What attributions, the split of a logit and tests of attention promise holds for every kind of network."""

import numpy as np
import pytest
import torch
from torch import Tensor

from core_models.edits.edit import PoolAttention
from core_models.edits.run import run
from core_models.explain.attribution.erasure import erase_each, erasing
from core_models.explain.attribution.methods import gradient_times_input, integrated_gradients
from core_models.explain.attribution.opinions import METHODS, collect
from core_models.explain.attribution.shapley import shapley
from core_models.explain.faithfulness.adversary import TOLERANCE
from core_models.explain.faithfulness.panel import FaithfulnessError, Settings, examine
from core_models.explain.memory.ledger import ledger_sites
from core_models.explain.memory.logit_split import split_logit
from core_models.heads import ClassHead, ForecastHead
from core_models.networks.sequence import ATTENTION
from core_models.target import Target
from core_models.tracing import layers_of
from tests.core_models.test_every_kind import every, own, said
from tests.support.kinds import ATTENDING, IDS, KINDS, STEPS, Example, ids_of, network

QUICK = Settings(shuffles=10, most=2, draws=4, starts=4, steps=10)


@every
def test_integrated_gradients_and_shapley_values_add_up_from_every_baseline(kind):
    example = KINDS[kind]
    outputs = example.outputs
    targets, baselines = example.targets, list(outputs.baselines.values())
    for number in range(max(len(targets), len(baselines))):
        read, baseline = outputs.about(targets[number % len(targets)]), baselines[number % len(baselines)]
        here, there = read(torch.stack([outputs.x, baseline.expand_as(outputs.x)])).tolist()
        shares = integrated_gradients(read, outputs.x[None], baseline, 1000)[0]
        assert float(shares.sum()) == pytest.approx(here - there, abs=5e-3 * max(1.0, abs(here - there)))
        shares = shapley(read, outputs.x, baseline, orders=4).values
        assert float(shares.sum()) == pytest.approx(here - there, abs=2e-5)


@every
def test_all_methods_have_an_opinion_about_every_output(kind):
    example = KINDS[kind]
    first, *_, last = 2 * list(example.outputs.baselines)
    for target, baseline in {example.targets[0]: first, example.targets[-1]: last}.items():
        found = collect(example.outputs, target, baseline)
        assert set(found.by_method) == set(METHODS)
        assert found.value == pytest.approx(example.outputs.value(target), abs=1e-6)
        assert (found.attention is not None) == example.attends
        assert abs(found.by_method["integrated"].gap) <= 0.01 * max(0.1, abs(found.value - found.without))
        for opinion in found.by_method.values():
            assert np.isfinite(opinion.shares).all()
            assert len(opinion.shares) == STEPS


@every
def test_the_matrix_has_gradient_times_input_of_each_output(kind):
    outputs = KINDS[kind].outputs
    for name, baseline in outputs.baselines.items():
        matrix = outputs.matrix(name)
        for row, output in zip(matrix, outputs.known, strict=True):
            alone = gradient_times_input(outputs.about(output.target), outputs.x[None], baseline)[0]
            np.testing.assert_allclose(row, alone.numpy(), atol=1e-5)
        later = [row[output.target.step + 1 :] for row, output in zip(matrix, outputs.known, strict=True)
                 if output.target.step is not None]  # fmt: skip
        assert outputs.network.rnn.bidirectional or not any(row.any() for row in later)


@every
def test_an_output_without_each_step_is_the_output_of_what_is_left(kind):
    example = KINDS[kind]
    for target in example.targets:
        found = erase_each(example.network, example.encoded, target)
        assert np.isfinite(found).all()
        for step in range(STEPS):
            edit = erasing(example.network, step, target)
            trace = run(example.network, example.encoded, [edit])
            if target.head == "next_token" and step == (target.step or 0) + 1:
                continue  # the trace tells how probable the unknown token was
            assert found[step] == pytest.approx(said(example.network, trace, target), abs=5e-5)


def raw(example: Example, target: Target) -> float:
    """The logit of a target or the centre that is forecast, as the readout gives it."""
    net, x = example.network, example.outputs.x
    output: Tensor = net.read(x[None], torch.tensor([STEPS]))[target.head][0]
    if target.step is not None:
        output = output[target.step]
    head = net.head(target.head)
    if isinstance(head, ForecastHead):
        output = output[:, 0] - (x[-1, 0] if head.anchored else 0.0)
        if head.linear is not None:
            output = output - head.linear(head.recent(x[None, :, 0]))[0]
    if isinstance(head, ClassHead) and head.binary:
        return float(output[1] if target.index else -output[1])
    return float(output[target.index] - (0.0 if target.against is None else output[target.against]))


@every
def test_the_parts_of_a_logit_add_up_to_it(kind):
    example = KINDS[kind]
    trace = example.network.trace(example.encoded)
    gated = all(layer.site in ledger_sites(trace) for layer in layers_of(example.network.rnn)[-1])
    for target in example.targets:
        split = split_logit(example.network, trace, target)
        assert (split is not None) == gated
        if split is not None:
            assert split.total == pytest.approx(split.logit, abs=2e-6)
            assert split.logit == pytest.approx(raw(example, target), abs=1e-5)


@pytest.mark.parametrize("kind", ATTENDING)
def test_attention_is_examined_for_every_output(kind):
    example = KINDS[kind]
    head = example.network.head(example.targets[0].head)
    for target, value in zip(example.targets, own(example), strict=True):
        found = examine(example.outputs, target, QUICK)
        assert found.answer == pytest.approx(float(head.squash(torch.tensor(value))), abs=1e-6)
        assert abs(found.adversary_answer - found.answer) <= TOLERANCE + 1e-6
        assert found.attention.shape == found.gradient.shape == found.left_out.shape == (STEPS,)
        left = head.squash(torch.tensor(erase_each(example.network, example.encoded, target)))
        np.testing.assert_allclose(found.left_out, left.numpy(), atol=1e-6)
        for numbers in (found.shuffled, found.muted.random, found.removed.top, found.removed.random):
            assert np.isfinite(numbers).all()


@pytest.mark.parametrize("kind", [name for name in KINDS if name not in ATTENDING])
def test_networks_without_attention_are_told_so(kind):
    with pytest.raises(FaithfulnessError, match="has no attention to test"):
        examine(KINDS[kind].outputs, KINDS[kind].targets[0], QUICK)


@pytest.mark.parametrize("kind", [name for name in ATTENDING if KINDS[name].network.attention is not None])
def test_attention_on_one_step_is_muted_by_looking_elsewhere(kind):
    example = KINDS[kind]
    net = example.network
    trace = run(net, example.encoded, [PoolAttention("one", position=1)])
    weights = trace.array(ATTENTION, "attention_weights")
    reads = range(STEPS) if net.architecture.bidirectional else range(1, STEPS)
    np.testing.assert_array_equal(weights[:, list(reads), 1], 1.0)


def test_a_reader_in_the_middle_is_edited_over_all_it_may_see_however_sharp_its_attention():
    sharp = network((9,), {"answer": 4}, "gru", embedding=5, bidirectional=True, place=2, attention="dot")
    for parameter in sharp.rnn.parameters():
        parameter.data *= 10.0
    for name, parameter in sharp.rnn.named_parameters():
        parameter.data *= 1.0 if "hh" in name else 5.0
    found = run(sharp, ids_of(IDS), [PoolAttention("uniform")]).array(ATTENTION, "attention_weights")
    np.testing.assert_allclose(found, 1 / STEPS, rtol=1e-6)
