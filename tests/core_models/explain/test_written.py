"""What edits, attributions and tests of attention promise holds for encoder-decoders, too."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from core_models.edits.edit import (
    DECODER,
    Begin,
    ChangeState,
    DeleteToken,
    Edit,
    HoldGate,
    MaskToken,
    PoolAttention,
    ReplaceToken,
    Rescore,
    Stack,
    Transplant,
)
from core_models.edits.run import edited_outputs, limits_of, run
from core_models.edits.sweep import sweep, trials
from core_models.edits.writing import rewrite
from core_models.encoded import Encoded
from core_models.explain.attribution.erasure import erase_each, leave_each
from core_models.explain.attribution.methods import integrated_gradients
from core_models.explain.attribution.opinions import METHODS, collect
from core_models.explain.attribution.shapley import shapley
from core_models.explain.faithfulness.attended import attend
from core_models.explain.faithfulness.panel import FaithfulnessError, Settings, examine
from core_models.explain.memory.ledger import ledger_sites, open_ledger
from core_models.explain.memory.logit_split import split_logit
from core_models.heads.written import OUTPUT
from core_models.networks.decoding import search
from core_models.networks.translation import ATTENTION, as_recurrence
from core_models.target import Target
from core_models.trace import Site, Trace
from tests.support.kinds import IDS, TRANSLATORS, WRITTEN, WrittenExample, ids_of

every = pytest.mark.parametrize("kind", TRANSLATORS)
attending = pytest.mark.parametrize("kind", [name for name, one in TRANSLATORS.items() if one.network.attention])
QUICK = Settings(shuffles=10, most=2, draws=4, starts=4, steps=10)
STEPS, LAST = len(IDS), len(WRITTEN) - 1


def typed(example: WrittenExample, ids: list[int]) -> Encoded:
    return replace(ids_of(ids), written=example.encoded.written)


def agree(one: Trace, other: Trace) -> None:
    assert set(one) == set(other)
    for address in one:
        np.testing.assert_allclose(one.array(*address), other.array(*address), atol=1e-6, err_msg=str(address))


def values(example: WrittenExample, *stacks: Stack) -> list[list[float]]:
    return [edited_outputs(example.network, example.encoded, stacks, target).tolist() for target in example.targets]


def gate(example: WrittenExample, site: Site) -> str:
    return limits_of(example.network, STEPS).gates[site][-1]


@every
def test_what_is_asked_about_is_what_the_trace_and_the_edited_reading_say(kind):
    example = TRANSLATORS[kind]
    said = run(example.network, example.encoded).array(OUTPUT, "chosen_probability").astype(float)
    for target, (edited,) in zip(example.targets, values(example, []), strict=True):
        assert edited == pytest.approx(example.outputs.value(target), abs=1e-6)
        if target.against is None:
            chance = said[target.step or 0]
            assert edited == pytest.approx(np.log(chance) - np.log1p(-chance), abs=2e-5)


@every
def test_gates_held_at_their_own_values_change_nothing(kind):
    example = TRANSLATORS[kind]
    trace, limits = run(example.network, example.encoded), limits_of(example.network, STEPS)
    held: list[Edit] = [
        HoldGate(site, key, float(value), (u,), (t,))
        for site, keys in limits.gates.items()
        for key in keys
        for (t, u), value in np.ndenumerate(trace.array(site, key))
    ]
    agree(run(example.network, example.encoded, held), trace)
    for plain, edited in values(example, [], held):
        assert edited == pytest.approx(plain, abs=2e-6)


@attending
def test_attention_set_to_its_own_weights_changes_nothing(kind):
    example = TRANSLATORS[kind]
    trace, head = run(example.network, example.encoded), example.network.head("written")
    weights = trace.array(ATTENTION, "attention_weights")
    if len(weights) == 1:
        drawn = [PoolAttention("drawn", weights=tuple(map(float, row)), steps=(t,)) for t, row in enumerate(weights[0])]
        agree(run(example.network, example.encoded, drawn), trace)
    for target in example.targets:
        attended = attend(example.outputs, target)
        assert attended is not None
        np.testing.assert_allclose(attended.weights[:, 0].numpy(), weights[:, target.step], atol=1e-6)
        expected = float(head.squash(torch.tensor(example.outputs.value(target))))
        assert float(attended.answers(attended.weights[None])[0]) == pytest.approx(expected, abs=1e-6)


@every
@pytest.mark.parametrize(
    ("stack", "ids"),
    [
        ([DeleteToken(0), DeleteToken(3)], [5, 7, 6, 4]),
        ([ReplaceToken(0, 8), MaskToken(2, 1)], [8, 5, 1, 2, 6, 4]),
    ],
)
def test_a_changed_source_is_the_same_source_typed_by_hand(kind, stack, ids):
    example = TRANSLATORS[kind]
    hand = typed(example, ids)
    agree(run(example.network, example.encoded, stack), run(example.network, hand))
    for target, (edited,) in zip(example.targets, values(example, stack), strict=True):
        assert edited == pytest.approx(replace(example.outputs, encoded=hand).value(target), abs=1e-6)


def stacks_of(example: WrittenExample) -> list[list[Edit]]:
    reads = next(iter(limits_of(example.network, STEPS).gates))
    found: list[list[Edit]] = [
        [],
        [HoldGate(reads, gate(example, reads), 0.0, None, (1,)), DeleteToken(0)],
        [HoldGate(DECODER, gate(example, DECODER), 0.0, (1, 2), (1,))],
        [ChangeState(DECODER, "freeze", None, (2,)), ChangeState(DECODER, "shuffle", (0, 1, 4), (0,), 3)],
        [Transplant(reads, 1, (2, 4, 6), 1), MaskToken(2)],
    ]
    if example.network.attention is not None:
        found += [
            [PoolAttention("one", position=1, steps=(0, 2)), DeleteToken(3)],
            [PoolAttention("permuted", seed=2), Rescore(None, 3.0)],
            [Rescore("scaled_dot")],
        ]
    return found


@every
def test_many_edited_readings_at_once_say_what_each_alone_and_its_gradient_path_say(kind):
    example, stacks = TRANSLATORS[kind], stacks_of(TRANSLATORS[kind])
    for target, row in zip(example.targets, values(example, *stacks), strict=True):
        plain = row[0]
        for stack, value in zip(stacks, row, strict=True):
            assert value == pytest.approx(replace(example.outputs, stack=stack).value(target), abs=2e-6), stack
            assert stack == [] or target.step == 0 or abs(value - plain) > 1e-6, stack


@every
def test_edits_of_the_decoder_do_what_they_say(kind):
    example = TRANSLATORS[kind]
    key = gate(example, DECODER)
    trace = run(example.network, example.encoded, [HoldGate(DECODER, key, 0.25, (1,), (2,)),
                                                   ChangeState(DECODER, "zero", (0,), (1,))])  # fmt: skip
    assert trace.array(DECODER, key)[2, 1] == 0.25
    assert trace.array(DECODER, "hidden_state")[1, 0] == 0.0
    assert trace.array(DECODER, "hidden_state")[2, 0] != 0.0


@every
def test_a_search_under_edits_writes_what_the_edited_network_finds_most_probable(kind):
    example = TRANSLATORS[kind]
    for stack in stacks_of(example):
        found = search(example.network, IDS, stack=stack, longest=5).best
        again = rewrite(example.network, example.encoded, stack, found.ids)
        assert again.log_probability == pytest.approx(found.log_probability, abs=1e-5)
        assert all(step.rank == 1 or step.candidates[0].token in (0, 2) for step in again.steps)
    assert search(example.network, IDS, stack=[Begin((7, 6))], longest=5).best.ids[:2] == (7, 6)


@every
def test_the_sweep_says_what_each_change_says_alone(kind):
    example, target = TRANSLATORS[kind], TRANSLATORS[kind].targets[1]
    tried = trials(example.network, STEPS, unknown=1, written=3)
    found = np.concatenate(list(sweep(example.network, example.encoded, target, tried)))
    assert {trial.edit.site for trial in tried if isinstance(trial.edit, HoldGate)} > {DECODER}
    for number in range(0, len(tried), 17):
        (alone,) = edited_outputs(example.network, example.encoded, [[tried[number].edit]], target).tolist()
        assert found[number] == pytest.approx(alone, abs=2e-6)


@every
def test_attributions_add_up_and_all_methods_have_an_opinion(kind):
    example = TRANSLATORS[kind]
    outputs = example.outputs
    for target, baseline in zip(example.targets, outputs.baselines.values(), strict=True):
        read = outputs.about(target)
        here, there = read(torch.stack([outputs.x, baseline.expand_as(outputs.x)])).tolist()
        shares = integrated_gradients(read, outputs.x[None], baseline, 1000)[0]
        assert float(shares.sum()) == pytest.approx(here - there, abs=5e-3 * max(1.0, abs(here - there)))
        shares = shapley(read, outputs.x, baseline, orders=4).values
        assert float(shares.sum()) == pytest.approx(here - there, abs=2e-5)
    found = collect(outputs, example.targets[1], "mean")
    assert set(found.by_method) == set(METHODS)
    assert (found.attention is not None) == (example.network.attention is not None)


@every
def test_the_matrix_is_the_slope_of_every_output_times_the_input(kind):
    outputs, size = TRANSLATORS[kind].outputs, 1e-3
    found, x = outputs.matrix("zero"), outputs.x
    for row, output in zip(found, outputs.known, strict=True):
        for step in range(STEPS):
            moved = torch.stack([x, x])
            moved[:, step] *= torch.tensor([1 + size, 1 - size])[:, None]
            high, low = outputs.about(output.target)(moved).double().tolist()
            assert row[step] == pytest.approx((high - low) / (2 * size), abs=5e-3)


@every
def test_the_parts_of_the_memory_add_up_in_encoder_and_decoder(kind):
    example = TRANSLATORS[kind]
    trace = run(example.network, example.encoded)
    assert DECODER in ledger_sites(trace)
    for site in ledger_sites(trace):
        ledger = open_ledger(trace, site)
        assert len(ledger) == len(trace.tokens_of(site))
        assert ledger.error(trace) <= 1e-6
        memory = trace.before(site, ledger.memory)
        np.testing.assert_allclose(
            ledger.initial, ledger.kept[0] * memory if site == DECODER else 0 * memory, atol=1e-6
        )


@every
def test_the_parts_of_a_written_token_s_logit_add_up_to_it(kind):
    example = TRANSLATORS[kind]
    net, trace, content = example.network, run(example.network, example.encoded), example.outputs.content
    memory = net.encode(content[None], torch.tensor([len(content)]))
    for target in example.targets:
        split = split_logit(net, trace, target)
        assert split is not None
        logits = net.written_at(memory, example.outputs.ids, torch.tensor([target.step]))[0]
        raw = float(logits[target.index] - (0.0 if target.against is None else logits[target.against]))
        assert split.total == pytest.approx(split.logit, abs=2e-6)
        assert split.logit == pytest.approx(raw, abs=1e-5)
        assert len(split.along(DECODER)) == len(WRITTEN)
        assert np.abs(split.tokens).min() > 0.0
        assert not split.steps[(target.step or 0) + 1 :].any()


@every
def test_a_step_whose_writing_is_left_out_leaves_the_decoder_s_state_as_it_was(kind):
    example = TRANSLATORS[kind]
    for target in example.targets:
        found = leave_each(example.network, example.encoded, target)
        for step in range(len(WRITTEN)):
            stack = [ChangeState(DECODER, "freeze", None, (step,))]
            expected = replace(example.outputs, stack=tuple(stack)).value(target)
            assert found[step] == pytest.approx(expected, rel=1e-6, abs=2e-6)
        assert found[(target.step or 0) + 1 :] == pytest.approx(example.outputs.value(target), rel=1e-6, abs=2e-6)


@every
def test_the_decoder_as_a_recurrence_has_the_states_of_the_trace(kind):
    example = TRANSLATORS[kind]
    trace = run(example.network, example.encoded)
    rnn, x, state = as_recurrence(example.network, trace)
    np.testing.assert_allclose(rnn(x, state)[0].numpy(), trace.array(DECODER, "hidden_state"), atol=1e-6)


@every
def test_no_attribution_is_longer_than_the_way_back_is_open(kind):
    outputs = TRANSLATORS[kind].outputs
    bound = outputs.reach() * outputs.x.norm(dim=1).numpy()
    assert (np.abs(outputs.matrix("zero")) <= bound + 1e-5).all()


@attending
def test_attention_is_examined_for_every_output(kind):
    example = TRANSLATORS[kind]
    for target in example.targets:
        found = examine(example.outputs, target, QUICK)
        assert found.place == "writing"
        assert found.attention.shape == found.gradient.shape == found.left_out.shape == (STEPS,)
        left = torch.tensor(erase_each(example.network, example.encoded, target))
        np.testing.assert_allclose(found.left_out, torch.sigmoid(left).numpy(), atol=1e-6)


def test_a_network_without_attention_is_told_so():
    example = TRANSLATORS["lstm, no attention"]
    with pytest.raises(FaithfulnessError, match="has no attention to test"):
        examine(example.outputs, example.targets[0], QUICK)


def test_a_source_with_nothing_written_for_it_is_refused():
    network = TRANSLATORS["gru, additive"].network
    with pytest.raises(ValueError, match="what is written for it, got the source alone"):
        edited_outputs(network, ids_of(IDS), [[]], Target("written", 4, 2))
