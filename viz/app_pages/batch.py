"""Batch: a file of many sequences, read by one model into a table."""

import streamlit as st

from viz.batch.page import open_page

st.markdown("#### Let a trained network read a whole file")
st.caption(
    "Every row is read by the same network as on Explore, with the same numbers. Search and sort the answers, open any "
    "of them with everything that happened inside, or save them beside the other columns of the file."
)
open_page()
