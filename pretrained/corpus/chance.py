"""Networks to hold a trained one against: of the same shape at random, for what luck finds, and of another seed."""

from __future__ import annotations

from dataclasses import replace

import torch

from pretrained.families import family_of
from pretrained.recipe import Recipe
from pretrained.registry import every_recipe
from pretrained.trained import Trained
from pretrained.training.untrained import DRAWING, begin

SEED = 7001
"""Of the first; far from those of trainings."""


def at_random(model: Trained, number: int = 0) -> Trained:
    """A network as training would begin with it from another seed, in ``eval()``, with nothing learned."""
    recipe = replace(model.recipe, training=replace(model.recipe.training, seed=SEED + number))
    with DRAWING, torch.random.fork_rng(devices=[]):
        network = begin(recipe, model.task)
    network.requires_grad_(False)
    return family_of(model.task).trained(recipe, model.task, network.eval())


def other_seed(model: Trained) -> str | None:
    """Key of a model that differs from this one by the seed of its training alone; None where there is none."""
    own = model.recipe

    def same(other: Recipe) -> bool:
        alike = (other.task, other.architecture) == (own.task, own.architecture)
        return alike and replace(other.training, seed=own.training.seed) == own.training

    return next((key for key, other in every_recipe().items() if key != own.key and same(other)), None)
