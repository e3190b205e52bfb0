"""A file for Explore: one sequence goes into the box, several go to the Batch page."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pretrained.characters import CharacterTask
from pretrained.files.encoding import EncodingError
from pretrained.files.name import quoted
from pretrained.files.plain_text import read_text
from pretrained.files.recognise import Form, recognise
from pretrained.sequence_model import SequenceModel
from pretrained.task import InputError
from viz import controls
from viz.batch import answers, given
from viz.batch.source import read_source, text_columns

OPENED, TOLD = "opened file", "told of file"


def offer_file(model: SequenceModel) -> None:
    """A small control, for models that read text; what is in it is drawn only where somebody asks."""
    if not answers.covers(model.task):
        return
    with st.popover("Open a file", icon=":material/upload_file:", key="open-file", on_change="rerun") as drawer:
        if not drawer.open:
            return
        st.file_uploader("A file with one sequence, or with many", key=OPENED, on_change=_take, args=(model, None))
        told: Callable[[], None] | None = st.session_state.get(TOLD)
        if told and st.session_state.get(OPENED):
            told()


def _take(model: SequenceModel, encoding: str | None) -> None:
    """Read the file that was just given; runs before the page, so that the box can still be filled."""
    file = st.session_state.get(OPENED)
    st.session_state.pop(TOLD, None)
    if file is None:
        return
    name, content = file.name, file.getvalue()
    try:
        if recognise(name, content).form is Form.TEXT and isinstance(model.task, CharacterTask):
            _use(name, read_text(name, content, encoding))
            return
        table = read_source(name, content, encoding)
    except InputError as error:
        st.session_state[TOLD] = _refusal(model, error)
        return
    if len(table.frame) == 1:
        _use(name, str(table.frame[text_columns(table.frame)[0]].iloc[0]))
        return
    given.keep(name, f"{file.file_id} {encoding or ''}", table)
    st.session_state[TOLD] = _link(model, f"{quoted(name)} holds {len(table.frame):,} sequences.")


def _use(name: str, text: str) -> None:
    st.session_state[controls.TEXT] = text
    st.session_state[TOLD] = lambda: st.caption(f"{controls.escape(quoted(name))} stands in the box now.")


def _link(model: SequenceModel, sentence: str) -> Callable[[], None]:
    def tell() -> None:
        st.caption(controls.escape(sentence))
        st.page_link("app_pages/batch.py", label="Read all of them on the Batch page", icon=":material/table_rows:",
                     query_params={controls.MODEL: model.recipe.key})  # fmt: skip

    return tell


def _refusal(model: SequenceModel, error: InputError) -> Callable[[], None]:
    def tell() -> None:
        st.error(controls.escape(str(error)), icon=":material/block:")
        if isinstance(error, EncodingError):
            st.button(f"Read it as {error.label}", on_click=_take, args=(model, error.detected), key="open-as",
                      icon=":material/translate:")  # fmt: skip

    return tell
