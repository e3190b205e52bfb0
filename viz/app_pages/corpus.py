"""Corpus: from one input to every place of a corpus at which the network does the same."""

import streamlit as st

from viz.corpus.page import open_page

st.markdown("#### From one input to every place where the network does the same")
open_page()
