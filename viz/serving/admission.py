"""Whether there is room for one more visitor: the host says how many there may be at the same time."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import streamlit as st
from streamlit.runtime import Runtime

from core_models.language import say
from pretrained.limits import VISITORS
from viz.kept import Kept

MOST_VISITORS = VISITORS.value()
ADMITTED = Kept[bool]("admitted")


def visitors() -> int:
    """How many pages are open, this one included; 0 where no server runs, or one that counts in another way."""
    if Runtime.exists():
        with suppress(AttributeError):
            manager: Any = Runtime.instance()._session_mgr
            return int(manager.num_active_sessions())
    return 0


def admit() -> None:
    """End the run with a sentence where this visitor would be one too many; whoever was let in stays."""
    if ADMITTED.get() or visitors() <= MOST_VISITORS:
        ADMITTED.put(True)
        return
    st.warning(
        say(
            "There are {most:,} people here, as many as this server is set to take: come back in a few minutes.",
            most=MOST_VISITORS,
        ),
        icon=":material/groups:",
    )
    st.stop()
