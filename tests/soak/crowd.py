"""The server, the crowd in front of it, and what is seen of both while time goes by."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.running import APP, ROOT, Server, dice
from tests.benchmarks.timing import Times, milliseconds
from tests.soak.walk import Found, walk

PATIENCE = 180.0
"""Seconds in which all should have opened a page."""


@dataclass(frozen=True)
class Part:
    """What was seen in one part of the time.

    Attributes:
        ended: seconds after the beginning.
        times: of the pages that were opened.
        memory: of the server at its end, in megabytes.
        threads: of the server at its end.
    """

    ended: float
    times: Times
    memory: float
    threads: int

    @property
    def row(self) -> list[str]:
        """As a line of a table."""
        p50, p95 = milliseconds(self.times.median), milliseconds(self.times.p95)
        return [f"{self.ended:.0f} s", str(len(self.times.seconds)), p50, p95, f"{self.memory:.0f}", str(self.threads)]


@dataclass(frozen=True)
class Soaked:
    """What was seen in all."""

    parts: list[Part]
    found: Found
    tracebacks: int


@contextmanager
def started(port: int, log: Path) -> Iterator[Server]:
    """The app, until the block ends; what it logs is added to a file."""
    options = ["--server.port", str(port), "--server.headless", "true"]
    with log.open("ab") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", str(APP), *options], cwd=ROOT, stdout=file, stderr=file
        )
    try:
        yield Server(process.pid, port, time.time())
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
        process.wait()


async def soak(
    sessions: int, seconds: float, think: float, port: int, log: Path, parts: int = 10, rest: float = 0.0
) -> Soaked:
    """Let them walk; after half of the time the server is killed and started again.

    The clock of each half begins when as many pages as there are sessions were opened, or after ``PATIENCE``. When all
    have left, the server is looked at once more after ``rest`` seconds.
    """
    url, over, found, seen = f"http://localhost:{port}", asyncio.Event(), Found(), list[Part]()
    walks = [asyncio.create_task(walk(url, dice(number), think, over, found)) for number in range(sessions)]
    begin = time.monotonic()
    for half in ("before", "after"):
        with started(port, log) as server:
            await _all_arrive(found, len(found.pages) + sessions)
            for _ in range(parts // 2):
                since = time.monotonic()
                await asyncio.sleep(seconds / parts)
                took = tuple(took for ended, took in found.pages if ended >= since)
                seen.append(Part(time.monotonic() - begin, Times(took), server.memory, threads(server)))
            if half == "before":
                os.kill(server.process, signal.SIGKILL)
            else:
                over.set()
                await asyncio.gather(*walks)
                await asyncio.sleep(rest)
                seen.append(Part(time.monotonic() - begin, Times(()), server.memory, threads(server)))
    return Soaked(seen, found, log.read_text(encoding="utf-8", errors="replace").count("Traceback"))


async def _all_arrive(found: Found, pages: int) -> None:
    end = time.monotonic() + PATIENCE
    while len(found.pages) < pages and time.monotonic() < end:
        await asyncio.sleep(0.1)


def threads(server: Server) -> int:
    """How many threads the server has; 0 where there is no /proc."""
    folder = Path(f"/proc/{server.process}/task")
    return len(list(folder.iterdir())) if folder.exists() else 0
