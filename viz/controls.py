"""Widgets with which a person chooses: the text, the model, how views are drawn.

Every choice that changes the picture is bound to the URL, so that a pasted address restores the screen.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core_models.trace import Site, Trace
from core_models.vocabulary import Kind
from pretrained.registry import recipes
from pretrained.task import Task
from viz.figures.order import ORDERS, available_orders
from viz.session import from_url, to_url
from viz.view import Target

TEXT, MODEL, EXAMPLE, ORDER, LAYER, UNITS, STAGE, HEAD, SPACE = (
    "text", "model", "example", "order", "layer", "units", "stage", "head", "space",
)  # fmt: skip
STAGES = {"scores": "1 scores", "mask": "2 mask", "softmax": "3 softmax without mask", "weights": "4 weights"}
MOST_UNITS = 8


def choose(label: str, name: str, options: Mapping[str, str], *, default: str, pills: bool = False) -> str:
    """One of ``options`` (key: name on screen), kept in the URL by its key; falls back to ``default``."""
    from_url(name, options)
    if st.session_state.get(name) not in options:
        st.session_state[name] = default
    if pills:
        shown = st.segmented_control(label, list(options), format_func=options.__getitem__, key=name, required=True)
    else:
        shown = st.selectbox(label, list(options), format_func=options.__getitem__, key=name)
    chosen = shown or default
    to_url(name, chosen)
    return chosen


def pick_model() -> str:
    """Key of the chosen model; a name in the URL that no model has is answered with a sentence."""
    titles = {key: recipe.title for key, recipe in recipes().items()}
    missing = from_url(MODEL, titles)
    if missing is not None:
        st.warning(
            f"There is no model named “{escape(missing)}”; choose one from this list.", icon=":material/link_off:"
        )
    return choose("Model", MODEL, titles, default=next(iter(titles)))


def type_text(task: Task, opening: str | None = None) -> str:
    """The person's text, from the box or from an example; the URL's text when the page opens, or else ``opening``."""
    from_url(TEXT)
    if TEXT not in st.session_state:
        st.session_state[TEXT] = opening or task.examples[0].text
    text = st.text_input(
        "Type an English sentence",
        key=TEXT,
        live="200ms",
        max_chars=task.characters,
        placeholder="Type a sentence: the network reads it as you type",
    )
    to_url(TEXT, text or "")
    return text or ""


def pick_example(task: Task) -> None:
    """The gallery: one click puts an example into the box."""
    texts = {example.title: example.text for example in task.examples}

    def use() -> None:
        chosen = st.session_state[EXAMPLE]
        if chosen:
            st.session_state[TEXT] = texts[chosen]
            st.session_state[EXAMPLE] = None

    st.pills("Examples", list(texts), key=EXAMPLE, on_change=use, label_visibility="collapsed")


def escape(text: str) -> str:
    """``text`` so that Markdown, LaTeX and colour directives in it show as typed."""
    return "".join(f"\\{sign}" if sign in r"\`*_{}[]()<>#+-.!|~$:&" else sign for sign in text)


def pick_layer(trace: Trace) -> Site:
    """The layer and direction whose gates and states are shown; the last one read forward if nothing is chosen."""
    sites = {site.key: site for site in trace.sites(Kind.STATE)}
    last = [key for key, site in sites.items() if site.direction == "forward"][-1]
    if len(sites) == 1:
        return sites[last]
    labels = {key: site.label for key, site in sites.items()}
    return sites[choose("Layer and direction", LAYER, labels, default=last, pills=True)]


def pick_order(trace: Trace, target: Target) -> str:
    """How the units are ordered from top to bottom."""
    orders = {key: ORDERS[key] for key in available_orders(trace, target)}
    return choose("Order of units", ORDER, orders, default="index")


def pick_units(count: int) -> tuple[int, ...]:
    """Units whose lines are drawn; none leaves the choice to the view."""
    if from_url(UNITS) is None and isinstance(asked := st.session_state.get(UNITS), str):
        known = {str(unit): unit for unit in range(count)}
        st.session_state[UNITS] = [known[part] for part in asked.split(",") if part in known][:MOST_UNITS]
    chosen = st.multiselect(
        "Units to follow", list(range(count)), key=UNITS, max_selections=MOST_UNITS,
        placeholder="the most influential ones",
    )  # fmt: skip
    to_url(UNITS, ",".join(map(str, chosen)))
    return tuple(chosen)


def pick_stage() -> str:
    """Stage of attention on the way from scores to weights."""
    return choose("Stage of attention", STAGE, STAGES, default="weights", pills=True)


def pick_head(count: int) -> int:
    """Attention head, counted from 0; nothing to choose where there is one."""
    if count == 1:
        st.session_state.pop(HEAD, None)  # of a model seen before
        return 0
    heads = {str(head): f"head {head + 1}" for head in range(count)}
    return int(choose("Head", HEAD, heads, default="0", pills=True))


def chosen_head() -> int:
    """The head that ``pick_head`` holds, where the number to explain stands outside the attention section."""
    return int(st.session_state.get(HEAD, "0"))


def pick_space() -> int:
    """Two or three dimensions for the trajectory."""
    return int(choose("Dimensions", SPACE, {"2": "2-D", "3": "3-D"}, default="2", pills=True))
