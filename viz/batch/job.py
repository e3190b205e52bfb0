"""One visitor's run over many sequences: a thread of its own reads slice after slice and keeps the answers.

All runs of all visitors take turns, so that together they use one core at most, and each rests after its slice, so that
whoever waits for Python goes first. A run ends when it is done, when it is cancelled, when its results reach the bound
below, or when nobody holds it any more: the thread holds it only while it reads a slice, so that a run disappears with
the session that began it.
"""

from __future__ import annotations

import logging
import threading
import time
import weakref
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from core_models.language import carried, say
from pretrained.errors import ModelError
from pretrained.limits import BATCH_MEGABYTES, HELD_MEGABYTES
from pretrained.trained import Trained
from viz.batch.answers import columns_of, read_all, summary_of
from viz.batch.collected import Collected

REST_SECONDS = 0.005
"""Rest after a slice."""

MOST_RESULT_MEGABYTES = BATCH_MEGABYTES.value()
"""Of one visitor's answers, the texts not counted."""

MOST_HELD_MEGABYTES = HELD_MEGABYTES.value()
"""Of the answers and texts of all visitors together; a run is refused where they would become more."""

HELD: weakref.WeakSet[Job] = weakref.WeakSet()
"""Every run that somebody holds."""

TURN = threading.Lock()
LOG = logging.getLogger(__name__)


@dataclass(eq=False)
class Job:
    """A run of one model over texts.

    Attributes:
        model: the model.
        name: of what is read, for names of files.
        texts: one sequence a row, a null where a cell was empty.
        lines: the line of the file that each stands on, ``[row]``, ascending.
        others: the other columns of the file, which come along where answers are saved.
        done: how many were read.
        seconds: how long that took, the turns of others included.
        stopped: why it ended before the last sequence; "" if it did not.
    """

    model: Trained
    name: str
    texts: pa.ChunkedArray
    lines: pa.Array
    others: pa.Table = field(default_factory=lambda: pa.table({}))
    done: int = 0
    seconds: float = 0.0
    stopped: str = ""
    _begun: float = 0.0
    _table: pa.Table | None = None

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._answers = Collected(columns_of(self.model), self.total)

    @property
    def total(self) -> int:
        """How many sequences there are."""
        return len(self.texts)

    @property
    def busy(self) -> bool:
        """Whether it goes on."""
        return not self.stopped and self.done < self.total

    @property
    def rate(self) -> float:
        """Sequences a second so far."""
        return self.done / max(self.seconds, 1e-9)

    @property
    def size(self) -> int:
        """Bytes that it holds, or may come to hold."""
        if self._table is not None:
            return self._table.nbytes
        return self.texts.nbytes + (MOST_RESULT_MEGABYTES * 1_000_000 if self.busy else self._answers.size)

    def start(self) -> None:
        """Begin in a thread of its own, unless all visitors together hold too much; ``stopped`` says so then."""
        if self.size + sum(job.size for job in list(HELD)) > MOST_HELD_MEGABYTES * 1_000_000:
            self.stopped = say(
                "Not started: the runs of other visitors fill the server's memory; try again in a few minutes"
            )
            return
        HELD.add(self)
        self._begun = time.perf_counter()
        threading.Thread(target=carried(_work), args=(weakref.ref(self),), name="batch", daemon=True).start()

    def cancel(self) -> None:
        """End at once; what is done stays, and the slice that is being read is left out."""
        with self._lock:
            if self.busy:
                self.stopped = say("Cancelled")

    def advance(self) -> None:
        """Read the next slice."""
        some = slice(self.done, min(self.done + summary_of(self.model).slice, self.total))
        texts = self.texts[some]
        try:
            values = read_all(self.model, texts.to_pylist())
        except Exception as error:
            LOG.exception("batch: %d texts (row %d)", len(texts), some.start)
            reason = f" ({error})" if isinstance(error, ModelError) else ""
            self.stopped = say(
                "Stopped between lines {start:,} and {stop:,}: the model could not read them",
                start=self._line(some.start),
                stop=self._line(some.stop - 1),
            )
            self.stopped += reason
            return
        with self._lock:
            if self.stopped:
                return
            self._answers.add(values, len(texts))
            self.done = some.stop
            self.seconds = time.perf_counter() - self._begun
        if self._answers.size > MOST_RESULT_MEGABYTES * 1_000_000 and self.busy:
            self.stopped = say(
                "Stopped: the answers fill {most} MB, the most that is kept for one visitor",
                most=MOST_RESULT_MEGABYTES,
            )

    def _line(self, row: int) -> int:
        return self.lines[row].as_py()

    def results(self) -> pa.Table:
        """What is done, one row a sequence: line, text, and the columns of the answers."""
        if self._table is not None:
            return self._table
        with self._lock:
            answers, count = self._answers.table(), self.done
        columns = {"line": pa.chunked_array([self.lines.slice(0, count)]), "text": self.texts.slice(0, count)}
        table = pa.table(columns | {name: answers[name].slice(0, count) for name in answers.column_names})
        if not self.busy:
            self._table = table
            self._answers = Collected((), 0)
        return table

    def with_others(self, rows: pa.Table) -> pa.Table:
        """Rows of the results with the other columns of the file behind them, named apart."""
        places = np.searchsorted(self.lines.to_numpy(), rows["line"].to_numpy())
        for name, column in zip(self.others.column_names, self.others.take(pa.array(places)).columns, strict=True):
            rows = rows.append_column(f"{name} (file)" if name in rows.column_names else name, column)
        return rows


def _work(held: weakref.ref[Job]) -> None:
    while True:
        job = held()
        if job is None or not job.busy:
            return
        with TURN:
            job.advance()
        del job
        time.sleep(REST_SECONDS)
