"""Memory: why gates exist, measured on tasks that need nothing else, and on a person's own sentence."""

import streamlit as st

from core_models.language import mark, say
from viz.memory.flow import show_flow
from viz.memory.race import RACES, introduce, show_race
from viz.tabs import open_tab

OWN = "own"

st.title(say("Why gates exist"), anchor=False)
part = open_tab({key: say(title) for key, title in {**RACES, OWN: mark("Your own input")}.items()})
if part == OWN:
    show_flow()
else:
    introduce()
    show_race(part)
