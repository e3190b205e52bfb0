"""Widgets with which a person chooses: the text, the model, how views are drawn.

Every choice that changes the picture is bound to the URL, so that a pasted address restores the screen.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

import streamlit as st

from core_models.trace import Site, Trace
from core_models.vocabulary import Kind
from pretrained.recipe import Recipe
from pretrained.registry import any_task_of, every_recipe, recipes
from viz import stand_ins
from viz.figures.parts.order import ORDERS, available_orders
from viz.session import address, from_url, stands_in_url, to_url
from viz.view import Target
from viz.whole_numbers import whole

TEXT, MODEL, EXAMPLE, ORDER, LAYER, UNITS, STAGE, HEAD, SPACE = (
    "text", "model", "example", "order", "layer", "units", "stage", "head", "space",
)  # fmt: skip
STAGES = {"scores": "1 scores", "mask": "2 mask", "softmax": "3 softmax without mask", "weights": "4 weights"}
MOST_UNITS = 8
LONGEST_IN_URL = 4000
"""Characters of a text that the address holds; of a longer one it holds a name."""

CHANGED = "changed to"
"""Key of the session's own state: the model that was just chosen in place of one of another task."""

TYPED = "typed text"
"""Key of the session's own state: what a person typed last, for when a model that reads text is chosen again."""

LEFT = "texts that were left"
"""Key of the session's own state: by task, what its box held when a file opened a model of another task."""

BOX = "box of the text"
"""Key of the kind of box that holds the text: of one ``line``, or of several ``lines``."""


def choose(label: str, name: str, options: Mapping[str, str], *, default: str, pills: bool = False) -> str:
    """One of ``options`` (key: name on screen), kept in the URL by its key; falls back to ``default``.

    What is chosen is also given as the widget's own default: a browser that is slow to draw it, while the page is run
    again, would otherwise show the first option.
    """
    from_url(name, options)
    if st.session_state.get(name) not in options:
        st.session_state[name] = default
    keys, chosen = list(options), st.session_state[name]
    if pills:
        shown = st.segmented_control(
            label, keys, format_func=options.__getitem__, key=name, required=True, default=chosen
        )
    else:
        shown = st.selectbox(label, keys, format_func=options.__getitem__, key=name, index=keys.index(chosen))
    chosen = shown or default
    to_url(name, chosen)
    return chosen


def slide(label: str, name: str, options: Mapping[str, str], *, default: str, help: str | None = None) -> str:
    """One of ``options`` on a slider, kept in the URL by its key."""
    from_url(name, options)
    if st.session_state.get(name) not in options:
        st.session_state[name] = default
    held = st.session_state[name]  # also as default: see ``choose``
    chosen = st.select_slider(label, list(options), format_func=options.__getitem__, key=name, help=help, value=held)
    to_url(name, chosen)
    return chosen


def pick_model(offered: Mapping[str, Recipe] | None = None) -> str:
    """Key of the chosen model; a name in the URL that no model has is answered with a sentence.

    Args:
        offered: the models to choose from; the classifiers if None.
    """
    titles = {key: recipe.title for key, recipe in (recipes() if offered is None else offered).items()}
    missing = from_url(MODEL, titles)
    if missing in every_recipe():
        title = escape(every_recipe()[missing].title)
        st.info(
            f"The model “{title}” is for another page; here is one that this page can show.", icon=":material/info:"
        )
    elif missing is not None:
        st.warning(
            f"There is no model named “{escape(missing)}”; choose one from this list.", icon=":material/link_off:"
        )
    if st.session_state.get(MODEL) not in titles:
        st.session_state[MODEL] = next(iter(titles))
    if missing in every_recipe() and any_task_of(every_recipe()[missing]).characters == 0:
        _change_task()  # what the address names is no text for a box
    chosen = st.selectbox("Model", list(titles), format_func=titles.__getitem__, key=MODEL, on_change=_change_task)
    to_url(MODEL, chosen)
    return chosen


def chosen_model() -> str:
    """Key of the model that ``pick_model`` holds."""
    return st.session_state[MODEL]


def _change_task() -> None:
    """Another model was chosen: where its task is another one, an example of the old task gives way to one of its own.

    What a person typed stays, or comes back where a file opened the model that is left now.
    """
    chosen = every_recipe().get(st.session_state.get(MODEL, ""))
    before = every_recipe().get(st.query_params.get(MODEL, ""))
    if chosen is None or before is None or chosen.task == before.task:
        return
    text, left = _held_text(), any_task_of(before)
    reads_text, kept = left.characters > 0, _left()
    kept.pop(before.task, None)
    if chosen.task in kept:
        st.session_state[TEXT] = kept.pop(chosen.task)
        kept[before.task] = text or ""
    elif reads_text and text is not None and text not in {example.text for example in left.examples}:
        st.session_state[TYPED] = st.session_state[TEXT] = text
    elif reads_text or TYPED not in st.session_state:
        st.session_state[TEXT] = any_task_of(chosen).examples[0].text
    else:
        st.session_state[TEXT] = st.session_state[TYPED]
    to_url(TEXT, in_url(st.session_state[TEXT]))
    st.session_state[CHANGED] = chosen.key


def change_model(key: str) -> None:
    """Choose the model named ``key`` as if it were by hand; call it from a callback."""
    st.session_state[MODEL] = key
    _change_task()


def open_with(key: str, text: str) -> None:
    """Show a text from a file with the model named ``key``; call it from a callback.

    Where its task is another one, what the box held is kept for the way back.
    """
    if every_recipe()[key].task != every_recipe()[chosen_model()].task:
        leave_text()
        _left().pop(every_recipe()[key].task, None)
    if key != chosen_model():
        to_url(TEXT, in_url(text))
    st.session_state[MODEL], st.session_state[TEXT] = key, text


def leave_text() -> None:
    """Keep what the box holds until a model of the same task is chosen again."""
    held = _held_text()
    if held is not None:
        _left()[every_recipe()[chosen_model()].task] = held


def _left() -> dict[str, str]:
    return st.session_state.setdefault(LEFT, {})


def in_url(text: str) -> str:
    """What stands for a text in the address: itself, or a name where it is long or could be taken for such a name."""
    return stand_ins.name_of(text) if len(text) > LONGEST_IN_URL or stand_ins.is_name(text) else text


def _held_text() -> str | None:
    """What the box holds, or would hold by the address."""
    asked = st.query_params.get(TEXT)
    by_address = stand_ins.text_of(asked) if asked and stand_ins.is_name(asked) else asked
    return st.session_state.get(TEXT, by_address)


def type_text(task: Any, opening: str | None = None, label: str = "Type an English sentence") -> str:
    """The person's text, from the box or from an example; the URL's text when the page opens, or else ``opening``."""
    _open_text(task, "line", opening)
    text = st.text_input(
        label,
        st.session_state[TEXT],  # also as default: see ``choose``
        key=TEXT,
        live="200ms",
        max_chars=task.characters,
        placeholder="Type a sentence: the network reads it as you type",
    )
    to_url(TEXT, in_url(text or ""))
    return text or ""


def type_lines(task: Any, label: str) -> str:
    """The person's text of several lines, from the box or from an example; the URL's text when the page opens.

    A text too long for an address is kept in the session, and the address holds a name that stands for it.
    """
    _open_text(task, "lines")
    held = st.session_state[TEXT]  # also as default: see ``choose``
    text = st.text_area(label, held, key=TEXT, max_chars=task.characters, height=140) or ""
    to_url(TEXT, in_url(text))
    return text


def _open_text(task: Any, box: str, opening: str | None = None) -> None:
    """Give a box its text: what the address asks for or the person had, and no more of it than the box takes."""
    before, opens = st.session_state.get(TEXT), not stands_in_url(TEXT)
    from_url(TEXT, meant=partial(_meant, task))
    came = opens or st.session_state.get(TEXT) != before
    if TEXT not in st.session_state or (came and _names_no_text()):
        st.session_state[TEXT] = st.session_state.get(TYPED, opening or task.examples[0].text)
    if len(st.session_state[TEXT]) > task.characters:
        st.info(
            f"This model takes {task.characters:,} characters; the rest was left out.", icon=":material/content_cut:"
        )
        st.session_state[TEXT] = st.session_state[TEXT][: task.characters]
    _take_over(box)


def _names_no_text() -> bool:
    """Whether the text in the address is the name of a sound or a series, for a model that reads such."""
    reader = every_recipe().get(address().get(MODEL, ""))
    return reader is not None and not any_task_of(reader).characters


def _meant(task: Any, asked: str) -> str:
    """The text that the address asks for; where it is the name of a long one that is not here, that is said."""
    if not stand_ins.is_name(asked):
        return asked
    held = stand_ins.text_of(asked)
    if held is None:
        st.info(
            "This address stands for a text that is too long for an address and was never stored: paste it again.",
            icon=":material/content_paste:",
        )
    return task.examples[0].text if held is None else held


def _take_over(box: str) -> None:
    """Give the text to a box of another kind than the one that held it; its value would be lost with its widget.

    Not in every run: a value that is given anew overwrites what the person is typing at that moment.
    """
    if st.session_state.get(BOX, box) != box:
        st.session_state[TEXT] = st.session_state[TEXT]
    st.session_state[BOX] = box


def pick_example(task: Any) -> None:
    """The gallery: one click puts an example into the box."""
    texts = {example.title: example.text for example in task.examples}

    def use() -> None:
        chosen = st.session_state[EXAMPLE]
        if chosen:
            st.session_state[TEXT] = texts[chosen]
            st.session_state[EXAMPLE] = None

    st.pills("Examples", list(texts), key=EXAMPLE, on_change=use, label_visibility="collapsed", wrap=True)


def escape(text: str) -> str:
    """``text`` so that Markdown, LaTeX and colour directives in it show as typed."""
    return "".join(f"\\{sign}" if sign in r"\`*_{}[]()<>#+-.!|~$:&" else sign for sign in text)


def pick_layer(trace: Trace, name: str = LAYER) -> Site:
    """The layer and direction whose gates and states are shown; the last one read forward if nothing is chosen.

    Args:
        trace: whose layers.
        name: of the choice in the URL; views that stand on one page with others of their own layer have their own.
    """
    sites, last = _layers(trace)
    if len(sites) == 1:
        return sites[last]
    labels = {key: site.label for key, site in sites.items()}
    return sites[choose("Layer and direction", name, labels, default=last, pills=True)]


def chosen_layer(trace: Trace) -> Site:
    """The layer and direction that ``pick_layer`` holds or will hold, for what stands above it on the page."""
    sites, last = _layers(trace)
    return sites[last if len(sites) == 1 else _held(LAYER, sites, last)]


def _layers(trace: Trace) -> tuple[dict[str, Site], str]:
    """Layers and directions by key, and the key of the last that is read forward."""
    sites = {site.key: site for site in trace.sites(Kind.STATE)}
    return sites, [key for key, site in sites.items() if site.direction == "forward"][-1]


def _held(name: str, options: Collection[str], default: str) -> str:
    """What the widget of a choice holds, or will hold where it is drawn further below."""
    from_url(name, options)
    held = str(st.session_state.get(name, default))
    return held if held in options else default


def pick_order(trace: Trace, target: Target) -> str:
    """How the units are ordered from top to bottom."""
    orders = {key: ORDERS[key] for key in available_orders(trace, target)}
    return choose("Order of units", ORDER, orders, default="index")


def chosen_order(trace: Trace, target: Target) -> str:
    """The order that ``pick_order`` holds or will hold, for what stands above it on the page."""
    return _held(ORDER, available_orders(trace, target), "index")


def pick_units(trace: Trace, target: Target) -> tuple[int, ...]:
    """Units whose lines are drawn; none leaves the choice to the view."""
    count = trace.array(target.site, target.key).shape[1]
    if from_url(UNITS) is None and isinstance(asked := st.session_state.get(UNITS), str):
        known = {str(unit): unit for unit in range(count)}
        parts = dict.fromkeys(asked.split(","))
        st.session_state[UNITS] = [known[part] for part in parts if part in known][:MOST_UNITS]
    chosen = st.multiselect(
        "Units to follow", list(range(count)), key=UNITS, max_selections=MOST_UNITS,
        placeholder="those of most influence" if (target.site, "influence") in trace else "those that move most",
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
    return whole(st.session_state.get(HEAD)) or 0


def pick_space() -> int:
    """Two or three dimensions for the trajectory."""
    return int(choose("Dimensions", SPACE, {"2": "2-D", "3": "3-D"}, default="2", pills=True))
