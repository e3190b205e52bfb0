"""How a recogniser does on a group that it never met: ``python -m pretrained.analysis.left_out MODEL --data FOLDER``.

For every group in the data, such as each speaker, a network is trained from the model's recipe on all sequences of the
others and scored on all of the group's own. Beside it stands a linear model on the same frames. The results are written
into the recipe, group by group; what is there already is not measured again, unless it is asked for by ``--only``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from pretrained.families.classes.corpus import ClassCorpus
from pretrained.kinds.classes import ClassTask, Sample
from pretrained.recipe import RECIPES, Recipe, read_recipe
from pretrained.registry import task_of
from pretrained.storage import pack, unpack
from pretrained.train import arguments, fill_in
from pretrained.training.loop import Trainer

PARTS = 8
"""Stretches of equal length whose mean frames the linear model reads."""

FEW = 60
"""Steps of the linear model's optimiser."""


def main() -> None:
    """Command line."""
    parser = arguments("left_out", "Train and score a recogniser with each group left out in turn.")
    parser.add_argument("--only", nargs="*", help="groups to leave out; else all that the recipe lacks")
    given = parser.parse_args()
    recipe = read_recipe(RECIPES / f"{given.model}.toml")
    task = task_of(recipe)
    if given.data is None or not isinstance(task, ClassTask):
        parser.error("give a recogniser, and the folder of its data by --data")
    folder = Path(given.data)
    ClassCorpus(task, folder).verify()
    every = task.samples(folder, "every")
    official = linear_accuracy(task, task.samples(folder, "train"), task.samples(folder, "test"))
    note(recipe, {"linear_test": round(official, 4)})
    groups = sorted({item.group for item in every})
    for group in given.only or [name for name in groups if name not in recipe.left_out.get("network", {})]:
        others, own = ([item for item in every if (item.group == group) is mine] for mine in (False, True))
        linear = round(linear_accuracy(task, others, own), 4)
        found = train_without(recipe, task, others, own)
        note(recipe, {"count": {group: len(own)}, "network": {group: found}, "linear": {group: linear}})


def note(recipe: Recipe, found: Mapping[str, Any]) -> None:
    """Add what was measured to the recipe's file, beside what other runs have added in the meantime."""
    held = dict(read_recipe(recipe.path).left_out)
    for name, value in found.items():
        held[name] = dict(sorted({**held.get(name, {}), **value}.items())) if isinstance(value, Mapping) else value
    fill_in(recipe, left_out=held)


def train_without(recipe: Recipe, task: ClassTask, others: Sequence[Sample], own: Sequence[Sample]) -> float:
    """Share of a group's sequences that a network recognises that was trained on ``others`` as the recipe says."""
    apart = replace(task, samples=lambda _, part: others if part == "train" else own)
    corpus = ClassCorpus(apart, Path())
    trainer = Trainer(recipe, apart, corpus, torch.device("cpu"))
    while trainer.epoch < recipe.training.epochs:
        trainer.run_epoch()
    network = trainer.averaged()
    network.load_state_dict(unpack(pack(network.state_dict())))
    return corpus.measure(network, "test")["accuracy"]


def linear_accuracy(task: ClassTask, training: Sequence[Sample], test: Sequence[Sample]) -> float:
    """Share right of a logistic regression on the mean frames of ``PARTS`` stretches, fitted on ``training``."""
    x, y = _summaries(task, training)
    model = nn.Linear(x.shape[1], len(task.classes))
    nn.init.zeros_(model.weight)
    nn.init.zeros_(model.bias)
    optimiser = torch.optim.LBFGS(model.parameters(), max_iter=FEW, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        found = cross_entropy(model(x), y) + 0.5 / len(x) * model.weight.square().sum()
        found.backward()
        return found

    optimiser.step(loss)
    x, y = _summaries(task, test)
    with torch.no_grad():
        return float((model(x).argmax(1) == y).double().mean())


def _summaries(task: ClassTask, items: Sequence[Sample]) -> tuple[Tensor, Tensor]:
    rows = np.stack([_summary(task.convert(item.content)) for item in items])
    return torch.from_numpy(rows), torch.tensor([task.classes.index(item.label) for item in items])


def _summary(frames: NDArray[np.floating]) -> NDArray[np.float32]:
    """Mean frames of ``PARTS`` stretches, one behind the other."""
    edges = np.linspace(0, len(frames), PARTS + 1).astype(int)
    parts = [frames[start : max(end, start + 1)] for start, end in pairwise(edges)]
    return np.concatenate([part.mean(axis=0) for part in parts]).astype(np.float32)


if __name__ == "__main__":
    main()
