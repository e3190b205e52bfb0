"""What the page "Your model" shows: the file, its recurrent layers, their input and output, and the way on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core_models.language import mark, say
from core_models.own.proving import ROUNDED, TOLERANCE
from pretrained import shipped
from pretrained.task import InputError
from pretrained.trained import Trained
from pretrained.uploads.limits import MOST_MODEL_MEGABYTES
from viz import models, params
from viz.inputs import MODEL, TEXT, in_url
from viz.kept import Kept
from viz.markdown import escape
from viz.own_model import form
from viz.own_model.opened import OPENED, REFUSED, Opened, open_files
from viz.own_model.proof import PROOF, offer_proof
from viz.own_model.translator import show_translator
from viz.params import TAB, Param

FILE = Param("own-file", public=False)
EXAMPLE = "co2-gru.safetensors"

HELD = Kept[dict[str, Any]]("own choices")
"""What the form held when it was last drawn, for when a person comes back to the page."""

ABOUT = mark(
    "safetensors, ONNX or Keras (.keras, .h5), **at most {size} MB**. What you open stays in the server's memory, in "
    "your session alone, until you close the page: no address opens it for anybody else. At most {most} models are "
    "kept. A model in several files: give all of them."
)
PAGES: tuple[tuple[str, str, str, dict[Param, str]], ...] = (
    ("app_pages/explore.py", mark("Explore"), ":material/search:", {}),
    ("app_pages/compare.py", mark("Compare"), ":material/compare_arrows:", {}),
    ("app_pages/memory.py", mark("Memory"), ":material/timeline:", {TAB: "own"}),
    ("app_pages/explain.py", mark("Explain"), ":material/fact_check:", {}),
)


def open_page() -> None:
    """Everything below the heading."""
    _show_models()
    for name, value in (HELD.get() or {}).items():
        if params.held(Param(name)) is None:
            params.give(Param(name), value)
    with st.container(border=True):
        _show_file()
    opened = OPENED.get()
    if opened is None:
        if st.button(
            say("No file at hand? Try it with the weights of one of our models"),
            icon=":material/lightbulb:",
            key="own-example",
        ):
            _take({EXAMPLE: shipped.read(shipped.FOLDER / "weights" / EXAMPLE)})
            st.rerun()
    else:
        _show_form(opened)
    title = say("One cell in PyTorch, Keras, ONNX and the textbook, and the lines that copy its weights")
    with st.expander(title, icon=":material/translate:", key="dialects", on_change="rerun") as drawer:
        if drawer.open:
            show_translator()


def _show_models() -> None:
    """The models of this session, with the ways to the pages that show them."""
    for key, model in reversed(models.own_models().items()):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":material/deployed_code_account: **{escape(model.recipe.title)}**", width="content")
            for page, title, icon, more in PAGES:
                params.link(page, say(title), icon, _query(key, model) | more)
            st.button(say("Remove"), key=f"remove-{key}", type="tertiary", icon=":material/delete:",
                      on_click=models.let_go, args=(key,))  # fmt: skip


def _query(key: str, model: Trained) -> dict[Param, str]:
    return {MODEL: key, TEXT: in_url(model.task.examples[0].text)}


def _show_file() -> None:
    """The control that takes the file, and why the last one was refused."""
    st.markdown(say("**1. File**"))
    st.file_uploader(
        say("A file with the weights of your network"), key=FILE, max_upload_size=MOST_MODEL_MEGABYTES,
        accept_multiple_files=True, on_change=_take_given,
    )  # fmt: skip
    st.caption(say(ABOUT, size=MOST_MODEL_MEGABYTES, most=models.MOST))
    refused = REFUSED.get()
    if refused:
        st.error(escape(refused.sentence), icon=":material/block:")
        if refused.code:
            st.code(refused.code, language="python")


def _take_given() -> None:
    """Open what was given, if something is left of it."""
    given = {file.name: file.getvalue() for file in params.held(FILE) or ()}
    if given:
        _take(given)


def _take(files: Mapping[str, bytes]) -> None:
    """Open a model; what was chosen for the one before is forgotten."""
    if open_files(files):
        form.forget()
        for kept in (HELD, PROOF):
            kept.take()


def _show_form(opened: Opened) -> None:
    """What is in the file, and what it reads and gives; what was chosen is kept for when a person comes back."""
    try:
        wanted = form.pick(opened)
    except InputError as error:
        st.info(escape(str(error)), icon=":material/edit:")
        return
    finally:
        HELD.put({str(param): params.held(param) for param in form.CHOICES if params.held(param) is not None})
    if st.button(say("Show its gates and states"), type="primary", icon=":material/search:", key="own-open"):
        with form.fitting():
            model = wanted.built()
            models.keep(model)
            query = {str(name): value for name, value in _query(model.recipe.key, model).items()}
            st.switch_page("app_pages/explore.py", query_params=query)
    offer_proof(wanted, ROUNDED if opened.contents.rounded else TOLERANCE)
