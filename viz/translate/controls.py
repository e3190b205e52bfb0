"""Widgets of the Translate page: the source, the model, the search, and which part of the page is open."""

from __future__ import annotations

import streamlit as st

from core_models.trace import Trace
from pretrained.kinds.translation import PairTask
from pretrained.recipe import Recipe
from pretrained.registry import every_recipe, task_of
from viz.controls import EXAMPLE, HEAD, MODEL, SPACE, choose, escape, slide
from viz.session import PUBLISHED, SELECTED, address, from_url, put_in_url, to_url
from viz.translate.answers import translators

SOURCE, WIDTH, PENALTY, EDITS, SECTION, REFERENCE = "source", "width", "penalty", "edits", "show", "reference"
SCREEN = "translate screen"
"""Key of the address that this page had when it was left."""

WIDTHS = {str(width): "1 (greedy)" if width == 1 else str(width) for width in range(1, 9)}
PENALTIES = {f"{tenths / 10:g}": "0 (none)" if tenths == 0 else f"{tenths / 10:g}" for tenths in range(0, 21, 2)}

SECTIONS = {
    "search": "Candidates and beam",
    "change": "What if",
    "score": "Another score",
    "reference": "Against a reference",
    "lengths": "Score by length",
    "words": "Which source words",
    "gates": "Gates and states",
    "paths": "Paths",
    "model": "About this model",
}


def return_to_screen() -> None:
    """Restore the address that the page had when the person left it; call it before the page's widgets."""
    if SOURCE in st.session_state:
        return
    st.session_state[PUBLISHED] = {}
    if not st.query_params and SCREEN in st.session_state:
        st.query_params.from_dict(st.session_state[SCREEN])


def remember_screen() -> None:
    """Keep the address for ``return_to_screen``; call it when the page is drawn."""
    st.session_state[SCREEN] = address()


def pick_translator() -> str:
    """Key of the chosen translator; a name in the URL that no translator has is answered with a sentence."""
    titles = {key: _title(recipe) for key, recipe in translators().items()}
    missing = from_url(MODEL, titles)
    if missing in every_recipe():
        st.warning(
            f"The model “{escape(missing)}” does not translate, it belongs to the Explore page; choose one from this "
            "list.", icon=":material/link_off:",
        )  # fmt: skip
    elif missing is not None:
        st.warning(
            f"There is no model named “{escape(missing)}”; choose one from this list.", icon=":material/link_off:"
        )
    if st.session_state.get(MODEL) not in titles:
        st.session_state[MODEL] = next(iter(titles))
    chosen = st.selectbox("Task and model", list(titles), format_func=titles.__getitem__, key=MODEL, on_change=_leave)
    to_url(MODEL, chosen)
    return chosen


def _title(recipe: Recipe) -> str:
    """Task and model, each once."""
    task = task_of(recipe).title
    return recipe.title if recipe.title.startswith(task) else f"{task}: {recipe.title}"


def type_source(task: PairTask) -> str:
    """The person's source, from the box or from an example; the URL's when the page opens."""
    from_url(SOURCE)
    if SOURCE not in st.session_state:
        st.session_state[SOURCE] = task.examples[0].text
    text = st.text_input(
        f"Source: {task.question}", key=SOURCE, live="200ms", max_chars=task.characters, on_change=forget_edits,
        placeholder="Type here: the network writes as you type",
    )  # fmt: skip
    to_url(SOURCE, text or "")
    return text or ""


def pick_example(task: PairTask, source: str) -> None:
    """The gallery: one click puts an example into the box; below stands what to look for in it."""
    texts = {example.title: example.text for example in task.examples}

    def use() -> None:
        chosen = st.session_state[EXAMPLE]
        if chosen in texts:
            st.session_state[SOURCE] = texts[chosen]
            st.session_state[EXAMPLE] = None
            forget_edits()

    st.pills("Examples", list(texts), key=EXAMPLE, on_change=use, label_visibility="collapsed")
    why = next((f"**{escape(e.title)}.** {escape(e.why)}" for e in task.examples if e.text == source), "")
    if why:
        st.caption(why)


def pick_search(task: PairTask) -> tuple[str, str]:
    """Width of the beam and length penalty, as they stand in the URL."""
    width = slide("Beam width", WIDTH, WIDTHS, default=str(min(task.search.width, 8)))
    penalty = slide("Length penalty", PENALTY, PENALTIES, default=f"{task.search.penalty:g}")
    return width, penalty


def chosen_search(task: PairTask) -> tuple[str, str]:
    """What ``pick_search`` holds, where it stands further down the page or is not shown."""
    found = []
    for name, options, default in (
        (WIDTH, WIDTHS, str(min(task.search.width, 8))),
        (PENALTY, PENALTIES, f"{task.search.penalty:g}"),
    ):
        asked = st.query_params.get(name)
        held = st.session_state.get(name) or asked
        fresh = asked if asked in options and asked != st.session_state.get(PUBLISHED, {}).get(name) else held
        found.append(fresh if fresh in options else default)
    return found[0], found[1]


def pick_section() -> str:
    """The part of the page that is open below the alignment."""
    return choose("Look closer", SECTION, SECTIONS, default="search", pills=True)


def pick_head(trace: Trace, count: int) -> str:
    """A head by its number from 0, or ``mean`` or ``max`` over all; nothing to choose where there is one."""
    if count == 1:
        st.session_state.pop(HEAD, None)
        return "0"
    heads = {"mean": "mean of heads", "max": "largest of heads"} | {str(h): f"head {h + 1}" for h in range(count)}
    return choose("Head", HEAD, heads, default="mean", pills=True)


def pick_space() -> int:
    """Two or three dimensions for the paths."""
    return int(choose("Dimensions", SPACE, {"2": "2-D", "3": "3-D"}, default="2", pills=True))


def put_edits(address: str) -> None:
    """Put the what-ifs into the URL, or take them out."""
    put_in_url(EDITS, address or None)


def forget_edits() -> None:
    """Take out what belongs to one source: the what-ifs, the selected number, the typed reference."""
    for name in (EDITS, SELECTED, REFERENCE):
        put_in_url(name, None)
    st.session_state.pop(REFERENCE, None)


def _leave() -> None:
    """Another model: its own task's example and search, unless the task is the same."""
    forget_edits()
    for name in (WIDTH, PENALTY):
        st.session_state.pop(name, None)
        put_in_url(name, None)
