"""Explain: what each token wrote, what changes if something is changed, and whether attention explains the answer."""

import streamlit as st

from viz.explain.page import open_page

st.markdown("#### Explanations that can be checked, on your own input")
st.caption("Every story that a heatmap suggests can be tested.")
open_page()
