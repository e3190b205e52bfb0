"""Which source words each written token came from: attribution beside attention."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core_models.explain.attribution.ranks import kendall
from core_models.explain.attribution.written import source_matrix
from pretrained.pair_model import PairModel
from viz.figures.explain import attribution_matrix
from viz.linked_plot import linked_plot
from viz.session import Selection
from viz.translate.answers import Request, answer, translator, wrapped
from viz.translate.state import Shown
from viz.translate.what_if import WhatIf


@st.cache_resource(max_entries=64, show_spinner=False)
def given(asked: Request) -> NDArray[np.float32]:
    """What each source token gave to each written token, ``[target, source]``; computed once for everybody."""
    network, made = translator(asked.model).network, answer(asked)[1].translation
    return source_matrix(network, made.source, made.target, made.edits).float().cpu().numpy()


def show_words(
    model: PairModel,
    asked: Request,
    original: Shown,
    changed: Shown | None,
    selection: Selection | None,
    what_if: WhatIf,
) -> Selection | None:
    """Gradient × input of every written token, and how far attention ranks the source tokens alike."""
    shown = changed or original
    matrix = given(wrapped(what_if, asked) if what_if else asked)
    with st.container(border=True):
        st.markdown("**What each source token gave to each written token**")
        st.caption(
            "Gradient × input of the written token’s log-probability, given the tokens before it: blue made it more "
            "probable, orange less. Unlike an attention weight it has a sign, and it follows the influence through the "
            "encoder, whose states know their neighbours."
        )
        figure = attribution_matrix.draw(
            matrix, shown.sources, shown.targets, output_title="written token (t)", triangular=False,
            label="gradient × input (nats)",
        )  # fmt: skip
        alt = "Gradient times input of every written token by source token"
        linked_plot(figure, key="words-matrix", alt=alt, group="source")
        if shown.attends and len(shown.sources) > 1:
            st.markdown(_agreement(matrix, shown.weights("mean")))
    return None


def _agreement(matrix: np.ndarray, weights: np.ndarray) -> str:
    found = [kendall(np.abs(row), weight) for row, weight in zip(matrix, weights, strict=True)]
    same = float((np.abs(matrix).argmax(1) == weights.argmax(1)).mean())
    return (
        f"Attention and this rank the source tokens alike at τ = **{np.nanmean(found):.2f}** on average over the "
        f"written tokens (1: same order, 0: none); in **{same:.0%}** of them both put the same source token first."
    )
