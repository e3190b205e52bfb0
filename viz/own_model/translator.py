"""The convention translator: one cell as several libraries write it, side by side, and the lines that copy weights."""

from __future__ import annotations

import streamlit as st

from core_models.own.dialects import DIALECTS, Form, lines
from viz import params
from viz.cards import aligned
from viz.params import Param

CELL = Param("dialect-cell", {cell: cell for cell in DIALECTS}, public=False)
FROM, TO = Param("dialect-from", public=False), Param("dialect-to", public=False)


def show_translator() -> None:
    """The forms of a cell, and the lines from one to another of its family."""
    st.caption(
        "The same cell is written in several ways: the order of its gates, what z = 1 means, where the reset gate "
        "acts, how matrices lie. Weights that are copied without regard to this still run, but compute something else."
    )
    cell = params.choose("Cell", CELL, pills=True)
    forms = {form.name: form for form in DIALECTS[cell]}
    for start in range(0, len(forms), 2):
        for column, form in zip(st.columns(2), list(forms.values())[start : start + 2], strict=False):
            with column, st.container(border=True):
                _show(form)
    left, right = st.columns(2)
    with left:
        source = params.choose("Copy weights from", FROM, {name: name for name in forms}, default=next(iter(forms)))
    others = {name: name for name, form in forms.items() if form.family == forms[source].family and name != source}
    with right:
        target = params.choose("to", TO, others, default=next(iter(others)))
    st.code(lines(forms[source], forms[target]), language="python")
    st.caption(
        "`module` is a torch.nn module of one layer, `layer` a Keras layer, `tensors` the initialisers of an ONNX "
        "node, `book` a dictionary of matrices such as W_r, U_r and b_r."
        + (" Forms with the reset gate on the other side of the product are not offered: no weights make them equal."
           if len(others) < len(forms) - 1 else "")
    )  # fmt: skip


def _show(form: Form) -> None:
    st.markdown(f"**{form.name}**")
    st.latex(aligned(form.equations))
    st.caption(f"Gates in the order {form.order}. {form.differs}")
