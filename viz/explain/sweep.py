"""The search for the single change that moves the answer most."""

from __future__ import annotations

import time
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st
import torch
from numpy.typing import NDArray

from core_models.edits.edit import Edit
from core_models.edits.run import edited_outputs
from core_models.edits.sweep import Trial, sweep, trials
from core_models.language import mark, say
from pretrained.limits import SEARCH_WORK
from viz import params
from viz.cards import Card, show
from viz.explain.edits.stack import add, address_of
from viz.explain.edits.text import limits
from viz.explain.edits.words import brief, describe
from viz.explain.target import Question
from viz.figures.explain import sweep as sweep_figure
from viz.figures.explain.sweep import Outcome
from viz.figures.parts.token_axis import in_nouns
from viz.kept import Kept
from viz.markdown import escape
from viz.params import Param
from viz.run import ModelRun

Found = tuple[list[Trial], NDArray[np.float64], float]

GROUPS = {
    "every": mark("everything"),
    "token": mark("one token"),
    "unit": mark("one unit removed"),
    "gate_unit": mark("one gate of one unit"),
    "gate_token": mark("a gate at one token"),
    "gate": mark("a whole gate"),
}
FOUND, GROUP = Kept[tuple[tuple[object, ...], Found]]("sweep found"), Param("tried", default="every")
PATIENCE = 1.0
"""Seconds of work from which on a bar shows how far it is."""

MOST_WORK = SEARCH_WORK.value() * 1e9
"""Products up to which a search runs: readings times steps times weights between units."""


def show_sweep(question: Question, stack: tuple[Edit, ...]) -> None:
    """Every single change on top of the edits that are switched on, ranked; a click makes one an edit."""
    asked, fits, noun = question.asked, limits(question.asked), question.asked.tokens.noun
    said = {"noun": say(noun)}
    if fits.channels:
        what = say(
            "Every {noun} set to its mean, every unit set to zero, every gate held shut and held open: of one unit, "
            "at one {noun}, and as a whole.",
            **said,
        )
    elif fits.shortens:
        what = say(
            "Every {noun} deleted or read as unknown, every unit set to zero, every gate held shut and held open: "
            "of one unit, at one {noun}, and as a whole.",
            **said,
        )
    else:
        what = say("Every {noun} read as unknown, every unit set to zero, every gate held shut and held open: of one "
                   "unit, at one {noun}, and as a whole.", **said)  # fmt: skip
    each = say("Each is tried separately, on top of the what-ifs that are switched on.")
    st.caption(f"{what} {each}")
    tried = trials_of(question, stack)
    if len(tried) * len(asked.encoded) * fits.units**2 > MOST_WORK:
        st.info(
            say(
                "The search would read this input {n:,} times; give a shorter one (it has {steps} {noun}s).",
                n=len(tried),
                steps=len(asked.encoded),
                noun=say(noun),
            ),
            icon=":material/content_cut:",
        )
        return
    tried, values, before = _found(question, tried, stack)
    present = {trial.group for trial in tried}
    names = {key: in_nouns(say(name), noun) for key, name in GROUPS.items()}
    groups = {key: name for key, name in names.items() if key == "every" or key in present}
    group = params.choose(say("Kinds of change"), GROUP, groups, pills=True)
    rows = [number for number, trial in enumerate(tried) if group in ("every", trial.group)]
    strongest = sorted(rows, key=lambda row: -abs(float(values[row]) - before))[: sweep_figure.SHOWN]
    shown = [_outcome(asked, tried[row], float(values[row])) for row in strongest]
    click = show(Card(
        key="sweep-result", title=say("What changes the answer most"), origin=asked.origin, group="sweep",
        question=say("Which single change affects the {measure} most?", measure=question.measure),
        how_to_read=sweep_figure.how_to_read(len(rows), before),
        figure=sweep_figure.draw(shown, before, question.measure, question.span),
        numbers=partial(_table, asked, tried, values, before),
    ))  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        places = [f"{number + 1}: {outcome.name}" for number, outcome in enumerate(shown)]
        place = st.selectbox(
            say("Change"), range(len(places)), format_func=places.__getitem__, key=f"sweep-{group}-{len(places)}"
        )
        if st.button(say("Use as a what-if"), key="sweep-add", icon=":material/add:"):
            add(tried[strongest[place or 0]].edit)
            st.rerun()
    if click is not None and isinstance(click.y, int | float) and 0 <= round(click.y) < len(strongest):
        add(tried[strongest[round(click.y)]].edit)
        st.rerun()


def trials_of(question: Question, stack: tuple[Edit, ...]) -> list[Trial]:
    """Every single change that is tried on an input, and on what is written for it up to the output asked about."""
    network, steps = question.asked.model.network, len(question.asked.encoded)
    written = question.place + 1 if question.is_written else 0
    return trials(network, steps, stack, getattr(network.input, "unknown", None), written)


def _outcome(asked: ModelRun, trial: Trial, value: float) -> Outcome:
    tokens, fits, written = asked.tokens, limits(asked), asked.encoded.written
    group = in_nouns(say(GROUPS[trial.group]), tokens.noun)
    said, short = (in_words(trial.edit, tokens, fits, written) for in_words in (describe, brief))
    return Outcome(said, short, group, value)


def _table(asked: ModelRun, tried: list[Trial], values: NDArray[np.float64], before: float) -> pd.DataFrame:
    outcomes = [_outcome(asked, trial, float(value)) for trial, value in zip(tried, values, strict=True)]
    return sweep_figure.numbers(outcomes, before)


def _found(question: Question, tried: list[Trial], stack: tuple[Edit, ...]) -> Found:
    """What was tried, the answer under each, and the one under the edits that are on; the last search is kept."""
    asked = question.asked
    wanted = (asked.model.recipe.key, asked.given.key, address_of(stack), question.target)
    kept = FOUND.get()
    if kept is None or kept[0] != wanted:
        kept = FOUND.put((wanted, _search(question, tried, stack)))
    return kept[1]


def _search(question: Question, tried: list[Trial], stack: tuple[Edit, ...]) -> Found:
    """Changes that leave something to ask about, with the answers under them."""
    network, encoded = question.asked.model.network, question.asked.encoded
    scalars, began, bar, done = [], time.perf_counter(), None, 0
    for part in sweep(network, encoded, question.target, tried, stack):
        scalars.append(part)
        done += len(part)
        spent = time.perf_counter() - began
        if done < len(tried) and (bar is not None or spent * len(tried) / done > PATIENCE):
            bar = bar or st.progress(0.0)
            bar.progress(done / len(tried), escape(say("{done:,} of {all:,} changes tried", done=done, all=len(tried))))
    if bar is not None:
        bar.empty()
    squash = question.head.squash
    values = squash(torch.from_numpy(np.concatenate(scalars)).double()).numpy()
    left = np.flatnonzero(np.isfinite(values))
    before = float(squash(edited_outputs(network, encoded, [stack], question.target).double())[0])
    return [tried[row] for row in left], values[left], before
