"""Training learns, goes on after an interruption as if there had been none, and ships what it scored."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

from core_models.networks.sequence import SequenceNetwork
from pretrained import recipe as recipe_module
from pretrained import train as train_module
from pretrained.families.classes.corpus import ClassBatch, ClassCorpus
from pretrained.families.classes.objective import loss_of, worst_step
from pretrained.families.family import Score
from pretrained.kinds.classes import ClassTask
from pretrained.recipe import RECIPES, Recipe, Training, read_recipe
from pretrained.registry import load
from pretrained.task import DataError
from pretrained.tasks.classes.sentiment import SENTIMENT, tokenizer
from pretrained.training.loop import Trainer

TASK = dataclasses.replace(SENTIMENT, background=lambda folder: (["a good film", "a bad film"], [1, 0]))
GOOD, BAD = (torch.tensor(TASK.encode(word).ids[0]) for word in ("good", "bad"))


@dataclasses.dataclass(frozen=True)
class GoodOrBad(ClassCorpus):
    """A corpus that can be learned in seconds: whether "good" or "bad" stands among other words."""

    task: ClassTask = TASK
    folder: Path = Path()
    batches: int = 12

    def verify(self) -> None:
        """Nothing to check."""

    def training_count(self, size: int) -> int:
        return self.batches

    def training_batches(self, size: int, generator: torch.Generator) -> Iterator[ClassBatch]:
        for _ in range(self.batches):
            yield self._batch(size, generator)

    def evaluate(self, network: nn.Module, split: str) -> Score:
        batch = self._batch(128, torch.Generator().manual_seed(99))
        with torch.no_grad():
            given = network(batch.sequences, batch.lengths)["answer"].argmax(1)
            right = given == batch.targets
        return Score(right.double().mean().item(), 128, 0.0)

    def measure(self, network: nn.Module, split: str) -> dict[str, Any]:
        score = self.evaluate(network, split)
        return {"accuracy": round(score.accuracy, 4), "count": score.count, "interval": [0.0, 1.0], "loss": 0.0}

    def _batch(self, size: int, generator: torch.Generator) -> ClassBatch:
        ids = torch.randint(100, 400, (size, 5), generator=generator)
        targets = torch.randint(0, 2, (size,), generator=generator).float()
        places = torch.randint(0, 5, (size,), generator=generator)
        ids[torch.arange(size), places] = torch.where(targets > 0.5, GOOD, BAD)
        return ClassBatch(ids, torch.full((size,), 5), targets, torch.ones(size, dtype=torch.bool))


def small(epochs: int = 2, **settings: Any) -> Recipe:
    training = Training(
        seed=1, epochs=epochs, batch=32, learning_rate=0.02, warmup=4, dropout=0.1, average=0.8, **settings
    )
    architecture = {"cell": "gru", "embedding": 8, "hidden": 8, "attention": "additive"}
    return Recipe("small", "Small", "A test.", "sentiment", 0, architecture, training, {}, {}, {})


def trainer(recipe: Recipe) -> Trainer:
    return Trainer(recipe, TASK, GoodOrBad(), torch.device("cpu"))


@pytest.mark.parametrize("adversarial", [0.0, 0.3])
def test_training_learns(adversarial):
    run = trainer(small(epochs=6, adversarial=adversarial))
    before = run.corpus.evaluate(run.averaged(), "dev").accuracy
    while run.epoch < 6:
        run.run_epoch()
    assert before < 0.8
    assert run.history[-1]["dev accuracy"] > 0.95
    assert run.history[-1]["training loss"] < run.history[0]["training loss"]


def test_a_resumed_run_ends_where_an_uninterrupted_one_does(tmp_path):
    whole = trainer(small())
    whole.run_epoch()
    whole.run_epoch()
    first = trainer(small())
    first.run_epoch()
    first.save(tmp_path / "checkpoint.pt")
    torch.rand(17)
    second = trainer(small())
    second.resume(tmp_path / "checkpoint.pt")
    assert second.epoch == 1
    second.run_epoch()
    for name, value in whole.average.items():
        assert torch.equal(value, second.average[name]), name
    assert [entry["training loss"] for entry in second.history] == [entry["training loss"] for entry in whole.history]


def test_the_adversarial_step_raises_the_loss_and_keeps_its_length():
    run = trainer(small(adversarial=0.3))
    batch = next(run.corpus.training_batches(32, run.generator))
    run.network.eval()
    assert isinstance(run.network, SequenceNetwork)
    x = run.network.input.embed(batch.sequences)
    x.retain_grad()
    loss = loss_of(run.network, x, batch, run.recipe.training)
    loss.backward()
    step = worst_step(x, batch, 0.3)
    assert torch.allclose(step.flatten(1).norm(dim=1), 0.3 * batch.lengths.float().sqrt(), atol=1e-4)
    assert loss_of(run.network, x + step, batch, run.recipe.training) > loss


def test_the_loss_of_two_classes_is_that_of_one_logit_and_the_probability_that_is_aimed_at():
    run = trainer(small())
    network = run.network.eval()
    assert isinstance(network, SequenceNetwork)
    aims = torch.tensor([0.02, 0.45, 0.98])
    ids = torch.randint(100, 400, (3, 5), generator=run.generator)
    batch = ClassBatch(ids, torch.full((3,), 5), aims, torch.tensor([True, False, True]))
    x = network.input.embed(ids)
    logit = network.read(x, batch.lengths)["answer"][:, 1]
    expected = binary_cross_entropy_with_logits(logit, aims, reduction="none")
    assert loss_of(network, x, batch, run.recipe.training).item() == pytest.approx(expected.mean().item())
    weighted = dataclasses.replace(run.recipe.training, sentence_weight=3.0)
    mean = (expected * torch.tensor([3.0, 1.0, 3.0])).sum() / 7.0
    assert loss_of(network, x, batch, weighted).item() == pytest.approx(mean.item())


def test_what_is_shipped_is_what_was_scored(tmp_path, monkeypatch):
    monkeypatch.setattr(recipe_module, "WEIGHTS", tmp_path)
    monkeypatch.setattr(recipe_module, "RECIPES", tmp_path)
    monkeypatch.setattr(train_module, "WEIGHTS", tmp_path)
    text = (Path(__file__).parents[3] / "pretrained/recipes/sst2-rnn.toml").read_text(encoding="utf-8")
    (tmp_path / "small.toml").write_text(text, encoding="utf-8")
    run = trainer(small())
    run.run_epoch()
    train_module.ship(run.recipe, TASK, run.corpus, run)
    written = dataclasses.replace(read_recipe(tmp_path / "small.toml"), architecture=run.recipe.architecture)
    monkeypatch.setattr("pretrained.registry.every_recipe", lambda: {"small": written})
    shipped = load("small", torch.device("cpu"))
    assert round(run.corpus.evaluate(shipped.network, "test").accuracy, 4) == written.scores["test_accuracy"]
    assert written.scores["test_count"] == 128
    assert shipped.trace(TASK.encode("a good film")).model == "small"
    assert written.title == "Vanilla RNN"


def test_missing_or_other_data_is_refused_with_what_to_do(tmp_path):
    corpus = ClassCorpus(TASK, tmp_path)
    with pytest.raises(DataError, match=r"expected sst2/train.tsv in .*, got nothing; the task names its source"):
        corpus.verify()
    (tmp_path / "sst2").mkdir()
    (tmp_path / "sst2/train.tsv").write_text("label\ttext\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"expected sst2/train.tsv with sha256 542b752cff81…, got another file"):
        corpus.verify()


def test_a_corpus_leaves_held_out_sentences_out_of_training(tmp_path):
    import gzip

    folder = tmp_path / "sst2"
    folder.mkdir()
    for name, line in {"train": "1\ta good film", "dev": "0\tbad", "test": "1\tgood"}.items():
        (folder / f"{name}.tsv").write_text(f"label\ttext\n{line}\n", encoding="utf-8")
    with gzip.open(folder / "trees_train.txt.gz", "wt", encoding="utf-8") as file:
        file.write("(3 (2 a) (3 (3 good) (2 film)))\n(1 (1 bad) (2 .))\n")
    corpus = ClassCorpus(TASK, tmp_path)
    spelled = [" ".join(str(tokenizer().id_to_token(i)) for i in sample.content) for sample in corpus.training]
    assert spelled == ["a", "film", "good film", "a good film", ".", "bad ."]
    assert [sample.aim for sample in corpus.training] == pytest.approx([0.5, 0.5, 0.98, 0.98, 0.5, 0.02])
    assert [sample.whole for sample in corpus.training] == [False, False, False, True, False, True]
    batches = list(corpus.training_batches(4, torch.Generator().manual_seed(0)))
    assert len(batches) == corpus.training_count(4) == 2
    assert sum(len(batch.lengths) for batch in batches) == 6


def test_another_seed_leaves_its_score_and_no_weights(tmp_path, monkeypatch):
    monkeypatch.setattr(recipe_module, "RECIPES", tmp_path)
    monkeypatch.setattr(recipe_module, "WEIGHTS", tmp_path)
    (tmp_path / "small.toml").write_bytes((RECIPES / "sst2-rnn.toml").read_bytes())
    recipe = read_recipe(tmp_path / "small.toml")
    other = dataclasses.replace(small(), training=dataclasses.replace(small().training, seed=7))
    run = trainer(other)
    train_module.record(recipe, TASK, run.corpus, run)
    after = read_recipe(tmp_path / "small.toml")
    assert after.seeds == {**recipe.seeds, "7": round(run.corpus.evaluate(run.averaged(), "test").accuracy, 4)}
    assert after.weights == recipe.weights
    assert [path.name for path in tmp_path.iterdir()] == ["small.toml"]


def test_a_network_without_its_attention_leaves_its_scores_and_no_weights(tmp_path, monkeypatch):
    monkeypatch.setattr(recipe_module, "RECIPES", tmp_path)
    monkeypatch.setattr(recipe_module, "WEIGHTS", tmp_path)
    (tmp_path / "small.toml").write_bytes((RECIPES / "sst2-gru-attention.toml").read_bytes())
    recipe = read_recipe(tmp_path / "small.toml")
    bare = {**recipe.architecture, "attention": None}
    asked = []

    def run_all(recipe: Recipe, *rest: Any) -> Trainer:
        asked.append(recipe.architecture)
        return trainer(dataclasses.replace(small(), architecture=bare))

    monkeypatch.setattr(train_module, "run_all", run_all)
    train_module.measure_without(recipe, tmp_path, tmp_path, torch.device("cpu"))
    after = read_recipe(tmp_path / "small.toml")
    assert asked == [bare]
    assert after.without_attention["test_count"] == 128
    assert after.without_attention["parameters"] < recipe.scores["parameters"]
    assert (after.weights, after.scores) == (recipe.weights, recipe.scores)
    assert [path.name for path in tmp_path.iterdir()] == ["small.toml"]
