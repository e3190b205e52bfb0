"""Sessions whose page was closed are ended without another visitor, and what they held goes back to the system."""

import asyncio
import weakref
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.runtime import Runtime
from streamlit.runtime.memory_session_storage import MemorySessionStorage

from tests.support.loops import run_alone
from viz.serving import housekeeping


class Held:
    """What a session holds, in a circle, as sessions do."""

    def __init__(self) -> None:
        self.itself = self
        self.ended = False

    def shutdown(self) -> None:
        self.ended = True


def left(storage: MemorySessionStorage, name: str) -> Held:
    held = Held()
    cache: Any = storage._cache
    cache[name] = SimpleNamespace(session=held)
    return held


def test_a_session_left_for_long_is_ended_and_one_just_left_is_not():
    over, waiting = MemorySessionStorage(ttl_seconds=0), MemorySessionStorage(ttl_seconds=60)
    gone, kept = left(over, "gone"), left(waiting, "kept")
    assert housekeeping.end_left_sessions(over._cache) == 1
    assert housekeeping.end_left_sessions(waiting._cache) == 0
    assert (gone.ended, kept.ended) == (True, False)
    assert housekeeping.end_left_sessions(over._cache) == 0


def test_what_an_ended_session_held_is_collected_while_the_server_idles(monkeypatch: pytest.MonkeyPatch):
    storage = MemorySessionStorage(ttl_seconds=0)
    manager = SimpleNamespace(_session_storage=storage, list_sessions=list)
    runtime = SimpleNamespace(_session_mgr=manager)
    monkeypatch.setattr(Runtime, "instance", lambda: runtime)
    held = weakref.ref(left(storage, "gone"))

    async def idle() -> None:
        task = asyncio.create_task(housekeeping.keep_house(every=0.01))
        for _ in range(500):
            await asyncio.sleep(0.01)
            if held() is None:
                break
        task.cancel()

    run_alone(idle())
    assert held() is None


@pytest.mark.parametrize("others", [0, 1])
def test_models_and_traces_are_kept_while_anybody_is_there(monkeypatch: pytest.MonkeyPatch, others: int):
    storage = MemorySessionStorage(ttl_seconds=0)
    manager = SimpleNamespace(_session_storage=storage, list_sessions=lambda: [None] * others)
    monkeypatch.setattr(Runtime, "instance", lambda: SimpleNamespace(_session_mgr=manager))
    cleared = []
    monkeypatch.setattr(housekeeping.st.cache_resource, "clear", lambda: cleared.append(True))
    gone = left(storage, "gone")

    async def idle() -> None:
        task = asyncio.create_task(housekeeping.keep_house(every=0.01))
        while not gone.ended:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        task.cancel()

    run_alone(idle())
    assert bool(cleared) == (others == 0)


def test_memory_settings_and_giving_back_are_harmless_where_the_library_is_another_one(monkeypatch: pytest.MonkeyPatch):
    housekeeping.give_back()
    monkeypatch.setattr(housekeeping.sys, "platform", "darwin")
    housekeeping.allot()
    housekeeping.give_back()
