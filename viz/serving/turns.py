"""Runs of the page's script, one after another.

The interpreter computes one thing at a time. Runs that are computed side by side interrupt each other at every
operation on a tensor, and all of them take longer than one after another would. A run that takes long does not keep
others from theirs: its turn ends after a moment, and it goes on beside them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition
from time import monotonic

MOMENT = 0.1
"""Seconds that a turn lasts at most."""


class Turns:
    """Whose turn it is, until when, and who comes next."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._line: deque[object] = deque()
        self._holder: object | None = None
        self._until = 0.0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for one's turn, and pass it on at the end."""
        me = object()
        with self._changed:
            self._line.append(me)
            while not (first := self._line[0] is me) or self._left > 0:
                self._changed.wait(self._left if first else None)
            self._line.popleft()
            self._holder, self._until = me, monotonic() + MOMENT
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                if self._holder is me:
                    self._holder = None
                    self._changed.notify_all()

    def __len__(self) -> int:
        """Runs that wait."""
        with self._changed:
            return len(self._line)

    @property
    def _left(self) -> float:
        """Seconds until the turn ends at the latest."""
        return self._until - monotonic() if self._holder else 0.0


TURNS = Turns()
"""Of all visitors of this process."""
