"""For teachers: write or change a lesson and see at once what the networks say to it; then hand it on."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from core_models.language import say
from pretrained.errors import ModelError
from pretrained.task import InputError
from viz import params
from viz.cards import save, save_table
from viz.learn import reading, room
from viz.learn.ending import cell
from viz.learn.lesson import Lesson, Step, in_language
from viz.learn.measures.error import MeasureError
from viz.learn.measures.listed import MEASUREMENTS
from viz.learn.node import LessonError
from viz.learn.place import LESSON, PACK, TEACH, Place
from viz.learn.schema import LARGEST, read_lesson
from viz.learn.share import LONGEST_LINK, code_of, frame_of, pack, unpack
from viz.learn.shipped import FOLDER, lessons, source
from viz.markdown import escape
from viz.params import Param

DRAFT, UPLOAD = Param("draft", public=False), Param("lesson-file", public=False)
NEW, TALL = "new", 200
"""What a new lesson is called in the address, and from how many characters on a link scrolls."""


def show(language: str) -> None:
    """The box with the file, what is wrong with it or what the networks say, and the ways to hand it on."""
    begun = params.asked(TEACH) or NEW
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(say("All lessons"), on_click=params.open_at, args=({"lang": language},), key="lesson-all",
                  icon=":material/list:", type="tertiary")  # fmt: skip
        st.markdown(f"**{say('For teachers')}**", width="stretch")
    st.markdown(
        say(
            "A lesson is one text file. Change one of ours or begin with the short one; what the "
            "networks say stands beside it at once. Nothing is stored here: download the file, or hand "
            "on the link, which holds all of it."
        )
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        titles = {key: in_language(one.title, language) for key, one in lessons().items()}
        params.choose(
            say("Begin with"),
            TEACH,
            {NEW: say("a short one"), **titles},
            default=NEW,
            on_change=partial(params.drop, DRAFT),
        )
        with st.popover(say("Open a file"), icon=":material/upload_file:"):
            st.file_uploader(say("Open a file"), key=UPLOAD, type="toml", on_change=_take, max_upload_size=1)
    left, right = st.columns([3, 2])
    with left:
        text = _box(begun)
    with right:
        try:
            lesson = read_lesson(text, "draft")
        except LessonError as error:
            st.error(escape(str(error)), icon=":material/edit:")
        else:
            _hand_on(lesson, text, language)
    with st.expander(say("What a file may hold, and all that can be measured"), icon=":material/menu_book:"):
        _explain()


def _box(begun: str) -> str:
    """The file, as it was written last or as it comes with the app."""
    if params.held(DRAFT) is None:
        params.give(DRAFT, _begun(begun))
    return st.text_area(say("The lesson’s file"), key=DRAFT, height=640, max_chars=LARGEST)


def _begun(begun: str) -> str:
    packed = params.asked(PACK)
    if packed and begun == NEW:
        try:
            return unpack(packed)
        except LessonError as error:
            st.error(escape(str(error)), icon=":material/link_off:")
    return source(begun) if begun in lessons() else (FOLDER / "begin.txt").read_text(encoding="utf-8")


def _take() -> None:
    """A file was opened: it stands in the box."""
    file: Any = params.held(UPLOAD)
    if file is not None:
        params.give(DRAFT, file.getvalue().decode("utf-8", "replace")[:LARGEST])


def _hand_on(lesson: Lesson, text: str, language: str) -> None:
    """The answer key, and then file, link, code, frame and room."""
    table = answer_key(lesson, language)
    st.success(say("This file can be read. Steps: {n}.", n=len(lesson.steps)), icon=":material/check:")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{say('Answer key')}**", width="stretch")
        save_table("answer-key", "answer-key", lambda: answer_key(lesson, language).reset_index())
        save("lesson", "lesson", lambda: text, "toml", say("The lesson’s file"))
    st.table(table)
    shipped = next((key for key in lessons() if source(key) == text), None)
    query = {str(LESSON): shipped} if shipped else {str(PACK): pack(text)}
    if not shipped and len(query[str(PACK)]) > LONGEST_LINK:
        st.info(say("This lesson is too long for a link: hand on the file instead."), icon=":material/link_off:")
        return
    place = Place(lesson, 1, language, query)
    with st.container(horizontal=True):
        st.button(
            say("Try it as a student"), on_click=place.go, args=(0,), key="lesson-try", icon=":material/play_arrow:"
        )
        st.button(
            say("Open a room for a class"),
            on_click=room.open_room,
            args=(place,),
            key="lesson-room",
            icon=":material/groups:",
        )
    if refused := room.REFUSED.take():
        st.warning(escape(refused), icon=":material/block:")
    link = params.link_of(st.context.url or "/learn", query | {"lang": language})
    st.markdown(f"**{say('Link')}**")
    st.code(link, language=None, wrap_lines=True, height=100 if len(link) > TALL else "content")
    image = code_of(link)
    if image:
        st.image(image, width=240, alt=say("Link"))
    else:
        st.caption(say("The link is too long for a QR code: open a room, whose link is short."))
    st.markdown(f"**{say('In a course page')}**")
    st.code(
        frame_of(link, in_language(lesson.title, language)),
        language="html",
        wrap_lines=True,
        height=100 if len(link) > TALL else "content",
    )


def answer_key(lesson: Lesson, language: str) -> pd.DataFrame:
    """What each step expects and what the network shows, a row for each; escaped for a table."""
    rows = [_row(number, step, language) for number, step in enumerate(lesson.steps, start=1)]
    return pd.DataFrame(rows, columns=["", say("what was asked"), say("expected"), say("the network shows")]).set_index(
        ""
    )


def _row(number: int, step: Step, language: str) -> tuple[int, str, str, str]:
    prediction = step.prediction
    if isinstance(prediction.expect, tuple):
        expected = "{:g} – {:g}".format(*prediction.expect)
    else:
        expected = in_language(prediction.options[prediction.expect].says, language)
    try:
        outcome = reading.find_out(reading.of_lesson(step), step)
        mark = "✓" if prediction.holds(outcome.value) else "✗"
        shown = f"{mark} {cell(prediction, outcome, language)}"
    except (MeasureError, ModelError, InputError) as error:
        shown = f"– {escape(str(error))}"
    return number, escape(in_language(prediction.asks, language)), escape(expected), shown


def _explain() -> None:
    """The form of a file, and everything that can be measured."""
    st.code(read_form(), language="toml")
    rows = [(name, say(one.says), say(", ").join(one.fields)) for name, one in MEASUREMENTS.items()]
    columns = [say("measure"), say("what it is"), say("fields")]
    st.table(pd.DataFrame(rows, columns=columns).set_index(columns[0]))


def read_form() -> str:
    """The form of a file, line by line, with what is to be said of it."""
    from viz.learn.schema import FORM

    return "\n".join(f"{line:<37}{say(note) if note else ''}".rstrip() for line, note in FORM)
