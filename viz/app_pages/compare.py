"""Compare: which architecture helps and why, on the person's own input."""

import streamlit as st

from viz.compare.page import open_page

st.markdown("#### Compare networks on your sentence, or two sentences in one network")
st.caption(
    "One text read by several networks, or two texts that differ in a word read by one: where do the answers part, and "
    "what inside the networks explains it? All figures share their scales and are in step: point at a token anywhere."
)
open_page()
