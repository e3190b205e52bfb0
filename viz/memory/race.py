"""The memory race: five recurrences of equal size, three tasks, and what was measured.

Everything said on the page is made from the results files or computed by the trained networks while it is drawn.
"""

import streamlit as st

from core_models.language import mark, say
from pretrained.memory.results import ResultsError
from viz.memory.curves import show_adding, show_recall
from viz.memory.live import show_live
from viz.memory.streams import show_streams

__all__ = ["RACES", "introduce", "show_race"]

RACES = {
    "adding": mark("The adding problem"),
    "recall": mark("Delayed recall"),
    "live": mark("Ask them yourself"),
    "streams": mark("Why forget?"),
}
"""The parts by their key in the address."""

SHOWN = {"adding": show_adding, "recall": show_recall, "live": show_live, "streams": show_streams}


def introduce() -> None:
    """What is raced, and why."""
    st.markdown(
        say(
            "Why do recurrent networks have **gates**? Here is the evidence: five recurrent networks "
            "with the same number of parameters, trained on tasks that need nothing but memory, with "
            "longer and longer **lags** between seeing something and being asked for it."
        )
    )


def show_race(part: str) -> None:
    """One of ``RACES``; where its file is missing, that is said."""
    try:
        SHOWN[part]()
    except ResultsError as error:
        st.error(str(error), icon=":material/broken_image:")
