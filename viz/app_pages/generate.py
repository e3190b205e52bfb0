"""Generate: let a trained network write, character by character, and colour the text by any of its units."""

import streamlit as st

from viz import inputs
from viz.generate import controls
from viz.generate.page import show_generation
from viz.generate.writing import writer
from viz.run import answered

st.markdown("#### Let a trained network write, and see which of its units follow what")
st.caption(
    "After each character the network says how probable every next one is; one of them is drawn and read as the next "
    "input. The text is coloured by the value of any unit while it was written, in exact numbers."
)
left, right = st.columns([3, 1], vertical_alignment="bottom")
with right:
    key = controls.pick_writer(left)
with answered():
    model = writer(key)
    with left:
        prompt = controls.type_prompt(model.task)
    inputs.pick_example(model.task.prompts)
    show_generation(model, controls.pick_sampling(key, prompt))
