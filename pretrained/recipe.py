"""A recipe: everything that says how one model was made and how well it does, in one TOML file.

The file's name is the model's key. ``[model]`` and ``[training]`` are written by hand; ``[scores]``, ``[seeds]``
and ``[weights]`` are written by training, so that a claim on screen always comes from the run that made the weights.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from core_models.attention import SCORES
from core_models.cells import CELLS
from pretrained import shipped
from pretrained.data.intervals import wilson_interval

__all__ = ["FOLDER", "RECIPES", "WEIGHTS", "Recipe", "Training", "read_recipe", "wilson_interval"]

FOLDER = Path(__file__).parent
RECIPES = FOLDER / "recipes"
WEIGHTS = FOLDER / "weights"

KNOWN: Mapping[str, Collection[str | None]] = {
    "cell": set(CELLS),
    "attention": {None, *SCORES},
}
"""What a recipe's ``[model]`` table may name."""


SHOWN: Mapping[str, tuple[str, ...]] = {
    "scores": ("parameters", "training_seconds", "device", "torch", "test_count"),
    "weights": ("sha256", "bytes", "dtype"),
}
"""What pages show of every model, by table."""


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
        checkpoints: how many times in its course the weights are kept; see ``pretrained.checkpoints``.
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
    checkpoints: int = 0


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
        ModelError: if it is missing or damaged: no valid TOML, a field missing or unknown, weights without scores, or a
            cell or a score of attention that there is not.
    """
    with shipped.understood(path, LookupError, TypeError, AttributeError):
        table = tomllib.loads(shipped.read(path).decode())
        _check(table)
        return Recipe(
            key=path.stem,
            title=table["title"],
            summary=table["summary"],
            task=table["task"],
            order=table["order"],
            architecture=_known(table["model"]),
            training=Training(**table["training"]),
            scores=table.get("scores", {}),
            seeds=table.get("seeds", {}),
            weights=table.get("weights", {}),
            without_attention=table.get("without_attention", {}),
            left_out=table.get("left_out", {}),
        )


def _check(table: Mapping[str, Any]) -> None:
    """Refuse unknown fields, a model with weights but no scores, and tables without what every page shows of them."""
    unknown = table.keys() - {field.name for field in fields(Recipe)} - {"model"}
    if unknown:
        raise ValueError(f"it has unknown fields: {', '.join(sorted(unknown))}")
    for name in SHOWN if "weights" in table else ():
        missing = set(SHOWN[name]) - table[name].keys()
        if missing:
            raise ValueError(f"its table {name} lacks {', '.join(sorted(missing))}")


def _known(architecture: Mapping[str, Any]) -> Mapping[str, Any]:
    """The ``[model]`` table, if there is all that it names."""
    for name, values in KNOWN.items():
        given = architecture.get(name, None if None in values else "nothing")
        if given not in values:
            listed = ", ".join(sorted(value for value in values if value))
            raise ValueError(f"it names {given!r} as {name}, which is none of {listed}")
    return architecture
