"""Who learns, and who waits: all trainings of the lab take turns in one process of their own.

The process computes with one thread, is kept below everything else, and rests after each turn, so that together they
use a bounded share of one core. It holds nothing between two turns: what a turn begins from goes there and comes back,
so that a training that is paused costs nothing, and one whose page was closed disappears with it. Of those that want
to go on, the first few learn in turn and the others wait in the order in which they came.
"""

from __future__ import annotations

import logging
import pickle
import threading
import time
import weakref

from core_models.language import mark, say
from pretrained.lab.learning import Progress, Record, State, advance
from pretrained.lab.settings import Settings
from pretrained.limits import LAB_MEGABYTES, LAB_RUNS, LAB_SECONDS, LAB_SHARE
from pretrained.task import InputError
from pretrained.uploads.apart import Reader, packed

LOG = logging.getLogger(__name__)

MOST_LEARNING, MOST_SECONDS = LAB_RUNS.value(), LAB_SECONDS.value()
SHARE = LAB_SHARE.value() / 100
MOST_BYTES = LAB_MEGABYTES.value() * 1_000_000
TURN_SECONDS, GRACE = 0.2, 60.0
"""Computing of one turn, and how much longer it may take, the start of the process included, before that is ended."""

IDLE_SECONDS = 120.0
"""After which a process that nobody needs is ended."""

ENDED = mark("The process that learns has ended before its time; go on, and it begins again where it was.")
FULL = mark(
    "The networks that others train fill the memory that this server gives to the lab: try again in a few minutes."
)


class Run:
    """One visitor's network: everything that is known of it so far.

    Attributes:
        settings: what decides it.
        losses: training loss of every step.
        records: of the recorded points, in the order of their steps.
        seconds: of computing so far.
        trouble: why it can never go on; "" if it can.
        notice: why it does not go on now; "" if nothing is in its way.
        until: the step to which it goes on; it stands there or waits there once it is reached.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.state: State | None = None
        self.losses: list[float] = []
        self.records: list[Record] = []
        self.seconds, self.trouble, self.notice, self.until = 0.0, "", "", 0
        RUNS.add(self)

    @property
    def step(self) -> int:
        """Steps that it has learned."""
        return self.state.step if self.state else 0

    @property
    def done(self) -> bool:
        """Whether it cannot go on, or need not."""
        return bool(self.trouble) or self.step >= self.settings.steps

    @property
    def busy(self) -> bool:
        """Whether it goes on, or waits for its turn to."""
        return not (self.done or self.notice) and (self.step < self.until or (self.until > 0 and not self.records))

    @property
    def size(self) -> int:
        """Bytes that its records hold, or may come to hold."""
        if not self.records:
            return 0
        each = sum(values.nbytes for values in self.records[0].weights.values())
        return each * (len(self.settings.recorded) + 3)

    def play(self, until: int | None = None) -> None:
        """Go on to a step, or to the end; where others fill the memory, ``notice`` says so."""
        self.notice = ""
        if not self.records and sum(run.size for run in list(RUNS)) > MOST_BYTES:
            self.notice = FULL
            return
        self.until = min(until or self.settings.steps, self.settings.steps)
        LAB.join(self)

    def pause(self) -> None:
        """Go on no further, once the turn that it may have now is over."""
        self.until = 0

    def take(self, found: Progress) -> None:
        """Take what came of a turn."""
        self.losses += found.losses
        self.records += found.records
        self.seconds += found.seconds
        self.state, self.trouble = found.state, found.trouble
        if not self.done and self.seconds > MOST_SECONDS:
            self.trouble = say(
                "It has computed for {seconds:,} seconds, the most that this server gives to one network, and ends "
                "here, after {steps:,} steps.", seconds=MOST_SECONDS, steps=self.step,
            )  # fmt: skip


RUNS: weakref.WeakSet[Run] = weakref.WeakSet()
"""Every training that somebody holds."""


class Lab:
    """The trainings that want to go on, and the process in which they do."""

    def __init__(self) -> None:
        self._waiting: list[weakref.ref[Run]] = []
        self._news = threading.Condition()
        self._open, self._turn = False, 0

    def join(self, run: Run) -> None:
        """Let a training take its turns, behind those that came before."""
        with self._news:
            if not any(held() is run for held in self._waiting):
                self._waiting.append(weakref.ref(run))
            if not self._open:
                self._open = True
                threading.Thread(target=self._work, name="lab", daemon=True).start()
            self._news.notify()

    def place(self, run: Run) -> int:
        """How many stand before a training that waits, itself counted; 0 for one that learns in turn."""
        with self._news:
            self._forget()
            places = [held() for held in self._waiting]
            return max(0, places.index(run) + 1 - MOST_LEARNING) if run in places else 0

    def _forget(self) -> None:
        self._waiting = [held for held in self._waiting if (run := held()) is not None and run.busy]

    def _next(self) -> Run | None:
        """Whose turn it is; None once nobody has come for a while."""
        with self._news:
            self._forget()
            if not self._waiting:
                self._news.wait(IDLE_SECONDS)
                self._forget()
            learning = self._waiting[:MOST_LEARNING]
            self._turn += 1
            run = learning[self._turn % len(learning)]() if learning else None
            self._open = bool(learning)
            return run

    def _work(self) -> None:
        reader: Reader | None = None
        try:
            while self._open:
                run = self._next()
                if run is None:
                    continue
                if reader is None or reader.process.poll() is not None:
                    reader = _started(run)
                if reader is not None:
                    rest = _turn(reader, run)
                    del run
                    time.sleep(rest)
        finally:
            if reader is not None:
                reader.end()


def _started(run: Run) -> Reader | None:
    try:
        return Reader(advance.__module__)
    except OSError:
        LOG.exception("lab: the process could not be started")
        run.notice = ENDED
        return None


def _turn(reader: Reader, run: Run) -> float:
    """Let a training go on for one turn; how long to rest after it."""
    seconds = TURN_SECONDS + GRACE
    try:
        question = packed(seconds, "lab", advance, run.settings, run.state, run.until, TURN_SECONDS)
        answer = reader.ask(question, seconds, int)
    except TimeoutError:
        answer = None
    found = pickle.loads(answer) if answer is not None else None  # noqa: S301 (made by our own process, of our own objects)
    if isinstance(found, Progress):
        run.take(found)
        return found.seconds * (1.0 - SHARE) / SHARE
    if not isinstance(found, InputError):
        reader.end()
    run.notice = ENDED
    return 0.0


LAB = Lab()
