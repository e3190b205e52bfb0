"""Language models: the trace is the network's own computation, any text is read, sampling is what it says."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy, log_softmax

from core_models.explain.arithmetic.language_model import explain
from core_models.explain.probing.text_properties import (
    BY_KEY,
    PROPERTIES,
    commented,
    depth,
    indent,
    line_position,
    quoted,
)
from core_models.explain.probing.unit_selectivity import Columns, control_labels, one_hot, probe
from core_models.networks.language_model import NEXT, LanguageArchitecture, LanguageModel
from core_models.networks.sampling import Pen, Sampling, draw, narrow
from core_models.trace import Site, Tokens
from pretrained.analysis.ngram import CharacterNgram
from pretrained.analysis.unit_selectivity import search
from pretrained.families import FAMILIES
from pretrained.families.next_token.corpus import STRETCH, Texts
from pretrained.kinds.next_token import CharacterTask, said_unknown
from pretrained.recipe import Training
from pretrained.storage import pack, unpack
from pretrained.task import InputError
from pretrained.tasks import TASKS

CHARACTER_TASKS = [task for task in TASKS if isinstance(task, CharacterTask)]
tasks = pytest.mark.parametrize("task", CHARACTER_TASKS, ids=lambda task: task.key)
cells = pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
RNN = Site("rnn")


def network(cell: str = "lstm", layers: int = 1, vocabulary: int = 11) -> LanguageModel:
    torch.manual_seed(3)
    model = LanguageModel(LanguageArchitecture(cell, 5, 7, layers), vocabulary)  # type: ignore[arg-type]
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(2.0)
    return model.eval().requires_grad_(False)


IDS = torch.tensor([1, 4, 4, 0, 10, 2, 7, 1])
TOKENS = Tokens(tuple("abcdefgh"))


@cells
@pytest.mark.parametrize("layers", [1, 2])
def test_the_trace_is_what_the_network_itself_computes(cell, layers):
    model = network(cell, layers)
    trace = model.trace(IDS, TOKENS)
    states, _ = model.rnn(model.embedding(IDS))
    np.testing.assert_allclose(trace.array(Site("rnn", layers - 1), "hidden_state"), states.numpy(), atol=1e-6)
    logits, _ = model(IDS)
    losses = cross_entropy(logits[:-1], IDS[1:], reduction="none")
    np.testing.assert_allclose(-np.log(trace.array(NEXT, "chosen_probability")[1:]), losses.numpy(), atol=1e-5)
    logs = log_softmax(logits, -1)
    np.testing.assert_allclose(trace.array(NEXT, "entropy"), -(logs.exp() * logs).sum(-1).numpy(), atol=1e-5)


@cells
def test_both_schedules_land_on_the_same_trace(cell):
    model = network(cell)
    one, other = (model.trace(IDS, TOKENS, schedule=schedule) for schedule in ("parallel", "sequential"))
    for address in one:
        np.testing.assert_allclose(one.entries[address], other.entries[address], atol=1e-5)


def test_before_it_has_read_anything_the_network_expects_what_its_bias_says():
    model = network()
    trace = model.trace(IDS, TOKENS)
    expected = torch.softmax(model.readout.bias, -1)[IDS[0]]
    assert trace.array(NEXT, "chosen_probability")[0] == pytest.approx(float(expected), abs=1e-6)


def test_a_state_that_is_carried_on_gives_the_same_as_one_long_text():
    model = network()
    whole, _ = model(IDS)
    first, state = model(IDS[:3])
    second, _ = model(IDS[3:], state)
    torch.testing.assert_close(torch.cat([first, second]), whole)


@cells
@pytest.mark.parametrize("layers", [1, 2])
def test_every_number_is_explained_by_its_own_arithmetic(cell, layers):
    model = network(cell, layers)
    trace = model.trace(IDS, TOKENS)
    for site, key in trace:
        if key == "embedding":
            continue
        values = trace.array(site, key)
        for step in (0, 3, 7):
            found = explain(model, trace, site, key, step, 2)
            shown = values[step, 2] if values.ndim == 2 else values[step]
            assert found.shown == pytest.approx(float(shown), abs=1e-7)
            assert found.value == pytest.approx(found.shown, abs=1e-5), (site, key, step)


def test_nothing_is_explained_that_is_not_there():
    with pytest.raises(KeyError, match="expected a recurrent layer or the next token"):
        explain(network(), network().trace(IDS, TOKENS), Site("embedding"), "embedding", 0)


# What a task of characters reads


@tasks
def test_every_example_and_prompt_is_read_without_a_notice_unless_it_is_about_unknown_characters(task):
    for example in (one for one in task.examples if len(one.text) <= task.limit):
        reading = task.encode(example.text)
        assert len(reading.ids) == len(example.text) + 1
        assert bool(reading.notices) == (not all(reading.tokens.known))
    assert all(reading.tokens.known for reading in map(task.encode_prompt, (prompt.text for prompt in task.prompts)))


@tasks
def test_ids_and_characters_are_each_other_s_way_back(task):
    assert task.vocabulary == len(set(task.known)) + 1
    assert [task.character(index) for index in task.ids(task.known)] == list(task.known)
    assert task.start in task.known


@tasks
def test_a_text_begins_after_a_newline_that_stands_nowhere_in_it(task):
    reading = task.encode("a\nb")
    assert reading.tokens.labels == ("↵", "a", "↵", "b")
    assert reading.tokens.spans == ((0, 0), (0, 1), (1, 2), (2, 3))


@tasks
@pytest.mark.parametrize("text", ["", "  ", "\n\n"])
def test_an_empty_text_says_what_to_type(task, text):
    with pytest.raises(InputError, match="There is nothing to read yet"):
        task.encode(text)


@tasks
def test_unknown_characters_are_marked_and_named_and_a_long_text_is_cut(task):
    reading = task.encode("\x07🙂" + "a" * 5000)
    assert reading.tokens.known[1:3] == (False, False)
    assert len(reading.ids) == task.limit + 1
    assert any("Only the first" in notice for notice in reading.notices)
    assert any("🙂" in notice and "unknown" in notice for notice in reading.notices)
    assert "never saw 🙂 and reads it as an unknown character" in said_unknown("🙂")
    assert "never saw 🙂 U+200D and reads them all as the same" in said_unknown("🙂\u200d")


# Training


FAMILY = FAMILIES["next_token"]


@pytest.fixture
def corpus(tmp_path) -> Texts:
    (tmp_path / "alphabet.json").write_text('"\\nab"')
    text = "ab" * 900
    task = CharacterTask("made", "Made", "?", tmp_path / "alphabet.json", lambda folder, split: [text], {}, (), {})
    return Texts(task, tmp_path)


def test_a_batch_goes_on_where_the_one_before_it_ended(corpus):
    batches = list(corpus.training_batches(4, torch.Generator().manual_seed(1)))
    assert len(batches) == corpus.training_count(4) > 1
    assert {batch.ids.shape for batch in batches} == {(STRETCH + 1, 4)}
    for one, other in pairwise(batches):
        assert torch.equal(one.ids[-1], other.ids[0])
        assert one.carried is other.carried


def test_a_network_learns_a_text_and_its_score_is_its_loss(corpus):
    torch.manual_seed(1)
    task, generator = corpus.task, torch.Generator().manual_seed(1)
    model = FAMILY.build(task, {"cell": "gru", "embedding": 4, "hidden": 8})
    FAMILY.initialise(model)
    optimizer = torch.optim.Adam(model.parameters(), 0.03)
    settings = Training(seed=1, epochs=1, word_dropout=0.0)
    for _ in range(8):
        for batch in corpus.training_batches(2, generator):
            optimizer.zero_grad()
            FAMILY.learn(model, batch, settings, generator, torch.device("cpu"))
            optimizer.step()
    score = corpus.evaluate(model.eval(), "test")
    ids = torch.tensor(corpus.stream("test"))
    logits, _ = model.requires_grad_(False)(ids[:-1])
    assert score.count == len(ids) - 1 == 1801
    assert score.loss == pytest.approx(float(cross_entropy(logits, ids[1:])), abs=1e-5)
    assert score.loss < 0.1
    assert score.accuracy > 0.98


def test_an_n_gram_s_probabilities_sum_to_one_and_it_learns_what_can_be_counted():
    ids = [1, 2, 3] * 50
    counted = CharacterNgram(ids, 3, 5)
    for history in ([], [1], [1, 2], [4, 4]):
        assert sum(counted.probability(history, index) for index in range(5)) == pytest.approx(1.0)
    assert counted.nats(ids) < 0.1
    # Witten-Bell by hand: one history seen 50 times with one successor, below it 1/3 mixed with an even 1/5.
    unigram = (50 + 3 * 0.2) / (150 + 3)
    assert CharacterNgram(ids, 1, 5).probability([], 2) == pytest.approx(unigram)
    assert CharacterNgram(ids, 2, 5).probability([1], 2) == pytest.approx((50 + unigram) / 51)


def test_a_readout_of_thousands_of_rows_is_packed_and_comes_back():
    model = LanguageModel(LanguageArchitecture("gru", 4, 6), 1500)
    packed = pack(model.state_dict())
    assert packed["readout.weight"].dtype == torch.int8
    assert packed["readout.scale"].shape == (1500, 1)
    back = unpack(packed)
    assert back.keys() == model.state_dict().keys()
    torch.testing.assert_close(back["readout.weight"], model.readout.weight.detach(), atol=0.005, rtol=0)
    assert pack(network().state_dict())["readout.weight"].dtype == torch.float16


# Sampling


LOGITS = np.log(np.array([0.4, 0.3, 0.15, 0.1, 0.05]))


def test_temperature_reshapes_before_anything_is_cut():
    cold = narrow(LOGITS, Sampling(temperature=0.5))
    squares = np.exp(LOGITS) ** 2
    np.testing.assert_allclose(cold.tempered, squares / squares.sum())
    np.testing.assert_allclose(cold.plain, np.exp(LOGITS))
    np.testing.assert_allclose(narrow(LOGITS, Sampling()).final, np.exp(LOGITS))


def test_temperature_nought_takes_the_most_probable_and_the_first_of_equals():
    assert narrow(LOGITS, Sampling(temperature=0.0)).final.tolist() == [1, 0, 0, 0, 0]
    assert narrow(np.zeros(4), Sampling(temperature=0.0)).final.tolist() == [1, 0, 0, 0]


@pytest.mark.parametrize(("k", "kept"), [(1, 1), (2, 2), (5, 5), (9, 5), (0, 5)])
def test_top_k_keeps_the_k_most_probable_and_shares_out_anew(k, kept):
    found = narrow(LOGITS, Sampling(top_k=k))
    assert found.kept.tolist() == [place < kept for place in range(5)]
    np.testing.assert_allclose(found.final[:kept], np.exp(LOGITS)[:kept] / np.exp(LOGITS)[:kept].sum())


@pytest.mark.parametrize(("p", "kept"), [(0.01, 1), (0.39, 1), (0.5, 2), (0.71, 3), (0.84, 3), (0.96, 5), (1.0, 5)])
def test_top_p_keeps_the_fewest_that_reach_p(p, kept):
    assert int(narrow(LOGITS, Sampling(top_p=p)).kept.sum()) == kept


@pytest.mark.parametrize(
    ("shares", "p", "kept"), [([0.1] * 10, 0.8, 8), ([0.3, 0.1, 0.1, 0.5], 0.8, 2), ([0.2] * 5, 1.0, 5)]
)
def test_top_p_is_not_misled_by_rounding(shares, p, kept):
    assert int(narrow(np.log(shares), Sampling(top_p=p)).kept.sum()) == kept


def test_top_p_counts_shares_of_what_top_k_left():
    assert int(narrow(LOGITS, Sampling(top_k=2, top_p=0.5)).kept.sum()) == 1  # 0.4 / 0.7 is past a half
    assert int(narrow(LOGITS, Sampling(top_p=0.5)).kept.sum()) == 2


def test_what_must_never_be_written_never_is():
    logits = LOGITS.copy()
    logits[0] = -np.inf
    for temperature in (0.0, 1.0, 2.0):
        found = narrow(logits, Sampling(temperature=temperature))
        assert found.final[0] == 0.0
        assert all(draw(found.final, u) != 0 for u in np.linspace(0.0, 0.999999, 50))


def test_a_draw_is_the_inverse_of_the_running_sum():
    final = np.array([0.0, 0.25, 0.0, 0.75, 0.0])
    assert [draw(final, u) for u in (0.0, 0.2499, 0.25, 0.9999999, 1.0)] == [1, 1, 3, 3, 3]


@pytest.mark.parametrize("wrong", [{"temperature": -1}, {"top_k": -1}, {"top_p": 0.0}, {"top_p": 1.5}, {"seed": -1}])
def test_a_setting_outside_its_range_is_refused(wrong):
    with pytest.raises(ValueError, match="sampling: expected a temperature in"):
        Sampling(**wrong)


def written(seed: int, *parts: int, temperature: float = 1.0) -> list[int]:
    pen = Pen(network(), [1, 2], Sampling(temperature, seed=seed), banned=(0,))
    for count in parts:
        pen.write(count)
    return pen.ids


def test_one_seed_gives_one_text_however_it_is_cut_into_ticks():
    assert written(7, 40) == written(7, 1, 9, 30) == written(7, 40)
    assert written(7, 60)[:42] == written(7, 40)
    assert written(8, 40) != written(7, 40)
    assert 0 not in written(7, 200)
    assert written(1, 20, temperature=0.0) == written(2, 20, temperature=0.0)


def test_the_candidates_of_a_choice_hold_the_written_token_and_what_cut_the_others():
    pen = Pen(network(vocabulary=40), [1], Sampling(temperature=2.0, top_k=20, top_p=0.6, seed=5))
    pen.write(30)
    for choice, index in zip(pen.choices, pen.ids[1:], strict=True):
        assert choice.ids[choice.rank] == index == choice.index
        assert choice.final[choice.rank] > 0.0
        assert all((final > 0.0) == kept for final, kept in zip(choice.final, choice.kept, strict=True))
        assert choice.count <= choice.count_k == 20
        assert 0.0 < choice.entropy <= math.log(40)


# What units follow


def test_properties_of_a_text_are_what_a_person_would_mark():
    text = 'f("(", a)\n  x /* ( */;\n'
    marked = "".join("1" if inside else "." for inside in quoted('a "b\\" c" d\n"e'))
    assert marked == "..111111....11"
    assert depth(text).tolist()[:10] == [0, 1, 1, 1, 1, 1, 1, 1, 0, 0]
    assert indent(text).tolist()[10:14] == [1, 2, 2, 2]
    assert line_position(text).tolist()[:12] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2]
    start = text.index("/*") + 1
    assert commented(text).nonzero()[0].tolist() == list(range(start, text.index("*/") + 1))
    assert BY_KEY["newline"].compute("ab\n").tolist() == [0, 1, 0]
    assert all(len(row.compute("x")) == 1 and row.compute("").size == 0 for row in PROPERTIES)


def test_a_unit_that_follows_is_found_and_one_that_does_not_is_not_above_luck():
    random = np.random.default_rng(1)
    text = "".join(random.choice(list('ab  "xy\n'), 4000))
    labels = BY_KEY["quotes"].compute(text)
    values = random.normal(size=(4000, 30))
    values[:, 17] = -labels + 0.1 * random.normal(size=4000)
    found = Columns(values).best(labels, binary=True)
    assert (found[0].unit, found[0].sign) == (17, -1)
    assert found[0].score > 0.99
    assert found[1].score < 0.15 > Columns(values).luck(labels, binary=True)
    probes = probe(Columns(values), one_hot(text), text, labels, binary=True)
    assert probes.units > 0.95
    assert probes.units > probes.character
    assert probes.control < 0.5


def test_the_control_task_gives_the_same_stretch_the_same_label_and_keeps_the_rate():
    random = np.random.default_rng(2)
    text, labels = "".join(random.choice(list("abcdefg"), 5000)), (random.random(5000) < 0.2).astype(float)
    made_up = control_labels(text, labels)
    seen: dict[str, float] = {}
    assert all(seen.setdefault(text[at - 3 : at + 1], made_up[at]) == made_up[at] for at in range(3, len(text)))
    assert made_up.mean() == pytest.approx(0.2, abs=0.05)


def test_a_search_names_the_state_and_the_unit():
    text = "some words\nand a line that is longer\n" * 30
    line = BY_KEY["line"].compute(text)
    states = {"hidden_state": np.zeros((len(text), 3)), "cell_state": np.zeros((len(text), 3))}
    states["cell_state"][:, 1] = -line
    found = search(states, text)
    key, best = found["line"].units[0]
    assert (key, best.unit, best.sign) == ("cell_state", 1, -1)
    assert best.score == pytest.approx(1.0)
    assert "quotes" not in found
