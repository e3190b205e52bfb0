"""The languages of the lessons: chosen in the address, else by the browser."""

from __future__ import annotations

import streamlit as st

from viz import params
from viz.params import Param

LANGUAGES = {"en": "English", "zh": "中文"}
"""Names of the languages by their key."""

LANG = Param("lang", LANGUAGES)


def pick_language() -> str:
    """The switch."""
    return params.choose("Language / 语言", LANG, default=preferred(), pills=True, titled=False)


def preferred() -> str:
    """The browser's language, if the lessons have it; else English."""
    asked = (st.context.locale or "").partition("-")[0].lower()
    return asked if asked in LANGUAGES else LANG.default
