"""The Explore page's picture of one trace, section by section; each is computed when it is shown, and not before.

The views of a section are placed by what they say of themselves: a new view or a new kind of cell appears here without
a change. What belongs to one kind of sequence only, its native picture and its answer, is brought by viz.kinds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import streamlit as st

from core_models.trace import Trace
from core_models.vocabulary import Kind, quantity
from pretrained.trained import Trained
from viz import cards, controls, session
from viz.conventions import show_conventions
from viz.explain.link import link_to_explain
from viz.explain.page import offer
from viz.explore_cell import show_cell
from viz.figures.trace.attention_stages import attention_targets, checks
from viz.kinds import kind_of
from viz.placing import Pick, drawn_in, pick_units, place, place_section
from viz.run import ModelRun
from viz.session import Selection
from viz.view import Options, Section


def show_trace(asked: ModelRun) -> None:
    """Draw everything, then act on a click: the clicked number becomes the selected one."""
    model, trace = asked.model, asked.trace
    selection, missing = session.selected(trace)
    token = cards.show_text(trace.tokens, selection) if trace.tokens.text else None
    if missing:
        st.warning(missing, icon=":material/link_off:")
    options = Options(step=selection.step if selection else None, unit=_unit(selection))
    clicks = [click for part in PARTS if part.suits(trace) for click in part.show(asked, options)]
    offer(asked)
    if selection:
        place = selection.site, selection.key, selection.step, selection.unit
        cards.explain_selected(lambda: model.explain(trace, *place, head=controls.chosen_head()))
    chosen = _chosen(model, trace, selection, token, clicks)
    if chosen:
        session.select(chosen)
        st.rerun()


def _unit(selection: Selection | None) -> int | None:
    """The selected unit; None where the second place of the selected number is not a unit, as in attention."""
    return selection.unit if selection and quantity(selection.key).dims == ("step", "unit") else None


def _answer(asked: ModelRun, options: Options) -> list[Pick]:
    """The native picture of this kind of sequence, and the model's card."""
    model, kind = asked.model, kind_of(asked.model)
    found = kind.show_answer(model, asked.trace, options)
    if not kind.places_views:
        found += place_section(Section.ANSWER, asked.trace, options)
    title = f"About this model: {model.recipe.title}"
    with st.expander(title, icon=":material/info:", key="card", on_change="rerun") as card:
        if card.open:
            cards.show_model_card(model, kind.show_scores)
    return found


def _units(asked: ModelRun, options: Options) -> list[Pick]:
    """Gates, candidates and states of one layer and direction, in one order of units."""
    trace = asked.trace
    site, chosen = pick_units(trace)
    found = place_section(Section.UNITS, trace, replace(chosen, step=options.step, unit=options.unit), site)
    show_conventions(asked.model, trace)
    return found


def _ledger(asked: ModelRun, options: Options) -> list[Pick]:
    """Who wrote the memory of a layer after the selected token, drawn only where somebody asks."""
    trace, site = asked.trace, controls.chosen_layer(asked.trace)
    drawn = drawn_in(Section.LEDGER, trace, site)
    if not drawn:
        return []
    view, target = drawn[0]
    with st.expander(view.title, icon=":material/receipt_long:", key="ledger", on_change="rerun") as drawer:
        if not drawer.open:
            return []
        order = controls.chosen_order(trace, target)
        found = place_section(Section.LEDGER, trace, replace(options, order=order), site)
        link_to_explain(asked, "Split the answer too, and see what erasing a step really does")
    return found


def _attention(asked: ModelRun, options: Options) -> list[Pick]:
    """Attention from scores to weights, and what it gathered."""
    trace, model = asked.trace, asked.model
    target = attention_targets(trace)[0]
    with st.container(horizontal=True):
        stage = controls.pick_stage()
        head = controls.pick_head(trace.array(target.site, target.key).shape[0])
    reader = kind_of(model).reader(model) if options.step is None else options.step
    found = place(drawn_in(Section.ATTENTION, trace), trace, replace(options, step=reader, stage=stage, head=head))
    cards.show_checks(checks(trace, target.site))
    if target.site in trace.sites(Kind.STATE):  # what it gathered stands among the gates and states already
        return found
    return found + place_section(Section.UNITS, trace, options, target.site)


def _path(asked: ModelRun, options: Options) -> list[Pick]:
    """The way of the state, the layers from the input on."""
    space, drawn = controls.pick_space(), drawn_in(Section.PATH, asked.trace)
    inward = sorted(drawn, key=lambda each: (each[1].site.layer, each[1].site.direction == "backward"))
    return place(inward, asked.trace, replace(options, space=space), columns=min(2, len(inward)))


@dataclass(frozen=True)
class Part:
    """One section of the page.

    Attributes:
        section: whose views it holds.
        draw: draws it and returns what was clicked.
        title: its heading, if it has one.
        always: whether it is shown where none of its views suits the trace.
    """

    section: Section
    draw: Callable[[ModelRun, Options], list[Pick]]
    title: str = ""
    always: bool = False

    def suits(self, trace: Trace) -> bool:
        """Whether it has something to show of a trace."""
        return self.always or bool(drawn_in(self.section, trace))

    def show(self, asked: ModelRun, options: Options) -> list[Pick]:
        """Heading and contents; returns what was clicked."""
        if self.title:
            st.subheader(self.title, divider="gray")
        return self.draw(asked, options)


PARTS = (
    Part(Section.ANSWER, _answer, always=True),
    Part(Section.UNITS, show_cell, "The cell"),
    Part(Section.UNITS, _units, "Gates and states"),
    Part(Section.LEDGER, _ledger),
    Part(Section.ATTENTION, _attention, "Attention"),
    Part(Section.PATH, _path, "Path of the state"),
)
"""The page from top to bottom."""


def _chosen(
    model: Trained, trace: Trace, before: Selection | None, token: int | None, clicks: list[Pick]
) -> Selection | None:
    """The number that was just clicked, if any; a click on a bare token keeps the quantity and moves the step."""
    if clicks:
        target, (step, unit) = clicks[0]
        if unit is not None or target.quantity.dims == ("step",):
            return Selection(target.site, target.key, step, unit or 0)
        token = step
    if token is None:
        return None
    if before:
        return Selection(before.site, before.key, token, before.unit)
    return Selection(*kind_of(model).address(trace), token, 0)
