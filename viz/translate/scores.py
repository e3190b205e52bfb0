"""Another score function on the very same encoder states: where would each step have looked?"""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core_models.edits.edit import FREE_SCORES, Rescore
from core_models.language import mark, say
from core_models.networks.translation import ATTENTION
from pretrained.families.translation.trained import TrainedTranslator, score_anew
from pretrained.registry import sound_recipes
from viz import params
from viz.cards import Card, show
from viz.controls import HEAD
from viz.explain.edits.stack import put_one
from viz.explain.edits.words import SCORES
from viz.figures.parts.tables import tabulate_matrix
from viz.figures.trace import head_summary
from viz.params import Param
from viz.session import Selection
from viz.translate.state import Screen, Shown, summary

TRAINED_NAMES = {
    "additive": mark("additive (Bahdanau)"),
    "concat": mark("concat-tanh (Luong)"),
    "dot": mark("dot product"),
    "scaled_dot": mark("scaled dot product"),
    "multi_head": mark("multi-head scaled dot product"),
}
HEATS = {f"{h}": f"{h / 100:g}" for h in (10, 20, 30, 50, 70, 100, 150, 200, 300, 500, 1000)}
"""Temperatures, in hundredths."""

TRAINED_SCORE = "trained"
SCORE, HEAT = Param("score", default=TRAINED_SCORE), Param("heat", HEATS, "100")


def show_scores(on: Screen) -> Selection | None:
    """The trained weights beside those of another score or temperature, states unchanged; then decoding with it."""
    attention = on.model.network.architecture.attention
    if attention is None:
        st.info(
            say("This network has no attention, so there is no score function to replace."),
            icon=":material/visibility_off:",
        )
        return None
    name = say(TRAINED_NAMES[attention])
    st.caption(
        say(
            "The states stay as in the original; only the way of comparing them changes. These "
            "weights were trained with the **{name}** score. Dot and scaled dot have no "
            "parameters and can stand in for it; scores with parameters of their own were never "
            "trained for these states and are not offered.",
            name=name,
        )
    )
    _trained_with(on.model)
    options = {TRAINED_SCORE: say("{name}, as trained", name=name)} | {
        k: say(SCORES[k]) for k in FREE_SCORES if k != attention
    }
    left, right = st.columns(2)
    with left:
        score = params.choose(say("Score function"), SCORE, options, pills=True)
    with right:
        heat = int(params.slide(say("Temperature"), HEAT)) / 100
    st.caption(
        say(
            "Scores are divided by the temperature before the softmax: above 1 it softens the "
            "weights, below 1 it sharpens "
            "them."
        )
    )
    heads = len(on.original.trace.array(ATTENTION, "attention_weights"))
    head = params.held(HEAD) or "mean" if heads > 1 else "0"
    which = (
        f", {say(head_summary.NAMES[head]) if head in head_summary.NAMES else say('head {n}', n=int(head) + 1)}"
        if heads > 1
        else ""
    )
    anew = _anew(on.model, on.original, score, heat)
    shared = which if len(anew) == heads else say(", shared by all heads")
    before, after = on.original.weights(head), summary(anew, head)
    moved = float(np.abs(after - before).sum(axis=1).mean() / 2)
    for column, weights, title, key in (
        (left, before, say("As trained: {name}{which}", name=name, which=which), "score-trained"),
        (
            right,
            after,
            say("{score}{shared}, temperature {heat:g}", score=options[score], shared=shared, heat=heat),
            "score-other",
        ),
    ):
        with column:
            how = head if head in ("mean", "max") else "weights"
            show(Card(
                key=key, title=title, question=say("Where does each written token look under this score?"),
                figure=head_summary.draw(weights, on.original.sources, on.original.targets, how),
                origin=on.original.origin,
                numbers=partial(_tabulate, on.original, weights),
            ))  # fmt: skip
    st.caption(
        say(
            "On average {moved:.1%} of a step's attention moves elsewhere. Rows are written "
            "tokens, columns source tokens; "
            "which head, or their mean, is chosen above the alignment.",
            moved=moved,
        )
        if heads > 1
        else say(
            "On average {moved:.1%} of a step's attention moves elsewhere. Rows are written "
            "tokens, columns source tokens.",
            moved=moved,
        )
    )
    if st.button(say("Let the decoder continue with it"), key="score-decode", icon=":material/play_arrow:"):
        put_one(Rescore(None if score == TRAINED_SCORE else score, heat))
        st.rerun()
    return None


def _tabulate(shown: Shown, weights: NDArray[np.floating]) -> pd.DataFrame:
    return tabulate_matrix(weights, ("written", shown.targets), ("source", shown.sources), "weight")


def _trained_with(model: TrainedTranslator) -> None:
    """Every network of this task with the score that its weights were trained with."""
    rows = [
        {
            say("network"): say("{network} (this one)", network=say(recipe.title))
            if key == model.recipe.key
            else say(recipe.title),
            say("trained with"): say(TRAINED_NAMES.get(recipe.architecture.get("attention", ""), mark("no attention"))),
            say("heads"): recipe.architecture.get("heads", 1) if recipe.architecture.get("attention") else 0,
            say("cell"): recipe.architecture["cell"].upper(),
        }
        for key, recipe in sound_recipes("translate").items()
        if recipe.task == model.recipe.task
    ]
    if len(rows) > 1:
        with st.expander(say("Which weights were trained with which score")):
            st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch")


def _anew(model: TrainedTranslator, shown: Shown, score: str, heat: float) -> NDArray[np.floating]:
    """Weights ``[head, query, key]``; of a score without parameters there is one comparison, which all heads share."""
    if score != TRAINED_SCORE:
        return score_anew(model.network, shown.trace, score, heat)[1][None]
    scores = shown.trace.array(ATTENTION, "attention_scores").astype(np.float64) / heat
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
