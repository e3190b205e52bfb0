"""Taggers: exact inside, alone as in a batch, labels in an order that is allowed, and input that is read or refused."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
import torch

from core_models.explain.arithmetic.tagger import explain
from core_models.networks.tagger import ANSWER, TAGS, SequenceTagger, TaggerArchitecture, best_path
from core_models.trace import Tokens
from pretrained.data.spans import span_score, spans_of
from pretrained.kinds.labels import TagTask
from pretrained.registry import load, recipes
from pretrained.task import InputError
from pretrained.tasks import TASKS
from viz.figures.sequences.labels import TokenLabels, draw, draw_classes, draw_strip, tabulate

TASK = {task.key: task for task in TASKS if isinstance(task, TagTask)}
SMALL = [
    TaggerArchitecture("lstm", 4, 3, layers=2, features=(2, 3)),
    TaggerArchitecture("gru", 5, 4, features=(1, 2), channels=6, width=3),
    TaggerArchitecture("rnn", 3, 2, features=(2, 2), channels=4, width=5),
]
SIZES, LABELS, CLASSES = (9, 5, 4), 4, 3


def small(architecture: TaggerArchitecture) -> SequenceTagger:
    torch.manual_seed(7)
    return SequenceTagger(architecture, SIZES, LABELS, CLASSES).eval()


def random_ids(steps: int, seed: int = 0) -> torch.Tensor:
    draw_ids = torch.Generator().manual_seed(seed)
    return torch.stack([torch.randint(1, size, (steps,), generator=draw_ids) for size in SIZES], dim=-1)


@pytest.mark.parametrize("architecture", SMALL, ids=lambda a: a.cell)
def test_a_trace_is_what_the_network_answers_also_in_a_batch_of_other_lengths(architecture):
    network = small(architecture)
    sequences = [random_ids(steps, steps) for steps in (6, 1, 4)]
    padded = torch.nn.utils.rnn.pad_sequence(sequences, batch_first=True)
    with torch.no_grad():
        tags, answers = network(padded, torch.tensor([6, 1, 4]))
    for ids, row, answer in zip(sequences, tags, answers, strict=True):
        trace = network.trace(ids, Tokens.numbered(len(ids)))
        np.testing.assert_allclose(trace.array(TAGS, "tag_probability"), row[: len(ids)].softmax(-1), atol=1e-6)
        np.testing.assert_allclose(trace.array(ANSWER, "class_probability"), answer.softmax(-1), atol=1e-6)


@pytest.mark.parametrize("architecture", SMALL, ids=lambda a: a.cell)
def test_both_schedules_agree(architecture):
    network, ids = small(architecture), random_ids(5)
    one, other = (network.trace(ids, Tokens.numbered(5), schedule=way) for way in ("parallel", "sequential"))
    for site, key in one:
        np.testing.assert_allclose(one.array(site, key), other.array(site, key), atol=1e-6)


@pytest.mark.parametrize("architecture", SMALL, ids=lambda a: a.cell)
def test_every_number_is_recomputed_by_its_arithmetic(architecture):
    network = small(architecture)
    trace = network.trace(random_ids(4), Tokens.numbered(4))
    explained = 0
    for site, key in trace:
        if site.module in ("embedding", "neighbours"):
            continue
        values = trace.array(site, key)
        for place in np.ndindex(values.shape):
            step, unit = place if len(place) == 2 else (0, place[0])
            arithmetic = explain(network, trace, site, key, step, unit)
            assert arithmetic.shown == pytest.approx(float(values[place]))
            assert arithmetic.value == pytest.approx(arithmetic.shown, abs=1e-6)
            explained += 1
    assert explained > 50
    with pytest.raises(KeyError, match="expected a recurrent layer"):
        explain(network, trace, next(iter(trace))[0], "embedding", 0)


def test_as_many_features_as_columns_are_asked_for():
    with pytest.raises(ValueError, match="expected 2 widths of features, got 0"):
        SequenceTagger(TaggerArchitecture("gru", 3, 2), SIZES, LABELS)


def test_the_best_path_is_the_best_of_all_allowed_ones():
    draw_numbers = np.random.default_rng(4)
    for _ in range(20):
        chance = draw_numbers.dirichlet(np.ones(4), size=5)
        allowed, begins = draw_numbers.random((4, 4)) < 0.6, np.array([True, True, False, True])
        allowed[0] = True
        paths = [path for path in product(range(4), repeat=5)
                 if begins[path[0]] and all(allowed[a, b] for a, b in pairwise(path))]  # fmt: skip
        best = max(paths, key=lambda path: sum(np.log(chance[step, tag]) for step, tag in enumerate(path)))
        assert tuple(best_path(chance, allowed, begins)) == best


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ("O B-x I-x O", {(1, 3, "x")}),
        ("B-x B-x I-y", {(0, 1, "x"), (1, 2, "x"), (2, 3, "y")}),
        ("I-x I-x B-x", {(0, 2, "x"), (2, 3, "x")}),
        ("O O", set()),
        ("B-x I-x", {(0, 2, "x")}),
    ],
)
def test_stretches_are_found_as_conlleval_finds_them(tags, spans):
    assert spans_of(tags.split()) == spans


def test_stretches_are_scored_by_place_and_label():
    gold, given = [["B-x", "I-x", "O", "B-y"]], [["B-x", "I-x", "B-z", "B-x"]]
    precision, recall, f1 = span_score(gold, given)
    assert (precision, recall) == (pytest.approx(1 / 3), pytest.approx(1 / 2))
    assert f1 == pytest.approx(0.4)


@pytest.mark.parametrize("key", TASK)
def test_examples_are_read_and_their_right_labels_fit(key):
    task = TASK[key]
    for example in task.examples:
        reading = task.encode(example.text)
        assert "".join(reading.tokens.labels) == "".join(example.text.split()) or key == "commands"
        if example.reference:
            assert len(example.reference.split()) == len(reading.tokens)
            assert set(example.reference.split()) <= set(task.tags)
        if example.label:
            assert example.label in task.classes


@pytest.mark.parametrize("key", [key for key, task in TASK.items() if task.chained])
def test_labels_come_in_an_order_that_is_allowed(key):
    task = TASK[key]
    chance = np.random.default_rng(1).dirichlet(np.full(len(task.tags), 0.1), size=30)
    before = "O"
    for tag in task.choose(chance):
        assert not tag.startswith("I-") or before in (tag, f"B-{tag[2:]}")
        before = tag


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "There is nothing to read yet"),
        ("MKTA1YIA", "“1” at position 5 stands for no amino acid"),
        (">a\nMKT\n>b\nMKT", "more than one sequence"),
    ],
)
def test_proteins_that_cannot_be_read_are_refused_with_the_place(text, sentence):
    with pytest.raises(InputError, match=sentence):
        TASK["protein-structure"].encode(text)


def test_fasta_headers_line_ends_and_small_letters_are_taken_care_of():
    reading = TASK["protein-structure"].encode(">sp|P0CG48| ubiquitin\nmqif\nVKT LTG*\n")
    assert "".join(reading.tokens.labels) == "MQIFVKTLTG"
    assert all(reading.tokens.known)


@pytest.mark.parametrize("key", recipes("label"))
def test_shipped_taggers_say_what_their_recipes_claim(key):
    model = load(key)
    scores = model.recipe.scores
    assert scores[f"test_{model.task.headline}"] > 0.65
    trace = model.trace(model.task.encode(model.task.examples[0].text))
    assert len(model.labels(trace)) == len(trace)
    answer = model.answer(trace)
    assert (answer is None) == (not model.task.classes)
    example = model.task.examples[0]
    if example.label and answer:
        assert answer[0] == example.label


def labelled(right: tuple[int | None, ...] = ()) -> TokenLabels:
    chance = np.random.default_rng(2).dirichlet(np.full(40, 0.2), size=6)
    return TokenLabels(chance, [f"l{i}" for i in range(40)], chance.argmax(axis=1).tolist(), list("abcdef"), right)


def test_of_many_labels_those_that_matter_are_drawn():
    shown = labelled(right=(39, None, 0, 1, 2, 3))
    rows = shown.rows()
    assert {*shown.given, 39, 0, 1, 2, 3} <= set(rows)
    figure = draw(shown, step=2, label=rows[1])
    np.testing.assert_allclose(figure.data[0].z, shown.probability[:, rows].T, atol=1e-7)
    assert list(figure.data[1].y) == [rows.index(index) for index in shown.given]
    assert len(figure.data) == 3
    assert len(figure.to_dict()["layout"]["shapes"]) == 2
    assert len(draw(labelled()).data) == 2


def test_strip_classes_and_table_hold_every_token_once():
    shown = labelled()
    assert sorted(x for curve in draw_strip(shown).data for x in curve.x) == list(range(6))
    bars = draw_classes(["a", "b", "c"], np.array([0.2, 0.5, 0.3])).data[0]
    assert list(bars.customdata) == ["b", "c", "a"]
    many = draw_classes([str(index) for index in range(12)], np.arange(12) / 66).data[0]
    assert list(many.customdata) == [*map(str, range(11, 2, -1)), "3 others together"]
    assert float(np.sum(many.x)) == pytest.approx(1.0)
    table = tabulate(shown)
    assert len(table) == 6
    assert table["probability"].tolist() == pytest.approx(shown.probability.max(axis=1).tolist())
