"""The Explore page's picture of one trace: which views stand where.

Views are placed by what they draw: a new view or a new kind of cell appears here without a change. What belongs to one
kind of sequence only, its native picture and its answer, is brought by viz.kinds.
"""

from __future__ import annotations

import streamlit as st

from core_models.trace import Site, Trace
from core_models.vocabulary import Kind, quantity
from pretrained.sequence_model import SequenceModel
from viz import cards, controls, session
from viz.conventions import show_conventions
from viz.explain.link import link_to_explain
from viz.explain.page import offer
from viz.figures import VIEWS
from viz.figures.trace.attention_heatmap import checks
from viz.kinds import kind_of
from viz.kinds.placing import Found, place
from viz.run import ModelRun
from viz.session import Selection
from viz.view import Options, Target

BY_KEY = {view.key: view for view in VIEWS}


def show_trace(asked: ModelRun) -> None:
    """Draw everything, then act on a click: the clicked number becomes the selected one."""
    model, trace = asked.any_model, asked.trace
    selection, missing = session.selected(trace)
    token = cards.show_text(trace.tokens, selection) if trace.tokens.text else None
    if missing:
        st.warning(missing, icon=":material/link_off:")
    options = Options(step=selection.step if selection else None, unit=_unit(selection))
    clicks = [
        *_overview(model, trace, options),
        *_units(asked, options),
        *_attention(model, trace, options),
        *_trajectory(trace, options),
    ]
    offer(asked)
    if selection:
        _explain(model, trace, selection)
    chosen = _chosen(model, trace, selection, token, clicks)
    if chosen:
        session.select(chosen)
        st.rerun()


def _unit(selection: Selection | None) -> int | None:
    """The selected unit; None where the second place of the selected number is not a unit, as in attention."""
    return selection.unit if selection and quantity(selection.key).dims == ("step", "unit") else None


def _overview(model: SequenceModel, trace: Trace, options: Options) -> list[Found]:
    """The native picture of this kind of sequence, and the model's card."""
    kind = kind_of(model)
    found = kind.show_answer(model, trace, options)
    title = f"About this model: {model.recipe.title}"
    with st.expander(title, icon=":material/info:", key="card", on_change="rerun") as card:
        if card.open:
            cards.show_model_card(model, kind.show_scores)
    return found


def _units(asked: ModelRun, options: Options) -> list[Found]:
    """Gates, candidates and states of one layer and direction, in one order of units."""
    view, trace = BY_KEY["heatmap"], asked.trace
    st.subheader("Gates and states", divider="gray")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        site = controls.pick_layer(trace)
        targets = [target for target in view.targets(trace) if target.site == site]
        order = controls.pick_order(trace, targets[-1])
        units = controls.pick_units(trace, targets[-1])
    chosen = Options(order=order, step=options.step, unit=options.unit, units=units)
    found = place(view, trace, targets, chosen)
    for key in ("unit_lines", "distribution"):
        extra = BY_KEY[key]
        kinds = (Kind.STATE,) if key == "unit_lines" else (Kind.GATE,)
        at_site = [t for t in extra.targets(trace) if t.site == site and t.quantity.kind in kinds]
        found += place(extra, trace, at_site, chosen, columns=max(1, len(at_site)))
    if asked.classifies:
        show_conventions(asked.model, trace)
    return found + _ledger(asked, site, chosen)


def _ledger(asked: ModelRun, site: Site, options: Options) -> list[Found]:
    """Who wrote the memory of a layer after the selected token, drawn only where somebody asks."""
    view, trace = BY_KEY["ledger"], asked.trace
    targets = [target for target in view.targets(trace) if target.site == site]
    if not targets:
        return []
    with st.expander(view.title, icon=":material/receipt_long:", key="ledger", on_change="rerun") as drawer:
        if not drawer.open:
            return []
        found = place(view, trace, targets, options, columns=1)
        if asked.classifies:
            link_to_explain(asked, "Split the answer too, and see what erasing a word really does")
    return found


STAGE_KEYS = {"scores": "attention_scores", "mask": "attention_mask"}
"""Quantity that a stage of attention shows, where it is not the weights."""


def _attention(model: SequenceModel, trace: Trace, options: Options) -> list[Found]:
    """Attention from scores to weights, and what it gathered."""
    bars, heatmap = BY_KEY["attention_bars"], BY_KEY["attention_heatmap"]
    targets = heatmap.targets(trace)
    if not targets:
        return []
    st.subheader("Attention", divider="gray")
    with st.container(horizontal=True):
        stage = controls.pick_stage()
        head = controls.pick_head(trace.array(targets[0].site, targets[0].key).shape[0])
    reader = kind_of(model).reader(model) if options.step is None else options.step
    chosen = Options(step=reader, unit=options.unit, stage=stage, head=head)
    left, right = st.columns(2)
    with left:
        clicked = place(heatmap, trace, list(targets), chosen, columns=1)
        found = [(Target(target.site, STAGE_KEYS.get(stage, target.key)), cell) for target, cell in clicked]
    with right:
        found += place(bars, trace, list(bars.targets(trace)), chosen, columns=1)
        cards.show_checks(checks(trace, targets[0].site))
    units = BY_KEY["heatmap"]
    inside = targets[0].site in trace.sites(Kind.STATE)  # then it stands among the gates and states already
    gathered = [] if inside else [target for target in units.targets(trace) if target.site == targets[0].site]
    return found + place(units, trace, gathered, options)


def _trajectory(trace: Trace, options: Options) -> list[Found]:
    view = BY_KEY["trajectory"]
    targets = view.targets(trace)
    if not targets:
        return []
    st.subheader("Path of the state", divider="gray")
    chosen = Options(step=options.step, unit=options.unit, space=controls.pick_space())
    inward = sorted(targets, key=lambda target: (target.site.layer, target.site.direction == "backward"))
    return place(view, trace, inward, chosen, columns=min(2, len(targets)))


def _explain(model: SequenceModel, trace: Trace, selection: Selection) -> None:
    """The arithmetic of the selected number, at the foot of the window."""
    address = selection.site, selection.key, selection.step, selection.unit
    try:
        arithmetic = model.explain(trace, *address, head=controls.chosen_head())
    except KeyError:
        return
    with st.bottom:
        closed = cards.show_arithmetic(arithmetic)
    if closed:
        session.select(None)
        st.rerun()


def _chosen(
    model: SequenceModel, trace: Trace, before: Selection | None, token: int | None, clicks: list[Found]
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
