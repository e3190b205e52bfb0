"""Figures placed on a page: several of one view side by side, or one that is not a view in a card of its own."""

from __future__ import annotations

from collections.abc import Callable

import plotly.graph_objects as go
import streamlit as st

from core_models.trace import Trace
from viz import cards
from viz.figures.export import to_html
from viz.figures.marks import picked
from viz.linked_plot import linked_plot
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


def show_figure(
    figure: go.Figure,
    trace: Trace,
    *,
    key: str,
    title: str,
    caption: str,
    alt: str,
    numbers: Callable[[], str],
    sound: bytes = b"",
) -> Place | None:
    """One figure in a card with how to read it and its files; returns step and unit of a click in it."""
    with st.container(border=True, key=f"card-{key}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{title}**", width="stretch")
            name, page = f"{trace.model}-{key}", f"{title} ({trace.model})"
            cards.save(key, name, numbers, "csv", "The numbers of this figure")
            cards.save(
                key, name, lambda: to_html(figure, page, trace.tokens.text), "html", "This figure, to open offline"
            )
        st.caption(caption)
        click = linked_plot(figure, key=key, alt=alt, sound=sound)
    return picked(figure, click) if click else None
