"""Train one model from its recipe: ``python -m pretrained.train MODEL --data FOLDER``.

A progress bar shows each epoch, a loss plot is written beside the checkpoint, and a run that was interrupted goes on
from its last epoch. What is shipped is the running average of the weights at the end of the last epoch; dev is looked
at while developing a recipe, test is scored once, here, at the end.
"""

from __future__ import annotations

import argparse
import hashlib
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import tomlkit
import torch
from safetensors.torch import save
from torch import nn

from pretrained import checkpoints, shipped
from pretrained.families import family_of
from pretrained.families.family import Corpus
from pretrained.recipe import RECIPES, WEIGHTS, Recipe, read_recipe
from pretrained.registry import pick_device, task_of
from pretrained.storage import SCALE, pack, unpack
from pretrained.task import DataError, Task
from pretrained.training.loop import Trainer

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
    parser.add_argument("--without-attention", action="store_true", help="train it so; only its scores are kept")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="folder for checkpoints and the loss plot")
    given = parser.parse_args()
    if given.data is None:
        parser.error(f"give the folder of the training data by --data or ${DATA_VARIABLE}")
    recipe = read_recipe(RECIPES / f"{given.model}.toml")
    device = torch.device(given.device) if given.device else pick_device()
    try:
        if given.without_attention:
            measure_without(recipe, Path(given.data), given.runs / f"{recipe.key}-without-attention", device)
        elif given.seed in (None, recipe.training.seed):
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
    trainer = run_all(replace(recipe, training=training), data, run, device)
    if seed is None:
        ship(recipe, trainer.task, trainer.corpus, trainer)
        print(f"wrote {recipe.path} and {recipe.weights_path}; loss plot: {run / 'loss.html'}")
    else:
        record(recipe, trainer.task, trainer.corpus, trainer)
        print(f"wrote the score of seed {seed} to {recipe.path}; loss plot: {run / 'loss.html'}")


def run_all(recipe: Recipe, data: Path, run: Path, device: torch.device) -> Trainer:
    """Every epoch of a recipe that is still to be run.

    Raises:
        DataError: if the data is missing or not what the recipe names.
    """
    task = task_of(recipe)
    corpus = family_of(task).corpus(task, data)
    corpus.verify()
    run.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(recipe, task, corpus, device)
    trainer.resume(run / "checkpoint.pt")
    while trainer.epoch < recipe.training.epochs:
        trainer.run_epoch()
        trainer.save(run / "checkpoint.pt")
        plot_loss(trainer.history).save(run / "loss.html")
        print({name: round(value, 4) for name, value in trainer.history[-1].items()}, flush=True)
    return trainer


def measure_without(recipe: Recipe, data: Path, run: Path, device: torch.device) -> None:
    """Train a recipe's network without its attention, and write down its scores and nothing else.

    Raises:
        DataError: if the data is missing or not what the recipe names.
    """
    architecture = {**recipe.architecture, "attention": None}
    trainer = run_all(replace(recipe, architecture=architecture), data, run, device)
    found = family_of(trainer.task).scores(as_shipped(trainer), trainer.corpus)
    parameters = sum(parameter.numel() for parameter in trainer.network.parameters())
    fill_in(recipe, without_attention=found | {"parameters": parameters})
    print(f"wrote the scores without attention to {recipe.path}; loss plot: {run / 'loss.html'}")


def plot_loss(history: list[dict[str, float]]) -> alt.Chart:
    """Training and dev loss by epoch."""
    table = pd.DataFrame(history).melt("epoch", ["training loss", "dev loss"], "split", "loss (nats)")
    return alt.Chart(table).mark_line(point=True).encode(x="epoch:O", y="loss (nats):Q", color="split:N")


def ship(recipe: Recipe, task: Task, corpus: Corpus, trainer: Trainer) -> None:
    """Write the weights with what stands beside them, score exactly what was written, fill in the recipe."""
    network = trainer.averaged().cpu()
    tensors = pack(network.state_dict())
    network.load_state_dict(unpack(tensors))
    tensors |= family_of(task).extras(network, task, corpus)
    content = save(tensors)
    WEIGHTS.mkdir(exist_ok=True)
    recipe.weights_path.write_bytes(content)
    scores = family_of(task).scores(network, corpus) | {
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "training_seconds": round(trainer.seconds),
        "device": trainer.device.type,
        "torch": torch.__version__.split("+")[0],
    }
    dtype = "float16, embedding int8" if SCALE in tensors else "float16"
    if trainer.kept:
        checkpoints.write(recipe.key, trainer.kept, trainer.losses)
    weights = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "dtype": dtype}
    seeds = {**recipe.seeds, str(recipe.training.seed): headline(scores)}
    fill_in(recipe, scores=scores, weights=weights, seeds=seeds)


def record(recipe: Recipe, task: Task, corpus: Corpus, trainer: Trainer) -> None:
    """Score a run with another seed as it would be shipped, and write down its score on test and nothing else."""
    found = headline(family_of(task).scores(as_shipped(trainer), corpus))
    fill_in(recipe, seeds={**read_recipe(recipe.path).seeds, str(trainer.recipe.training.seed): found})


def as_shipped(trainer: Trainer) -> nn.Module:
    """The network with its weights rounded as in a file."""
    network = trainer.averaged().cpu()
    network.load_state_dict(unpack(pack(network.state_dict())))
    return network


def headline(scores: Mapping[str, Any]) -> float:
    """The score on test that stands for all: the first that is named."""
    return next(value for name, value in scores.items() if name.startswith("test_"))


def fill_in(recipe: Recipe, **tables: dict[str, Any]) -> None:
    """Put what was measured into the recipe's file; all else in it stays as it is."""
    document = tomlkit.parse(recipe.path.read_text(encoding="utf-8"))
    document.update(tables)
    recipe.path.write_text(tomlkit.dumps(document), encoding="utf-8")
    shipped.record(recipe.path)


if __name__ == "__main__":
    main()
