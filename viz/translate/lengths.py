"""How well each network of a task does on short and on long sources, from the recipes' scores on test."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core_models.language import say
from pretrained.analysis.score_curve import ScoreCurve, score_curve
from pretrained.registry import sound_recipes
from viz.cards import Card, Origin, show
from viz.figures.scores import by_length as score_by_length
from viz.session import Selection
from viz.translate.state import Screen


def curves_of(task: str) -> list[ScoreCurve]:
    """Scores by length of every network of a task that has them, in the order of the list of models."""
    found = []
    for key, recipe in sound_recipes("translate").items():
        if recipe.task == task:
            found.append(score_curve(key, say(recipe.title), recipe.scores))
            bare = say("{network}, no attention (not shipped)", network=say(recipe.title).split(",")[0].split("，")[0])
            found.append(score_curve(f"{key}-without-attention", bare, recipe.without_attention))
    return [curve for curve in found if curve is not None]


def show_lengths(on: Screen) -> Selection | None:
    """The networks of this task side by side, by the length of the source."""
    curves, length = curves_of(on.model.task.key), on.model.task.length
    if not curves:
        st.info(
            say("The scores of this task were not measured by length; choose digits, sentences or facts to see them."),
            icon=":material/straighten:",
        )
        return None
    st.caption(
        say(
            "Without attention the whole source has to pass through one vector of fixed size, "
            "and long sources fit less "
            "well into it. Attention was invented to solve this (Cho et al. 2014, arXiv 1409.1259, fig. 4; Bahdanau et "
            "al. 2015, arXiv 1409.0473, fig. 2)."
        )
    )
    table = pd.concat([_table(curve) for curve in curves])
    show(
        Card(
            key="lengths",
            title=say("Score by the length of the source"),
            origin=Origin(on.model.task.key),
            question=say("Are long sources harder for a network than short ones?"),
            how_to_read=score_by_length.how_to_read(curves, say(length.unit), length.trained),
            figure=score_by_length.draw(curves, on.model.recipe.key, say(length.unit), length.trained),
            numbers=lambda: table,
            alt=say("Score on test sources by their length, one line for each network"),
        )
    )
    if len(curves) == 1:
        st.caption(say("There is no network without attention for this task to compare with."))
    with st.expander(say("The numbers")):
        st.dataframe(table, hide_index=True, width="stretch")
    return None


def _table(curve: ScoreCurve) -> pd.DataFrame:
    names = [str(low) if low == high else f"{low}–{high}" for low, high in curve.lengths]
    rows = {say("network"): curve.title, say("length"): names, say(curve.measure): curve.scores}
    if curve.counts:
        rows[say("sources")] = curve.counts
    if curve.intervals:
        rows |= {say("from"): [low for low, _ in curve.intervals], say("to"): [high for _, high in curve.intervals]}
    return pd.DataFrame(rows)
