"""Models and traces shared by all visitors, and the state of one visitor's screen, which lives in the URL.

A cached model or trace is used by every visitor at once: nothing here or downstream changes one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, NoReturn

import streamlit as st

from core_models.trace import Site, Trace
from core_models.vocabulary import quantity
from pretrained.registry import READERS, Model, load, load_reader, parse_site, recipes
from pretrained.sequence_model import SequenceModel
from pretrained.task import Reading, StandIn

MODELS_KEPT = 40
TRACES_KEPT = 64
"""A trace of 256 tokens holds about 2 MB, so that the cache stays below about 130 MB."""

SELECTED = "at"
"""Name of the selected number in the URL: ``site.quantity.step.unit``, all counted as in the trace."""


@dataclass(frozen=True)
class Selection:
    """One number of a trace."""

    site: Site
    key: str
    step: int
    unit: int

    @property
    def address(self) -> str:
        """The selection as it stands in the URL."""
        return f"{self.site.key}.{self.key}.{self.step}.{self.unit}"


@st.cache_resource(max_entries=MODELS_KEPT, show_spinner=False)
def model(key: str) -> Model:
    """The classifier named ``key``, loaded once for everybody.

    Raises:
        ModelError: if it cannot be used; nothing is cached then.
    """
    return load(key)


def reader(key: str) -> SequenceModel:
    """The model named ``key``, of whatever family that reads one sequence, loaded once for everybody.

    Raises:
        ModelError: if it cannot be used; nothing is cached then.
    """
    return model(key) if key in recipes() else _reader(key)


@st.cache_resource(max_entries=MODELS_KEPT, show_spinner=False)
def _reader(key: str) -> SequenceModel:
    return load_reader(key)


@st.cache_resource(max_entries=TRACES_KEPT, show_spinner=False)
def traced(key: str, text: str | StandIn, _content: Any = None) -> tuple[Reading, Trace]:
    """What the model named ``key`` made of ``text``, or of the content that a name stands for; see ``Given.key``.

    Raises:
        InputError: if there is nothing in it that can be read.
        ModelError: if the model cannot be used.
    """
    loaded = reader(key)
    reading = loaded.task.read(text) if isinstance(text, str) else loaded.task.read(text.name, _content)
    return reading, loaded.trace(reading)


def preload() -> None:
    """Load every model and trace an example with each, so that the first visitor waits for nothing."""
    for key in (key for family in READERS for key in recipes(family)):
        loaded = reader(key)
        loaded.trace(loaded.task.read(loaded.task.examples[0].text))


PUBLISHED, WAITING, SCREEN, PAGE, LAST_SELECTED = "published", "waiting", "screen", "page", "last selected"
"""Keys of the session's own state: what was put into the URL and what waits for it, the address when a page was left,
and which page."""


def from_url(name: str, options: Collection[str] | None = None, *, meant: Callable[[str], str] = str) -> str | None:
    """Take a widget's value from the URL: when the page opens, and when the person goes back or forward.

    Call it before the widget with ``key=name``. What the URL holds is compared with what ``to_url`` last put there, so
    that a choice made in the widget is not undone by the address of the screen before. A widget that was not on the
    screen has no choice of its own, so that it takes whatever the URL holds.

    Args:
        name: of the widget and of the query parameter.
        options: what the widget can hold; anything is taken if None.
        meant: gives what the widget is to hold for what the URL asks for.

    Returns:
        What the URL asks for and ``options`` lacks; None if all is well.
    """
    asked = st.query_params.get(name)
    known = name in _waiting() or asked == _published().get(name)
    if asked is None or (known and name in st.session_state):
        return None
    if options is not None and asked not in options:
        return asked
    st.session_state[name] = meant(asked)
    return None


def to_url(name: str, value: str) -> None:
    """Let a widget's value stand in the URL once the page is drawn, so that the address restores it.

    Every change of the URL is a step to go back to: values that are put there one by one would each be one.
    """
    _waiting()[name] = value


def put_in_url(name: str, value: str | None) -> None:
    """Put what a person just chose into the URL at once, or take it out (None), whatever waits under that name."""
    _waiting().pop(name, None)
    if value is None:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != value:
        st.query_params[name] = value


def write_url() -> None:
    """Put everything into the URL that waits for it, in one step; call it when the page is drawn, however it ended."""
    waiting = st.session_state.pop(WAITING, {})
    changed = {name: value for name, value in waiting.items() if st.query_params.get(name) != value}
    if changed:
        st.query_params.update(changed)
    _published().update(waiting)


def end_page() -> NoReturn:
    """End the page early; nothing can be put into the URL once it has ended."""
    write_url()
    st.stop()


def stands_in_url(name: str) -> bool:
    """Whether this page, since it was opened, has put a value of that name into the URL."""
    return name in _published()


def address() -> dict[str, str]:
    """What stands in the URL, with what waits for it."""
    return st.query_params.to_dict() | _waiting()


def _waiting() -> dict[str, str]:
    return st.session_state.setdefault(WAITING, {})


def _published() -> dict[str, str]:
    return st.session_state.setdefault(PUBLISHED, {})


def return_to_screen(widget: str, page: str = "explore") -> None:
    """Take up what the person last looked at, on this page or another; call it before the page's widgets.

    Pages share the names of their choices, so that model and text stay the same from page to page. Streamlit gives the
    widgets of a page that was just opened no values, whatever their keys held on the page before: the address does.

    Args:
        widget: key of one of the page's widgets; it has no value where none of these pages was on screen before.
        page: name of the page.
    """
    if widget in st.session_state and st.session_state.get(PAGE, page) == page:
        st.session_state[PAGE] = page
        return
    st.session_state[PAGE] = page
    st.session_state[PUBLISHED] = {}
    if not st.query_params and SCREEN in st.session_state:
        st.query_params.from_dict(st.session_state[SCREEN])


def remember_screen() -> None:
    """Keep the address for ``return_to_screen``; call it when the page is drawn."""
    st.session_state[SCREEN] = address()


def select(selection: Selection | None) -> None:
    """Put the selected number into the URL, or take it out."""
    put_in_url(SELECTED, None if selection is None else selection.address)


def selected(trace: Trace) -> tuple[Selection | None, str]:
    """The selected number, if the URL names one that this trace holds, and otherwise a sentence that says why not."""
    address = st.query_params.get(SELECTED)
    if not address:
        return None, ""
    try:
        place, key, step, unit = address.split(".")
        found = Selection(parse_site(place), key, int(step), int(unit))
        shape = trace.array(found.site, key).shape
    except (ValueError, KeyError):
        return None, _missing(address)
    unit_count = 1 if quantity(key).dims == ("step",) else shape[-1]
    if not (0 <= found.step < len(trace.tokens_of(found.site)) and 0 <= found.unit < unit_count):
        return None, _missing(address)
    st.session_state[LAST_SELECTED] = address
    return found, ""


def _missing(address: str) -> str:
    """What to say of a number that the trace lacks: nothing if it was there until the text or model changed."""
    if address == st.session_state.get(LAST_SELECTED):
        select(None)
        return ""
    return "The number that this link points to is not in this picture; click any cell to choose another."
