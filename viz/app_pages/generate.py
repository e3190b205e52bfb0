"""Generate: let a trained network write, character by character, and colour the text by any of its units."""

import streamlit as st

from pretrained.errors import ModelError
from viz import session
from viz.generate import controls
from viz.generate.page import show_generation
from viz.generate.writing import writer

controls.return_to_screen()
st.markdown("#### Let a trained network write, and see which of its units follow what")
st.caption(
    "After each character the network says how probable every next one is; one of them is drawn and read as the next "
    "input. The text is coloured by the value of any unit while it was written, in exact numbers."
)
left, right = st.columns([3, 1], vertical_alignment="bottom")
with right:
    key = controls.pick_writer()
try:
    model = writer(key)
except ModelError as error:
    st.error(str(error), icon=":material/broken_image:")
    session.end_page()
with left:
    prompt = controls.type_prompt(model.task)
controls.pick_prompt(model.task)
asked = controls.pick_sampling(key, prompt)
try:
    show_generation(model, asked)
except ModelError as error:
    st.error(str(error), icon=":material/broken_image:")
controls.remember_screen()
