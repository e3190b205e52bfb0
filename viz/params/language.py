"""The language in which a visitor reads: chosen in the address or with the switch, else by their browser."""

from __future__ import annotations

from functools import partial
from html import escape

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core_models import language
from core_models.language.folder import ENGLISH, catalogue, languages, name_of
from viz.kept import Kept
from viz.params.address import LANG, asked, is_step_back, let_stand, put
from viz.params.frame import frame

_CHOSEN = Kept[str]("language")
"""What was chosen last: a page that is opened by its name alone, or by Back, is read in the same language."""


def spoken() -> str:
    """Key of the language of whoever looks at the page; outside of a visitor's page English."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return ENGLISH
    wanted = asked(LANG)
    if wanted in languages() and not (is_step_back() and _CHOSEN.get()):
        return _CHOSEN.put(wanted)
    return _CHOSEN.get() or preferred()


language.ask(spoken)


def preferred() -> str:
    """The browser's language, if there is a catalogue of it; else English."""
    wanted = (st.context.locale or "").replace("-", "_")
    return next((key for key in (wanted, wanted.partition("_")[0].lower()) if key in languages()), ENGLISH)


def pick_language() -> None:
    """The switch: for every other language a button with its own name, and what the browser reads aloud by."""
    now = language.current()
    if asked(LANG) not in (None, now):
        let_stand(LANG, now)
    with st.container(key="language", horizontal=True, gap="small", width="content"):
        spoken_in = 'lang="en"' if now == ENGLISH else f'lang="{catalogue(now).tag}" data-words="{escape(frame())}"'
        st.html(f'<span class="spoken" {spoken_in}></span>')
        for key in languages() if LANG.free else ():
            if key != now:
                st.button(name_of(key), on_click=partial(put, LANG, key), key=f"language-{key}", type="tertiary")
