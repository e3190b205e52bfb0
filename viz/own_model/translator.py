"""The convention translator: one cell as several libraries write it, side by side, and the lines that copy weights."""

from __future__ import annotations

import streamlit as st

from core_models.language import say
from core_models.own.dialects import DIALECTS, Form, lines
from viz import params
from viz.cards import aligned
from viz.params import Param

CELL = Param("dialect-cell", {cell: cell for cell in DIALECTS}, public=False)
FROM, TO = Param("dialect-from", public=False), Param("dialect-to", public=False)


def show_translator() -> None:
    """The forms of a cell, and the lines from one to another of its family."""
    st.caption(say(
        "The same cell is written in several ways: the order of its gates, what z = 1 means, where the reset gate "
        "acts, how matrices lie. Weights that are copied without regard to this still run, but compute something else."
    ))  # fmt: skip
    cell = params.choose(say("Cell"), CELL, pills=True)
    forms = {form.name: form for form in DIALECTS[cell]}
    for start in range(0, len(forms), 2):
        for column, form in zip(st.columns(2), list(forms.values())[start : start + 2], strict=False):
            with column, st.container(border=True):
                _show(form)
    left, right = st.columns(2)
    with left:
        source = params.choose(
            say("Copy weights from"), FROM, {name: name for name in forms}, default=next(iter(forms))
        )
    others = {name: name for name, form in forms.items() if form.family == forms[source].family and name != source}
    with right:
        target = params.choose(say("to"), TO, others, default=next(iter(others)))
    st.code(lines(forms[source], forms[target]), language="python")
    said = say(
        "`module` is a torch.nn module of one layer, `layer` a Keras layer, `tensors` the initialisers of an ONNX "
        "node, `book` a dictionary of matrices such as W_r, U_r and b_r."
    )
    if len(others) < len(forms) - 1:
        said = say("{names} Forms with the reset gate on the other side of the product are not offered: no weights "
                   "make them equal.", names=said)  # fmt: skip
    st.caption(said)


def _show(form: Form) -> None:
    st.markdown(f"**{form.name}**")
    st.latex(aligned(form.equations))
    st.caption(say("Gates in the order {order}. {differs}", order=form.order, differs=say(form.differs)))
