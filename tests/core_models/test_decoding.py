"""What encoder-decoders write: searches, prefixes, edits of attention, and candidates."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from core_models.edits.edit import Begin, Edit, HoldGate, PoolAttention, Rescore, Stack, Transplant
from core_models.edits.writing import rewrite
from core_models.explain.arithmetic.gate_split import (
    encoder_states,
    gathered_from,
    score_anew,
    states_before,
)
from core_models.networks.decoding import Found, Search, search, write_all
from core_models.networks.translation import ATTENTION, DECODER, OUTPUT, Translation
from core_models.networks.translator import BEGIN, END, PADDING, Translator, TranslatorArchitecture
from tests.core_models.test_translator import SOURCES, TEXT, WRITTEN, attentive, network, networks, translate
from tests.support.kinds import ids_of


def edited(model: Translator, stack: Stack, target: Sequence[int] = WRITTEN) -> Translation:
    """The target written under edits."""
    return rewrite(model, ids_of(TEXT), stack, target)


def searched(*stack: Edit) -> Found:
    """A search under edits."""
    return search(network("gru-dot"), TEXT, stack=stack, longest=8)


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
