"""What was computed of corpora: kept up to a number of bytes, and made by one at a time, seen and ended by who waits.

All visitors together use one core at most. Whatever a visitor does while waiting, a click on Cancel above all, ends the
work at the next report of how far it is.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import streamlit as st

from core_models.language import say
from viz import params
from viz.kept import Kept

Told = Callable[[float], None]
"""Is called with the share of the work that is done."""

REPORT_SECONDS = 0.1
TURN = threading.Lock()
CANCELLED = Kept[bool]("corpus cancelled")

T = TypeVar("T")


class Shelf:
    """Things by key, the one that was asked for longest ago being let go first.

    Args:
        most: bytes of all arrays together; the last one stays, whatever its size.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._held: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        """Bytes of the arrays."""
        return sum(getattr(value, "nbytes", 0) for value in list(self._held.values()))

    def get(self, key: Hashable) -> Any:
        """What is kept by this key; None if nothing is."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def put(self, key: Hashable, value: Any) -> None:
        """Keep something, and let go what is too much."""
        with self._lock:
            self._held[key] = value
            while self.size > self.most and len(self._held) > 1:
                self._held.popitem(last=False)

    def made(self, key: Hashable, what: str, make: Callable[[Told], T]) -> T:
        """What is kept by this key, or else what ``make`` makes, with a bar that says ``what`` is done."""
        found = self.get(key)
        if found is None:
            with turn(what) as told:
                found = self.get(key)  # another visitor may have made it meanwhile
                if found is None:
                    self.put(key, found := make(told))
        return found


def _cancel() -> None:
    CANCELLED.put(True)


@contextmanager
def turn(what: str) -> Iterator[Told]:
    """Wait for one's turn to work; a bar says how far it is, and a button ends it."""
    if CANCELLED.take():
        st.info(say("Cancelled."), icon=":material/stop_circle:")
        st.button(say("Go on after all"), icon=":material/play_arrow:", key="corpus-again")
        params.end_page()
    place, last = st.empty(), 0.0
    with place.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0, text=what)
        st.button(say("Cancel"), icon=":material/stop_circle:", key=f"cancel {what}", on_click=_cancel)

    def told(share: float) -> None:
        nonlocal last
        if time.monotonic() - last > REPORT_SECONDS:
            last = time.monotonic()
            bar.progress(min(share, 1.0), text=what)

    while not TURN.acquire(timeout=REPORT_SECONDS):
        bar.progress(0.0, text=say("{what}: waiting for another visitor’s search", what=what))
    try:
        yield told
    finally:
        TURN.release()
    place.empty()
