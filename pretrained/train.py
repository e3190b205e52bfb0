"""Train one model from its recipe: ``python -m pretrained.train MODEL --data FOLDER``.

A progress bar shows each epoch, a loss plot is written beside the checkpoint, and a run that was interrupted goes on
from its last epoch. What is shipped is the running average of the weights at the end of the last epoch; dev is looked
at while developing a recipe, test is scored once, here, at the end.
"""

from __future__ import annotations

import argparse
import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import tomlkit
import torch
from safetensors.torch import save

from core_models.models.classifier import SequenceClassifier
from core_models.trace import Tokens
from core_models.tracing import layers_of
from pretrained.recipe import RECIPES, WEIGHTS, Recipe, read_recipe, wilson_interval
from pretrained.registry import REFERENCE, pick_device, task_of
from pretrained.storage import pack, unpack
from pretrained.task import Corpus, DataError, Task
from pretrained.trainer import Trainer

DATA_VARIABLE = "GATESCOPE_DATA"


def arguments(program: str, description: str) -> argparse.ArgumentParser:
    """The options that training and evaluation share."""
    parser = argparse.ArgumentParser(prog=f"python -m pretrained.{program}", description=description)
    parser.add_argument("model", choices=sorted(path.stem for path in RECIPES.glob("*.toml")), help="key of a recipe")
    parser.add_argument("--data", type=Path, default=os.environ.get(DATA_VARIABLE), help=f"or ${DATA_VARIABLE}")
    parser.add_argument("--device", default=None, help="cpu, cuda or mps; the fastest at hand if not given")
    return parser


def main() -> None:
    """Command line."""
    parser = arguments("train", "Train one model from its recipe, score it and write its weights.")
    parser.add_argument("--seed", type=int, help="train with another seed than the recipe's; only its score is kept")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder for checkpoints and the loss plot")
    given = parser.parse_args()
    if given.data is None:
        parser.error(f"give the folder of the training data by --data or ${DATA_VARIABLE}")
    recipe = read_recipe(RECIPES / f"{given.model}.toml")
    device = torch.device(given.device) if given.device else pick_device()
    try:
        if given.seed in (None, recipe.training.seed):
            train(recipe, Path(given.data), given.runs / recipe.key, device)
        else:
            run = given.runs / f"{recipe.key}-seed-{given.seed}"
            train(recipe, Path(given.data), run, device, seed=given.seed)
    except DataError as error:
        parser.error(str(error))


def train(recipe: Recipe, data: Path, run: Path, device: torch.device, seed: int | None = None) -> None:
    """Train, score and ship one model; its recipe and weights are written, with another ``seed`` its score alone.

    Raises:
        DataError: if the data is missing or not what the recipe names.
    """
    training = recipe.training if seed is None else replace(recipe.training, seed=seed)
    task = task_of(recipe)
    corpus = task.corpus(data, recipe.training.sentence_weight)
    corpus.verify()
    run.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(replace(recipe, training=training), task, corpus, device)
    trainer.resume(run / "checkpoint.pt")
    while trainer.epoch < recipe.training.epochs:
        trainer.run_epoch()
        trainer.save(run / "checkpoint.pt")
        plot_loss(trainer.history).save(run / "loss.html")
        print({name: round(value, 4) for name, value in trainer.history[-1].items()}, flush=True)
    if seed is None:
        ship(recipe, task, corpus, trainer)
        print(f"wrote {recipe.path} and {recipe.weights_path}; loss plot: {run / 'loss.html'}")
    else:
        record(recipe, corpus, trainer)
        print(f"wrote the score of seed {seed} to {recipe.path}; loss plot: {run / 'loss.html'}")


def plot_loss(history: list[dict[str, float]]) -> alt.Chart:
    """Training and dev loss by epoch."""
    table = pd.DataFrame(history).melt("epoch", ["training loss", "dev loss"], "split", "loss (nats)")
    return alt.Chart(table).mark_line(point=True).encode(x="epoch:O", y="loss (nats):Q", color="split:N")


def ship(recipe: Recipe, task: Task, corpus: Corpus, trainer: Trainer) -> None:
    """Write the weights with the background states, score exactly what was written, fill in the recipe."""
    network = trainer.averaged().cpu()
    tensors = pack(network.state_dict())
    network.load_state_dict(unpack(tensors))
    tensors |= background(network, task, corpus)
    content = save(tensors)
    WEIGHTS.mkdir(exist_ok=True)
    recipe.weights_path.write_bytes(content)
    dev, test = corpus.evaluate(network, "dev"), corpus.evaluate(network, "test")
    scores = {
        "dev_accuracy": round(dev.accuracy, 4),
        "dev_count": dev.count,
        "test_accuracy": round(test.accuracy, 4),
        "test_count": test.count,
        "test_interval": [round(bound, 4) for bound in wilson_interval(test.accuracy, test.count)],
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "training_seconds": round(trainer.seconds),
        "device": trainer.device.type,
        "torch": torch.__version__.split("+")[0],
    }
    weights = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "dtype": "float16, embedding int8"}
    seeds = {**recipe.seeds, str(recipe.training.seed): scores["test_accuracy"]}
    fill_in(recipe, scores=scores, weights=weights, seeds=seeds)


def record(recipe: Recipe, corpus: Corpus, trainer: Trainer) -> None:
    """Score a run with another seed as it would be shipped, and write down its test accuracy and nothing else."""
    network = trainer.averaged().cpu()
    network.load_state_dict(unpack(pack(network.state_dict())))
    found = round(corpus.evaluate(network, "test").accuracy, 4)
    fill_in(recipe, seeds={**read_recipe(recipe.path).seeds, str(trainer.recipe.training.seed): found})


def fill_in(recipe: Recipe, **tables: dict[str, Any]) -> None:
    """Put what was measured into the recipe's file; all else in it stays as it is."""
    document = tomlkit.parse(recipe.path.read_text(encoding="utf-8"))
    document.update(tables)
    recipe.path.write_text(tomlkit.dumps(document), encoding="utf-8")


def background(network: SequenceClassifier, task: Task, corpus: Corpus) -> dict[str, torch.Tensor]:
    """Last state of every layer and direction on the background sentences, and their classes, by stored name."""
    texts, classes = corpus.background()
    states: dict[str, list[torch.Tensor]] = {}
    for text in texts:
        reading = task.read(text)
        trace = network.trace(torch.tensor(reading.ids), Tokens.numbered(len(reading.ids)))
        for layers in layers_of(network.rnn):
            for layer in layers:
                last = 0 if layer.site.direction == "backward" else -1
                state = torch.tensor(trace.array(layer.site, "hidden_state")[last]).half()
                states.setdefault(layer.site.key, []).append(state)
    stored = {f"{REFERENCE}{site}.reference_states": torch.stack(rows) for site, rows in states.items()}
    return stored | {f"{REFERENCE}{site}.reference_classes": torch.tensor(classes).half() for site in states}


if __name__ == "__main__":
    main()
