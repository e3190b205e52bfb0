"""Labels and classes: in an order that is allowed, scored as they should be, and input that is read or refused."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest

from core_models.heads.labels import best_path
from pretrained.data.spans import span_score, spans_of
from pretrained.kinds.labels import TagTask
from pretrained.registry import load, recipes
from pretrained.task import InputError
from pretrained.tasks import TASKS

TASK = {task.key: task for task in TASKS if isinstance(task, TagTask)}


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


@pytest.mark.parametrize("key", recipes("recognise"))
def test_shipped_recognisers_say_of_their_examples_what_is_right(key):
    model = load(key)
    assert model.recipe.scores["test_accuracy"] > 0.9
    for example in model.task.examples:
        trace = model.trace(model.task.encode(example.text))
        assert example.reference in model.task.classes
        assert model.answer(trace)[0] == example.reference or "wrong" in example.why
