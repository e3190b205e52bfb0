"""Widgets of the Compare page: what is compared with what. Every choice is kept in the URL by its key."""

from __future__ import annotations

import streamlit as st

from pretrained.analysis.minimal_pairs import PAIRS
from pretrained.registry import ModelError, recipes, task_of
from pretrained.task import InputError, Task
from viz.compare.baselines import BASELINES
from viz.controls import TEXT, choose, escape
from viz.figures.trace import prediction
from viz.session import from_url, put_in_url, to_url, traced
from viz.whole_numbers import nearest, whole

MODE, MODELS, TASK, SECOND, PAIR, BASELINE, SHUFFLE, QUANTITY, FORM, TOKEN = (
    "mode", "models", "task", "second", "pair", "baseline", "shuffle", "quantity", "form", "token",
)  # fmt: skip
MODES = {"models": "Models on one text", "inputs": "Two texts on one model"}
FORMS = {"lines": "mean and range over units", "heatmaps": "unit by unit"}
MOST_MODELS = 4
LARGEST_SEED = 999_999
OPENED_WITH = 3
"""Models that the page opens with: the first of the list."""


def link_here(key: str, text: str) -> None:
    """On another page, the way to this one with a model and a text, and the first other models of the task."""
    others = [other.key for other in recipes().values() if other.task == recipes()[key].task and other.key != key]
    query = {MODELS: ",".join([key, *others[: OPENED_WITH - 1]]), TEXT: text}
    label = "Compare with other models"
    st.page_link("app_pages/compare.py", label=label, icon=":material/compare_arrows:", query_params=query)


def pick_mode() -> str:
    """Whether models or inputs are compared."""
    return choose("Compare", MODE, MODES, default="models", pills=True)


def pick_models() -> list[str]:
    """Keys of two to four models of one task; what the URL asks for and cannot have is answered with sentences."""
    asked = _asked_models()
    tasks = {recipe.task: task_of(recipe).title for recipe in recipes().values() if answers_by_token(recipe.task)}
    if TASK not in st.session_state and asked:
        st.session_state[TASK] = recipes()[asked[0]].task
    task = choose("Task", TASK, tasks, default=next(iter(tasks)), pills=True) if len(tasks) > 1 else next(iter(tasks))
    titles = {key: recipe.title for key, recipe in recipes().items() if recipe.task == task}
    if any(key not in titles for key in st.session_state.get(MODELS, ())) or MODELS not in st.session_state:
        kept = [key for key in asked if key in titles]
        st.session_state[MODELS] = kept or list(titles)[:OPENED_WITH]
    chosen = st.multiselect(
        "Models", list(titles), format_func=titles.__getitem__, key=MODELS, max_selections=MOST_MODELS,
        placeholder="Choose two to four models",
    )  # fmt: skip
    to_url(MODELS, ",".join(chosen))
    return chosen


@st.cache_data(show_spinner=False)
def answers_by_token(task_key: str) -> bool:
    """Whether the models of a task hold a probability after each token, as far as the first of them tells."""
    for recipe in recipes().values():
        if recipe.task == task_key:
            try:
                return bool(prediction.targets(traced(recipe.key, task_of(recipe).examples[0].text)[1]))
            except (InputError, ModelError):
                continue
    return False


def _asked_models() -> list[str]:
    """Put the models that the URL names into the widget's state; returns what the widget will hold."""
    from_url(MODELS)
    asked = st.session_state.get(MODELS, [])
    if not isinstance(asked, str):
        return list(asked)
    keys = [part.strip() for part in asked.split(",") if part.strip()]
    found = [key for key in dict.fromkeys(keys) if key in recipes()]
    alike = [key for key in found if recipes()[key].task == recipes()[found[0]].task]
    for sentence in _complaints(keys, found, alike):
        st.warning(sentence, icon=":material/link_off:")
    if alike:
        st.session_state[MODELS] = alike[:MOST_MODELS]
    else:
        del st.session_state[MODELS]
    return alike[:MOST_MODELS]


def _complaints(keys: list[str], found: list[str], alike: list[str]) -> list[str]:
    """What is wrong with the models that a URL names, in sentences."""
    unknown = [f"“{escape(key[:60])}”" for key in dict.fromkeys(keys) if key not in found]
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
    from_url(TEXT)
    from_url(SECOND)
    if SECOND in st.session_state:
        return
    pairs, text = PAIRS.get(task.key, ()), st.session_state.get(TEXT, task.examples[0].text)
    if pairs and text == task.examples[0].text:
        st.session_state[TEXT], st.session_state[SECOND] = pairs[0].first, pairs[0].second
    else:
        st.session_state[SECOND] = text


def type_second(task: Task) -> str:
    """The second text, from its box."""
    text = st.text_input(
        "Type the second text", key=SECOND, live="200ms", max_chars=task.characters,
        placeholder="The same text with a word changed, for example",
    )  # fmt: skip
    to_url(SECOND, text or "")
    return text or ""


def pick_pair(task: Task) -> None:
    """The gallery of pairs: one click puts both texts into their boxes."""
    pairs = {pair.title: pair for pair in PAIRS.get(task.key, ())}

    def use() -> None:
        chosen = st.session_state[PAIR]
        if chosen:
            st.session_state[TEXT], st.session_state[SECOND] = pairs[chosen].first, pairs[chosen].second
            st.session_state[PAIR] = None

    if pairs:
        st.pills("Pairs", list(pairs), key=PAIR, on_change=use, label_visibility="collapsed")


def explain_pair(task: Task, first: str, second: str) -> None:
    """Why a pair of the gallery is worth a look, while it is in the boxes."""
    for pair in PAIRS.get(task.key, ()):
        if (first, second) == (pair.first, pair.second):
            st.caption(f"**{pair.title}.** {pair.why}")


def pick_baseline() -> tuple[str, int]:
    """What is drawn beside the comparison, to hold it against, and the seed of the shuffled order."""
    baseline = choose("Beside it, a baseline", BASELINE, BASELINES, default="none", pills=True)
    return baseline, _pick_shuffle() if baseline == "shuffled" else 1


def _pick_shuffle() -> int:
    """Seed of the shuffled order, which a button changes."""
    seed = nearest(st.query_params.get(SHUFFLE, ""), range(1, LARGEST_SEED + 1), 1)
    if st.button("Shuffle again", icon=":material/shuffle:"):
        seed = seed % LARGEST_SEED + 1
    put_in_url(SHUFFLE, str(seed))
    return seed


def pick_quantity(options: dict[str, str]) -> str:
    """What is shown of every trace."""
    return choose("Quantity", QUANTITY, options, default=next(iter(options)))


def pick_form() -> str:
    """Whether units are summed up or shown one by one."""
    return choose("Drawn as", FORM, FORMS, default="lines", pills=True)


def chosen_token(count: int) -> int | None:
    """The column that was clicked, from the URL; None if there is none among ``count``."""
    column = whole(st.query_params.get(TOKEN, ""))
    return column if column is not None and column < count else None


def choose_token(column: int, before: int | None) -> None:
    """Put a clicked column into the URL; a second click on it takes it out."""
    put_in_url(TOKEN, None if column == before else str(column))
