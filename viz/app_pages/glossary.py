"""Glossary: every quantity that can be shown, from the vocabulary."""

import streamlit as st

from core_models.vocabulary import VOCABULARY, Kind
from viz import cards

st.title("Glossary")
st.markdown(
    "Every number in Gatescope is one of these quantities. Equations are in PyTorch's convention; "
    "where papers differ, the source says so."
)
wanted = st.text_input(
    "Find", key="find", bind="query-params", live="200ms", max_chars=60, placeholder="gate, cₜ, softmax …"
)
rows = [row for row in VOCABULARY.values() if cards.mentions(row, wanted)]
if not rows:
    st.info("No quantity mentions that; clear the box to see all of them.", icon=":material/search_off:")
for kind in Kind:
    of_kind = [row for row in rows if row.kind == kind]
    if of_kind:
        st.subheader(kind.value.capitalize(), divider="gray")
    for row in of_kind:
        cards.show_quantity(row)
