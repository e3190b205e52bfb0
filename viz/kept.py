"""What one visitor's session holds beside the address: a pen, a run, a file. It ends with the session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar, cast

import streamlit as st

from core_models.language import current

T = TypeVar("T")


class Kept(Generic[T]):
    """A place for one thing in the session of whoever looks at the page."""

    def __init__(self, name: str) -> None:
        self.name = name

    def get(self) -> T | None:
        """What is held; None if nothing is."""
        return cast("T | None", st.session_state.get(self.name))

    def put(self, value: T) -> T:
        """Hold this and let go what was held before; returns it."""
        st.session_state[self.name] = value
        return value

    def take(self) -> T | None:
        """What was held, which is let go."""
        return cast("T | None", st.session_state.pop(self.name, None))


class Latest(Generic[T]):
    """What one visitor's page computed last: kept until it is asked for something else, or in another language."""

    def __init__(self, name: str) -> None:
        self._kept = Kept[tuple[object, T]](name)

    def made(self, key: object, make: Callable[[], T]) -> T:
        """What was made for this key, or else what ``make`` makes."""
        held, named = self._kept.get(), (current(), key)
        if held is None or held[0] != named:
            held = self._kept.put((named, make()))
        return held[1]
