"""A ``Param`` is one choice of a visitor, which lives in the address and is restored by it.

A widget takes up what the address asks for before it is drawn, and what it then holds waits until the page is drawn;
``end_run`` puts all that waits into the address in one step, so that one Back is one picture back. What an address
holds may be anything: each widget checks it, and falls back to its default.

Two words in the address shape the page for others, as for a class: ``lock=model,text`` shows these choices, but lets
nobody change them; ``hide=order,units`` does not show them at all. Both keep the values that the address gives.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, NoReturn, Self, TypeVar
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import StopException, get_script_run_ctx

from viz.kept import Kept

T = TypeVar("T")

_FOLDED: set[str] = set()
"""Names of the choices whose widgets stand in a menu that the browser draws only while it is open."""


class Param(str):
    """A choice: its name in the address, which is the key of its widget as well.

    Attributes:
        options: what can be chosen, name on screen by value; empty where that depends on the trace, or anything goes.
        default: what is chosen where nobody has.
        public: whether it stands in the address; if not, it ends with the session.
    """

    options: Mapping[str, str]
    default: str
    public: bool

    def __new__(
        cls,
        key: str,
        options: Mapping[str, str] | None = None,
        default: str = "",
        *,
        public: bool = True,
        folded: bool = False,
    ) -> Self:
        """A choice named ``key``; its default is the first option if none is given. See ``key_of`` for a folded one."""
        made = super().__new__(cls, key)
        made.options = options or {}
        made.default = default or next(iter(made.options), "")
        made.public = public
        if folded:
            _FOLDED.add(key)
        return made

    @property
    def locked(self) -> bool:
        """Whether the address forbids to change it."""
        return self in _named(LOCK)

    @property
    def hidden(self) -> bool:
        """Whether the address asks not to show it."""
        return self in _named(HIDE)

    @property
    def free(self) -> bool:
        """Whether whoever looks may change it."""
        return not (self.locked or self.hidden)


LOCK, HIDE = Param("lock"), Param("hide")
LANG = Param("lang")
"""The language; serving/history.js keeps it out of the steps of Back."""
TAB = Param("tab")
"""The open part of a page, which each page keeps for itself."""

_PUBLISHED, _WAITING = Kept[dict[str, str]]("published"), Kept[dict[str, str]]("waiting")
_PAGE, _SCREENS = Kept[str]("page"), Kept[dict[str, dict[str, str]]]("screens")
"""What was put into the address and what waits for it; which page is open; the last address of each page, the one that
was left last at the end."""
_LABELS = Kept[dict[str, str]]("labels of choices")
"""What the choices that were drawn on the open page are called on the screen."""


_RENEWED = Kept[dict[str, int]]("renewed")
"""How often a folded widget was given another value than it held, by the name of its choice."""


_PRESETS = threading.local()
"""While a page is drawn, in its thread: what its address locks and hides, which every widget asks for."""


def _named(preset: Param) -> list[str]:
    held: dict[Param, list[str]] = getattr(_PRESETS, "held", {})
    return held[preset] if preset in held else _read_preset(preset)


def _read_preset(preset: Param) -> list[str]:
    return re.findall("[a-z0-9-]+", asked(preset) or "")


# -- the address ------------------------------------------------------------------------------------------------------


def asked(param: Param) -> str | None:
    """What the address holds of a choice; None if nothing."""
    return st.query_params.get(param) if param.public else None


def take_up(
    param: Param, options: Collection[str] | None = None, *, meant: Callable[[str], str] | None = None
) -> str | None:
    """Give a widget its value from the address: when the page opens, and when the person goes back or forward.

    Call it before the widget. What the address holds is compared with what was last put there, so that a choice made in
    the widget is not undone by the address of the screen before. A widget that was not on the screen has no choice of
    its own, so that it takes whatever the address holds.

    Args:
        param: the choice.
        options: what the widget can hold; anything is taken if None.
        meant: makes the widget's value of what the address holds, where that only stands for it.

    Returns:
        What the address asks for and ``options`` lacks; None if all is well.
    """
    value = asked(param)
    known = param in _waiting() or value == _published().get(param)
    if value is None or (known and key_of(param) in st.session_state):
        return None
    if options is not None and value not in options:
        return value
    give_anew(param, value if meant is None else meant(value))
    if param in _published():  # at once: a person who goes on to another picture does not wait for this one's end
        _PUBLISHED.put(_published() | {str(param): value})
    return None


def let_stand(param: Param, value: str, label: str = "") -> None:
    """Let a widget's value stand in the address once the page is drawn, so that the address restores it.

    Every change of the address is a step to go back to: values that are put there one by one would each be one.
    ``label`` is what the choice is called on the screen.
    """
    if param.public:
        _waiting()[param] = value
        if label:
            labels()[param] = label


def labels() -> dict[str, str]:
    """What the choices that were drawn since this page was opened are called on the screen, by their names."""
    return _LABELS.get() or _LABELS.put({})


def put(param: Param, value: str | None) -> None:
    """Put what a person just chose into the address at once, or take it out (None), whatever waits for it.

    What is locked or hidden stays as it is.
    """
    if not param.free:
        return
    _waiting().pop(param, None)
    if value is None:
        st.query_params.pop(param, None)
    elif st.query_params.get(param) != value:
        st.query_params[param] = value


def open_at(query: Mapping[str, str]) -> None:
    """Show another picture on this page: take up these choices, and of all others their defaults.

    Call it before any widget is drawn, or from a callback.
    """
    for name in {*st.query_params, *_published(), *query}:
        _let_go(name)
    _WAITING.take()
    _PUBLISHED.put({})
    if st.query_params.to_dict() != query:
        st.query_params.from_dict(dict(query))
    _PRESETS.held = {preset: _read_preset(preset) for preset in (LOCK, HIDE)}


def stands(param: Param) -> bool:
    """Whether this page, since it was opened, has put a value of this choice into the address."""
    return param in _published()


def address() -> dict[str, str]:
    """What stands in the address, with what waits for it."""
    return st.query_params.to_dict() | _waiting()


def link_of(page: str, query: Mapping[str, str]) -> str:
    """The address of this page with what it is to show."""
    return f"{page.partition('?')[0]}?{urlencode(query)}"


def link(page: str, label: str, icon: str, query: Mapping[Param, str], *, closes: Param | None = None) -> None:
    """A way to another page; what is locked or hidden here is so there, but for the choice of the open part.

    A menu that it ``closes`` also leads to pictures of the page that is open already: they have the defaults of all
    that ``query`` does not name.
    """
    preset = {param: value for param in (LOCK, HIDE) if (value := _elsewhere(param, asked(param) or ""))}
    there = {str(param): value for param, value in (preset | dict(query)).items()}
    if closes is None or Path(page).stem != _PAGE.get():
        st.page_link(page, label=label, icon=icon, query_params=there)
    else:
        st.button(label, icon=icon, type="tertiary", key=f"to {there}", on_click=_show, args=(there, closes))


def _show(query: Mapping[str, str], menu: Param) -> None:
    open_at(query)
    give(menu, False)


def _along(screen: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """The screen of another page for one whose own last screen was ``own``, which keeps all that is about its parts."""
    found = {key: _elsewhere(key, value) for key, value in screen.items() if key != TAB}
    for preset in (LOCK, HIDE):
        if TAB in re.findall("[a-z0-9-]+", own.get(preset, "")):
            found[preset] = ",".join(filter(None, [found.get(preset, ""), TAB]))
    return {key: value for key, value in found.items() if value or key not in (LOCK, HIDE)} | {
        key: value for key, value in own.items() if key == TAB
    }


def _elsewhere(name: str, value: str) -> str:
    """What of a choice goes along to another page: which part is open, locked or hidden is a matter of each page."""
    if name not in (LOCK, HIDE):
        return value
    return ",".join(each for each in re.findall("[a-z0-9-]+", value) if each != TAB)


def _waiting() -> dict[str, str]:
    return _WAITING.get() or _WAITING.put({})


def _published() -> dict[str, str]:
    return _PUBLISHED.get() or _PUBLISHED.put({})


def begin_run(page: str, suits: Callable[[dict[str, str]], bool]) -> None:
    """Before a page is drawn: one that was just opened by its name alone takes up the last screen that it can show.

    Pages share the names of their choices, so that model and text stay the same from page to page; only which part is
    open each keeps for itself. Streamlit gives the widgets of a page that was just opened no values, whatever their
    keys held on the page before: the address does.

    Args:
        page: its name.
        suits: whether the page can show what the address of another page names.
    """
    if _PAGE.get() != page:
        _open_page(page, suits)
    elif is_step_back():
        open_at(st.query_params.to_dict())
    _PRESETS.held = {preset: _read_preset(preset) for preset in (LOCK, HIDE)}


def _open_page(page: str, suits: Callable[[dict[str, str]], bool]) -> None:
    """Take up the last screen that a page which was just opened by its name alone can show."""
    _PAGE.put(page)
    _PUBLISHED.put({})
    _LABELS.put({})
    for name in _named(HIDE):
        _let_go(name)
    if st.query_params:
        return
    screens = _SCREENS.get() or {}
    for name, screen in reversed(screens.items()):
        if name == page or suits(screen):
            st.query_params.from_dict(screen if name == page else _along(screen, screens.get(page, {})))
            return


def is_step_back() -> bool:
    """Whether the browser's Back or Forward led here: what the address does not hold has its default then."""
    run = get_script_run_ctx(suppress_warning=True)
    return run is not None and run.is_history_navigation


def end_run(*, remember: bool = True) -> None:
    """When a page is drawn, however it ended: put all that waits into the address, in one step, and remember it."""
    _PRESETS.held = {}
    waiting = _WAITING.take() or {}
    changed = {str(name): value for name, value in waiting.items() if st.query_params.get(name) != value}
    if changed:
        st.query_params.update(changed)
    _PUBLISHED.put(_published() | waiting)
    page = _PAGE.get()
    if remember and page and (shown := st.query_params.to_dict()):
        others = {name: screen for name, screen in (_SCREENS.get() or {}).items() if name != page}
        _SCREENS.put(others | {page: shown})


def end_page() -> NoReturn:
    """End the page early; what waits for the address is put there all the same, which ``st.stop`` would forbid."""
    raise StopException


# -- what widgets hold ------------------------------------------------------------------------------------------------


def key_of(name: str) -> str:
    """Key of the widget of a choice: its name, with a number once a folded one was given another value than it held.

    A browser tells the server what a widget last held there, and does not hear of another value while the menu around
    the widget is shut: the old value would come back with the next click. A widget of another key has no old value.
    """
    count = (_RENEWED.get() or {}).get(name) if name in _FOLDED else None
    return f"{name}~{count}" if count else str(name)


def held(param: Param, default: Any = None) -> Any:
    """What the widget of a choice holds; ``default`` where it is not on the screen and nobody gave it a value."""
    return st.session_state.get(key_of(param), default)


def give(param: Param, value: T) -> T:
    """Give a widget a value, before it is drawn or from a callback; returns it."""
    st.session_state[key_of(param)] = value
    return value


def give_anew(param: Param, value: T) -> T:
    """The same, where the browser may not draw the widget at the moment; see ``key_of``."""
    if param in _FOLDED and held(param, value) != value:
        _let_go(param)
    return give(param, value)


def drop(param: Param) -> None:
    """Give a widget back its default, whatever the address holds."""
    _let_go(param)


def _let_go(name: str) -> None:
    if st.session_state.pop(key_of(name), None) is not None and name in _FOLDED:
        renewed = _RENEWED.get() or {}
        _RENEWED.put(renewed | {name: renewed.get(name, 0) + 1})


def forget(*params: Param) -> None:
    """Give widgets back their defaults, and take them out of the address."""
    for param in params:
        drop(param)
        if param.public:
            put(param, None)


def chosen(param: Param, options: Collection[str] | None = None, default: str | None = None) -> str:
    """One of the options: what the widget holds, or will hold where it is drawn further below or not at all."""
    offered = param.options if options is None else options
    take_up(param, offered)
    value = held(param)
    return value if isinstance(value, str) and value in offered else param.default if default is None else default
