"""A link to the picture on the screen for a class: a teacher chooses which controls are locked or hidden in it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core_models.language import say
from viz import params
from viz.params import HIDE, LOCK, Param

DRAWER, LOCKED, HIDDEN = (Param(key, public=False) for key in ("class-link", "class-lock", "class-hide"))


def offer_link() -> None:
    """The drawer with the two choices and the link; nothing where the address locks or hides something already."""
    if params.asked(LOCK) or params.asked(HIDE):
        return
    with st.expander(say("A link for a class"), icon=":material/lock:", key=DRAWER, on_change="rerun") as drawer:
        if drawer.open:
            st.caption(say("It shows this picture. A control that is locked cannot be changed; one that is hidden "
                           "is not shown."))  # fmt: skip
            locked, hidden = _pick(say("Locked"), LOCKED), _pick(say("Hidden"), HIDDEN)
            chosen = {str(param): ",".join(names) for param, names in ((LOCK, locked), (HIDE, hidden)) if names}
            st.code(params.link_of(st.context.url or "/", params.address() | chosen), language=None, wrap_lines=True)


def _pick(label: str, param: Param) -> Sequence[str]:
    """Names of controls of this page."""
    names = params.labels()
    return params.several(label, param, names, most=len(names) or 1, placeholder=say("none"))
