"""Memory: why gates exist, measured on tasks that need nothing else, and on a person's own sentence."""

import streamlit as st

from viz import controls, session
from viz.flow import show_flow
from viz.race import show_race

session.return_to_screen(controls.TEXT, "memory")
st.markdown("#### Why gates exist")
show_race()
show_flow()
session.remember_screen()
