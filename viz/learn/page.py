"""The page: the list of lessons, or one step of one of them above the figures that it is about."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import streamlit as st

from core_models.language import current, say, say_n
from viz import params
from viz.learn import ending, room, steps, teach
from viz.learn.lesson import Lesson, in_language
from viz.learn.node import LessonError
from viz.learn.place import LESSON, PACK, ROOM, TEACH, Place, chosen_place
from viz.learn.rooms import ROOMS
from viz.learn.schema import read_lesson
from viz.learn.share import unpack
from viz.learn.shipped import lessons
from viz.markdown import escape
from viz.params import LANG, Param

CODE = Param("room-code", public=False)
ACROSS = 3
"""Lessons side by side."""


def open_page() -> None:
    """Everything on it."""
    known, asked, problem = lessons(), params.asked(LESSON), ""
    try:
        if code := params.asked(ROOM):
            problem = _open_room(code)
        elif params.asked(TEACH):
            teach.show(current())
            return
        elif link := _named():
            show_lesson(lesson_of(link), link)
            return
    except LessonError as error:
        problem = str(error)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"#### {say('Learn by predicting')}", width="stretch")
    _offer_room_and_tools()
    if problem:
        st.warning(escape(problem), icon=":material/link_off:")
    elif asked is not None:
        st.warning(
            say("There is no lesson named “{name}”; choose one of these.", name=escape(asked[:60])),
            icon=":material/link_off:",
        )
        params.put(LESSON, None)
    listed = list(known.values())
    for start in range(0, len(listed), ACROSS):
        for column, lesson in zip(st.columns(ACROSS), listed[start : start + ACROSS], strict=False):
            with column:
                _offer(lesson, listed.index(lesson) + 1)


def _offer(lesson: Lesson, number: int) -> None:
    """A lesson on the list."""
    language = current()
    with st.container(border=True, height="stretch"):
        place = Place(lesson, 1, language, {str(LESSON): lesson.key})
        done = " :green[:material/check_circle:]" if place.done else ""
        st.markdown(f"**{number}. {escape(in_language(lesson.title, language))}**{done}")
        st.markdown(escape(in_language(lesson.question, language)))
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.caption(
                f"{say('{n} min', n=lesson.minutes)} · {say_n('{n} step', '{n} steps', len(lesson.steps) + 1)}",
                width="content",
            )
            st.button(say("Start"), on_click=place.go, args=(0,), key=f"start-{lesson.key}", width="content")


def _named() -> dict[str, str]:
    """What in the address names a lesson that there is; nothing if nothing does."""
    packed, key = params.asked(PACK), params.asked(LESSON)
    return {str(PACK): packed} if packed else {str(LESSON): key} if key in lessons() and key else {}


def lesson_of(link: Mapping[str, str]) -> Lesson:
    """The lesson that a link names.

    Raises:
        LessonError: if a packed one cannot be read.
    """
    if PACK not in link:
        return lessons()[link[LESSON]]
    return read_lesson(unpack(link[PACK]), f"own-{hashlib.sha256(link[PACK].encode()).hexdigest()[:16]}")


def _open_room(code: str) -> str:
    """Show a room; where there is none of that code, a sentence says so and the list is shown."""
    found = ROOMS.find(code)
    if found is None:
        return say("There is no room {code}: it may be closed. Ask for its code again.", code=code[:20])
    room.show(found, lesson_of(found.link))
    params.end_page()


def _offer_room_and_tools() -> None:
    """What a lesson is, where a class goes in, and where a teacher does."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            say(
                "Each lesson asks one question. Read, look at the real network below, say what you "
                "expect, and let the network answer. Every number is computed while you look; none is "
                "written in advance."
            ),
            width="stretch",
        )
        code = st.text_input(
            say("Code of a room"),
            max_chars=10,
            key=CODE,
            placeholder=say("Code of a room"),
            width=160,
            label_visibility="collapsed",
        )
        there = {str(ROOM): code.strip().upper()}
        st.button(say("Enter"), on_click=params.open_at, args=(there,), disabled=not code.strip(), key="room-enter")
        st.button(say("For teachers"), on_click=params.open_at, args=({str(TEACH): teach.NEW},), key="teach",
                  icon=":material/school:", type="tertiary")  # fmt: skip


def show_lesson(lesson: Lesson, link: Mapping[str, str]) -> None:
    """The step that the address names; the last one looks at other networks."""
    place = chosen_place(lesson, link)
    place.complete()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(say("All lessons"), on_click=params.open_at, args=({str(LANG): place.language},), key="lesson-all",
                  icon=":material/list:", type="tertiary")  # fmt: skip
        st.markdown(f"**{escape(in_language(lesson.title, place.language))}**", width="stretch")
    if place.step is None:
        ending.show(place)
    else:
        steps.show(place, place.step)
