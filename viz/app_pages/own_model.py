"""Your model: a network from a person's own file, opened for every page of this session."""

import streamlit as st

from core_models.language import say
from viz.own_model.page import open_page

st.markdown(say("#### The gates of your own network"))
st.caption(say(
    "Open a file with the weights of your network. A recurrent layer in it becomes one more model on Explore, Compare, "
    "Memory and Explain. Nothing in the file is executed."
))  # fmt: skip
open_page()
