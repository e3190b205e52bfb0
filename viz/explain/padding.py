"""What padding does to the backward direction if it leaks: switch it on and see."""

from __future__ import annotations

from typing import cast

import pandas as pd
import streamlit as st

from core_models.explain.padding import Padded, can_leak, pad
from core_models.language import mark, say
from core_models.networks.sequence import SequenceNetwork
from viz import params
from viz.cards import Card, show
from viz.explain.target import Question, pick_question
from viz.figures.explain.padding import draw_moved
from viz.figures.parts.token_axis import labels_of
from viz.markdown import escape
from viz.params import Param
from viz.run import ModelRun

MOST, DEFAULT = 64, 16
COUNT = Param("padding")
READ = Param(
    "padded", {"packed": mark("packed"), "leaks": mark("padding leaks"), "taken": mark("padding is taken for input")},
    "packed",
)  # fmt: skip
"""How many steps of padding there are, and how the row is read."""


def can_be_padded(asked: ModelRun) -> bool:
    """Whether the network reads inputs of different lengths from both ends."""
    return can_leak(asked.model.network)


def show_padding(asked: ModelRun) -> None:
    """The section: the row with its padding, the answer, and how far every state is off."""
    noun = say(asked.tokens.noun)
    st.caption(say(
        "In a batch, short rows are filled up with padding behind their end. Packed, each is read as if it were alone. "
        "If padding leaks, the backward direction begins in it, and carries what it left there to your {noun}s.",
        noun=noun,
    ))  # fmt: skip
    question = pick_question(asked)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        how = params.choose(say("The row is read"), READ, pills=True)
        count = params.number(say("Steps of padding"), COUNT, range(1, MOST + 1), DEFAULT, slider=True)
    found = pad(cast("SequenceNetwork", asked.model.network), asked.encoded, question.target, count)
    value = {"packed": found.packed, "leaks": found.leaked, "taken": found.taken}[how]
    change = f"{value - found.packed:+.4f}" if how != "packed" else None
    st.metric(escape(question.measure), f"{value:.4f}", change, delta_color="off")
    off = how != "packed"
    moved = {"forward": off * found.forward, "backward": off * found.backward}
    labels = labels_of(asked.trace, asked.model.network.layers[-1][0].site)
    show(Card(
        key="padded-states", title=say("How far each state is off"), origin=asked.origin,
        question=say("By how much does padding move the topmost states of each {noun}?", noun=noun),
        how_to_read=say("The distance to the state of the input alone, as a share of that state’s length. Where there "
                        "are several layers, forward states are moved by the backward states below them."),
        figure=draw_moved(labels, moved, asked.tokens.noun),
        numbers=lambda: pd.DataFrame({"token": labels, **moved}),
        alt=say("How far the states of every {noun} are off", noun=noun), found=judge(question, found, count),
    ))  # fmt: skip


def judge(question: Question, found: Padded, count: int) -> str:
    """The three answers, and what packing is worth."""
    said = say(
        "The {measure} is **{packed:.4f}** packed, **{leaked:.4f}** where {count} steps of padding leak, and "
        "**{taken:.4f}** where they are taken for input.",
        measure=escape(question.measure), packed=found.packed, leaked=found.leaked, taken=found.taken, count=count,
    )  # fmt: skip
    apart = say("Packed states and those of the input alone differ by {apart:.1e} at most.", apart=found.apart)
    return f"{said} {apart}"
