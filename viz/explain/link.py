"""The way to the Explain page from others."""

from __future__ import annotations

import streamlit as st

from core_models.trace import Trace
from viz.controls import MODEL, TEXT


def link_to_explain(trace: Trace) -> None:
    """A link to the Explain page with the trace's own model and text."""
    query = {MODEL: trace.model, TEXT: trace.tokens.text}
    label = "Split the answer too, and see what erasing a word really does"
    st.page_link("app_pages/explain.py", label=label, icon=":material/fact_check:", query_params=query)
