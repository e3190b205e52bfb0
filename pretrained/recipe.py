"""A recipe: everything that says how one model was made and how well it does, in one TOML file.

The file's name is the model's key. ``[model]`` and ``[training]`` are written by hand; ``[scores]``, ``[seeds]``
and ``[weights]`` are written by training, so that a claim on screen always comes from the run that made the weights.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core_models.attention import SCORES
from core_models.cells import CELLS, UNROLLED

FOLDER = Path(__file__).parent
RECIPES = FOLDER / "recipes"
WEIGHTS = FOLDER / "weights"

KNOWN: Mapping[str, Collection[str | None]] = {
    "cell": {*(cell.convention.key for cell in CELLS), *UNROLLED},
    "attention": {None, *SCORES},
}
"""What a recipe's ``[model]`` table may name."""


class RecipeError(ValueError):
    """A recipe that cannot be read; the message says which field and what is wrong."""


@dataclass(frozen=True)
class Training:
    """Settings of the training loop.

    Attributes:
        seed: seed of every random number.
        epochs: passes over the training phrases or pairs.
        batch: phrases or pairs in a batch.
        learning_rate: peak of the schedule: a linear rise over the first ``warmup`` batches, then a linear fall.
        warmup: batches of rise.
        weight_decay: decoupled weight decay (AdamW).
        dropout: probability of dropping embedding and readout inputs.
        word_dropout: probability of replacing a token that is read by the unknown token, or all channels beside
            a series by their mean.
        label_smoothing: share of the target that is spread over all classes (translators).
        adversarial: length of the adversarial step on the embeddings, per square root of the token count (Miyato et
            al. 2017, arXiv 1605.07725); 0 for none.
        sentence_weight: weight of a whole sentence, where a phrase inside one has 1 (classifiers).
        half: whether the products of a translator's output layer, or of a whole language model, are taken in bfloat16,
            for speed.
        average: decay of the running average of the weights, which is what is shipped.
    """

    seed: int
    epochs: int
    batch: int = 64
    learning_rate: float = 2e-3
    warmup: int = 500
    weight_decay: float = 0.01
    dropout: float = 0.5
    word_dropout: float = 0.1
    label_smoothing: float = 0.0
    adversarial: float = 0.0
    sentence_weight: float = 1.0
    half: bool = False
    average: float = 0.9998


@dataclass(frozen=True)
class Recipe:
    """One model's recipe.

    Attributes:
        key: file name without its ending; the model's name in URLs.
        title: name on screen.
        summary: one sentence about what this network is and shows.
        task: key of its task.
        order: place in the list of models; the smallest is what the page opens with.
        architecture: what the network is: the ``[model]`` table, from which its family builds it.
        training: how it is trained.
        scores: what was measured, by name; empty before the first training.
        seeds: headline score on test of every seed that was trained, by seed; the shipped one among them.
        without_attention: what was measured of the same network trained without its attention, where no recipe of its
            own ships that one; empty where it was not trained.
        weights: file checksum, bytes and number type; empty before the first training.
        left_out: share right on each group, such as a speaker, by a network that was trained without it, and by a
            linear model; empty where this was not measured (see ``pretrained.analysis.left_out``).
    """

    key: str
    title: str
    summary: str
    task: str
    order: int
    architecture: Mapping[str, Any]
    training: Training
    scores: Mapping[str, Any]
    seeds: Mapping[str, float]
    weights: Mapping[str, Any]
    without_attention: Mapping[str, Any] = field(default_factory=dict)
    left_out: Mapping[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """The recipe's own file."""
        return RECIPES / f"{self.key}.toml"

    @property
    def weights_path(self) -> Path:
        """The weights' file."""
        return WEIGHTS / f"{self.key}.safetensors"


def read_recipe(path: Path) -> Recipe:
    """The recipe in a TOML file.

    Raises:
        RecipeError: if it is not valid TOML, a field is missing or unknown, or it names a cell or a score of attention
            that there is not.
    """
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
        return Recipe(
            key=path.stem,
            title=table["title"],
            summary=table["summary"],
            task=table["task"],
            order=table["order"],
            architecture=_known(path, table["model"]),
            training=Training(**table["training"]),
            scores=table.get("scores", {}),
            seeds=table.get("seeds", {}),
            weights=table.get("weights", {}),
            without_attention=table.get("without_attention", {}),
            left_out=table.get("left_out", {}),
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise RecipeError(f"recipe {path.name}: expected a complete recipe, got {error}") from error


def _known(path: Path, architecture: Mapping[str, Any]) -> Mapping[str, Any]:
    """The ``[model]`` table, if there is all that it names."""
    for name, values in KNOWN.items():
        given = architecture.get(name, None if None in values else "nothing")
        if given not in values:
            listed = ", ".join(sorted(value for value in values if value))
            raise RecipeError(f"recipe {path.name}: expected one of {listed} as {name}, got {given!r}")
    return architecture
