"""The page: the list of lessons, or one step of one of them above the figures that it is about."""

from __future__ import annotations

import streamlit as st

from viz import params
from viz.learn import ending, steps
from viz.learn.language import LANG, pick_language, preferred
from viz.learn.lesson import Lesson, in_language
from viz.learn.place import LESSON, Place, chosen_place
from viz.learn.said import say
from viz.learn.shipped import lessons
from viz.markdown import escape

ACROSS = 3
"""Lessons side by side."""


def open_page() -> None:
    """Everything on it."""
    known = lessons()
    asked = params.asked(LESSON)
    if asked in known:
        show_lesson(known[asked])
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"#### {say('heading')}", width="stretch")
        pick_language()
    st.markdown(say("about"))
    if asked is not None:
        st.warning(say("unknown lesson", name=escape(asked[:60])), icon=":material/link_off:")
        params.put(LESSON, None)
    listed = list(known.values())
    for start in range(0, len(listed), ACROSS):
        for column, lesson in zip(st.columns(ACROSS), listed[start : start + ACROSS], strict=False):
            with column:
                _offer(lesson, listed.index(lesson) + 1)


def _offer(lesson: Lesson, number: int) -> None:
    """A lesson on the list."""
    language = params.chosen(LANG, default=preferred())
    with st.container(border=True, height="stretch"):
        place = Place(lesson, 1, language)
        done = " :green[:material/check_circle:]" if place.done else ""
        st.markdown(f"**{number}. {escape(in_language(lesson.title, language))}**{done}")
        st.markdown(escape(in_language(lesson.question, language)))
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.caption(f"{say('minutes', n=lesson.minutes)} · {say('steps', n=len(lesson.steps) + 1)}", width="content")
            st.button(say("start"), on_click=place.go, args=(0,), key=f"start-{lesson.key}", width="content")


def show_lesson(lesson: Lesson) -> None:
    """The step that the address names; the last one looks at other networks."""
    place = chosen_place(lesson)
    place.complete()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(say("all"), on_click=params.open_at, args=({str(LANG): place.language},), key="lesson-all",
                  icon=":material/list:", type="tertiary")  # fmt: skip
        st.markdown(f"**{escape(in_language(lesson.title, place.language))}**", width="stretch")
        pick_language()
    if place.step is None:
        ending.show(place)
    else:
        steps.show(place, place.step)
