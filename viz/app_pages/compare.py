"""Compare: which architecture helps and why, on the person's own input."""

import streamlit as st

from viz.compare.page import open_page

st.markdown("#### Compare networks on your input, or two inputs in one network")
st.caption(
    "One input read by several networks, or two similar inputs read by one: where do the answers diverge, and "
    "what inside the networks explains it? All figures share their scales and are in step: point at a step anywhere."
)
open_page()
