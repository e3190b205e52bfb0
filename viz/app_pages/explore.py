"""Explore: type a sentence and see what happened inside the network that read it."""

import streamlit as st

from pretrained.registry import ModelError
from pretrained.task import InputError
from viz import cards, controls, session
from viz.explain.asked import Asked
from viz.explore import show_trace
from viz.files.open_file import offer_inputs
from viz.kinds import kind_of, shown_recipes

session.return_to_screen(controls.TEXT)
heading = st.container()
left, right = st.columns([3, 1], vertical_alignment="bottom")
with right:
    key = controls.pick_model(shown_recipes())
try:
    model = session.reader(key)
except ModelError as error:
    st.error(str(error), icon=":material/broken_image:")
    session.end_page()
kind = kind_of(model)
heading.markdown(f"#### {kind.headline}")
heading.caption(kind.about)
with left:
    given = kind.take_input(model.task)
offer_inputs(model.task)
try:
    reading, trace = session.traced(key, given.key, given.content)
except InputError as error:
    st.info(str(error), icon=":material/edit:")
    session.end_page()
except ModelError as error:
    st.error(str(error), icon=":material/broken_image:")
    session.end_page()
cards.show_notices(reading.notices)
show_trace(Asked(model, given, reading, trace))
session.remember_screen()
