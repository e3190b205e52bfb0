"""Characters that come next: any text is read, training learns, and what units follow is found."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

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
from core_models.networks.architecture import Architecture
from core_models.networks.sequence import SequenceNetwork
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
    logits = model.requires_grad_(False)(ids[None, :-1], torch.tensor([len(ids) - 1]))["next_token"][0]
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
    few, many = (
        SequenceNetwork(Architecture("gru", 6, 4), (size,), {"next_token": size}).state_dict() for size in (11, 1500)
    )
    readout = "heads.next_token.readout"
    packed = pack(many)
    assert packed[f"{readout}.weight"].dtype == torch.int8
    assert packed[f"{readout}.scale"].shape == (1500, 1)
    back = unpack(packed)
    assert back.keys() == many.keys()
    torch.testing.assert_close(back[f"{readout}.weight"], many[f"{readout}.weight"], atol=0.005, rtol=0)
    assert pack(few)[f"{readout}.weight"].dtype == torch.float16


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
