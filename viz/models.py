"""The models that a visitor can open: those that the project ships, and their own, which their session alone holds.

A model of one's own has a random name that nobody can guess; it stands in addresses, but opens nothing elsewhere. What
is computed with it is kept in the session too, see viz.remembered.
"""

from __future__ import annotations

from typing import Any, cast

from streamlit.runtime.scriptrunner import get_script_run_ctx

from core_models.language import mark
from pretrained import registry
from pretrained.checkpoints import Course, load_at
from pretrained.recipe import Recipe
from pretrained.task import Group, Task
from pretrained.trained import Trained
from pretrained.training import untrained as begun
from viz.kept import Kept
from viz.params.stand_ins import draw_name

OWN, GROUP, MOST = "own-", "own", 3
"""Beginning of the names of models of one's own, the group that they are listed in, and how many a session keeps."""

HELD = Kept[dict[str, Trained]]("own models")

GONE = mark(
    "This address names a model that somebody opened from a file. It was in that person's session alone, is never "
    "stored, and is gone with it: open the file again on the page “Your model”."
)


def is_own(key: str) -> bool:
    """Whether this is how the name of a model of one's own is written."""
    return key.startswith(OWN)


def own_models() -> dict[str, Trained]:
    """The models of this session, by name, the newest last; outside of a visitor's page there are none."""
    here = get_script_run_ctx(suppress_warning=True) is not None
    return (HELD.get() or {}) if here else {}


def new_name() -> str:
    """A name for a model of this session."""
    return draw_name(OWN)


def keep(model: Trained) -> None:
    """Keep a model for this session, and let the oldest go where there are too many."""
    held = own_models() | {model.recipe.key: model}
    HELD.put(dict(list(held.items())[-MOST:]))


def let_go(key: str) -> None:
    """Keep a model no longer."""
    HELD.put({name: model for name, model in own_models().items() if name != key})


def every_recipe() -> dict[str, Recipe]:
    """As ``pretrained.registry.every_recipe``, with those of this session behind."""
    own = {key: model.recipe for key, model in own_models().items()}
    return registry.every_recipe() | own if own else registry.every_recipe()


def sound_recipes(group: str) -> dict[str, Recipe]:
    """As ``pretrained.registry.sound_recipes``; of its own group, the models of this session."""
    if group != GROUP:
        return registry.sound_recipes(cast("Group", group))
    return {key: model.recipe for key, model in own_models().items()}


def task_of(recipe: Recipe) -> Task:
    """As ``pretrained.registry.task_of``, for the models of this session too."""
    own = own_models().get(recipe.key) if is_own(recipe.key) else None
    return registry.task_of(recipe) if own is None else own.task


AT = "@"
"""Stands between the name of a model and the step of its training."""


def at_step(key: str, step: int, course: Course) -> str:
    """The name of a model as it was after ``step`` steps of training; its own after the last."""
    return key if step == course.steps[-1] else f"{key}{AT}{step}"


def finished(key: str) -> str:
    """The name of a model, whatever step of its training a name is for."""
    return key.partition(AT)[0]


def load(key: str) -> Any:
    """As ``pretrained.registry.load``, for the models of this session and for steps of training too."""
    name, _, step = key.partition(AT)
    return own_models().get(key) or (load_at(name, int(step)) if step else registry.load(key))


def untrained(key: str) -> Any:
    """As ``pretrained.training.untrained``; of a model of this session its twin with fresh weights."""
    key = finished(key)
    own: Any = own_models().get(key)
    return begun.untrained(key) if own is None else own.twin
