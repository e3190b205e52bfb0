"""The way to the Explain page from others."""

from __future__ import annotations

import streamlit as st

from viz.controls import MODEL, TEXT
from viz.explain.asked import Asked


def link_to_explain(asked: Asked, label: str = "All on a page of their own") -> None:
    """A link to the Explain page with the same model and input."""
    query = {MODEL: asked.trace.model, TEXT: asked.text}
    st.page_link("app_pages/explain.py", label=label, icon=":material/fact_check:", query_params=query)
