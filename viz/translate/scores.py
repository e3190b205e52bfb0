"""Another score function on the very same encoder states: where would each step have looked?"""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core_models.attention.edit import FREE_SCORES
from core_models.models.translation import ATTENTION
from pretrained.pair_model import PairModel, score_anew
from viz.figures import head_summary
from viz.linked_plot import linked_plot
from viz.session import Selection
from viz.translate import controls
from viz.translate.answers import Asked
from viz.translate.state import Shown
from viz.translate.what_if import TRAINED_SCORE, WhatIf
from viz.translate.what_ifs import SCORE_NAMES

SCORE, HEAT = "score", "heat"
TRAINED_NAMES = {"additive": "additive (Bahdanau)", "concat": "concat-tanh (Luong)", "dot": "dot product",
                 "scaled_dot": "scaled dot product", "multi_head": "multi-head scaled dot product"}  # fmt: skip
HEATS = {f"{h}": f"{h / 100:g}" for h in (10, 20, 30, 50, 70, 100, 150, 200, 300, 500, 1000)}
"""Temperatures, in hundredths."""


def show_scores(
    model: PairModel, asked: Asked, original: Shown, changed: Shown, selection: Selection | None, what_if: WhatIf
) -> Selection | None:
    """The trained weights beside those of another score or temperature, states unchanged; then decoding with it."""
    attention = model.network.architecture.attention
    if attention is None:
        st.info("This network has no attention, so there is no score to exchange.", icon=":material/visibility_off:")
        return None
    name = TRAINED_NAMES[attention]
    st.caption(
        f"The states stay as they were in the original; only the comparison is another one. These weights were trained "
        f"with the **{name}** score. Dot and scaled dot have no parameters and can stand in for it; scores with "
        "parameters of their own were never trained for these states and are not offered."
    )
    options = {TRAINED_SCORE: f"{name}, as trained"} | {k: SCORE_NAMES[k] for k in FREE_SCORES if k != attention}
    left, right = st.columns(2)
    with left:
        score = controls.choose("Score function", SCORE, options, default=TRAINED_SCORE, pills=True)
    with right:
        heat = int(controls.slide("Temperature", HEAT, HEATS, default="100")) / 100
    st.caption(
        "Scores are divided by the temperature before the softmax: above 1 it softens the weights, below 1 it sharpens "
        "them."
    )
    heads = len(original.trace.array(ATTENTION, "attention_weights"))
    before, after = original.weights("mean"), _anew(model, original, score, heat)
    moved = float(np.abs(after - before).sum(axis=1).mean() / 2)
    for column, weights, title, key in (
        (left, before, f"As trained: {name}", "score-trained"),
        (right, after, f"{options[score]}, temperature {heat:g}", "score-other"),
    ):
        with column, st.container(border=True):
            st.markdown(f"**{title}**")
            figure = head_summary.draw(weights, original.sources, original.targets, "mean" if heads > 1 else "weights")
            linked_plot(figure, key=key, alt=f"Attention weights of every written token: {title}")
    st.caption(
        f"On average {moved:.1%} of a step's attention goes elsewhere. Rows are written tokens, columns source tokens"
        + (", means over heads." if heads > 1 else ".")
    )
    if st.button("Let the decoder go on with it", key="score-decode", icon=":material/play_arrow:"):
        controls.put_edits(what_if.compare_by(score, heat).address)
        st.rerun()
    return None


def _anew(model: PairModel, shown: Shown, score: str, heat: float) -> NDArray[np.floating]:
    if score != TRAINED_SCORE:
        return score_anew(model.network, shown.trace, score, heat)[1]
    scores = shown.trace.array(ATTENTION, "attention_scores").astype(np.float64) / heat
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return (powers / powers.sum(axis=-1, keepdims=True)).mean(axis=0)
