"""Figures placed on a page: several of one view side by side, or one that is not a view in a card of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import NotRequired, TypedDict, Unpack

import plotly.graph_objects as go
import streamlit as st

from core_models.trace import Trace
from viz import cards
from viz.figures.parts.export import to_html
from viz.figures.parts.marks import find, picked
from viz.linked_plot import Click, linked_plot
from viz.view import Options, Target, View

Place = tuple[int, int | None]
Found = tuple[Target, Place]
"""A click: the target it fell on, and step and unit (None where the figure shows no units)."""


def place(view: View, trace: Trace, targets: list[Target], options: Options, columns: int = 2) -> list[Found]:
    """Figures of one view side by side; on a narrow screen below each other."""
    found = []
    for start in range(0, len(targets), columns):
        for column, target in zip(st.columns(columns), targets[start : start + columns], strict=False):
            with column:
                click = cards.show_view(view, trace, target, options)
            if click:
                found.append((target, click))
    return found


class Card(TypedDict):
    """What stands in a figure's card: key, heading, how to read it, words for those who cannot see it, and its files.

    ``numbers`` makes the CSV file; ``sound`` is a WAV file to be played, see ``linked_plot``.
    """

    key: str
    title: str
    caption: str
    alt: str
    numbers: Callable[[], str]
    sound: NotRequired[bytes]


def show_figure(figure: go.Figure, trace: Trace, **card: Unpack[Card]) -> Place | None:
    """One figure in a card with how to read it and its files; returns step and unit of a click in it."""
    click = _show(figure, trace, card)
    return picked(figure, click) if click else None


def show_rows(figure: go.Figure, trace: Trace, **card: Unpack[Card]) -> list[Found]:
    """As ``show_figure``, for a figure of several quantities: a click is returned with the target that it fell on."""
    click = _show(figure, trace, card)
    found = find(figure, click, [Target(site, key) for site, key in trace]) if click else None
    return [found] if found else []


def _show(figure: go.Figure, trace: Trace, card: Card) -> Click | None:
    key, title = card["key"], card["title"]
    with st.container(border=True, key=f"card-{key}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{title}**", width="stretch")
            name, page = f"{trace.model}-{key}", f"{title} ({trace.model})"
            cards.save(key, name, card["numbers"], "csv", "The numbers of this figure")
            cards.save(
                key, name, lambda: to_html(figure, page, trace.tokens.text), "html", "This figure, to open offline"
            )
        st.caption(card["caption"])
        return linked_plot(figure, key=key, alt=card["alt"], sound=card.get("sound", b""))
