"""The kinds of sequences that Explore shows, by family of their models: one file each, listed here and nowhere else."""

from __future__ import annotations

from pretrained.recipe import Recipe
from pretrained.registry import any_task_of, every_recipe
from pretrained.sequence_model import SequenceModel
from viz.kinds.classifier import CLASSIFIER
from viz.kinds.kind import SequenceKind
from viz.kinds.language_model import LANGUAGE_MODEL
from viz.kinds.series import SERIES
from viz.kinds.tagger import TAGGER

KINDS: dict[str, SequenceKind] = {kind.family: kind for kind in (CLASSIFIER, LANGUAGE_MODEL, TAGGER, SERIES)}


def shown_recipes() -> dict[str, Recipe]:
    """The recipes of every model that Explore can show, the one it opens with first."""
    return {key: recipe for key, recipe in every_recipe().items() if any_task_of(recipe).family.key in KINDS}


def kind_of(model: SequenceModel) -> SequenceKind:
    """How a model is shown."""
    return KINDS[model.task.family.key]
