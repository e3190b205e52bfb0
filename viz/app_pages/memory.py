"""Memory: why gates exist, measured on tasks that need nothing else, and on a person's own sentence."""

import streamlit as st

from viz.memory.flow import show_flow
from viz.memory.race import RACES, introduce, show_race
from viz.tabs import open_tab

OWN = "own"

st.title("Why gates exist", anchor=False)
part = open_tab({**RACES, OWN: "Your own input"})
if part == OWN:
    show_flow()
else:
    introduce()
    show_race(part)
