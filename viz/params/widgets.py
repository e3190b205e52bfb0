"""Widgets whose value is a ``Param``: each is drawn with what the address asks for, and lets its value stand there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal

import streamlit as st

from core_models.language import say
from viz.params.address import Param, asked, chosen, give, held, key_of, let_stand, take_up
from viz.params.whole_numbers import nearest


def choose(
    label: str,
    param: Param,
    options: Mapping[str, str] | None = None,
    *,
    default: str | None = None,
    pills: bool = False,
    titled: bool = True,
    width: int | Literal["stretch"] = "stretch",
    on_change: Callable[[], None] | None = None,
    rare: bool = False,
) -> str:
    """One of ``options`` (value: name on screen), those of the choice if none are given; ``titled`` shows the label.

    A ``rare`` choice stands in the address once it is made, so that a menu that is opened does not change the address.

    ``width``, in pixels, is that of a list; pills are as wide as what stands on them.

    What is chosen is also given as the widget's own default: a browser that is slow to draw it, while the page is run
    again, would otherwise show the first option.
    """
    offered = _names(param) if options is None else options
    value = give(param, chosen(param, offered, default))
    if not param.hidden:
        keys, name, locked = list(offered), offered.__getitem__, param.locked
        visible = "visible" if titled else "collapsed"
        if pills:
            shown = st.segmented_control(
                label, keys, format_func=name, key=key_of(param), required=True, default=value, disabled=locked,
                on_change=on_change, label_visibility=visible, wrap=True,
            )  # fmt: skip
        else:
            shown = st.selectbox(
                label, keys, format_func=name, key=key_of(param), index=keys.index(value), disabled=locked,
                on_change=on_change, label_visibility=visible, width=width,
            )  # fmt: skip
        value = shown or value
    if not rare or value != param.default or asked(param):
        let_stand(param, value, label)
    return value


def _names(param: Param) -> dict[str, str]:
    """The options of a choice, with their names on screen."""
    return {value: say(name) for value, name in param.options.items()}


def slide(
    label: str,
    param: Param,
    options: Mapping[str, str] | None = None,
    *,
    default: str | None = None,
    help: str | None = None,
) -> str:
    """One of ``options`` on a slider."""
    offered = _names(param) if options is None else options
    value = give(param, chosen(param, offered, default))  # also as default: see ``choose``
    if not param.hidden:
        name, locked = offered.__getitem__, param.locked
        value = st.select_slider(label, list(offered), value, name, key=key_of(param), help=help, disabled=locked)
    let_stand(param, value, label)
    return value


def number(
    label: str, param: Param, allowed: range, default: int, *, slider: bool = False, help: str | None = None
) -> int:
    """A whole number, the nearest allowed one to what the address asks for."""
    take_up(param)
    value = give(param, nearest(held(param, default), allowed, default))
    if not param.hidden:
        first, last, locked = allowed[0], allowed[-1], param.locked
        if slider:
            value = st.slider(label, first, last, value, key=key_of(param), help=help, disabled=locked)
        else:
            value = st.number_input(label, first, last, value, key=key_of(param), help=help, step=1, disabled=locked)
    let_stand(param, str(value), label)
    return int(value)


def several(
    label: str,
    param: Param,
    options: Mapping[str, str],
    *,
    most: int,
    default: Sequence[str] = (),
    placeholder: str = "",
) -> list[str]:
    """Up to ``most`` of ``options``; ``take_up`` the choice first. What else the address asks for is left out."""
    value = held(param, list(default))
    parts = value.split(",") if isinstance(value, str) else value
    value = give(param, [part for part in dict.fromkeys(parts) if part in options][:most])
    if not param.hidden:
        value = st.multiselect(
            label, list(options), format_func=options.__getitem__, key=key_of(param), max_selections=most,
            placeholder=placeholder, disabled=param.locked,
        )  # fmt: skip
    let_stand(param, ",".join(value), label)
    return value


MOST_TYPED = 200_000
"""Characters that any box takes."""


def text(
    label: str,
    param: Param,
    default: str = "",
    *,
    characters: int,
    placeholder: str | None = None,
    height: int | None = None,
    stand_in: Callable[[str], str] = str,
    titled: bool = True,
    on_change: Callable[[], None] | None = None,
) -> str:
    """What a person typed, in a box of one line, or of the given ``height`` of several.

    Args:
        label: of the box.
        param: the choice; ``take_up`` it first.
        default: where nobody typed anything.
        characters: the most that is read. The box takes more, so that nothing is lost where more is pasted: a browser
            would refuse it without a word. Who reads it says what is left out.
        placeholder: what stands in it while it is empty.
        height: of a box of several lines, in pixels.
        stand_in: what stands in the address for what was typed.
        titled: whether the label is shown; else it is for those alone who hear the page.
        on_change: called when it was changed.
    """
    most = max(characters, MOST_TYPED)
    value = give(param, str(held(param, default))[:most])
    if not param.hidden:  # what it holds is also its default: see ``choose``
        visible = "visible" if titled else "collapsed"
        if height is None:
            value = st.text_input(
                label, value, key=key_of(param), live=True, max_chars=most, placeholder=placeholder,
                on_change=on_change, disabled=param.locked, label_visibility=visible,
            )  # fmt: skip
        else:
            value = st.text_area(
                label, value, key=key_of(param), height=height, max_chars=most, placeholder=placeholder,
                on_change=on_change, disabled=param.locked, label_visibility=visible,
            )  # fmt: skip
    let_stand(param, stand_in(value or ""), label)
    return value or ""


def once(
    label: str,
    param: Param,
    options: Collection[str],
    use: Callable[[str], None],
    *,
    fills: Param,
    name: Callable[[str], str] = str,
    titled: bool = False,
) -> None:
    """Pills that do something once when one is clicked, as to put an example into a box.

    Args:
        label: what they are; shown where they are ``titled``.
        param: of the pills, which stand in no address.
        options: their values.
        use: what a click does, with the value.
        fills: the choice that it changes; where that is locked or hidden there are no pills.
        name: what stands on a pill.
        titled: whether the label is shown.
    """

    def click() -> None:
        picked = held(param)
        give(param, None)
        if isinstance(picked, str) and picked in options:
            use(picked)

    if options and fills.free:
        shown = "visible" if titled else "collapsed"
        st.pills(
            label,
            list(options),
            key=key_of(param),
            on_change=click,
            format_func=name,
            label_visibility=shown,
            wrap=True,
        )
