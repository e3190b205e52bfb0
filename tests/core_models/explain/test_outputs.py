"""Which inputs made each output: every output of a task is what its trace says, and rows are exact."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core_models.explain.attribution.methods import gradient_times_input
from core_models.explain.attribution.opinions import collect
from core_models.explain.outputs import Outputs
from core_models.heads.classes import ANSWER, READOUT
from core_models.heads.forecast import CENTRE, FORECAST
from core_models.heads.head import log_odds
from core_models.heads.labels import TAGS
from core_models.heads.next_token import NEXT
from core_models.target import Target
from core_models.trace import Trace
from pretrained.registry import load
from tests.support.kinds import KINDS

MODELS = {
    "sst2-gru": "superb but dull", "sst2-gru-attention": "superb but dull", "pos-bilstm": "play it again",
    "commands-bilstm": "play it again", "shakespeare-lstm": "to be", "spoken-digits-gru": "", "splice-bigru": "",
    "co2-gru": "", "beijing-attention": "",
}  # fmt: skip
BASELINES = [(name, baseline) for name, example in KINDS.items() for baseline in example.outputs.baselines]


def asked(key: str) -> tuple[Outputs, Trace]:
    """A shipped model about a text of ours, or about the first example of its task."""
    model = load(key, torch.device("cpu"))
    encoded = model.encode(MODELS[key] or model.task.examples[0].text)
    trace = model.trace(encoded)
    return model.outputs(encoded, trace), trace


def told(trace: Trace, target: Target) -> float:
    """How probable the trace holds a target to be, or what it forecasts."""
    if target.head == "forecast":
        return float(trace.array(FORECAST, CENTRE)[target.index])
    if target.head == "tags":
        return float(trace.array(TAGS, "tag_probability")[target.step, target.index])
    if target.head == "next_token":
        assert target.step is not None
        last = target.step == len(trace) - 1
        expected = trace.array(NEXT, "candidate_probability")[-1, 0] if last else None
        return float(trace.array(NEXT, "chosen_probability")[target.step + 1] if expected is None else expected)
    if (READOUT, "probability") in trace:
        second = float(trace.array(READOUT, "probability")[-1])
        return second if target.index else 1.0 - second
    return float(trace.array(ANSWER, "class_probability")[target.index])


@pytest.mark.parametrize("key", MODELS)
def test_every_output_of_a_task_is_what_its_trace_holds(key: str) -> None:
    outputs, trace = asked(key)
    assert 0 <= outputs.telling < len(outputs.known)
    assert len({output.target for output in outputs.known}) == len(outputs.known)
    for output in outputs.known:
        head, value = outputs.network.head(output.target.head), outputs.value(output.target)
        assert output.name
        assert float(head.squash(torch.tensor(value))) == pytest.approx(told(trace, output.target), abs=1e-5)


@pytest.mark.parametrize(("name", "baseline"), BASELINES)
def test_occlusion_is_what_goes_missing_with_one_step_and_the_others_stay(name: str, baseline: str) -> None:
    outputs = KINDS[name].outputs
    for target in KINDS[name].targets:
        found = collect(outputs, target, baseline, ["occlusion"])
        hidden = outputs.x.clone()
        hidden[1] = outputs.baselines[baseline].expand_as(hidden)[1]
        missing = found.value - outputs.about(target)(hidden[None]).item()
        assert found.by_method["occlusion"].shares[1] == pytest.approx(missing, abs=1e-5)


def test_what_comes_later_gives_nothing_in_one_direction_and_something_in_two() -> None:
    def above(name: str) -> float:
        outputs = KINDS[name].outputs
        rows = zip(outputs.matrix("zero"), outputs.known, strict=True)
        return max(np.abs(row[output.target.step + 1 :]).max(initial=0.0) for row, output in rows
                   if output.target.step is not None)  # fmt: skip

    assert above("next token") == above("labels, attention") == above("labels, one direction") == 0.0
    assert above("labels") > 1e-4


@pytest.mark.parametrize("name", ["two classes, plain", "two classes, both directions", "four classes, fused"])
def test_a_row_of_the_answers_is_the_output_of_the_text_up_to_there(name: str) -> None:
    outputs, target = KINDS[name].outputs, KINDS[name].targets[0]
    found, zero = outputs.answers(target, "zero"), torch.zeros_like(outputs.x)
    for end in range(1, len(outputs.x) + 1):
        alone = gradient_times_input(outputs.about(target), outputs.x[None, :end], zero[:end])[0]
        np.testing.assert_allclose(found[end - 1, :end], alone.numpy(), atol=1e-5)
        assert not found[end - 1, end:].any()


def test_a_token_that_is_gone_keeps_the_code_of_its_place() -> None:
    outputs = KINDS["bases"].outputs
    assert outputs.baselines["mean"].shape == outputs.x.shape
    assert not torch.equal(outputs.baselines["unknown"][0], outputs.baselines["unknown"][1])


def test_outputs_that_ask_different_heads_and_rivals_are_read_together_as_alone() -> None:
    outputs = KINDS["labels"].outputs
    targets = [output.target for output in outputs.known][::-1]
    together = outputs.some(targets)(outputs.x.expand(len(targets), -1, -1), torch.arange(len(targets)))
    np.testing.assert_allclose(together.numpy(), [outputs.value(target) for target in targets], atol=1e-6)


def test_log_odds_stay_exact_where_a_probability_is_as_good_as_one() -> None:
    logits = torch.tensor([[40.0, 0.0, 0.0]])
    assert float(log_odds(logits, torch.tensor([0]))) == pytest.approx(40.0 - np.log(2.0), abs=1e-5)
