"""The page: words of the field first, then the quantities, kind by kind; what is looked for is found in all of them."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import streamlit as st

from core_models.language import mark, say
from core_models.vocabulary import VOCABULARY, Kind, Quantity
from viz import params
from viz.glossary.terms import TERMS, Term
from viz.markdown import escape
from viz.params import Param
from viz.run import heading_row
from viz.tabs import open_tab

FIND = Param("find")
LONGEST = 60

KINDS = {
    Kind.GATE: mark("Gates"), Kind.STATE: mark("States"), Kind.CANDIDATE: mark("Candidates"),
    Kind.PREACTIVATION: mark("Pre-activations"), Kind.EMBEDDING: mark("Embeddings"), Kind.INPUT: mark("Inputs"),
    Kind.SCORE: mark("Attention scores"), Kind.MASK: mark("Attention masks"), Kind.WEIGHT: mark("Attention weights"),
    Kind.CONTEXT: mark("Contexts"), Kind.OUTPUT: mark("Outputs"), Kind.CHOICE: mark("Choices of the next token"),
    Kind.LABEL: mark("Labels of tokens"), Kind.FORECAST: mark("Forecasts"), Kind.INFLUENCE: mark("Influence"),
    Kind.REFERENCE: mark("References"),
}  # fmt: skip
"""What the parts with quantities are called."""

WORDS = "words"
"""The part with words that are no quantity."""


def open_page() -> None:
    """Box, parts, and the entries of the open one, or all that mention what is looked for."""
    heading_row(say("Glossary"))
    params.take_up(FIND)
    label, hint = say("Find a word, a quantity or a symbol"), say("GRU, gate, cₜ, softmax …")
    wanted = params.text(label, FIND, characters=LONGEST, placeholder=hint, titled=False)[:LONGEST]
    if wanted.strip():
        rows = [row for row in VOCABULARY.values()
                if _mention(wanted, row.name, row.symbol, row.key, row.meaning, row.source, row.kind)]  # fmt: skip
        _show([term for term in TERMS if _mention(wanted, term.name, term.meaning, term.also)], rows)
        return
    kinds = [kind for kind in Kind if any(row.kind == kind for row in VOCABULARY.values())]
    names = {slug(kind): say(KINDS[kind]) for kind in kinds}
    part = open_tab({WORDS: say("Words of the field")} | names)
    if part == WORDS:
        _show(TERMS, ())
        return
    st.caption(
        say(
            "Every number in Gatescope is one of these quantities. Equations are in PyTorch’s convention; where papers "
            "differ, the source says so."
        )
    )
    _show((), [row for row in VOCABULARY.values() if slug(row.kind) == part])


def slug(kind: Kind) -> str:
    """A kind of quantity as the address writes it."""
    return kind.value.replace(" ", "-")


def _mention(wanted: str, *texts: str) -> bool:
    """Whether an entry that consists of these texts, in English or as they are said, holds what a person looks for."""
    return wanted.strip().casefold() in " ".join((*texts, *map(say, filter(None, texts)))).casefold()


def _show(terms: Sequence[Term], rows: Sequence[Quantity]) -> None:
    """Words in two columns, quantities below each other."""
    if not terms and not rows:
        st.info(say("No entry mentions that; clear the box to see all of them."), icon=":material/search_off:")
    half = -(-len(terms) // 2)
    for column, own in zip(st.columns(2), (terms[:half], terms[half:]), strict=True):
        for term in own:
            name = say(term.name)
            others = [*([term.name] if name != term.name else []), *([say(term.also)] if term.also else [])]
            also = f" :gray[{say('({words})', words=say(', ').join(others))}]" if others else ""
            column.markdown(f"**{name}**{also}  \n{say(term.meaning)}")
    for row in rows:
        _show_quantity(row)


def _show_quantity(row: Quantity) -> None:
    """One row of the glossary: name, meaning, equation, range, axes, source."""
    with st.container(border=True):
        words, equation = st.columns([3, 2], vertical_alignment="center")
        low, high = (
            ("−∞" if bound == -inf else "∞" if bound == inf else f"{bound:g}") for bound in (row.low, row.high)
        )
        words.markdown(f"**{say(row.name)}** ${row.latex}$")
        words.markdown(say(row.meaning))
        words.caption(say(
            "Range {range}, axes {axes}, `{key}` in code and files. Source: {source}.",
            range=escape(f"[{low}, {high}]"), axes=escape("[" + ", ".join(row.dims) + "]"), key=row.key,
            source=escape(say(row.source)),
        ))  # fmt: skip
        equation.latex(row.equation)
