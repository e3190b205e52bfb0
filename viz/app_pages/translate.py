"""Translate: type a sentence, a date or digits, watch a network write its answer, and take the wheel."""

import streamlit as st

from pretrained.errors import ModelError
from pretrained.task import InputError
from viz import cards, session
from viz.translate import controls
from viz.translate.answers import Asked, answer, translator
from viz.translate.notices import notices
from viz.translate.page import show_translation

controls.return_to_screen()
st.markdown("#### Watch a trained network write, token by token, and change its course")
st.caption(
    "One network reads what you type; a second one writes the answer, and before every token it looks back at what "
    "was read. Every number comes from one run of the real network on your own text."
)
left, right = st.columns([3, 2], vertical_alignment="bottom")
with right:
    key = controls.pick_translator()
try:
    model = translator(key)
except ModelError as error:
    st.error(str(error), icon=":material/broken_image:")
    session.end_page()
with left:
    text = controls.type_source(model.task)
controls.pick_example(model.task, text)
asked = Asked(key, text, *controls.chosen_search(model.task))
try:
    reading, _ = answer(asked)
    cards.show_notices(controls.escape(notice) for notice in notices(model.task, reading))
    show_translation(model, asked, reading)
except InputError as error:
    st.info(str(error), icon=":material/edit:")
except ModelError as error:
    st.error(str(error), icon=":material/broken_image:")
controls.remember_screen()
