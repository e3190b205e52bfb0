"""The Explore page's picture of one trace: the answer, and below it tabs, of which only the open one is computed.

The views of a tab are placed by what they say of themselves: a new view or a new kind of cell appears here without a
change. What belongs to one kind of sequence only, its native picture and its answer, is brought by viz.kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core_models.language import mark, say
from core_models.trace import Trace
from core_models.vocabulary import Kind, quantity
from pretrained.trained import Trained
from viz import cards, controls, params, session
from viz.corpus.link import link_to_corpus, link_to_states
from viz.explain.link import link_to_explain
from viz.explain.page import OFFERED, offer
from viz.explore.cell import chosen_step, is_held, pick_held, rest_at, show_cell
from viz.explore.conventions import show_conventions
from viz.figures.parts.marks import dot, picked
from viz.figures.trace.attention_stages import attention_targets, checks
from viz.inputs import compared
from viz.kept import Kept
from viz.kinds import kind_of
from viz.memory.flow import Question, can_be_nudged, show_half_lives
from viz.placing import Pick, card_of, drawn_in, pick_units, place, place_section
from viz.run import ModelRun
from viz.session import Selection
from viz.tabs import open_tab
from viz.view import Options, Section, Target

DOT = Kept[tuple[tuple[str, Target], int]]("dot of the path")
"""The state of another input that was clicked last: in which model's figure, and its number."""


def show_trace(asked: ModelRun, *, answers: bool = True) -> None:
    """Draw the answer and the open tab, then act on a click: the clicked number becomes the selected one.

    Args:
        asked: model and input.
        answers: whether the answer is drawn as well.
    """
    model, trace = asked.model, asked.trace
    selection, missing = session.selected(trace)
    if missing:
        st.warning(missing, icon=":material/link_off:")
    options = Options(step=selection.step if selection else None, unit=_unit(selection))
    parts = {key: part for key, part in PARTS.items() if part.suits(asked)}
    above, row = st.container(), st.container(horizontal=True, vertical_alignment="center", key="tabs")
    with row:
        part = parts[_open_part(parts)]
    if part.holds:
        asked = replace(asked, held=pick_held(asked, row))
        options = options if selection else replace(options, step=chosen_step(trace))
    elif is_held():
        st.caption(say("A gate is held on the tabs of the cell and the gates alone: here all is as computed."))
    with above:
        token, clicks = _answer(asked, options) if answers else (None, [])
    clicks += part.draw(asked, options, row)
    if selection and not asked.held:
        place = selection.site, selection.key, selection.step, selection.unit
        cards.explain_selected(lambda: model.explain(trace, *place, head=controls.chosen_head(trace)))
    if part.holds and not selection and (step := _bare(token, clicks)) is not None:
        rest_at(step)
    chosen = _chosen(model, trace, selection, token, clicks)
    if chosen:
        session.select(chosen)
        st.rerun()


def _open_part(parts: Mapping[str, Part]) -> str:
    """The open tab; an address that names an explanation alone opens that."""
    titles = {key: say(part.title) for key, part in parts.items()}
    return open_tab(titles, "explain" if params.asked(OFFERED) else "")


def _unit(selection: Selection | None) -> int | None:
    """The selected unit; None where the second place of the selected number is not a unit, as in attention."""
    return selection.unit if selection and quantity(selection.key).dims == ("step", "unit") else None


def _answer(asked: ModelRun, options: Options) -> tuple[int | None, list[Pick]]:
    """The native picture of this kind of sequence, above every tab; a clicked token, and other clicks."""
    model, trace, kind = asked.model, asked.shown, kind_of(asked.model)
    options = replace(options, before=asked.trace) if asked.held else options
    spelled = not trace.tokens.text or len(trace) <= kind.spells
    token = None if spelled else cards.show_text(trace.tokens, asked.selection, kind.shades(trace))
    found = kind.show_answer(model, trace, options)
    if not kind.places_views:
        found += place_section(Section.ANSWER, trace, options)
    return token, found


def _units(asked: ModelRun, options: Options, beside: DeltaGenerator) -> list[Pick]:
    """Gates, candidates and states of one layer and direction, in one order of units."""
    trace = asked.shown
    site, view, chosen = pick_units(trace)
    found = place_section(Section.UNITS, trace, replace(chosen, step=options.step, unit=options.unit), site, view)
    link_to_corpus(asked)
    show_conventions(asked.model, asked.trace)
    return found


def _memory(asked: ModelRun, options: Options, beside: DeltaGenerator) -> list[Pick]:
    """Who wrote the memory of a layer after the selected token, and how long each of its units remembers."""
    trace, site, found = asked.trace, controls.pick_layer(asked.trace), list[Pick]()
    drawn = drawn_in(Section.MEMORY, trace, site)
    if drawn:
        order = controls.chosen_order(trace, drawn[0][1])
        found = place_section(Section.MEMORY, trace, replace(options, order=order, most=controls.MOST_ROWS), site)
        link_to_explain(asked, say("Split the answer too, and see the real effect of erasing a step"))
    if can_be_nudged(asked):
        show_half_lives(Question(asked, site))
    return found


def _attention(asked: ModelRun, options: Options, beside: DeltaGenerator) -> list[Pick]:
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
    gathered = drawn_in(Section.UNITS, trace, target.site)[0][1]
    order, most = controls.chosen_order(trace, gathered), controls.pick_rows(trace, gathered)
    return found + place_section(Section.UNITS, trace, replace(options, order=order, most=most), target.site)


def _path(asked: ModelRun, options: Options, beside: DeltaGenerator) -> list[Pick]:
    """The way of the state, the layers from the input on."""
    options = replace(options, space=controls.pick_space())
    drawn = sorted(drawn_in(Section.PATH, asked.trace),
                   key=lambda each: (each[1].site.layer, each[1].site.direction == "backward"))  # fmt: skip
    found, clicked = list[Pick](), DOT.get()
    columns = list[DeltaGenerator]()
    for at, (view, target) in enumerate(drawn):
        columns = columns if at % 2 else st.columns(min(2, len(drawn)))
        own = (asked.model.recipe.key, target)
        number = clicked[1] if clicked and clicked[0] == own else None
        with columns[at % 2]:
            card = card_of(view, asked.trace, target, replace(options, dot=number))
            click = cards.show(card)
            if click is None or not isinstance(card.figure, go.Figure):
                pass
            elif place := picked(card.figure, click):
                found.append((target, place))
            elif (new := dot(card.figure, click)) not in (None, number):
                DOT.put((own, new))
                st.rerun()
            link_to_states(asked, target.site, target.key, options.step, number)
    second = next((each.text for each in asked.model.task.examples if each.text != asked.text), "")
    if second and asked.given.content is None:
        query = compared(asked.model.recipe.key, asked.text, second)
        label = say("A second input in the same picture")
        params.link("app_pages/compare.py", label, ":material/compare_arrows:", query)
    return found


def _more(asked: ModelRun, options: Options, beside: DeltaGenerator) -> list[Pick]:
    """The native pictures of this kind of sequence that go deeper."""
    show_more = kind_of(asked.model).show_more
    return show_more(asked.model, asked.trace, options) if show_more else []


@dataclass(frozen=True)
class Part:
    """What stands behind one tab.

    Attributes:
        title: its name on the tab, with an icon.
        draw: draws it, with a place beside the tabs for a control, and returns what was clicked.
        suits: whether it has something to show of a run.
        holds: whether a gate can be held in it; then it and the answer above show what the network then computes.
    """

    title: str
    draw: Callable[[ModelRun, Options, DeltaGenerator], list[Pick]]
    suits: Callable[[ModelRun], bool] = lambda _: True
    holds: bool = False


def _holds(section: Section) -> Callable[[ModelRun], bool]:
    return lambda asked: bool(drawn_in(section, asked.trace))


def _remembers(asked: ModelRun) -> bool:
    return can_be_nudged(asked) or _holds(Section.MEMORY)(asked)


def _explain(asked: ModelRun, options: Options, beside: DeltaGenerator) -> list[Pick]:
    """Explanations that can be checked, one at a time."""
    offer(asked)
    return []


PARTS: dict[str, Part] = {
    "cell": Part(mark(":material/account_tree: Cell"), show_cell, holds=True),
    "answer": Part(mark(":material/insights: Answer"), _more, lambda asked: kind_of(asked.model).show_more is not None),
    "gates": Part(mark(":material/tune: Gates and states"), _units, holds=True),
    "attention": Part(mark(":material/visibility: Attention"), _attention, _holds(Section.ATTENTION)),
    "path": Part(mark(":material/route: Path"), _path, _holds(Section.PATH)),
    "memory": Part(mark(":material/history: Memory"), _memory, _remembers),
    "explain": Part(mark(":material/fact_check: Explain"), _explain),
}
"""The tabs by their key in the address, in their order."""


def _bare(token: int | None, clicks: list[Pick]) -> int | None:
    """The step of a click that fell on a step and on no unit; None if there was none, or it fell on a unit."""
    for _, (step, unit) in clicks:
        return step if unit is None else None
    return token


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
