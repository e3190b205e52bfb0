"""Find, verify and load the models that the project ships."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from torch import nn

from core_models.language import say
from core_models.trace import Direction, Site
from pretrained import shipped
from pretrained.errors import ModelError
from pretrained.families import family_of
from pretrained.recipe import RECIPES, WEIGHTS, Recipe, read_recipe
from pretrained.storage import REFERENCE, unpack
from pretrained.task import GROUPS, Group, Task
from pretrained.tasks import TASKS


@cache
def _read() -> tuple[dict[str, Recipe], tuple[str, ...]]:
    """The recipes that can be read, by key, and the keys of the others."""
    found, refused = {}, []
    for key in sorted({path.stem for path in (*RECIPES.glob("*.toml"), *WEIGHTS.glob("*.safetensors"))}):
        try:
            found[key] = read_recipe(RECIPES / f"{key}.toml")
        except ModelError:
            refused.append(key)
    return found, tuple(refused)


def out_of_order() -> Mapping[str, str]:
    """For every model whose recipe is missing or damaged, by key, what is wrong, in words; it is in no list."""
    return {key: _what_is_wrong(key) for key in _read()[1]}


def _what_is_wrong(key: str) -> str:
    """Why a recipe could not be read: asked again, so that the sentence is in the language of whoever reads it."""
    try:
        read_recipe(RECIPES / f"{key}.toml")
    except ModelError as error:
        return say("The model “{key}” is out of order. {error}", key=key, error=error)
    return say("The model “{key}” was out of order when the app began: start the app again.", key=key)


@cache
def every_recipe() -> dict[str, Recipe]:
    """Every recipe in the project that has weights and can be read, by key, in the order of the lists on screen."""
    trained = [recipe for recipe in _read()[0].values() if recipe.weights]
    return {recipe.key: recipe for recipe in sorted(trained, key=lambda recipe: (recipe.order, recipe.key))}


@cache
def sound_recipes(group: Group) -> dict[str, Recipe]:
    """Those of ``recipes`` whose weights are whole: what tables and figures of all models hold."""
    return {key: recipe for key, recipe in recipes(group).items() if not _fault(recipe)}


def _fault(recipe: Recipe) -> str:
    """What is wrong with the weights of a recipe, in words; nothing if they are whole."""
    try:
        _content(recipe)
    except ModelError as error:
        return str(error)
    return ""


def faults() -> list[str]:
    """A sentence for every shipped file that is missing or damaged."""
    weights = [_fault(recipe) for recipe in every_recipe().values()]
    return [*out_of_order().values(), *shipped.faults(), *filter(None, weights)]


@cache
def recipes(group: Group) -> dict[str, Recipe]:
    """The recipes with weights whose models do one thing, by key; the default model first.

    Raises:
        ValueError: if there is no such group.
    """
    if group not in GROUPS:
        raise ValueError(f"recipes: expected one of {', '.join(GROUPS)}, got {group}")
    return {key: recipe for key, recipe in every_recipe().items() if task_of(recipe).group == group}


def task_of(recipe: Recipe) -> Task:
    """The task that a recipe names.

    Raises:
        ModelError: if there is no such task.
    """
    for task in TASKS:
        if task.key == recipe.task:
            return task
    raise ModelError(
        say(
            "The model “{model}” is for a task named “{task}”, which this version lacks.",
            model=say(recipe.title),
            task=recipe.task,
        )
    )


def other_seed(key: str) -> str | None:
    """Key of a shipped model that differs from the one named ``key`` in the seed of its training and in nothing else.

    None if there is none, or no model named ``key``.
    """
    recipe = every_recipe().get(key)
    return next((other.key for other in every_recipe().values() if recipe and _differ_in_seed(recipe, other)), None)


def _differ_in_seed(one: Recipe, other: Recipe) -> bool:
    same = replace(other.training, seed=one.training.seed) == one.training
    alike = (other.task, other.architecture) == (one.task, one.architecture) and same
    return alike and other.training.seed != one.training.seed


def pick_device() -> torch.device:
    """The fastest device at hand: CUDA, then Apple's MPS, then the CPU.

    On CUDA products are taken in full float32: TF32 would make states less exact than the gates computed from them.
    """
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def recipe_of(key: str) -> Recipe:
    """The recipe named ``key``; raises ``ModelError`` if there is none, or it is out of order."""
    found = every_recipe().get(key)
    if found is None:
        raise ModelError(
            out_of_order().get(key) or say("There is no model named “{key}”; choose one from the list.", key=key)
        )
    return found


def load(key: str, device: torch.device | None = None) -> Any:
    """The model named ``key``, verified against its recipe's checksum: a ``Trained`` of its task's family.

    Raises:
        ModelError: if there is no such model, or its weights are missing or damaged.
    """
    recipe = recipe_of(key)
    task, tensors = task_of(recipe), _verified(recipe)
    reference = {name: value for name, value in tensors.items() if name.startswith(REFERENCE)}
    state = {name: value for name, value in tensors.items() if name not in reference}
    network = _built(recipe, task, state, device)
    return family_of(task).trained(recipe, task, network, _addresses(reference))


def _built(recipe: Recipe, task: Task, state: dict[str, torch.Tensor], device: torch.device | None) -> nn.Module:
    try:
        return assembled(recipe, task, state, device or pick_device())
    except ModelError:
        raise
    except (RuntimeError, ValueError, LookupError, TypeError) as error:
        raise ModelError(_damaged(recipe)) from error


def assembled(recipe: Recipe, task: Task, state: Mapping[str, torch.Tensor], device: torch.device) -> nn.Module:
    """The network of a recipe with these weights, in ``eval()``; raises as ``load_state_dict`` if they do not fit."""
    network = family_of(task).build(task, recipe.architecture)
    network.load_state_dict(unpack(state))
    family_of(task).settle(network, recipe.scores)
    network.requires_grad_(False)
    return network.eval().to(device)


def _verified(recipe: Recipe) -> dict[str, torch.Tensor]:
    try:
        return load_tensors(_content(recipe))
    except SafetensorError as error:
        raise ModelError(_damaged(recipe)) from error


def _content(recipe: Recipe) -> bytes:
    """The file of the weights, which has the checksum that the recipe names."""
    try:
        content = recipe.weights_path.read_bytes()
    except OSError as error:
        raise ModelError(
            say(
                "The weights of “{model}” are missing; put {file} back, or choose another model.",
                model=say(recipe.title),
                file=recipe.weights_path.name,
            )
        ) from error
    if hashlib.sha256(content).hexdigest() != recipe.weights["sha256"]:
        raise ModelError(_damaged(recipe))
    return content


def _damaged(recipe: Recipe) -> str:
    return say(
        "The weights of “{model}” are damaged: {file} is not the file that its recipe names. Restore it, or choose "
        "another model.", model=say(recipe.title), file=recipe.weights_path.name,
    )  # fmt: skip


def _addresses(reference: dict[str, torch.Tensor]) -> dict[tuple[Site, str], np.ndarray]:
    """Background arrays by (site, quantity key), from names such as ``reference.rnn-0-forward.reference_states``."""
    found = {}
    for name, value in reference.items():
        place, key = name.removeprefix(REFERENCE).split(".")
        found[parse_site(place), key] = value.float().numpy()
    return found


def parse_site(key: str) -> Site:
    """The site named by ``Site.key``.

    Raises:
        ValueError: if ``key`` does not name a site.
    """
    try:
        module, layer, way = key.rsplit("-", 2)
        directions: dict[str, Direction] = {"forward": "forward", "backward": "backward"}
        return Site(module, int(layer), directions[way])
    except (KeyError, ValueError):
        raise ValueError(f"site: expected a name such as rnn-0-forward, got {key!r}") from None
