"""Find, verify and load the models that the project ships."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from torch import nn

from core_models.explain.arithmetic.cell import Arithmetic
from core_models.explain.arithmetic.classifier import explain
from core_models.networks.classifier import SequenceClassifier
from core_models.trace import Direction, Site, Trace
from pretrained.characters import CharacterTask
from pretrained.errors import ModelError, values_of
from pretrained.families.classifier import REFERENCE
from pretrained.language_reader import LanguageReader
from pretrained.pair_model import PairModel
from pretrained.pairs import PairTask
from pretrained.recipe import RECIPES, WEIGHTS, Recipe, read_recipe
from pretrained.recogniser_reader import RecogniserReader
from pretrained.recognition import RecognitionTask
from pretrained.sequence_model import SequenceModel
from pretrained.series.reader import SeriesReader
from pretrained.series.task import SeriesTask
from pretrained.storage import unpack
from pretrained.tag_reader import TagReader
from pretrained.tags import TagTask
from pretrained.task import Reading, Task
from pretrained.tasks import TASKS

AnyTask = Task | PairTask | CharacterTask | TagTask | RecognitionTask | SeriesTask


@dataclass(frozen=True)
class Model:
    """A trained network with all that is needed to read a person's input.

    Attributes:
        recipe: how it was made and how well it does.
        task: what it answers.
        network: the network, in ``eval()``; shared by everyone, so never changed.
        reference: background states and classes, by (site, quantity key).
    """

    recipe: Recipe
    task: Task
    network: SequenceClassifier
    reference: dict[tuple[Site, str], np.ndarray]

    def trace(self, reading: Reading) -> Trace:
        """Everything that happens inside when the network reads ``reading``, with the background states.

        Raises:
            ModelError: if impossible values come out, as they do from damaged weights.
        """
        device = next(self.network.parameters()).device
        with values_of(self.recipe.title):
            trace = self.network.trace(torch.tensor(reading.ids, device=device), reading.tokens, name=self.recipe.key)
        return trace.with_entries(self.reference)

    def explain(self, trace: Trace, site: Site, key: str, step: int, unit: int = 0, head: int = 0) -> Arithmetic:
        """The arithmetic behind one number of a trace; see ``core_models.explain.arithmetic.classifier.explain``."""
        return explain(self.network, trace, site, key, step, unit, head)


@cache
def _read() -> tuple[dict[str, Recipe], dict[str, str]]:
    """The recipes that can be read, by key, and for each of the others a sentence."""
    found, refused = {}, {}
    for key in sorted({path.stem for path in (*RECIPES.glob("*.toml"), *WEIGHTS.glob("*.safetensors"))}):
        try:
            found[key] = read_recipe(RECIPES / f"{key}.toml")
        except ModelError as error:
            refused[key] = f"The model “{key}” is out of order. {error}"
    return found, refused


def out_of_order() -> Mapping[str, str]:
    """For every model whose recipe is missing or damaged, by key, what is wrong, in words; it is in no list."""
    return _read()[1]


@cache
def every_recipe() -> dict[str, Recipe]:
    """Every recipe in the project that has weights and can be read, by key, in the order of the lists on screen."""
    trained = [recipe for recipe in _read()[0].values() if recipe.weights]
    return {recipe.key: recipe for recipe in sorted(trained, key=lambda recipe: (recipe.order, recipe.key))}


@cache
def sound_recipes(family: str = "classifier") -> dict[str, Recipe]:
    """Those of ``recipes`` whose weights are whole: what tables and figures of all models hold."""
    return {key: recipe for key, recipe in recipes(family).items() if _is_sound(recipe)}


def _is_sound(recipe: Recipe) -> bool:
    try:
        _content(recipe)
    except ModelError:
        return False
    return True


@cache
def recipes(family: str = "classifier") -> dict[str, Recipe]:
    """The recipes with weights of one family of networks, by key; the default model first."""
    return {key: recipe for key, recipe in every_recipe().items() if any_task_of(recipe).family.key == family}


def any_task_of(recipe: Recipe) -> AnyTask:
    """The task that a recipe names, of whatever family.

    Raises:
        ModelError: if there is no such task.
    """
    for task in TASKS:
        if task.key == recipe.task:
            return task
    raise ModelError(f"The model “{recipe.title}” is for a task named “{recipe.task}”, which this version lacks.")


def task_of(recipe: Recipe) -> Task:
    """The task that a classifier's recipe names.

    Raises:
        ModelError: if there is no such task, or it turns one sequence into another.
    """
    task = any_task_of(recipe)
    if task.family.key != "classifier":
        raise ModelError(f"The model “{recipe.title}” writes sequences; choose one that answers a question.")
    return task  # type: ignore[return-value]


def other_seed(key: str) -> str | None:
    """Key of a shipped model that differs from the one named ``key`` in the seed of its training and in nothing else.

    None if there is none, or no model named ``key``.
    """
    recipe = recipes().get(key)
    return next((other.key for other in recipes().values() if recipe and _differ_in_seed(recipe, other)), None)


def _differ_in_seed(one: Recipe, other: Recipe) -> bool:
    same = replace(other.training, seed=one.training.seed) == one.training
    alike = (other.task, other.architecture) == (one.task, one.architecture) and same
    return alike and other.training.seed != one.training.seed


def pick_device() -> torch.device:
    """The fastest device at hand: CUDA, then Apple's MPS, then the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def load(key: str, device: torch.device | None = None) -> Model:
    """The classifier named ``key``, verified against its recipe's checksum.

    Raises:
        ModelError: if there is no such classifier, or its weights are missing or damaged.
    """
    recipe = _named(key, "classifier")
    task = task_of(recipe)
    tensors = _verified(recipe)
    reference = {name: value for name, value in tensors.items() if name.startswith(REFERENCE)}
    state = {name: value for name, value in tensors.items() if name not in reference}
    network = _built(recipe, state, device)
    return Model(recipe, task, network, _addresses(reference))  # type: ignore[arg-type]


def load_pair_model(key: str, device: torch.device | None = None) -> PairModel:
    """The encoder-decoder named ``key``, verified against its recipe's checksum.

    Raises:
        ModelError: if there is no such encoder-decoder, or its weights are missing or damaged.
    """
    return PairModel(*_parts(key, "translator", device))


def load_language_model(key: str, device: torch.device | None = None) -> LanguageReader:
    """The language model named ``key``, verified against its recipe's checksum.

    Raises:
        ModelError: if there is no such language model, or its weights are missing or damaged.
    """
    return LanguageReader(*_parts(key, "language_model", device))


def load_tagger(key: str, device: torch.device | None = None) -> TagReader:
    """The tagger named ``key``, verified against its recipe's checksum.

    Raises:
        ModelError: if there is no such tagger, or its weights are missing or damaged.
    """
    return TagReader(*_parts(key, "tagger", device))


def load_recogniser(key: str, device: torch.device | None = None) -> RecogniserReader:
    """The recogniser named ``key``, verified against its recipe's checksum.

    Raises:
        ModelError: if there is no such recogniser, or its weights are missing or damaged.
    """
    return RecogniserReader(*_parts(key, "recogniser", device))


def load_forecaster(key: str, device: torch.device | None = None) -> SeriesReader:
    """The forecaster named ``key``, verified against its recipe's checksum.

    Raises:
        ModelError: if there is no such forecaster, or its weights are missing or damaged.
    """
    return SeriesReader(*_parts(key, "forecaster", device))


READERS: Mapping[str, Callable[[str], SequenceModel]] = {
    "classifier": load,
    "language_model": load_language_model,
    "tagger": load_tagger,
    "recogniser": load_recogniser,
    "forecaster": load_forecaster,
}
"""How a model that reads one sequence is loaded, by family."""


def load_reader(key: str) -> SequenceModel:
    """The model named ``key``, of whatever family that reads one sequence, verified against its recipe's checksum.

    Raises:
        ModelError: if there is no such model, or its weights are missing or damaged.
    """
    for family, load_one in READERS.items():
        if key in recipes(family):
            return load_one(key)
    raise _unknown(key)


def _parts(key: str, family: str, device: torch.device | None) -> tuple[Recipe, Any, Any]:
    """Recipe, task and network of one model."""
    recipe = _named(key, family)
    return recipe, any_task_of(recipe), _built(recipe, _verified(recipe), device)


def _named(key: str, family: str) -> Recipe:
    if key not in recipes(family):
        raise _unknown(key)
    return recipes(family)[key]


def _unknown(key: str) -> ModelError:
    return ModelError(out_of_order().get(key, f"There is no model named “{key}”; choose one from the list."))


def _built(recipe: Recipe, state: dict[str, torch.Tensor], device: torch.device | None) -> nn.Module:
    task = any_task_of(recipe)
    try:
        network = task.family.build(task, recipe.architecture)
        network.load_state_dict(unpack(state))
    except ModelError:
        raise
    except (RuntimeError, ValueError, LookupError, TypeError) as error:
        raise ModelError(_damaged(recipe)) from error
    network.requires_grad_(False)
    return network.eval().to(device or pick_device())


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
            f"The weights of “{recipe.title}” are missing; put {recipe.weights_path.name} back, "
            "or choose another model."
        ) from error
    if hashlib.sha256(content).hexdigest() != recipe.weights["sha256"]:
        raise ModelError(_damaged(recipe))
    return content


def _damaged(recipe: Recipe) -> str:
    return (
        f"The weights of “{recipe.title}” are damaged: {recipe.weights_path.name} is not the file that its recipe "
        "names. Restore it, or choose another model."
    )


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
