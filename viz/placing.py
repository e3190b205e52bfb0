"""Views on a page: one figure of a view as a card, several side by side, and what a click in them fell on."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from itertools import groupby

import plotly.graph_objects as go
import streamlit as st

from core_models.language import say
from core_models.trace import Site, Trace
from core_models.vocabulary import Kind
from viz import controls, figures, params
from viz.cards import Card, Origin, show, show_and_pick
from viz.figures.parts.marks import Place, find
from viz.figures.parts.token_axis import in_nouns, noun_of
from viz.markdown import escape
from viz.params import Param
from viz.view import Options, Section, Target, View

VIEW = Param("view")
"""Which view of gates and states is drawn."""

Pick = tuple[Target, Place]
"""A click: the target it fell on, and step and unit (None where the figure shows no units)."""

Drawn = tuple[View, Target]
"""One figure: what draws it, and of what."""


def card_of(view: View, trace: Trace, target: Target, options: Options) -> Card:
    """One figure of a view with its words, said of what a step of this trace is called."""
    noun, label = noun_of(trace, target.site), view.label(target, options)
    title = in_nouns(say(view.title), noun)
    if label:
        title = say("{view}: {quantity}", view=title, quantity=label)
    if len(trace.sites(Kind.STATE)) > 1 and target.site.module == "rnn":
        title = say("{figure}, {layer}", figure=title, layer=target.site.label)
    return Card(
        key=f"{view.key}-{target.name}",
        title=title,
        question=in_nouns(say(view.question), noun),
        how_to_read=in_nouns(view.how_to_read(trace, target, options), noun),
        figure=view.draw(trace, target, options),
        numbers=lambda: view.numbers(trace, target),
        origin=Origin.of(trace),
        again=f"gs.numbers(trace, {view.key!r}, {target.key!r}, site=gs.{target.site!r})",
        group="source" if target.site in trace.reading else "step",
    )


def show_view(view: View, trace: Trace, target: Target, options: Options, *, asks: bool = True) -> Pick | None:
    """One figure of a view as a card, with its question if it ``asks``; returns what was clicked in it."""
    click = show_and_pick(replace(card_of(view, trace, target, options), asks=asks))
    return (view.shown(target, options), click) if click else None


def place(drawn: Sequence[Drawn], trace: Trace, options: Options, columns: int = 2, *, asks: bool = True) -> list[Pick]:
    """Figures side by side; on a narrow screen below each other. ``asks``: each with its question."""
    found = []
    for start in range(0, len(drawn), columns):
        beside = st.columns(columns) if columns > 1 else [nullcontext()]
        for column, (view, target) in zip(beside, drawn[start : start + columns], strict=False):
            with column:
                click = show_view(view, trace, target, options, asks=asks)
            if click:
                found.append(click)
    return found


def drawn_in(section: Section, trace: Trace, site: Site | None = None) -> list[Drawn]:
    """All figures of a section: of one site of a trace, or of all; in the order of ``VIEWS``."""
    views = [view for view in figures.VIEWS if view.section is section]
    return [(view, target) for view in views for target in view.placed(trace, site)]


def place_section(
    section: Section, trace: Trace, options: Options, site: Site | None = None, only: str = ""
) -> list[Pick]:
    """Every view of a section, or the one named, one below the other, each with its own number of columns."""
    found = []
    for view, drawn in groupby(drawn_in(section, trace, site), key=lambda each: each[0]):
        row = list(drawn)
        if only not in ("", view.key):
            continue
        if len(row) > 1:
            st.caption(escape(in_nouns(say(view.question), noun_of(trace, row[0][1].site))))
        asks = len(row) == 1 and section is not Section.ANSWER  # whose headings say it
        found += place(row, trace, options, min(view.columns or len(row), len(row)), asks=asks)
    return found


def pick_units(trace: Trace) -> tuple[Site, str, Options]:
    """The layer and direction whose units are shown, by which view, in which order, and how many or which of them."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        site = controls.pick_layer(trace)
        drawn = drawn_in(Section.UNITS, trace, site)
        state = next(target for _, target in drawn if target.quantity.kind is Kind.STATE)
        views = {view.key: view for view, _ in drawn}
        titles = {key: in_nouns(say(view.title), noun_of(trace, site)) for key, view in views.items()}
        view = views[params.choose(say("Picture"), VIEW, titles, default=next(iter(titles)), pills=True)]
        if view.follows:
            return site, view.key, Options(units=controls.pick_units(trace, state))
        if not view.each:
            return site, view.key, Options()
        order, most = controls.pick_order(trace, state), controls.pick_rows(trace, state)
        return site, view.key, Options(order=order, most=most)


def show_rows(card: Card, trace: Trace) -> list[Pick]:
    """A card whose figure shows several quantities of a trace; returns what was clicked in it."""
    click, figure = show(card), card.figure
    if click is None or not isinstance(figure, go.Figure):
        return []
    found = find(figure, click, [Target(site, key) for site, key in trace])
    return [found] if found else []
