"""Every recipe loads, its checksum and claim hold; a model that cannot be used says so in a sentence."""

import dataclasses
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from core_models.cells import CELLS
from core_models.heads.next_token import NEXT
from core_models.trace import Site
from core_models.vocabulary import Kind
from pretrained import recipe as recipe_module
from pretrained import registry
from pretrained.data.intervals import wilson_interval
from pretrained.families import FAMILIES
from pretrained.recipe import RECIPES, read_recipe
from pretrained.registry import (
    ModelError,
    every_recipe,
    load,
    parse_site,
    recipes,
)
from pretrained.task import GROUPS

KEYS = list(recipes("sentiment"))

UNGATED = {"sst2-rnn", "sst2-rnn-relu"}
GATED_TARGET = 0.845
"""Test accuracy that every network with gates was made to reach; the bag of bigrams has 83.8%."""


def test_products_on_a_gpu_are_taken_in_full_float32():
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    registry.pick_device()
    assert not torch.backends.cuda.matmul.allow_tf32
    assert not torch.backends.cudnn.allow_tf32


@pytest.mark.parametrize("key", KEYS)
def test_every_recipe_has_weights_that_load_and_answer(key):
    model = load(key, torch.device("cpu"))
    trace = model.trace(model.task.encode("a quiet and moving film"))
    assert len(trace) == 5
    assert trace.model == key
    assert not model.network.training


@pytest.mark.parametrize("key", KEYS)
def test_every_recipe_says_what_was_measured(key):
    recipe = recipes("sentiment")[key]
    assert recipe.scores["test_count"] == 1821
    low, high = recipe.scores["test_interval"]
    assert (low, high) == pytest.approx(wilson_interval(recipe.scores["test_accuracy"], 1821), abs=1e-4)
    assert recipe.seeds[str(recipe.training.seed)] == recipe.scores["test_accuracy"]
    mixes = key not in UNGATED and CELLS[recipe.architecture["cell"]].convention.gates_read_state
    assert recipe.scores["test_accuracy"] >= (GATED_TARGET if mixes else 0.75)
    network = load(key, torch.device("cpu")).network
    assert recipe.scores["parameters"] == sum(parameter.numel() for parameter in network.parameters())
    assert recipe.weights["bytes"] == recipe.weights_path.stat().st_size


@pytest.mark.parametrize("key", KEYS)
def test_every_model_brings_background_states_of_both_classes(key):
    model = load(key, torch.device("cpu"))
    trace = model.trace(model.task.encode("a quiet and moving film"))
    for site in trace.sites(Kind.STATE):
        assert trace.array(site, "reference_states").shape == (600, model.recipe.architecture["hidden"])
        assert trace.array(site, "reference_classes").mean() == 0.5


@pytest.mark.parametrize("key", KEYS)
def test_a_plain_verdict_comes_out_on_its_own_side(key):
    model = load(key, torch.device("cpu"))
    answers = {}
    for text in ("a wonderful and moving film", "a dull and boring mess"):
        trace = model.trace(model.task.encode(text))
        answers[text] = trace.array(Site("readout"), "probability")[-1]
    praise, blame = answers.values()
    assert praise > 0.8
    assert blame < 0.4


def test_every_recipe_file_has_its_weights_and_a_page_that_shows_it():
    files = {path.stem for path in RECIPES.glob("*.toml")}
    shown = {key for group in GROUPS for key in recipes(group)}
    assert files == set(every_recipe()) == shown


@pytest.mark.parametrize("key", recipes("write"))
def test_every_language_model_says_what_was_measured_and_beats_counting(key):
    recipe, model = recipes("write")[key], load(key, torch.device("cpu"))
    assert recipe.scores["test_nats"] < min(v for name, v in model.task.references.items() if "gram" in name)
    assert recipe.seeds[str(recipe.training.seed)] == recipe.scores["test_nats"]
    assert recipe.scores["parameters"] == sum(parameter.numel() for parameter in model.network.parameters())
    assert recipe.weights["bytes"] == recipe.weights_path.stat().st_size
    text = model.task.examples[0].text
    trace = model.trace(model.task.encode(text))
    surprise = -np.log(trace.array(NEXT, "chosen_probability")[1:]).mean()
    assert surprise < 2 * recipe.scores["test_nats"]
    assert surprise < np.log(model.task.vocabulary)


@pytest.mark.parametrize("key", [*list(recipes("sentiment"))[:1], *recipes("write")])
def test_a_model_of_any_family_that_reads_one_sequence_is_loaded_by_its_key(key):
    model = load(key)
    assert model.recipe.key == key
    assert model.task.kind in FAMILIES


def test_a_reader_that_does_not_exist_is_answered_with_a_sentence():
    with pytest.raises(ModelError, match="There is no model named “nonsense”; choose one from the list"):
        load("nonsense")


def test_the_page_opens_with_the_attention_gru():
    assert next(iter(recipes("sentiment"))) == "sst2-gru-attention"


def test_the_shipped_weights_stay_small():
    assert sum(path.stat().st_size for path in recipe_module.WEIGHTS.glob("*.safetensors")) < 60e6


def test_shipped_files_hold_numbers_only():
    for path in recipe_module.WEIGHTS.glob("*.safetensors"):
        assert {tensor.dtype for tensor in load_file(path).values()} <= {torch.float16, torch.int8}


def test_a_model_that_does_not_exist_is_answered_with_a_sentence():
    with pytest.raises(ModelError, match="There is no model named “nonsense”; choose one from the list"):
        load("nonsense")


@pytest.fixture
def moved(tmp_path, monkeypatch):
    """A copy of one model's weights that a test may damage."""
    path = recipes("sentiment")["sst2-rnn"].weights_path
    shutil.copy(path, tmp_path)
    monkeypatch.setattr(recipe_module, "WEIGHTS", tmp_path)
    return tmp_path / path.name


def test_missing_weights_are_answered_with_what_to_do(moved):
    moved.unlink()
    with pytest.raises(ModelError, match=r"are missing; put sst2-rnn.safetensors back, or choose another model"):
        load("sst2-rnn")


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b"", lambda b: b[:100] + b"\x00" + b[101:]])
def test_damaged_weights_are_answered_with_what_to_do(moved, damage):
    moved.write_bytes(damage(moved.read_bytes()))
    with pytest.raises(ModelError, match=r"are damaged: sst2-rnn\.safetensors is not the file that its recipe names"):
        load("sst2-rnn")


def test_weights_of_another_network_are_refused_even_with_the_right_checksum(monkeypatch):
    wrong = {**recipes("sentiment")["sst2-rnn"].architecture, "hidden": 7}
    shipped = recipes("sentiment")["sst2-rnn"]
    monkeypatch.setattr(registry, "every_recipe", lambda: {"x": dataclasses.replace(shipped, architecture=wrong)})
    with pytest.raises(ModelError, match="are damaged"):
        load("x")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: 'title = "x"\n', "it lacks 'summary'"),
        (lambda text: text.replace("[scores]", "[points]"), "it has unknown fields: points"),
        (lambda text: text.partition("[scores]")[0] + "[weights]\n", "it lacks 'scores'"),
        (lambda text: text.replace("parameters = ", "parameter = "), "its table scores lacks parameters"),
        (lambda text: text.replace("epochs = ", "epoks = "), "unexpected keyword argument 'epoks'"),
        (lambda text: text + "\n[data]\nname = 'x'\n", "it has unknown fields: data"),
        (lambda text: text.partition("[model]")[0] + "model = 3\n", "is damaged"),
        (lambda text: "title = \n", "Invalid value"),
    ],
)
def test_a_broken_recipe_says_what_is_wrong(tmp_path, change, said):
    path = tmp_path / "half.toml"
    path.write_text(change((RECIPES / "sst2-rnn.toml").read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(ModelError, match=r"^The file half.toml is damaged: .*Put it back or install") as refused:
        read_recipe(path)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("line", "listed"),
    [
        ('cell = "gro"', "it names 'gro' as cell, which is none of .*gru, "),
        ('attention = "addictive"', "it names 'addictive' as attention, which is none of additive, "),
    ],
)
def test_a_recipe_that_names_a_cell_or_score_that_there_is_not_is_refused(tmp_path, line, listed):
    name = line.split(" ")[0]
    lines = (RECIPES / "sst2-gru-attention.toml").read_text(encoding="utf-8").splitlines()
    path = tmp_path / "odd.toml"
    path.write_text("\n".join(line if row.startswith(f"{name} = ") else row for row in lines), encoding="utf-8")
    with pytest.raises(ModelError, match=f"The file odd.toml is damaged: {listed}"):
        read_recipe(path)


@pytest.mark.parametrize("key", ["", "rnn", "rnn-x-forward", "rnn-0-sideways"])
def test_a_site_that_cannot_be_read_is_refused(key):
    with pytest.raises(ValueError, match="expected a name such as rnn-0-forward"):
        parse_site(key)


def test_the_interval_is_wilsons():
    assert wilson_interval(0.5, 100) == pytest.approx((0.4038, 0.5962), abs=1e-4)
    assert np.all(np.array(wilson_interval(1.0, 10)) <= 1.0 + 1e-12)
