"""How long everybody else waits while one file is read: here, and in a process of its own.

    python -m tests.benchmarks.file_hold

A second thread sleeps a millisecond at a time, as the page of another visitor waits for its turn; the longest time
that it was held up, and by how much it came round less often than with nothing to read, are printed beside the time
of the reading itself. The files are small ones that cost much, and the largest that is allowed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress

import numpy as np

from pretrained.task import InputError
from pretrained.uploads.apart import READERS, apart
from pretrained.uploads.route import Models, Offered, Takes, ways_to_open
from tests.benchmarks.timing import milliseconds, print_conditions, print_table

MODELS = Models(
    {"words": Offered(Takes.TEXT), "hours": Offered(Takes.SERIES, seconds=3600.0)},
    "words",
)
NAMES = b",".join(b"c%d" % place for place in range(1000)) + b"\n"
DAYS = np.arange("1000-01-01", "1547-01-01", dtype="datetime64[D]")[:199_000].astype(object)
STYLES = ("%Y-%m-%d", "%d.%m.%Y %H:%M", "%B %d %Y", "%d %b %Y")

FILES = {
    "131,000 digits": b"a,b\n" + b"1" * 131_000 + b",2\n1,2\n",
    "1,000 columns x 4, words": NAMES + (b",".join([b"x1"] * 1000) + b"\n") * 4,
    "1,000 columns x 4, dates": NAMES + (b",".join([b"2020-01-01"] * 1000) + b"\n") * 4,
    "199,000 dates in four styles": b"date,v\n"
    + b"".join(f"{day.strftime(STYLES[n % 4])},{n}\n".encode() for n, day in enumerate(DAYS)),
    "20 MB of numbers": b"a,b,c,d\n" + b"".join(b"%d,%d.125,%023d,%052d\n" % (n, n, n, n) for n in range(199_000)),
    "20 MB of texts": b"text\n" + b"".join(b"%d %s\n" % (n, b"a film " * 13) for n in range(199_000)),
}


class Neighbour:
    """Another thread, and how long it had to wait at most."""

    def __init__(self) -> None:
        self.rounds, self.longest, self._ended = 0, 0.0, threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        last = time.perf_counter()
        while not self._ended.is_set():
            time.sleep(0.001)
            new = time.perf_counter()
            self.longest, last, self.rounds = max(self.longest, new - last), new, self.rounds + 1

    def beside(self, work: Callable[[], object]) -> float:
        """Run beside ``work``; returns the seconds that it took."""
        self._thread.start()
        start = time.perf_counter()
        with suppress(InputError):
            work()
        taken = time.perf_counter() - start
        self._ended.set()
        self._thread.join()
        return taken


def main() -> None:
    """Measure and print."""
    print_conditions("One file and everybody else", "longest: the longest time that another thread did not get a turn")
    READERS.warm()
    apart(ways_to_open, "a.csv")("a.csv", b"a,b\n1,2\n", MODELS)
    idle = Neighbour()
    seconds = idle.beside(lambda: time.sleep(1.0))
    rate = idle.rounds / seconds
    rows = []
    for name, content in FILES.items():
        row = [name]
        for read in (ways_to_open, apart(ways_to_open, "a.csv")):
            other = Neighbour()
            taken = other.beside(lambda read=read, content=content: read("a.csv", content, MODELS))
            row += [milliseconds(taken), milliseconds(other.longest), f"{rate * taken / max(1, other.rounds):.1f}"]
        rows.append(row)
    print_table(["", "here", "longest", "slower, times", "apart", "longest", "slower, times"], rows)


if __name__ == "__main__":
    main()
