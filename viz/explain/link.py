"""The way to the Explain page from others."""

from __future__ import annotations

import streamlit as st

from viz.controls import MODEL, TEXT, in_url
from viz.explain.asked import Asked
from viz.session import address


def link_to_explain(asked: Asked, label: str = "All on a page of their own") -> None:
    """A link to the Explain page with the same model and input."""
    st.page_link("app_pages/explain.py", label=label, icon=":material/fact_check:", query_params=query_of(asked))


def query_of(asked: Asked) -> dict[str, str]:
    """What stands in the address of another page that shows the same model and input.

    A part of something longer is told by all that this page's address holds; elsewhere its name means nothing.
    """
    typed = asked.given.content is None
    return {MODEL: asked.trace.model, TEXT: in_url(asked.text)} if typed else address()
