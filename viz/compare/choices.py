"""Widgets of the Compare page: what is compared with what. Every choice is kept in the URL by its key."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core_models.language import mark, say
from pretrained.recipe import Recipe
from pretrained.registry import out_of_order
from viz import params
from viz.compare.baselines import BASELINES
from viz.inputs import COMPARED, GROUPS, MODEL, MODELS, TEXT, change_model, offered, say_missing
from viz.markdown import escape
from viz.models import GONE, every_recipe, is_own, task_of
from viz.params import Param
from viz.params.whole_numbers import nearest, whole

MODES = {
    "inputs": mark("Two inputs on one model"),
    "models": mark("Models on one input"),
    "history": mark("Inputs of this session"),
}
FORMS = {"lines": mark("mean and middle 80% of units"), "heatmaps": mark("unit by unit")}
MODE, FORM, BASELINE = Param("mode", MODES), Param("form", FORMS), Param("baseline", BASELINES)
TASK, QUANTITY, TOKEN, SHUFFLE = Param("task"), Param("quantity"), Param("token"), Param("shuffle")
MOST_MODELS = 4
LARGEST_SEED = 999_999


def pick_mode() -> str:
    """Whether models or inputs are compared: models, where the address names one, or holds a text of one's own."""
    return params.choose(say("Compare"), MODE, default=_opening_mode(), pills=True)


def _opening_mode() -> str:
    first = next(iter(offered().values()))
    usual = params.asked(MODEL) in (None, first.key) and params.asked(MODELS) is None
    return "inputs" if usual and params.asked(TEXT) in (None, task_of(first).examples[0].text) else "models"


def pick_models() -> tuple[str, list[str]]:
    """Key of the task, and keys of up to four of its models; what the URL cannot have is answered with sentences.

    The first of them is the model that other pages open with. Where that one was changed, as by a file that another
    model reads, or by another task, its task and its models are shown.
    """
    models, opens = offered(), not params.stands(MODELS)
    say_missing(params.take_up(MODEL, models))
    asked, first = _asked_models(models), params.held(MODEL) or ""
    other = bool(asked) and not opens and first in models and models[asked[0]].task != models[first].task
    if first in models and (params.held(MODELS) is None or other):
        asked = [first, *(key for key in _of_task(models, models[first].task) if key != first)][:COMPARED]
        params.give(MODELS, asked)
    if asked and (params.asked(TASK) is None or not opens):
        params.give(TASK, models[asked[0]].task)
    task = params.choose(say("Task"), TASK, _tasks(models), default=_task_of(models, asked), on_change=_change_task)
    titles = {key: say(models[key].title) for key in _of_task(models, task)}
    if params.held(MODELS) is None or any(key not in titles for key in params.held(MODELS)):
        kept = [key for key in asked if key in titles]
        params.give(MODELS, kept or list(titles)[:COMPARED])
    keys = params.several(say("Models"), MODELS, titles, most=MOST_MODELS, placeholder=say("Choose two to four models"))
    reader = keys[0] if keys else next(iter(titles))
    params.give(MODEL, reader)
    params.let_stand(MODEL, reader)
    return task, keys


def _tasks(models: Mapping[str, Recipe]) -> dict[str, str]:
    """Titles of the tasks of these models, with what their models do."""
    tasks = {recipe.task: task_of(recipe) for recipe in models.values()}
    return {
        key: title if (title := say(task.title)).startswith(group := say(GROUPS[task.group]))
        else say("{group}: {task}", group=group, task=title)
        for key, task in tasks.items()
    }  # fmt: skip


def _task_of(models: Mapping[str, Recipe], asked: list[str]) -> str:
    return models[asked[0] if asked else next(iter(models))].task


def _of_task(models: Mapping[str, Recipe], task: str) -> list[str]:
    return [key for key, recipe in models.items() if recipe.task == task]


def _change_task() -> None:
    """Another task was chosen: its first model is, as if by hand."""
    change_model(_of_task(offered(), params.held(TASK))[0])
    params.drop(MODELS)


def _asked_models(models: Mapping[str, Recipe]) -> list[str]:
    """Put the models that the URL names into the widget's state; returns what the widget will hold."""
    params.take_up(MODELS)
    asked = params.held(MODELS)
    if not isinstance(asked, str):
        return list(asked or ())
    keys = [part.strip() for part in asked.split(",") if part.strip()]
    found = [key for key in dict.fromkeys(keys) if key in models]
    alike = [key for key in found if models[key].task == models[found[0]].task]
    for sentence in _complaints(keys, found, alike):
        st.warning(sentence, icon=":material/link_off:")
    if alike:
        params.give(MODELS, alike[:MOST_MODELS])
    else:
        params.drop(MODELS)
    return alike[:MOST_MODELS]


def _complaints(keys: list[str], found: list[str], alike: list[str]) -> list[str]:
    """What is wrong with the models that a URL names, in sentences."""
    others = [key for key in dict.fromkeys(keys) if key not in found and key not in out_of_order()]
    unknown = [f"“{escape(key[:60])}”" for key in others if key not in every_recipe() and not is_own(key)]
    elsewhere = [f"“{escape(say(every_recipe()[key].title))}”" for key in others if key in every_recipe()]
    sentences = [say(GONE)] if any(is_own(key) and key not in every_recipe() for key in others) else []
    if unknown:
        sentences.append(
            say("There is no model named {unknown}; choose one from the list.", unknown=say(", ").join(unknown[:5]))
        )
    if elsewhere:
        sentences.append(
            say("For another page: {elsewhere}; choose models from the list.", elsewhere=say(", ").join(elsewhere[:5]))
        )
    if len(set(keys)) < len(keys):
        sentences.append(say("A model that is named twice is shown once; choose another one to compare it with."))
    if len(alike) < len(found):
        sentences.append(say("Only models of one task can be compared; those of the first model's task are shown."))
    if len(alike) > MOST_MODELS:
        sentences.append(say("At most {most} models are compared; the first {most} are shown.", most=MOST_MODELS))
    return sentences


def pick_baseline() -> tuple[str, int]:
    """What is drawn beside the comparison, to hold it against, and the seed of the shuffled order."""
    baseline = params.choose(say("Compare with a baseline"), BASELINE, pills=True)
    return baseline, _pick_shuffle() if baseline == "shuffled" else 1


def _pick_shuffle() -> int:
    """Seed of the shuffled order, which a button changes."""
    seed = nearest(params.asked(SHUFFLE), range(1, LARGEST_SEED + 1), 1)
    if SHUFFLE.free and st.button(say("Shuffle again"), icon=":material/shuffle:"):
        seed = seed % LARGEST_SEED + 1
    params.put(SHUFFLE, str(seed))
    return seed


def pick_quantity(options: dict[str, str]) -> str:
    """What is shown of every trace."""
    return params.choose(say("Quantity"), QUANTITY, options, default=next(iter(options)))


def pick_form() -> str:
    """Whether units are summed up or shown one by one."""
    return params.choose(say("Drawn as"), FORM, pills=True)


def chosen_token(count: int) -> int | None:
    """The column that was clicked, from the URL; None if there is none among ``count``."""
    column = whole(params.asked(TOKEN))
    return column if column is not None and column < count else None


def choose_token(column: int, before: int | None) -> None:
    """Put a clicked column into the URL; a second click on it takes it out."""
    params.put(TOKEN, None if column == before else str(column))
