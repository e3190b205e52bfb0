"""Rooms in which a class predicts together: in memory, nameless, and gone when they are closed.

One process serves everybody, so a room is an object that all sessions see. It ends when its teacher closes it, or when
nobody has asked for it for some hours. Of a voter nothing is known but a random number that lives in their session.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""Of codes: no vowels, so that no word comes out, and nothing that is mistaken for a digit."""

LENGTH, MOST_ROOMS, MOST_VOTERS = 5, 100, 500
IDLE = 3 * 3600.0
"""Seconds after which a room that nobody asks for is gone."""


class RoomError(ValueError):
    """What cannot be done in a room; the message says why."""


@dataclass
class Room:
    """One class and the step that it is at.

    Attributes:
        code: by which it is found.
        chair: what only its teacher's session knows.
        link: what names the lesson in an address.
        number: of the step, counted from 1.
        shown: whether everybody sees the votes.
        revealed: whether the answer is shown, and voting over.
        votes: by step, what each voter predicted.
        asked: when somebody last asked for it.
    """

    code: str
    chair: str
    link: Mapping[str, str]
    number: int = 1
    shown: bool = False
    revealed: bool = False
    votes: dict[int, dict[str, int | float]] = field(default_factory=dict)
    asked: float = 0.0

    @property
    def stage(self) -> tuple[int, bool]:
        """What a page must be drawn anew for."""
        return self.number, self.revealed

    @property
    def here(self) -> Mapping[str, int | float]:
        """The votes of this step."""
        return self.votes.get(self.number, {})


class Rooms:
    """All open rooms; safe to use from many sessions at once.

    Args:
        clock: seconds, for the age of rooms.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock, self._rooms = clock, Lock(), dict[str, Room]()

    def open(self, link: Mapping[str, str]) -> Room:
        """A new room.

        Raises:
            RoomError: if there are too many.
        """
        with self._lock:
            now = self._clock()
            self._rooms = {code: room for code, room in self._rooms.items() if now - room.asked < IDLE}
            if len(self._rooms) >= MOST_ROOMS:
                raise RoomError(f"{MOST_ROOMS} rooms are open, which is all that there are: try again later.")
            code = self._draw()
            self._rooms[code] = Room(code, secrets.token_urlsafe(16), dict(link), asked=now)
            return self._rooms[code]

    def _draw(self) -> str:
        while (code := "".join(secrets.choice(LETTERS) for _ in range(LENGTH))) in self._rooms:
            pass
        return code

    def find(self, code: str) -> Room | None:
        """The room of a code, in capitals or not; None if there is none."""
        with self._lock:
            room = self._rooms.get(code.strip().upper())
            if room:
                room.asked = self._clock()
            return room

    def vote(self, code: str, number: int, voter: str, guess: int | float) -> None:
        """Take one vote for a step; a second one of the same voter does not count.

        Raises:
            RoomError: if the room is gone, full or elsewhere by now.
        """
        with self._lock:
            room = self._rooms.get(code)
            if room is None:
                raise RoomError("The room was closed.")
            if room.stage != (number, False):
                raise RoomError("Voting on this step is over.")
            votes = room.votes.setdefault(number, {})
            if voter not in votes and len(votes) >= MOST_VOTERS:
                raise RoomError(f"{MOST_VOTERS} people have voted, which is all that a room takes.")
            votes.setdefault(voter, guess)

    def lead(self, code: str, chair: str, **to: bool | int) -> None:
        """Change ``number``, ``shown`` or ``revealed``; nothing happens for whoever is not the teacher."""
        with self._lock:
            room = self._rooms.get(code)
            if room and secrets.compare_digest(room.chair, chair):
                for name, value in to.items():
                    setattr(room, name, value)

    def close(self, code: str, chair: str) -> None:
        """End a room, and forget its votes."""
        with self._lock:
            room = self._rooms.get(code)
            if room and secrets.compare_digest(room.chair, chair):
                del self._rooms[code]


ROOMS = Rooms()
"""Those of this process."""
