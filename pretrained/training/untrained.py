"""The networks before training: what each recipe started from, drawn anew from its seed.

    untrained("sst2-gru")        the network that training began with, as a ``Trained``

Training begins with ``begin``, so that "before training" on screen is that very network and not a likeness of it. It is
the same to the last bit where PyTorch draws the same random numbers as it did then (``recipe.scores["torch"]``).
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from threading import Lock
from typing import Any

import torch
from torch import nn

from pretrained.families import family_of
from pretrained.recipe import Recipe
from pretrained.registry import recipe_of, task_of
from pretrained.task import Task
from pretrained.trained import Trained

DRAWING = Lock()
"""PyTorch draws initial weights from one generator for the whole process, so only one network is drawn at a time."""

KEPT = 4
"""Networks with nothing learned that are kept; drawing one anew takes a few hundredths of a second."""

UNUSED_SEED = 7001
"""The first of those with which nothing was trained."""


def begin(recipe: Recipe, task: Task) -> nn.Module:
    """The network as training finds it, in ``train()`` on the CPU; PyTorch's generator is seeded and drawn from."""
    torch.manual_seed(recipe.training.seed)
    network = family_of(task).build(task, recipe.architecture, recipe.training.dropout)
    family_of(task).initialise(network)
    return network


@lru_cache(maxsize=KEPT)
def untrained(key: str) -> Any:
    """The network that the training of ``key`` began with, a ``Trained`` of its family in ``eval()`` on the CPU.

    It has no background states. It is shared by everyone, so never changed; those asked for last are kept.

    Raises:
        ModelError: if there is no such model, or its task is missing.
    """
    recipe = recipe_of(key)
    return _drawn(recipe, task_of(recipe))


def at_random(model: Trained, number: int = 0) -> Any:
    """As ``untrained``, but begun from a seed with which nothing was trained: what it finds is luck.

    Args:
        model: of the same shape.
        number: of the network; another number gives another one.
    """
    recipe = replace(model.recipe, training=replace(model.recipe.training, seed=UNUSED_SEED + number))
    return _drawn(recipe, model.task)


def _drawn(recipe: Recipe, task: Task) -> Any:
    with DRAWING, torch.random.fork_rng(devices=[]):
        network = begin(recipe, task)
    network.requires_grad_(False)
    return family_of(task).trained(recipe, task, network.eval())
