"""Widgets of the Compare page: what is compared with what. Every choice is kept in the URL by its key."""

from __future__ import annotations

import streamlit as st

from pretrained.analysis.minimal_pairs import PAIRS
from pretrained.registry import ModelError, out_of_order, recipes, task_of
from pretrained.task import InputError, Task
from viz import params
from viz.compare.baselines import BASELINES
from viz.figures.trace import prediction
from viz.inputs import COMPARED, MODELS, TEXT, say_missing
from viz.markdown import escape
from viz.params import Param
from viz.session import traced
from viz.whole_numbers import nearest, whole

MODES = {"models": "Models on one text", "inputs": "Two texts on one model"}
FORMS = {"lines": "mean and range over units", "heatmaps": "unit by unit"}
MODE, FORM, BASELINE = Param("mode", MODES), Param("form", FORMS), Param("baseline", BASELINES)
TASK, QUANTITY, TOKEN = Param("task"), Param("quantity"), Param("token")
SECOND, SHUFFLE, PAIR = Param("second"), Param("shuffle"), Param("pair", public=False)
MOST_MODELS = 4
LARGEST_SEED = 999_999


def pick_mode() -> str:
    """Whether models or inputs are compared."""
    return params.choose("Compare", MODE, pills=True)


def pick_models() -> list[str]:
    """Keys of two to four models of one task; what the URL asks for and cannot have is answered with sentences."""
    asked = _asked_models()
    say_missing(None)
    tasks = {
        recipe.task: task_of(recipe).title for recipe in recipes("sentiment").values() if answers_by_token(recipe.task)
    }
    if params.held(TASK) is None and asked:
        params.give(TASK, recipes("sentiment")[asked[0]].task)
    task = next(iter(tasks), next(iter(recipes("sentiment").values())).task)
    if len(tasks) > 1:
        task = params.choose("Task", TASK, tasks, default=task, pills=True)
    titles = {key: recipe.title for key, recipe in recipes("sentiment").items() if recipe.task == task}
    if params.held(MODELS) is None or any(key not in titles for key in params.held(MODELS)):
        kept = [key for key in asked if key in titles]
        params.give(MODELS, kept or list(titles)[:COMPARED])
    return params.several("Models", MODELS, titles, most=MOST_MODELS, placeholder="Choose two to four models")


@st.cache_data(show_spinner=False)
def answers_by_token(task_key: str) -> bool:
    """Whether the models of a task hold a probability after each token, as far as the first of them tells.

    Raises:
        ModelError: if none of them can be used.
    """
    refused: ModelError | None = None
    for recipe in recipes("sentiment").values():
        if recipe.task == task_key:
            try:
                return bool(prediction.targets(traced(recipe.key, task_of(recipe).examples[0].text)[1]))
            except InputError:
                continue
            except ModelError as error:
                refused = error
    if refused:
        raise refused
    return False


def _asked_models() -> list[str]:
    """Put the models that the URL names into the widget's state; returns what the widget will hold."""
    params.take_up(MODELS)
    asked = params.held(MODELS)
    if not isinstance(asked, str):
        return list(asked or ())
    keys = [part.strip() for part in asked.split(",") if part.strip()]
    found = [key for key in dict.fromkeys(keys) if key in recipes("sentiment")]
    alike = [key for key in found if recipes("sentiment")[key].task == recipes("sentiment")[found[0]].task]
    for sentence in _complaints(keys, found, alike):
        st.warning(sentence, icon=":material/link_off:")
    if alike:
        params.give(MODELS, alike[:MOST_MODELS])
    else:
        params.drop(MODELS)
    return alike[:MOST_MODELS]


def _complaints(keys: list[str], found: list[str], alike: list[str]) -> list[str]:
    """What is wrong with the models that a URL names, in sentences."""
    unknown = [f"“{escape(key[:60])}”" for key in dict.fromkeys(keys) if key not in found and key not in out_of_order()]
    sentences = []
    if unknown:
        sentences.append(f"There is no model named {', '.join(unknown[:5])}; choose one from the list.")
    if len(set(keys)) < len(keys):
        sentences.append("A model that is named twice is shown once; choose another one to compare it with.")
    if len(alike) < len(found):
        sentences.append("Only models of one task can be compared; those of the first model's task are shown.")
    if len(alike) > MOST_MODELS:
        sentences.append(f"At most {MOST_MODELS} models are compared; the first {MOST_MODELS} are shown.")
    return sentences


def prepare_pair(task: Task) -> None:
    """Before the boxes of two texts: fill the second one, where neither the person nor the URL has."""
    params.take_up(TEXT)
    params.take_up(SECOND)
    if params.held(SECOND) is not None:
        return
    pairs, text = PAIRS.get(task.key, ()), params.held(TEXT)
    if pairs and text in (None, task.examples[0].text):
        params.give(TEXT, pairs[0].first)
        params.give(SECOND, pairs[0].second)
    else:
        params.give(SECOND, task.examples[0].text if text is None else text)


def type_second(task: Task) -> str:
    """The second text, from its box."""
    placeholder = "The same text with a word changed, for example"
    return params.text("Type the second text", SECOND, characters=task.characters, placeholder=placeholder)


def pick_pair(task: Task) -> None:
    """The gallery of pairs: one click puts both texts into their boxes."""
    pairs = {pair.title: pair for pair in PAIRS.get(task.key, ())}

    def use(title: str) -> None:
        params.give(TEXT, pairs[title].first)
        params.give(SECOND, pairs[title].second)

    params.once("Pairs", PAIR, pairs, use, fills=TEXT)


def explain_pair(task: Task, first: str, second: str) -> None:
    """Why a pair of the gallery is worth a look, while it is in the boxes."""
    for pair in PAIRS.get(task.key, ()):
        if (first, second) == (pair.first, pair.second):
            st.caption(f"**{pair.title}.** {pair.why}")


def pick_baseline() -> tuple[str, int]:
    """What is drawn beside the comparison, to hold it against, and the seed of the shuffled order."""
    baseline = params.choose("Beside it, a baseline", BASELINE, pills=True)
    return baseline, _pick_shuffle() if baseline == "shuffled" else 1


def _pick_shuffle() -> int:
    """Seed of the shuffled order, which a button changes."""
    seed = nearest(params.asked(SHUFFLE), range(1, LARGEST_SEED + 1), 1)
    if SHUFFLE.free and st.button("Shuffle again", icon=":material/shuffle:"):
        seed = seed % LARGEST_SEED + 1
    params.put(SHUFFLE, str(seed))
    return seed


def pick_quantity(options: dict[str, str]) -> str:
    """What is shown of every trace."""
    return params.choose("Quantity", QUANTITY, options, default=next(iter(options)))


def pick_form() -> str:
    """Whether units are summed up or shown one by one."""
    return params.choose("Drawn as", FORM, pills=True)


def chosen_token(count: int) -> int | None:
    """The column that was clicked, from the URL; None if there is none among ``count``."""
    column = whole(params.asked(TOKEN))
    return column if column is not None and column < count else None


def choose_token(column: int, before: int | None) -> None:
    """Put a clicked column into the URL; a second click on it takes it out."""
    params.put(TOKEN, None if column == before else str(column))
