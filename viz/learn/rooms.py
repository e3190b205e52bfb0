"""Rooms in which a class predicts together: nameless, bounded, and gone when they are closed.

They lie in an SQLite store in this process's memory. Where several processes serve one address, GATESCOPE_ROOMS names a
file that all of them can write, and a room is the same in each. A room ends when its teacher closes it, or when nobody
has asked for it for some hours. Of a voter nothing is known but a random number that lives in their session.
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from core_models.language import say
from viz.learn.lesson import Guess

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""Of codes: no vowels, so that no word comes out, and nothing that is mistaken for a digit."""

LENGTH, MOST_ROOMS, MOST_VOTERS = 5, 100, 500
IDLE = 3 * 3600.0
"""Seconds after which a room that nobody asks for is gone."""

NOTED = 60.0
"""Seconds between two notes of when a room was asked for: pages ask all the time."""

WAIT = 5.0
"""Seconds that a change waits for one of another process."""

SHARED, MEMORY = "GATESCOPE_ROOMS", ":memory:"
"""The environment variable that names a file for several processes, and what stands for none."""

SCHEMA = """
PRAGMA foreign_keys = ON;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
CREATE TABLE IF NOT EXISTS room (code TEXT PRIMARY KEY, chair TEXT, link TEXT, number INTEGER DEFAULT 1,
    shown INTEGER DEFAULT 0, revealed INTEGER DEFAULT 0, asked REAL);
CREATE TABLE IF NOT EXISTS vote (code TEXT REFERENCES room ON DELETE CASCADE, number INTEGER, voter TEXT, guess,
    PRIMARY KEY (code, number, voter));
"""


class RoomError(ValueError):
    """What cannot be done in a room; the message says why."""


@dataclass(frozen=True)
class Room:
    """One class and the step that it is at, as somebody found it.

    Attributes:
        code: by which it is found.
        chair: what only its teacher's session knows.
        link: what names the lesson in an address.
        number: of the step, counted from 1.
        shown: whether everybody sees the votes.
        revealed: whether the answer is shown, and voting over.
        here: what each voter predicted at this step.
    """

    code: str
    chair: str
    link: Mapping[str, str]
    number: int
    shown: bool
    revealed: bool
    here: Mapping[str, Guess]

    @property
    def stage(self) -> tuple[int, bool]:
        """What a page must be drawn anew for."""
        return self.number, self.revealed


class Rooms:
    """All open rooms; safe to use from many sessions at once, and from several processes where they lie in a file.

    Args:
        path: of the file; in memory where there is none.
        clock: seconds, for the age of rooms.

    Raises:
        RuntimeError: if the file cannot be written.
    """

    def __init__(self, path: str = MEMORY, clock: Callable[[], float] = time.time) -> None:
        self._clock, self._lock = clock, Lock()
        try:
            if path != MEMORY:
                Path(path).touch(mode=0o600)
            self._store = sqlite3.connect(path, timeout=WAIT, isolation_level=None, check_same_thread=False)
            self._store.executescript(SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise RuntimeError(f"{SHARED}: expected a file that can be written, got {path!r}: {error}") from error

    def open(self, link: Mapping[str, str]) -> Room:
        """A new room.

        Raises:
            RoomError: if there are too many.
        """
        chair = secrets.token_urlsafe(16)
        with self._changing() as store:
            now = self._clock()
            store.execute("DELETE FROM room WHERE asked < ?", (now - IDLE,))
            taken = {code for (code,) in store.execute("SELECT code FROM room")}
            if len(taken) >= MOST_ROOMS:
                raise RoomError(
                    say(
                        "{n} rooms are open, which is all that there are: try again later.",
                        n=MOST_ROOMS,
                    )
                )
            while (code := "".join(secrets.choice(LETTERS) for _ in range(LENGTH))) in taken:
                pass
            said = json.dumps(dict(link))
            store.execute("INSERT INTO room (code, chair, link, asked) VALUES (?, ?, ?, ?)", (code, chair, said, now))
        return Room(code, chair, dict(link), 1, shown=False, revealed=False, here={})

    def find(self, code: str) -> Room | None:
        """The room of a code, in capitals or not; None if there is none."""
        with self._changing("DEFERRED") as store:
            return self._found(store, code.strip().upper())

    def vote(self, code: str, number: int, voter: str, guess: Guess) -> None:
        """Take one vote for a step; a second one of the same voter does not count.

        Raises:
            RoomError: if the room is gone, full or elsewhere by now.
        """
        with self._changing() as store:
            room = self._found(store, code)
            if room is None:
                raise RoomError(say("The room was closed."))
            if room.stage != (number, False):
                raise RoomError(say("Voting on this step is over."))
            if voter not in room.here and len(room.here) >= MOST_VOTERS:
                raise RoomError(say("{n} people have voted, which is all that a room takes.", n=MOST_VOTERS))
            store.execute("INSERT OR IGNORE INTO vote VALUES (?, ?, ?, ?)", (code, number, voter, json.dumps(guess)))

    def lead(self, code: str, chair: str, **to: bool | int) -> None:
        """Change ``number``, ``shown`` or ``revealed``; nothing happens for whoever is not the teacher."""
        with self._changing() as store:
            room = self._found(store, code)
            if room and secrets.compare_digest(room.chair, chair):
                new = {"number": room.number, "shown": room.shown, "revealed": room.revealed, **to}
                store.execute("UPDATE room SET number = ?, shown = ?, revealed = ? WHERE code = ?",
                              (new["number"], new["shown"], new["revealed"], code))  # fmt: skip

    def close(self, code: str, chair: str) -> None:
        """End a room, and forget its votes."""
        with self._changing() as store:
            room = self._found(store, code)
            if room and secrets.compare_digest(room.chair, chair):
                store.execute("DELETE FROM room WHERE code = ?", (code,))

    def _found(self, store: sqlite3.Connection, code: str) -> Room | None:
        asked = "SELECT chair, link, number, shown, revealed, asked FROM room WHERE code = ?"
        row = store.execute(asked, (code,)).fetchone()
        if row is None:
            return None
        chair, link, number, shown, revealed, last = row
        if (now := self._clock()) - last > NOTED:
            store.execute("UPDATE room SET asked = ? WHERE code = ?", (now, code))
        votes = store.execute("SELECT voter, guess FROM vote WHERE code = ? AND number = ?", (code, number))
        here = {voter: _guess(json.loads(said)) for voter, said in votes}
        return Room(code, chair, json.loads(link), number, bool(shown), bool(revealed), here)

    @contextmanager
    def _changing(self, how: str = "IMMEDIATE") -> Iterator[sqlite3.Connection]:
        """The store, for something of which nobody else sees a half."""
        with self._lock:
            try:
                self._store.execute(f"BEGIN {how}")
                with self._store:  # which ends it, or takes it back where something is raised
                    yield self._store
            except sqlite3.Error as error:
                raise RoomError(say("The rooms cannot be reached at this moment: try again.")) from error


def _guess(said: int | float | list[float]) -> Guess:
    """A vote as it was given: a curve is a list where it lies."""
    return tuple(said) if isinstance(said, list) else said


ROOMS = Rooms(os.environ.get(SHARED, "").strip() or MEMORY)
"""Those of this process, or of all that share the file."""
