"""Reading what a person gave in a process of its own: bounded in time and memory, ended at will, in nobody's way.

Libraries that read files hold the interpreter while they convert a cell, so that a thread would not do: one file of a
single long number would make everybody wait. The processes are started where the first is needed and kept. What is
sent to them and comes back are pickles that this program made itself; a person's bytes are bytes in them.

They run a module by its name and import neither torch nor Streamlit. ``multiprocessing`` would import the main module
of the program again, which in Streamlit is whatever page is on the screen.
"""

from __future__ import annotations

import atexit
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from threading import BoundedSemaphore, Lock, Thread
from time import monotonic
from typing import IO, ParamSpec, TypeVar

from core_models.language import current, say
from pretrained.limits import READ_MEGABYTES, READ_SECONDS
from pretrained.task import InputError
from pretrained.uploads.name import quoted

Given = ParamSpec("Given")
Read = TypeVar("Read")

SECONDS = float(READ_SECONDS.value())
"""That a reading may take; the largest table that is allowed takes one or two, and more where others compute."""

MOST_MEMORY = READ_MEGABYTES.value() * 1_000_000
"""Bytes that a reading may take, where the system can bound them."""

MOST_READERS = max(2, min(4, os.cpu_count() or 2))
TICK = 0.05
"""Seconds between two looks at whether a reading is still wanted."""

SETTINGS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}
"""Of the environment: one thread, and memory that can be bounded."""

MODULE = "GATESCOPE_WORKER_IMPORTS"
"""Of the environment: the module that a process imports before anybody waits."""

ROOT = Path(__file__).parents[2]
COUNT = 8
"""Bytes before every message that say how long it is."""


class Reader:
    """A process that does one thing after another.

    Args:
        module: imported before its memory is bounded, with all its libraries.
    """

    def __init__(self, module: str = "pretrained.uploads.route") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pretrained.uploads.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=os.environ | SETTINGS | {MODULE: module},
        )

    def ask(self, question: bytes, seconds: float, still_wanted: Callable[[], object]) -> bytes | None:
        """The answer; None if the process ended before it gave one.

        Raises:
            TimeoutError: if it takes longer than ``seconds``.
        """
        answers: list[bytes] = []
        talk = Thread(target=self._talk, args=(question, answers), name="reading", daemon=True)
        talk.start()
        end = monotonic() + seconds
        while talk.is_alive():
            talk.join(TICK)
            still_wanted()
            if talk.is_alive() and monotonic() > end:
                raise TimeoutError
        return answers[0] if answers else None

    def _talk(self, question: bytes, answers: list[bytes]) -> None:
        if self.process.stdin is None or self.process.stdout is None:
            return
        try:
            send(self.process.stdin, question)
            answers.append(receive(self.process.stdout))
        except (OSError, EOFError, ValueError):  # it was ended, or ended itself
            return

    def end(self) -> None:
        """End it, whatever it does."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            try:
                if pipe:
                    pipe.close()
            except OSError:  # what was not sent cannot be sent any more
                continue


class Readers:
    """The processes, at most ``most`` at a time; ``wanted`` is how many answers are made or waited for."""

    def __init__(self, most: int) -> None:
        self.wanted = 0
        self._free: list[Reader] = []
        self._lock, self._turn = Lock(), BoundedSemaphore(most)
        atexit.register(self.end)

    def warm(self) -> None:
        """Start the first one, so that it is there when a file comes."""
        with self._lock, suppress(OSError):  # where there is no room for it now, there may be when it is needed
            if not self._free:
                self._free.append(Reader())

    def ask(self, question: bytes, seconds: float, still_wanted: Callable[[], object]) -> bytes | None:
        """As ``Reader.ask``, by one that is free; one that fails, or whose answer nobody wants, is ended."""
        with self._lock:
            self.wanted += 1
        try:
            return self._ask(question, seconds, still_wanted)
        finally:
            with self._lock:
                self.wanted -= 1

    def _ask(self, question: bytes, seconds: float, still_wanted: Callable[[], object]) -> bytes | None:
        while not self._turn.acquire(timeout=TICK):
            still_wanted()
        try:
            reader = self._take()
            answer = None
            try:
                answer = reader.ask(question, seconds, still_wanted)
            finally:
                if answer is None:
                    reader.end()
            with self._lock:
                self._free += [reader] if answer is not None else []
            return answer
        finally:
            self._turn.release()

    def _take(self) -> Reader:
        with self._lock:
            while self._free:
                reader = self._free.pop()
                if reader.process.poll() is None:
                    return reader
                reader.end()
        return Reader()

    def end(self) -> None:
        """End those that are free."""
        with self._lock:
            while self._free:
                self._free.pop().end()


READERS = Readers(MOST_READERS)


def packed(seconds: float, name: str, function: Callable[..., object], *args: object, **kwargs: object) -> bytes:
    """What a ``Reader`` is asked: to call a function within so many seconds, and to say what is wrong as is spoken."""
    return pickle.dumps((seconds, name, current(), function, args, kwargs), 5)


def apart(
    function: Callable[Given, Read], name: str, *, seconds: float = SECONDS, still_wanted: Callable[[], object] = int
) -> Callable[Given, Read]:
    """``function``, run in a process of its own.

    Args:
        function: of a module that imports no torch; it takes and returns plain values, arrays and tables.
        name: of the file, for sentences.
        seconds: that it may take.
        still_wanted: called now and then; what it raises ends the reading.

    Raises:
        InputError: what the function refuses; if it takes too long or too much memory, or fails.
    """

    @wraps(function)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> Read:
        question = packed(seconds, name, function, *args, **kwargs)
        try:
            answer = READERS.ask(question, seconds, still_wanted)
        except TimeoutError:
            raise InputError(
                say(
                    "{file} takes longer than {seconds:g} seconds to be read: split it, or save it in a simpler form.",
                    file=quoted(name),
                    seconds=seconds,
                )
            ) from None
        except OSError as error:
            raise InputError(
                say("There is no room to read {file} now: try again in a minute.", file=quoted(name))
            ) from error
        if answer is None:
            raise InputError(
                say(
                    "{file} is damaged, or takes too much memory to be read: split it, or save it again.",
                    file=quoted(name),
                )
            )
        found = pickle.loads(answer)  # noqa: S301 (made by our own process, of our own objects)
        if isinstance(found, InputError):
            raise found
        return found

    return run


def send(pipe: IO[bytes], message: bytes) -> None:
    """Write a message."""
    pipe.write(len(message).to_bytes(COUNT, "little"))
    pipe.write(message)
    pipe.flush()


def receive(pipe: IO[bytes]) -> bytes:
    """Read a message.

    Raises:
        EOFError: if the other side has ended.
    """
    count = int.from_bytes(_exactly(pipe, COUNT), "little")
    return _exactly(pipe, count)


def _exactly(pipe: IO[bytes], count: int) -> bytes:
    found = pipe.read(count)
    if len(found) < count:
        raise EOFError
    return found
