"""The memory race: five recurrences of equal size, three tasks, and what was measured.

Everything said on the page is made from the results files or computed by the trained networks while it is drawn.
"""

import streamlit as st

from pretrained.memory.results import ResultsError
from viz.race.curves import show_adding, show_recall
from viz.race.live import show_live
from viz.race.streams import show_streams

__all__ = ["show_race"]


def show_race() -> None:
    """The upper half of the memory page, clearest task first; a part whose file is missing says so, the rest stands."""
    st.markdown(
        "Why do recurrent networks have **gates**? Here is the evidence: five recurrent networks with the same number "
        "of parameters, trained on tasks that need nothing but memory, with longer and longer **lags** between seeing "
        "something and being asked for it."
    )
    for show in (show_adding, show_recall, show_live, show_streams):
        try:
            show()
        except ResultsError as error:
            st.error(str(error), icon=":material/broken_image:")
