"""What models are held against on Compare: shuffled order, another seed, a clock, scores, and pairs of inputs."""

import re
from dataclasses import replace

import numpy as np
import pytest

from core_models.explain.dynamics.divergence import MISSING, align
from core_models.explain.memory.timescale import half_lives
from pretrained import registry
from pretrained.analysis.latency import milliseconds
from pretrained.analysis.minimal_pairs import PAIRS
from pretrained.data.shuffle import reordered, shuffle_order
from pretrained.registry import load, other_seed, recipes, task_of
from pretrained.tasks import TASKS
from tests.support.traces import make
from viz.compare.baselines import shuffle_columns
from viz.compare.measurements import median_half_life, score_of
from viz.inputs import READING, offered


@pytest.mark.parametrize("count", [1, 2, 3, 10, 50])
@pytest.mark.parametrize("seed", [1, 2, 999999])
def test_a_shuffled_order_holds_every_token_once_and_is_another_one(count, seed):
    order = shuffle_order(count, seed)
    assert sorted(order.tolist()) == list(range(count))
    assert order.tolist() == shuffle_order(count, seed).tolist()
    assert count == 1 or order.tolist() != list(range(count))


def test_a_reordered_reading_spells_its_tokens_in_the_new_order():
    reading = TASKS[0].encode("Not a flumptious film!")
    order = np.array([2, 0, 4, 1, 3])
    found = reordered(reading, order)
    assert found.tokens.text == "flumptious Not ! a film"
    assert found.tokens.labels == tuple(found.tokens.text[start:end] for start, end in found.tokens.spans)
    assert found.ids == tuple(reading.ids[step] for step in order)
    assert found.tokens.known == (False, True, True, True, True)


def test_two_texts_are_shuffled_alike_so_that_shared_columns_stay_shared():
    first, second = ["this", "is", "a", "good", "film"], ["this", "is", "not", "a", "good", "film"]
    columns = align(first, second)
    (order_a, order_b), shuffled = shuffle_columns(columns, seed=4)
    for a, b in shuffled.T.tolist():
        if MISSING not in (a, b):
            assert first[order_a[a]] == second[order_b[b]]
    assert sorted(order_a) == list(range(5))
    assert sorted(order_b) == list(range(6))
    assert (shuffled == MISSING).sum() == 1


def test_another_seed_is_a_recipe_that_differs_in_its_seed_alone(monkeypatch: pytest.MonkeyPatch):
    key = "sst2-gru"
    recipe = recipes("sentiment")[key]
    other = replace(recipe, key="other", training=replace(recipe.training, seed=recipe.training.seed + 1))
    longer = replace(other, key="longer", training=replace(other.training, epochs=99))
    wider = replace(other, key="wider", architecture={**recipe.architecture, "hidden": 7})
    elsewhere = replace(other, key="elsewhere", task="weather")
    shipped = {key: recipe, "longer": longer, "wider": wider, "elsewhere": elsewhere}
    monkeypatch.setattr(registry, "every_recipe", lambda: shipped)
    assert other_seed(key) is None
    assert other_seed("nonsense") is None
    monkeypatch.setattr(registry, "every_recipe", lambda: shipped | {"other": other})
    assert (other_seed(key), other_seed("other")) == ("other", key)


def test_an_answer_takes_some_time():
    model = load("sst2-rnn")
    assert milliseconds(model, model.task.encode("a film"), repeats=1) > 0.0


def test_the_half_life_of_a_table_is_the_median_over_the_units_of_all_layers():
    trace = make(both=True)
    found = [half_lives(trace, site) for site in trace.cells]
    assert median_half_life(trace) == f"{np.median(np.concatenate([f for f in found if f is not None])):.2f}"
    assert median_half_life(make(cell="rnn")).startswith("–")


@pytest.mark.parametrize("key", PAIRS)
def test_every_pair_of_a_task_can_be_read_and_differs(key):
    task = next(task for task in TASKS if task.key == key)
    for pair in PAIRS[key]:
        first, second = task.encode(pair.first), task.encode(pair.second)
        assert first.tokens.labels != second.tokens.labels
        assert pair.why


ONE_OF_EACH = {task_of(recipe).key: key for key, recipe in reversed(offered(*READING).items())}


@pytest.mark.parametrize("key", ONE_OF_EACH.values())
def test_every_model_has_a_score_with_its_measure(key):
    assert re.search(r"\d", score_of(key))


def test_numbers_are_shuffled_with_their_names():
    task = next(task for task in TASKS if task.key == "co2")
    encoded = task.encode(task.examples[0].text)
    order = shuffle_order(len(encoded), 1)
    found = reordered(encoded, order)
    assert encoded.values is not None
    np.testing.assert_array_equal(found.values, encoded.values[order])
    assert found.tokens.labels[0] == encoded.tokens.labels[order[0]]
    assert (found.tokens.text, found.tokens.spans) == ("", ())
