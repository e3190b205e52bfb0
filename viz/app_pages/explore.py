"""Explore: type a sentence and see what happened inside the network that read it."""

import streamlit as st

from pretrained.registry import ModelError
from pretrained.task import InputError
from viz import controls, session
from viz.explore import show_trace

session.return_to_screen(controls.TEXT)
st.markdown("#### Watch a trained network read your sentence")
st.caption(
    "A small recurrent network, trained on film reviews, reads what you type word by word and says whether it is "
    "positive. Below is everything that happened inside it, in exact numbers."
)
left, right = st.columns([3, 1], vertical_alignment="bottom")
with right:
    key = controls.pick_model()
try:
    model = session.model(key)
except ModelError as error:
    st.error(str(error), icon=":material/broken_image:")
    st.stop()
with left:
    text = controls.type_text(model.task)
controls.pick_example(model.task)
try:
    reading, trace = session.traced(key, text)
except InputError as error:
    st.info(str(error), icon=":material/edit:")
    st.stop()
except ModelError as error:
    st.error(str(error), icon=":material/broken_image:")
    st.stop()
for notice in reading.notices:
    st.info(notice, icon=":material/content_cut:")
show_trace(model, trace)
session.remember_screen()
