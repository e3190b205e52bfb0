"""The search for the single change that moves the answer most."""

from __future__ import annotations

import time
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core_models.edits.edit import Edit, Limits
from core_models.edits.run import edited_answers
from core_models.edits.sweep import Trial, sweep, trials
from pretrained.data.tokenizer import UNKNOWN_ID
from viz import params
from viz.cards import Card, show
from viz.explain.edit_stack import add, address_of, limits
from viz.explain.edit_words import brief, describe
from viz.figures.explain import sweep as sweep_figure
from viz.figures.explain.sweep import Outcome
from viz.kept import Kept
from viz.markdown import escape
from viz.params import Param
from viz.run import ModelRun

Found = tuple[list[Trial], NDArray[np.float64], float]

GROUPS = {
    "every": "everything",
    "token": "one token",
    "unit": "one unit removed",
    "gate_unit": "one gate of one unit",
    "gate_token": "a gate at one token",
    "gate": "a whole gate",
}
FOUND, GROUP = Kept[tuple[tuple[str, str, str], Found]]("sweep found"), Param("tried", default="every")
PATIENCE = 1.0
"""Seconds of work from which on a bar shows how far it is."""


def show_sweep(asked: ModelRun, stack: tuple[Edit, ...]) -> None:
    """Every single change on top of the edits that are switched on, ranked; a click makes one an edit."""
    st.caption(
        "Every token deleted or read as unknown, every unit set to zero, every gate held shut and held open: of one "
        "unit, at one token, and as a whole. Each is a reading of its own, on top of the what-ifs that are switched on."
    )
    tried, probabilities, before = _found(asked, stack)
    present = {trial.group for trial in tried}
    groups = {key: name for key, name in GROUPS.items() if key == "every" or key in present}
    group = params.choose("Kinds of change", GROUP, groups, pills=True)
    rows = [number for number, trial in enumerate(tried) if group in ("every", trial.group)]
    labels, fits = asked.trace.tokens.labels, limits(asked)
    strongest = sorted(rows, key=lambda row: -abs(float(probabilities[row]) - before))[: sweep_figure.SHOWN]
    shown = [_outcome(tried[row], float(probabilities[row]), labels, fits) for row in strongest]
    click = show(Card(
        key="sweep-result", title="What moves the answer most", origin=asked.origin, group="sweep",
        question="Which single change moves the answer most?",
        how_to_read=sweep_figure.how_to_read(len(rows), before), figure=sweep_figure.draw(shown, before),
        numbers=partial(_table, asked, tried, probabilities, before),
    ))  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        names = [f"{number + 1}: {outcome.name}" for number, outcome in enumerate(shown)]
        place = st.selectbox(
            "Change", range(len(names)), format_func=names.__getitem__, key=f"sweep-{group}-{len(names)}"
        )
        if st.button("Make it a what-if", key="sweep-add", icon=":material/add:"):
            add(tried[strongest[place or 0]].edit)
            st.rerun()
    if click is not None and isinstance(click.y, int | float) and 0 <= round(click.y) < len(strongest):
        add(tried[strongest[round(click.y)]].edit)
        st.rerun()


def _outcome(trial: Trial, probability: float, labels: tuple[str, ...], fits: Limits) -> Outcome:
    return Outcome(
        describe(trial.edit, labels, fits), brief(trial.edit, labels, fits), GROUPS[trial.group], probability
    )


def _table(asked: ModelRun, tried: list[Trial], probabilities: NDArray[np.float64], before: float) -> pd.DataFrame:
    labels, fits = asked.trace.tokens.labels, limits(asked)
    outcomes = [_outcome(t, float(p), labels, fits) for t, p in zip(tried, probabilities, strict=True)]
    return sweep_figure.numbers(outcomes, before)


def _found(asked: ModelRun, stack: tuple[Edit, ...]) -> Found:
    """What was tried, the probability under each, and the one under the edits that are on; the last search is kept."""
    wanted = (asked.model.recipe.key, asked.text, address_of(stack))
    kept = FOUND.get()
    if kept is None or kept[0] != wanted:
        kept = FOUND.put((wanted, _search(asked, stack)))
    return kept[1]


def _search(asked: ModelRun, stack: tuple[Edit, ...]) -> Found:
    network, ids = asked.model.network, asked.encoded.ids
    tried = trials(network, len(ids), stack, UNKNOWN_ID)
    logits, began, bar = [], time.perf_counter(), None
    done = 0
    for part in sweep(network, ids, tried, stack):
        logits.append(part)
        done += len(part)
        spent = time.perf_counter() - began
        if done < len(tried) and (bar is not None or spent * len(tried) / done > PATIENCE):
            words = escape(f"{done:,} of {len(tried):,} readings")
            bar = bar or st.progress(0.0)
            bar.progress(done / len(tried), words)
    if bar is not None:
        bar.empty()
    before = edited_answers(network, ids, [stack]).numpy()
    return tried, _sigmoid(np.concatenate(logits)), float(_sigmoid(before)[0])


def _sigmoid(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    return 1.0 / (1.0 + np.exp(-logits.astype(np.float64)))
