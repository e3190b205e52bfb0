"""Your model: a network from a person's own file, opened for every page of this session."""

import streamlit as st

from viz.own_model.page import open_page

st.markdown("#### The gates of your own network")
st.caption(
    "Open a file with the weights of your network. A recurrent layer in it becomes one more model on Explore, Compare, "
    "Memory and Explain. Nothing in the file is executed."
)
open_page()
