"""A tour of the first screen: five sentences, each beside what it is about, for whoever asks for it.

The step stands in the address, so that a link can begin it. Each step shows what its sentence names, on the input of
whoever looks, and all can be used meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st

from core_models.heads.classes import READOUT
from core_models.language import mark, say, together
from core_models.trace import Trace
from core_models.vocabulary import quantity
from viz import params
from viz.controls import chosen_layer
from viz.explore.cell import HOLD, STEP, circuit_at, gates_of
from viz.figures.parts.token_axis import spell
from viz.markdown import escape
from viz.menu.surprises import TOUR
from viz.params import TAB, Param
from viz.params.whole_numbers import whole
from viz.run import ModelRun
from viz.session import SELECTED

RING = "<style>{places} {{ outline: 2px solid #368CCE; outline-offset: 2px; border-radius: 8px; }}</style>"


VALVES = mark("A valve is as open as its gate. Point at it to see its part of the equations, click it for its sum.")
HELD = mark("Here a gate is held shut: the answer is computed anew. Choose another gate, or none.")

OWN = (TOUR, TAB, STEP, HOLD, SELECTED)
"""What the tour itself puts into the address, or takes out of it."""


@dataclass(frozen=True)
class Stop:
    """One step of the tour.

    Attributes:
        says: its sentence; ``{token}`` stands for the token at which the answer turns most.
        still: the sentence where no such token is known; ``{token}`` is then the last.
        around: what is ringed, as CSS.
        turns: whether the cell stands at that token.
        holds: whether the first gate is held shut.
        tab: key of the open tab.
    """

    says: str
    around: str
    still: str = ""
    turns: bool = False
    holds: bool = False
    tab: str = "cell"


STOPS = (
    Stop(mark("Put in your own input and press Enter: the answer is drawn for every step of the reading."),
         "[class*='st-key-card-prediction']"),
    Stop(mark("The cell stands at “{token}”, where the answer moves most; ◀ and ▶ go to the other steps."),
         ".st-key-card-cell", still=mark("The cell stands at “{token}”; ◀ and ▶ go to the other steps."), turns=True),
    Stop(VALVES, ".st-key-card-cell", still=VALVES, turns=True),
    Stop(HELD, ".st-key-hold, [class*='st-key-card-prediction']", still=HELD, turns=True, holds=True),
    Stop(mark("Every gate and state, attention, memory and explanations are behind these tabs; a click on a number "
              "shows its sum."), ".st-key-tab", tab="gates"),
)  # fmt: skip


def show_tour(asked: ModelRun) -> None:
    """The sentence of the step that the address names, with the ways on and out; nothing where nobody asked for it."""
    number = whole(params.asked(TOUR)) or 0
    if not 0 < number <= len(STOPS):
        return
    stop, last, step = STOPS[number - 1], number == len(STOPS), turn(asked.trace)
    words = stop.says if step is not None or not stop.turns else stop.still
    token = escape(spell(asked.tokens.labels[-1 if step is None else step]))
    gates = gates_of(circuit_at(asked, chosen_layer(asked.trace))) if stop.holds else []
    means = [say("{gate}: {meaning}", gate=say(row.name), meaning=say(row.meaning)) for row in map(quantity, gates[:1])]
    with st.container(horizontal=True, vertical_alignment="center", key="tour-line", border=True):
        st.markdown(f"**{number}/{len(STOPS)}** {together(say(words, token=token), *means)}", width="stretch")
        if number > 1:
            st.button(say("Back"), on_click=go, args=(number - 1, asked), key="tour-back", type="tertiary")
        if last:
            query = {Param("lesson"): "reset-gate"}
            params.link("app_pages/learn.py", say("Go on: what a reset gate did"), ":material/school:", query)
        else:
            st.button(say("Next"), on_click=go, args=(number + 1, asked), key="tour-next", type="primary")
        st.button(say("End the tour"), on_click=go, args=(0, asked), key="tour-end", type="tertiary")
    st.html(RING.format(places=stop.around))


def go(number: int, asked: ModelRun) -> None:
    """Show this step, or 0 to end the tour with the picture as it was computed; call it from a callback."""
    query = {name: value for name, value in params.address().items() if name not in OWN}
    params.open_at({**query, **(picture_at(number, asked) if number else {})})


def picture_at(number: int, asked: ModelRun) -> Mapping[str, str]:
    """What stands in the address at a step of the tour."""
    stop, step = STOPS[number - 1], turn(asked.trace)
    gates = gates_of(circuit_at(asked, chosen_layer(asked.trace)))
    return {
        str(TOUR): str(number),
        str(TAB): stop.tab,
        **({str(STEP): str(step)} if stop.turns and step is not None else {}),
        **({str(HOLD): f"{gates[0]}:0"} if stop.holds and gates else {}),
    }


def turn(trace: Trace) -> int | None:
    """The step at which the answer moves most; None where that is not known."""
    if (READOUT, "probability") not in trace or len(trace) < 2:
        return None
    return int(np.abs(np.diff(trace.array(READOUT, "probability"))).argmax()) + 1
