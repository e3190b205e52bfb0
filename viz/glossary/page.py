"""The page: words of the field first, then the quantities, kind by kind; what is looked for is found in all of them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core_models.vocabulary import VOCABULARY, Kind, Quantity
from viz import cards, params
from viz.glossary.terms import TERMS, Term
from viz.params import Param
from viz.run import heading_row
from viz.tabs import open_tab

FIND = Param("find")
LONGEST = 60

PLURALS = {Kind.CHOICE: "Choices of the next token", Kind.LABEL: "Labels of tokens", Kind.INFLUENCE: "Influence"}
"""Names of kinds whose plural is not made by an s."""

WORDS = "words"
"""The part with words that are no quantity."""


def open_page() -> None:
    """Box, parts, and the entries of the open one, or all that mention what is looked for."""
    heading_row("Glossary")
    params.take_up(FIND)
    label, hint = "Find a word, a quantity or a symbol", "GRU, gate, cₜ, softmax …"
    wanted = params.text(label, FIND, characters=LONGEST, placeholder=hint, titled=False)[:LONGEST]
    if wanted.strip():
        _show([term for term in TERMS if _mentions(term, wanted)],
              [row for row in VOCABULARY.values() if cards.mentions(row, wanted)])  # fmt: skip
        return
    kinds = [kind for kind in Kind if any(row.kind == kind for row in VOCABULARY.values())]
    names = {slug(kind): PLURALS.get(kind, f"{kind.capitalize()}s") for kind in kinds}
    part = open_tab({WORDS: "Words of the field"} | names)
    if part == WORDS:
        _show(TERMS, ())
        return
    st.caption(
        "Every number in Gatescope is one of these quantities. Equations are in PyTorch’s convention; where papers "
        "differ, the source says so."
    )
    _show((), [row for row in VOCABULARY.values() if slug(row.kind) == part])


def slug(kind: Kind) -> str:
    """A kind of quantity as the address writes it."""
    return kind.value.replace(" ", "-")


def _mentions(term: Term, wanted: str) -> bool:
    return wanted.strip().casefold() in f"{term.name} {term.also} {term.meaning}".casefold()


def _show(terms: Sequence[Term], rows: Sequence[Quantity]) -> None:
    """Words in two columns, quantities below each other."""
    if not terms and not rows:
        st.info("No entry mentions that; clear the box to see all of them.", icon=":material/search_off:")
    half = -(-len(terms) // 2)
    for column, own in zip(st.columns(2), (terms[:half], terms[half:]), strict=True):
        for term in own:
            also = f" :gray[({term.also})]" if term.also else ""
            column.markdown(f"**{term.name}**{also}  \n{term.meaning}")
    for row in rows:
        cards.show_quantity(row)
