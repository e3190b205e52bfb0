"""What closed pages held is given back: to Python, and from Python to the system.

Streamlit drops a session whose page was closed only when the next visitor comes, and a C library keeps what was freed
for later use. So every half minute the sessions that have waited long enough for their page to come back are ended,
what they held is collected, and free memory is returned (glibc's ``malloc_trim``; other systems return it themselves).
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import sys
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import streamlit as st
from streamlit.runtime import Runtime

EVERY = 30.0
"""Seconds between two rounds."""
ARENA_MAX, MMAP_THRESHOLD = -8, -3
"""Names of glibc's settings, ``man mallopt``."""


def allot() -> None:
    """Ask glibc for two pools of memory instead of eight a core, and for large arrays outside of them.

    A pool can shrink only from its end; one large array that outlives its neighbours would hold all that was freed.
    """
    if (library := _glibc()) is not None:
        library.mallopt(ARENA_MAX, 2)
        library.mallopt(MMAP_THRESHOLD, 1 << 20)


def give_back() -> None:
    """Collect what nobody holds, and return free memory to the system."""
    gc.collect()
    if (library := _glibc()) is not None:
        library.malloc_trim(0)


def end_left_sessions(stored: MutableMapping[str, Any]) -> int:
    """End the sessions among those ``stored`` whose page was closed too long ago to come back; returns how many.

    ``stored`` is Streamlit's store of sessions without a page.
    """
    expired = list(getattr(stored, "expire", list)())
    for _, left in expired:
        left.session.shutdown()
    return len(expired)


async def keep_house(every: float = EVERY) -> None:
    """Every so many seconds end the sessions that were left, and give back what they held; never returns.

    When nobody is left, models and traces go as well: they are read again in a few hundredths of a second.
    """
    while True:
        await asyncio.sleep(every)
        with suppress(AttributeError):  # a Streamlit that stores its sessions in another way ends them as it does
            manager: Any = Runtime.instance()._session_mgr
            if end_left_sessions(manager._session_storage._cache):
                if not manager.list_sessions():
                    st.cache_resource.clear()
                await asyncio.to_thread(give_back)


@asynccontextmanager
async def kept_house() -> AsyncIterator[None]:
    """Within it, the house is kept."""
    task = asyncio.create_task(keep_house())
    try:
        yield
    finally:
        task.cancel()


def _glibc() -> ctypes.CDLL | None:
    """The C library of Linux; None elsewhere, and where it is another one."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") else None
