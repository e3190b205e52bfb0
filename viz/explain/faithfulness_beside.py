"""One attention beside others: the numbers of this input with those of many, and every model that attends."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core_models.explain.faithfulness.panel import Faithfulness
from core_models.language import say
from pretrained.errors import ModelError
from pretrained.faithfulness.results import Background, read_background
from pretrained.faithfulness.verdict import UNUSED, USED, Estimate
from pretrained.registry import sound_recipes
from viz.cards import Card, Origin, save_table, show
from viz.explain.target import Question
from viz.explain.verdict_words import moved_by
from viz.figures.explain import faithful_models
from viz.run import ModelRun

LN2 = float(np.log(2.0))
"""The largest divergence of two attentions."""


def _estimate(estimate: Estimate) -> str:
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


def comparison_table(found: Faithfulness, background: Background | None, noun: str = "token") -> pd.DataFrame:
    """Every measure on this input, and on many where that was measured."""
    change = np.abs(found.shuffled - found.answer)
    muted, removed = found.muted, found.removed
    own = {
        "uniform": (say("uniform attention"), abs(found.uniform - found.answer)),
        "shuffled": (say("shuffled attention (median)"), float(np.median(change))),
        "muted_top": (say("no attention to the top {noun}", noun=say(noun)), abs(muted.top[0] - found.answer)),
        "muted_random": (
            say("no attention to a random {noun}", noun=say(noun)),
            float(np.abs(muted.random[0] - found.answer).mean()),
        ),
        "removed_top": (say("the top {noun} removed", noun=say(noun)), abs(removed.top[0] - found.answer)),
        "removed_random": (
            say("a random {noun} removed", noun=say(noun)),
            float(np.abs(removed.random[0] - found.answer).mean()),
        ),
        "agreement": (say("τ: attention and removal"), found.agreement),
        "gradient_agreement": (say("τ: attention and |gradient × input|"), found.gradient_agreement),
        "reference_agreement": (say("τ: |gradient × input| and removal"), found.reference_agreement),
        "divergence": (say("divergence of another attention"), found.divergence),
    }
    table = {
        say("test"): [name for name, _ in own.values()],
        say("your input"): [f"{value:.3f}" for _, value in own.values()],
    }
    if background:
        table[say("{count} unseen sentences, mean", count=background.count)] = [
            _estimate(background.mean(key)) for key in own
        ]
    return pd.DataFrame(table).set_index(say("test"))


def show_table(question: Question, found: Faithfulness, background: Background | None) -> None:
    """All numbers, beside those of many sentences where they were measured."""
    asked = question.asked
    table = comparison_table(found, background, asked.tokens.noun)
    title, alt = (
        (
            say("**All numbers, compared with many sentences**"),
            say("Every test on your input and on unseen sentences"),
        )
        if background
        else (say("**All numbers**"), say("Every test on your input"))
    )
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(title, width="stretch")
            save_table("faithfulness", asked.origin.name("faithfulness"),
                       lambda: comparison_table(found, background, asked.tokens.noun).reset_index())  # fmt: skip
        st.table(table, alt=alt)
        brackets = say(
            "In brackets: 95% bootstrap intervals of the mean over sentences of the treebank’s development set, which "
            "no network was trained on."
        )
        st.caption(
            say(
                "The first six are changes of the {short}, the next three rank correlations "
                "between −1 and 1, the last a Jensen-Shannon divergence between 0 and "
                "{most:.3f}.",
                short=question.short,
                most=LN2,
            )
            + (f" {brackets}" if background else "")
        )


def show_models(asked: ModelRun) -> None:
    """How far every model of sentiment needs its attention."""
    try:
        backgrounds = {key: read_background(recipe) for key, recipe in sound_recipes("sentiment").items()}
    except ModelError:  # said above
        return
    rows = [
        {
            "model": say(sound_recipes("sentiment")[key].title),
            "share": one.verdict.share.value,
            "low": one.verdict.share.low,
            "high": one.verdict.share.high,
            "verdict": say(one.verdict.use.value),
            "highlighted": key == asked.model.recipe.key,
        }
        for key, one in backgrounds.items()
        if one
    ]
    if not rows:
        return
    table = pd.DataFrame(rows)
    show(
        Card(
            key="faithful-models",
            title=say("Every model with attention"),
            origin=Origin(asked.trace.model),
            question=say(
                "Share of unseen sentences whose probability changes by {moved_by} or more at the median shuffle.",
                moved_by=moved_by(is_probability=True),
            ),
            how_to_read=say(
                "Bars are 95% intervals; the model on this page is blue. Where the readout also gets the last "
                "state (joined, fused), or attention is part of a recurrence that remembers "
                "anyway, the network can answer "
                "without it."
            ),
            figure=faithful_models.draw(table, UNUSED, USED),
            numbers=lambda: table,
            alt=say("Share of sentences whose answer needs the attention, by model"),
        )
    )
