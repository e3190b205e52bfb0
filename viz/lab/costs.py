"""What a step of training costs by length, for all cells on one picture, as it was measured."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from core_models.cells import CELLS
from core_models.language import say
from pretrained.errors import ModelError
from pretrained.lab.step_cost import StepCost, read_costs
from viz import cards
from viz.cards import Card
from viz.figures.lab.lines import Axes, Line, draw
from viz.markdown import escape


def show_costs() -> None:
    """The picture, in a box that is shut until somebody opens it."""
    try:
        found = read_costs()
    except ModelError as error:
        st.warning(escape(str(error)), icon=":material/warning:")
        return
    with st.expander(say("What a step of training costs, by length"), icon=":material/timer:", key="lab-costs-box"):
        cards.show(Card(
            key="lab-costs", title=say("Time of a training step, by length"),
            question=say("What does a longer sequence cost?"), how_to_read=_how_to_read(found),
            figure=draw(_lines(found), Axes(say("steps of the sequence"), say("milliseconds"), log=True), "lab-costs"),
            numbers=partial(costs_table, found),
        ))  # fmt: skip


def _how_to_read(found: StepCost) -> str:
    """What the picture says, from its numbers."""
    last = found.lengths[-1]
    gain = {key: times[-1] / found.together[key][-1] for key, times in found.looped.items()}
    best = max(gain, key=gain.__getitem__)
    return say(
        "Forward and backward through one layer of {hidden} units, {batch} sequences, on one thread of a CPU. Where no "
        "gate reads the state, all steps are computed together by a scan: at {last:,} steps {gain:.1f} times as fast "
        "as step by step in {best}, and minGRU takes {share:.2f} of the time of PyTorch’s own GRU. A scan does no less "
        "arithmetic; on one thread it saves what each single step costs besides.",
        hidden=found.hidden, batch=found.batch, last=last, gain=gain[best], best=say(CELLS[best].convention.name),
        share=found.together["min_gru"][-1] / found.together["gru"][-1],
    )  # fmt: skip


def _lines(found: StepCost) -> list[Line]:
    x, loops = np.asarray(found.lengths), say("step by step")
    lines = []
    for key, times in found.together.items():
        name = say(CELLS[key].convention.name)
        lines.append(Line(name, x, np.asarray(times)))
        if key in found.looped:
            lines.append(Line(name, x, np.asarray(found.looped[key]), loops))
    return lines


def costs_table(found: StepCost) -> pd.DataFrame:
    """One row for each cell, way and length."""
    ways = (("trained", found.together), ("looped", found.looped))
    rows = [
        (CELLS[key].convention.name, way, length, time)
        for way, times in ways for key, row in times.items() for length, time in zip(found.lengths, row, strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["cell", "way", "steps", "milliseconds"])
