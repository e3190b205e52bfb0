"""The model of a page as it was while it learned: a slider over its checkpoints that moves every figure of the page."""

from __future__ import annotations

import streamlit as st

from core_models.explain.changes import Change, changes, most_changed
from core_models.language import say, say_n
from core_models.vocabulary import quantity
from pretrained.checkpoints import Course, course_of
from pretrained.errors import ModelError
from pretrained.task import Given
from viz import params, session
from viz.cards import Card, Origin, show
from viz.figures.lab.learned import changed_table, draw_changed, draw_track, loss_table
from viz.markdown import escape
from viz.models import at_step
from viz.params import Param

TRAINED, SINCE = Param("trained"), Param("since")
"""After how many steps of training the model is shown, and what it is compared with. On the Learn page ``step`` is the
step of a lesson."""

DRAWER = Param("learned", public=False)
MOST = 8
"""Units that are named."""


def pick_trained(key: str, given: Given) -> str:
    """The name of the model as it was at the chosen step; ``key`` where it is finished, or no step was kept.

    Args:
        key: of the finished model.
        given: the input, on which two steps are compared.

    Raises:
        InputError, ModelError: as ``viz.session.traced``.
    """
    try:
        course = course_of(key)
    except ModelError as error:  # the finished model works without them
        st.error(escape(str(error)), icon=":material/broken_image:")
        return key
    if course is None:
        return key
    names = {str(step): f"{step:,}" for step in course.steps}
    chosen = params.chosen(TRAINED, names, default=str(course.steps[-1]))
    if int(chosen) != course.steps[-1] and params.held(DRAWER) is None:
        params.give(DRAWER, True)
    with st.expander(say("Watch it learn"), icon=":material/timeline:", key=DRAWER, on_change="rerun") as drawer:
        if drawer.open:
            chosen = _show(key, given, course, names)
    if int(chosen) != course.steps[-1]:
        st.caption(say_n(
            "The whole page shows the model after {n:,} step of training, of {all:,}.",
            "The whole page shows the model after {n:,} steps of training, of {all:,}.", int(chosen),
            all=course.steps[-1],
        ))  # fmt: skip
    return at_step(key, int(chosen), course)


def _show(key: str, given: Given, course: Course, names: dict[str, str]) -> str:
    last = str(course.steps[-1])
    track, found = st.columns([3, 2])
    with track:
        place = st.container()
        chosen = params.slide(say("Step of training, of {all:,}", all=int(last)), TRAINED, names, default=last)
        shown = list(names).index(chosen)
        table = loss_table(course.steps, course.losses)
        with place:
            show(Card(
                key="loss-track", title=say("Training loss by step"), figure=draw_track(table, len(names), shown),
                question=say("Training loss in nats: {first:.2f} at the beginning, {last:.2f} at the end.",
                             first=table["loss"].iloc[0], last=table["loss"].iloc[-1]),
                numbers=lambda: table, origin=Origin(key), group="changed",
            ))  # fmt: skip
    with found:
        since, every = _compared(key, given, course, chosen, names)
    with track:
        moved = say(", ").join(f"{say(quantity(each.key).name)} {each.mean:.3f}" for each in every)
        st.markdown(say("From step {since:,} to {chosen:,} these moved, on average over all units: {moved}.",
                        since=since, chosen=int(chosen), moved=moved))  # fmt: skip
    with found:
        _show_units(key, every)
    return chosen


def _compared(key: str, given: Given, course: Course, chosen: str, names: dict[str, str]) -> tuple[int, list[Change]]:
    """The step that the chosen one is compared with, and how far each gate and state differs."""
    others = {step: name for step, name in names.items() if step != chosen}
    usual = str(course.steps[0] if int(chosen) == course.steps[-1] else course.steps[-1])
    since = params.choose(say("Compared with step"), SINCE, others, default=usual)
    traces = [session.traced(at_step(key, int(step), course), given.key, given.content)[1] for step in (since, chosen)]
    return int(since), changes(*traces)


def _show_units(key: str, every: list[Change]) -> None:
    """The units that differ most."""
    table = changed_table(most_changed(every, MOST))
    show(Card(
        key="changed", title=say("What changed most between these two"), figure=draw_changed(table), asks=False,
        question=say("Which units differ most on this input?"), numbers=lambda: table, origin=Origin(key),
        how_to_read=say(
        "The mean distance between the two values of a unit over all steps of this input, at the two moments of "
        "training."), group="changed",
    ))  # fmt: skip
