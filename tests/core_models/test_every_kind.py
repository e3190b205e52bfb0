"""What edits promise holds for every kind of network, and every output of it."""

import copy

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
    SetValue,
    Stack,
    Transplant,
)
from core_models.edits.run import edited_outputs, edited_tokens, limits_of, run
from core_models.edits.sweep import sweep, trials
from core_models.encoded import Encoded
from core_models.explain.faithfulness.attended import attend
from core_models.heads.classes import ANSWER, READOUT
from core_models.heads.forecast import CENTRE, FORECAST
from core_models.heads.labels import TAGS
from core_models.heads.next_token import NEXT
from core_models.heads.values import VALUE, VALUES
from core_models.inputs import TokenInput
from core_models.networks.sequence import ATTENTION, SequenceNetwork
from core_models.target import Target
from core_models.trace import Trace
from core_models.tracing import layers_of
from tests.support.kinds import ATTENDING, KINDS, STEPS, Example, ids_of, numbers_of

every = pytest.mark.parametrize("kind", KINDS)


RUNNING = {"logit", "probability", "running_probability"}
"""Answers to every prefix, each of which is a reading of its own where the sequence is read from both ends."""


def typed(example: Example, kept: list[int], content: dict[int, int] | None = None) -> Encoded:
    """The input with some steps only, and other tokens at some of them."""
    if example.encoded.values is not None:
        return numbers_of(example.encoded.values[kept])
    ids = list(example.encoded.ids)
    for step, token in (content or {}).items():
        ids[step] = (token, 1) if isinstance(ids[step], tuple) else token  # type: ignore[assignment]  # ids are of one kind
    return ids_of([ids[step] for step in kept])  # type: ignore[misc]  # ids are of one kind


def token(example: Example, index: int) -> int | tuple[int, ...]:
    return index if len(limits_of(example.network, STEPS).vocabulary) == 1 else (index, 1)


def agree(one: Trace, other: Trace, *, running: bool = True) -> None:
    """Both hold the same, but for gradients that edited readings lack, and scores that no one may look at."""
    named = {address for address in one if address[1] != "influence"}
    assert named == {address for address in other if address[1] != "influence"}
    for site, key in named:
        a, b = one.array(site, key), other.array(site, key)
        if key == "attention_scores":
            a, b = a * one.array(site, "attention_mask"), b * one.array(site, "attention_mask")
        if key in RUNNING and not running:
            a, b = a[-1:], b[-1:]
        assert np.abs(a - b).max(initial=0.0) <= 1e-6 * max(1.0, float(np.abs(a).max(initial=0.0))), (site.key, key)


def said(net: SequenceNetwork, trace: Trace, target: Target, step: int | None = None) -> float:
    """A target as the trace has it; ``step`` is where its own step stands in the trace, if not where it stood."""
    at = target.step if step is None else step
    if target.head == "forecast":
        centre = trace.array(FORECAST, CENTRE)
        return float(centre[target.index] - (0.0 if target.against is None else centre[target.against]))
    if target.head == "next_token":
        assert at is not None
        return log_odds(trace.array(NEXT, "chosen_probability")[at + 1])
    if target.head == "numbers":
        found = trace.array(VALUES, VALUE)[at]
        return float(found[target.index] - (0.0 if target.against is None else found[target.against]))
    if target.head == "tags":
        chances = trace.array(TAGS, "tag_probability")[at]
    elif net.head("answer").count == 2:
        return float(trace.array(READOUT, "logit")[-1])
    else:
        chances = trace.array(ANSWER, "class_probability")
    if target.against is not None:
        return float(np.log(chances[target.index]) - np.log(chances[target.against]))
    return log_odds(chances[target.index])


def log_odds(chance: float) -> float:
    return float(np.log(chance) - np.log1p(-np.float64(chance)))


def values(example: Example, *stacks: Stack) -> list[list[float]]:
    """Each target under each stack, ``[target, stack]``."""
    return [edited_outputs(example.network, example.encoded, stacks, t).tolist() for t in example.targets]


def own(example: Example) -> list[float]:
    return [example.outputs.value(target) for target in example.targets]


@every
def test_what_is_asked_about_is_what_the_trace_and_the_edited_reading_say(kind):
    example = KINDS[kind]
    trace = example.network.trace(example.encoded)
    for target, value, (edited,) in zip(example.targets, own(example), values(example, []), strict=True):
        assert value == pytest.approx(said(example.network, trace, target), abs=2e-5)
        assert edited == pytest.approx(value, abs=1e-6)


@every
def test_gates_held_at_their_own_values_change_nothing(kind):
    example = KINDS[kind]
    trace, before = example.network.trace(example.encoded), copy.deepcopy(example.network.state_dict())
    held: list[Edit] = [
        HoldGate(site, gate, float(trace.array(site, gate)[t, u]), (u,), (t,))
        for site, gates in limits_of(example.network, STEPS).gates.items()
        for gate in gates
        for t in range(STEPS)
        for u in range(trace.array(site, gate).shape[1])
    ]
    agree(trace, run(example.network, example.encoded, held), running=not example.network.architecture.bidirectional)
    for value, (edited,) in zip(own(example), values(example, held), strict=True):
        assert edited == pytest.approx(value, abs=2e-6)
    assert all(torch.equal(value, before[key]) for key, value in example.network.state_dict().items())


@pytest.mark.parametrize("kind", ATTENDING)
def test_attention_set_to_its_own_weights_changes_nothing(kind):
    example = KINDS[kind]
    head = example.network.head(example.targets[0].head)
    trace = example.network.trace(example.encoded)
    site = ATTENTION if example.network.attention is not None else layers_of(example.network.rnn)[0][0].site
    for target, value in zip(example.targets, own(example), strict=True):
        attended = attend(example.outputs, target)
        assert attended is not None
        answer = float(attended.answers(attended.weights[None])[0])
        assert answer == pytest.approx(float(head.squash(torch.tensor(value))), abs=1e-6)
        weights, mask = trace.array(site, "attention_weights"), trace.array(site, "attention_mask")[0] > 0
        asked = slice(None)
        if attended.place == "pooling":
            place = example.network.architecture.place
            last = STEPS - 1 if place is None else place
            at = last if target.step is None else target.step
            asked = slice(at, at + 1)
        np.testing.assert_allclose(attended.weights.numpy(), weights[:, asked], atol=1e-6)
        np.testing.assert_array_equal(attended.mask.numpy(), mask[asked])
        if attended.place == "pooling" and len(weights) == 1:
            drawn = PoolAttention("drawn", weights=tuple(map(float, weights[0, asked][0])))
            (edited,) = edited_outputs(example.network, example.encoded, [[drawn]], target).tolist()
            assert edited == pytest.approx(value, abs=1e-6)


@pytest.mark.parametrize("kind", [name for name, example in KINDS.items() if example.network.input.shortens])
def test_a_deleted_step_is_an_input_without_it(kind):
    example = KINDS[kind]
    stack = [DeleteToken(0), DeleteToken(3)]
    expected = example.network.trace(typed(example, [1, 2, 4, 5]))
    agree(run(example.network, example.encoded, stack), expected)
    for target, (edited,) in zip(example.targets, values(example, stack), strict=True):
        place = None if target.step is None else {1: 0, 2: 1, 3: 1, 4: 2, 5: 3}[target.step]
        assert edited == pytest.approx(said(example.network, expected, target, place), abs=2e-5)


TOKENS = [name for name, example in KINDS.items() if isinstance(example.network.input, TokenInput)]


@pytest.mark.parametrize("kind", TOKENS)
def test_a_replaced_or_unknown_token_is_an_input_with_another_one(kind):
    example = KINDS[kind]
    stack = [ReplaceToken(0, token(example, 8)), MaskToken(2, 1)]
    hand = typed(example, list(range(STEPS)), {0: 8, 2: 1})
    agree(run(example.network, example.encoded, stack), example.network.trace(hand))
    assert edited_tokens(example.encoded.tokens, stack).ids == hand.ids
    found = values(example, stack)
    for target, (edited,) in zip(example.targets, found, strict=True):
        byhand = Example(example.network, hand, (target,)).outputs.value(target)
        assert edited == pytest.approx(byhand, abs=1e-6)
    zeros = run(example.network, example.encoded, [MaskToken(1)])
    assert not zeros.array(*example.network.input.address)[1].any()


NUMBERS = [name for name in KINDS if name not in TOKENS]


@pytest.mark.parametrize("kind", NUMBERS)
@pytest.mark.parametrize(
    "edit", [SetValue((1, 5), (0,), 0.5), SetValue((2,)), SetValue(None, (1,)), SetValue(None, None, -1.0)]
)
def test_set_values_are_the_same_numbers_typed_by_hand(kind, edit):
    example = KINDS[kind]
    numbers = example.encoded.values
    assert numbers is not None
    changed = numbers.copy()
    for step in range(STEPS) if edit.steps is None else edit.steps:
        for channel in range(numbers.shape[1]) if edit.channels is None else edit.channels:
            changed[step, channel] = numbers[:, channel].mean() if edit.value is None else edit.value
    hand = numbers_of(changed)
    agree(run(example.network, example.encoded, [edit]), example.network.trace(hand))
    for target, (edited,) in zip(example.targets, values(example, [edit]), strict=True):
        assert edited == pytest.approx(Example(example.network, hand, (target,)).outputs.value(target), abs=1e-6)


def stacks_of(example: Example) -> list[list[Edit]]:
    limits = limits_of(example.network, STEPS)
    site, first = list(limits.gates)[-1], next(iter(limits.gates))
    gate = limits.gates[site][-1]
    found: list[list[Edit]] = [
        [],
        [HoldGate(site, gate, 0.0, None, (1,))],
        [ChangeState(site, "zero", (1,)), ChangeState(first, "freeze", None, (4,))],
        [ChangeState(site, "shuffle", None, (2,), 3)],
    ]
    if limits.channels:
        found.append([SetValue((0, 1), None, 0.3)])
    else:
        donor = example.encoded.ids[::-1]
        found += [[MaskToken(2)], [ReplaceToken(2, token(example, 8))], [Transplant(site, 1, donor, 1)]]
    if limits.shortens:
        found += [[DeleteToken(0), HoldGate(site, gate, 0.0, None, (1,))]]
    if limits.attends:
        how = PoolAttention("uniform"), PoolAttention("one", position=1), PoolAttention("permuted", seed=2)
        found += [list[Edit]([pool]) for pool in how]
    return found


@every
def test_many_edited_readings_at_once_say_what_each_trace_says(kind, monkeypatch):
    example, stacks = KINDS[kind], stacks_of(KINDS[kind])
    traces = [run(example.network, example.encoded, stack) for stack in stacks]
    found = values(example, *stacks)
    for target, row in zip(example.targets, found, strict=True):
        for stack, trace, value in zip(stacks, traces, row, strict=True):
            gone = any(isinstance(edit, DeleteToken) for edit in stack)
            step = None if target.step is None else target.step - gone
            if target.head == "next_token" and trace.tokens.ids[(step or 0) + 1] != target.index:
                continue
            assert value == pytest.approx(said(example.network, trace, target, step), abs=5e-5), stack
    monkeypatch.setattr("core_models.edits.run.NUMBERS_TOGETHER", 80)
    np.testing.assert_allclose(values(example, *stacks), found, atol=1e-6)


@every
def test_the_sweep_says_what_each_change_says_alone(kind):
    example = KINDS[kind]
    net, encoded, target = example.network, example.encoded, example.targets[0]
    tried = trials(net, STEPS, unknown=1 if kind in TOKENS else None)
    found = np.concatenate(list(sweep(net, encoded, target, tried)))
    assert any(trial.group == "token" for trial in tried)
    for number in range(0, len(tried), 9):
        (alone,) = edited_outputs(net, encoded, [[tried[number].edit]], target).tolist()
        assert found[number] == pytest.approx(alone, abs=2e-6, nan_ok=True)


def test_a_label_of_a_deleted_token_is_not_a_number_and_its_neighbours_are():
    example = KINDS["labels"]
    found = edited_outputs(example.network, example.encoded, [[DeleteToken(2)]], example.targets[0])
    assert found.isnan().tolist() == [True]
    assert not edited_outputs(example.network, example.encoded, [[DeleteToken(2)]], example.targets[1]).isnan().any()


REFUSED = [
    ("two classes", SetValue((0,)), "reads numbers, got one that reads tokens"),
    ("labels", ReplaceToken(0, 3), "expected 2 ids of a token, got 1"),
    ("labels", ReplaceToken(0, (3, 6)), "expected a token id from 0 to 5, got 6"),
    ("labels", MaskToken(0, 7), "expected a token id from 0 to 5, got 7"),
    ("forecast", DeleteToken(0), "inputs of any length, got one of a fixed length"),
    ("bases", DeleteToken(0), "inputs of any length, got one of a fixed length"),
    ("bases", Transplant(next(iter(limits_of(KINDS["bases"].network, STEPS).gates)), 1, (1, 2), 1), "text of 6 tokens"),
    ("forecast", SetValue((6,)), "expected a step from 0 to 5, got 6"),
    ("forecast", SetValue(None, (2,)), "expected a channel from 0 to 1, got 2"),
    ("frames", SetValue(None, None, float("inf")), "expected a number, got inf"),
    ("frames", ReplaceToken(0, 1), "reads tokens, got one that reads numbers"),
    ("frames", MaskToken(0, 1), "reads tokens, got one that reads numbers"),
]


@pytest.mark.parametrize(("kind", "edit", "message"), REFUSED)
def test_an_edit_of_another_kind_of_input_is_refused_with_a_sentence(kind, edit, message):
    with pytest.raises(EditError, match=message):
        run(KINDS[kind].network, KINDS[kind].encoded, [edit])
