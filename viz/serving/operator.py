"""Figures for whoever runs the server: people, reruns, how long they take, memory, and what waits.

    curl -H "Authorization: Bearer $GATESCOPE_OPERATOR" http://localhost:8501/operator

Only whoever knows the word that GATESCOPE_OPERATOR holds is answered; where none is set, nobody is. Streamlit's own
figures, which it would show to everybody, are behind the same word. The form is OpenMetrics', which Prometheus reads.
"""

from __future__ import annotations

import logging
import os
import secrets
import statistics
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

LOG = logging.getLogger(__name__)

WORD, SHORTEST = "GATESCOPE_OPERATOR", 16
"""The environment variable that holds the word, and how many characters it has at least."""

PRIVATE = ("/operator", "/_stcore/metrics")
"""Ends of the addresses that are answered to the operator alone."""

LATELY, MOST = 60.0, 20_000
"""Seconds that the figures of reruns look back, and how many reruns they hold at most."""


class Reruns:
    """How long the pages' runs took lately.

    Args:
        clock: seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._ended, self.count, self.running = clock, deque[tuple[float, float]](maxlen=MOST), 0, 0
        self._lock = threading.Lock()

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Within it a page runs, however it ends."""
        begin = self._clock()
        with self._lock:
            self.running += 1
        try:
            yield
        finally:
            end = self._clock()
            with self._lock:
                self.running -= 1
                self.count += 1
                self._ended.append((end, end - begin))

    def lately(self) -> list[float]:
        """Seconds of each of the runs that ended lately."""
        since = self._clock() - LATELY
        with self._lock:
            return [took for end, took in self._ended if end >= since]


RERUNS = Reruns()
"""Those of this process."""


def word_of(environment: Mapping[str, str]) -> str:
    """The operator's word; "" if there is none, or one that could be guessed, of which the log says so."""
    word = environment.get(WORD, "").strip()
    if word and len(word) < SHORTEST:
        LOG.warning("%s: expected at least %d characters, got %d; nobody is answered", WORD, SHORTEST, len(word))
        return ""
    return word


class ForOperators:
    """ASGI middleware: to everybody but the operator there is nothing at the ``PRIVATE`` addresses."""

    def __init__(self, app: ASGIApp, word: str) -> None:
        self.app, self.word = app, word

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].rstrip("/").endswith(PRIVATE):
            given = Headers(scope=scope).get("authorization", "")
            if not self.word or not secrets.compare_digest(given.encode(), f"Bearer {self.word}".encode()):
                await PlainTextResponse("There is no such page here.", status_code=404)(scope, receive, send)
                return
        await self.app(scope, receive, send)


def figures(_: Request) -> Response:
    """Answer the operator."""
    from pretrained.uploads.apart import READERS
    from viz.kinds.series.tuning import LEARNING
    from viz.serving.admission import visitors

    took = RERUNS.lately()
    p50, p95 = (statistics.quantiles(took, n=20)[at] for at in (9, 18)) if len(took) > 1 else (sum(took), sum(took))
    rows = {
        "people": visitors(),
        "reruns_total": RERUNS.count,
        "reruns_running": RERUNS.running,
        "reruns_per_second": round(len(took) / LATELY, 3),
        'rerun_seconds{quantile="0.5"}': round(p50, 4),
        'rerun_seconds{quantile="0.95"}': round(p95, 4),
        "memory_bytes": memory(),
        "threads": threading.active_count(),
        "files_read_or_waiting": READERS.wanted,
        "copies_learning": sum(run.busy for run in LEARNING),
    }
    text = "".join(f"gatescope_{name} {value}\n" for name, value in rows.items()) + "# EOF\n"
    return PlainTextResponse(text, media_type="application/openmetrics-text; version=1.0.0; charset=utf-8")


def memory() -> int:
    """Bytes of memory that this process holds now; on systems that do not say, the most that it has held."""
    held = Path("/proc/self/statm")
    if held.exists():
        return int(held.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    try:
        import resource
    except ImportError:  # Windows
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
