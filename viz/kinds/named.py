"""What is not typed: an example by its name, or what a person brought in a file or recorded."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core_models.language import say
from pretrained.task import Given
from pretrained.uploads.route import Upload
from viz import params
from viz.inputs import BOX, TEXT
from viz.kept import Kept
from viz.params import Param
from viz.params.stand_ins import draw_name

TAKE = Param("take", public=False)
"""The microphone."""

HELD, GIVEN = Kept[Given]("input that was brought"), Kept[Given]("input that is shown")
"""What was brought last, and what is on screen."""

BROUGHT = "upload-"
"""What the name of an input that a person brought begins with."""


def take_named(task: Any, record: str = "") -> Given:
    """An example, what a file held, or a recording made in the page.

    Args:
        task: what reads it.
        record: what to record, above the microphone; no microphone if empty.
    """
    params.take_up(TEXT)
    if record and TEXT.free:
        st.audio_input(record, key=TAKE, on_change=_record)
    asked = str(params.held(TEXT) or "")
    params.give(TEXT, asked)  # what was typed for another model stays
    BOX.put("names")
    given = _chosen(asked, task)
    params.let_stand(TEXT, asked if asked.startswith(BROUGHT) else given.text)
    return GIVEN.put(given)


def _record() -> None:
    """A sound was recorded: it is the one to show. One that is taken away stays on screen."""
    file = params.held(TAKE)
    if file is not None:
        params.give(TEXT, _keep(file.getvalue()))


def hold(task: Any, given: Any) -> str:
    """Keep what a file held; returns the name that stands for it, or the text itself if it is one.

    Raises:
        InputError: if it cannot be read.
    """
    if not isinstance(given, Upload):
        task.encode(given)
        return given
    task.encode(given.name, given.content)
    return _keep(given.content)


def _keep(content: Any) -> str:
    name = draw_name(BROUGHT)
    HELD.put(Given(name, content))
    return name


def _chosen(asked: str, task: Any) -> Given:
    held = HELD.get()
    if asked.startswith(BROUGHT):
        return held if held is not None and held.text == asked else Given(say("something on another computer"))
    known = {example.text for example in task.examples}
    return Given(asked if asked in known else task.examples[0].text)
