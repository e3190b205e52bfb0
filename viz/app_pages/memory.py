"""Memory: why gates exist, and how long each unit of a network remembers."""

import streamlit as st

from viz import controls, session
from viz.flow import show_flow

session.return_to_screen(controls.TEXT, "memory")
st.markdown("#### Why gates exist")
show_flow()
session.remember_screen()
