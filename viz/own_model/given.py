"""The file that ``gatescope open FILE`` was given: each page that is opened begins with it, once."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from core_models.language import say
from core_models.own.files.load import INDEX, KERAS, PICKLES, neighbours
from pretrained.uploads.limits import MOST_MODEL_MEGABYTES
from pretrained.uploads.name import quoted
from viz import inputs, params
from viz.files.open_file import CONTROL
from viz.kept import Kept
from viz.outside.command import GIVEN
from viz.own_model.opened import REFUSED, Refused, open_file

MODELS = (".safetensors", INDEX, ".onnx", *KERAS, *PICKLES)
TAKEN = Kept[bool]("given file taken")


def take_given_file() -> None:
    """Open the file, if the app was started with one and this session has not seen it; a model's on its own page.

    Call it once the pages are known, before one is drawn.
    """
    path = os.environ.get(GIVEN)
    if not path or TAKEN.get() or params.address():
        return
    TAKEN.put(True)
    file = Path(path)
    content = _content(file)
    if file.name.lower().endswith(MODELS) or content is None:
        if content is not None:
            open_file(file.name, content, neighbours(file))
        st.switch_page("app_pages/own_model.py")
    if params.held(inputs.MODEL) is None:
        params.give(inputs.MODEL, next(iter(inputs.offered())))
    CONTROL.read(file.name, content)


def _content(file: Path) -> bytes | None:
    """Its bytes; None where it cannot be read, and then why is kept for the page."""
    try:
        if file.stat().st_size <= MOST_MODEL_MEGABYTES * 1_000_000:
            return file.read_bytes()
        REFUSED.put(Refused(say("{file} is larger than {most} MB, the most that is read.", file=quoted(file.name),
                                most=MOST_MODEL_MEGABYTES)))  # fmt: skip
    except OSError as error:
        REFUSED.put(Refused(say("{file} cannot be read: {reason}.", file=quoted(file.name), reason=error.strerror)))
    return None
