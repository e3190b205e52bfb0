"""The drawer that reads the person's text by the GRU's other conventions."""

from __future__ import annotations

import streamlit as st

from core_models.explain.dynamics.conventions import has_conventions, read_by_conventions
from core_models.language import say
from core_models.trace import Trace
from pretrained.trained import Trained
from viz.cards import Card, Origin, show
from viz.figures.explain.gru_conventions import apart, draw, numbers

PARTED = 0.01
"""Difference of one unit's state from which two readings are said to have parted."""


def show_conventions(model: Trained, trace: Trace) -> None:
    """Where the reset gate's place and the sense of the update gate change the numbers, on this text."""
    if not has_conventions(model.network):
        return
    title = say("Two conventions of the GRU: where do they differ on this text?")
    with st.expander(title, icon=":material/alt_route:", key="conventions", on_change="rerun") as drawer:
        if drawer.open:
            _show(model, trace)


def _show(model: Trained, trace: Trace) -> None:
    readings = read_by_conventions(model.network, trace)
    own, reset, update = readings
    gap, high = apart(readings)[1], model.task.classes[1]
    first = next((step for step, value in enumerate(gap.tolist()) if value > PARTED), None)
    where = (
        say("no unit's state moves by more than {parted} anywhere", parted=PARTED)
        if first is None
        else say(
            "the states diverge at token {first}, and one unit moves by up to {max:.3f}", first=first + 1, max=gap.max()
        )
    )
    st.caption(
        say(
            "Papers and libraries write the GRU in two ways. The reset gate acts after the product with "
            "U (PyTorch) or before it (the first papers), and z = 1 keeps the past (PyTorch) or "
            "overwrites it (many textbooks). The same trained weights are read here by all of them. "
            "Solid is the network as it was trained."
        )
    )
    st.markdown(
        say(
            "With the reset on the other side, {where}; the answer goes from p({high}) = "
            "{probability:.3f} to **{probability_2:.3f}**. With the update gate taken the other way "
            "round, it goes to **{probability_3:.3f}**: a convention is part of the weights.",
            where=where,
            high=say(high),
            probability=own.probability[-1],
            probability_2=reset.probability[-1],
            probability_3=update.probability[-1],
        )
    )
    show(Card(
        key="gru_conventions", title=say("One set of weights, three conventions"), origin=Origin.of(trace),
        question=say("What would the network answer if its gates were read differently?"), figure=draw(trace, readings),
        numbers=lambda: numbers(trace, readings),
        alt=say("Answers after every token by three conventions, and how far their states are apart"),
    ))  # fmt: skip
