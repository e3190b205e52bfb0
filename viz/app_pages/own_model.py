"""Your model: a network from a person's own file, opened for every page of this session."""

import streamlit as st

from viz.own_model.page import open_page

st.markdown("#### The gates of your own network")
st.caption(
    "Open a file of its weights. Gatescope finds the recurrences in it, and one becomes a model of this session: "
    "Explore, Compare, Memory and Explain open it as they open ours. Nothing in the file is executed."
)
open_page()
