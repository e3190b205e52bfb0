"""Memory: why gates exist, measured on tasks that need nothing else, and on a person's own sentence."""

import streamlit as st

from viz.flow import show_flow
from viz.race import show_race

st.markdown("#### Why gates exist")
show_race()
show_flow()
