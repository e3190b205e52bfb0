"""What a first visitor costs: time until something is seen, bytes, and memory.

    python -m tests.benchmarks.startup [--times 3] [--sessions 50] [--port 8640]

start     from starting the process ``streamlit run app.py`` until the server says it is healthy (it loads the first
          model before that), until the first figure is painted in Chromium, and until the last one is; the browser runs
          already and opens the page the moment the server answers. One start that is not counted comes before, so that
          the files are in memory.
bytes     what that visitor, who has nothing stored, receives: responses as they travel (compressed, with headers:
          ``encodedDataLength`` of Chromium's Network.loadingFinished), and messages on the websocket
memory    resident memory of a fresh server with one session that typed one sentence, and with many that did and stay
          connected; over websockets, as in tests/benchmarks/visitors.py

The floor of the first is an app of one line, ``st.write``, started the same way in turn; it has no figure, so only its
health is timed.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, CDPSession

from tests.benchmarks.page_latency import CALM_MILLISECONDS, PAINT, figures_painted
from tests.benchmarks.running import APP, Server, chromium, dice, sentence, serve
from tests.benchmarks.timing import Times, milliseconds, print_conditions, print_table
from tests.benchmarks.visitors import arrive


@dataclass
class Received:
    """Bytes that a page received."""

    responses: int = 0
    requests: int = 0
    messages: int = 0

    def watch(self, session: CDPSession) -> None:
        """Count from now on."""
        session.on("Network.loadingFinished", self._finished)
        session.on("Network.webSocketFrameReceived", self._message)
        session.send("Network.enable")

    def _finished(self, event: dict) -> None:
        self.responses += int(event["encodedDataLength"])
        self.requests += 1

    def _message(self, event: dict) -> None:
        frame = event["response"]
        is_text = frame["opcode"] == 1
        self.messages += len(frame["payloadData"].encode() if is_text else base64.b64decode(frame["payloadData"]))


@dataclass(frozen=True)
class FirstVisit:
    """Seconds from the start of the process, and bytes."""

    healthy: float
    first: float
    last: float
    received: Received


def visit(browser: Browser, server: Server) -> FirstVisit:
    """Open the page as somebody who was never here."""
    healthy = time.time() - server.started
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page, received = context.new_page(), Received()
    received.watch(context.new_cdp_session(page))
    page.add_init_script(path=PAINT)
    page.goto(server.url)
    seen = figures_painted(page, 3 * CALM_MILLISECONDS)
    found = FirstVisit(healthy, seen["first"] - server.started, seen["last"] - server.started, received)
    context.close()
    return found


async def stay_connected(server: Server, count: int) -> list[float]:
    """Memory in megabytes with one session and with ``count``."""
    guests, found, chance = [], [], dice(1)
    for _ in range(count):
        guest = await arrive(server)
        await guest.run(sentence(chance))
        guests.append(guest)
        if len(guests) in (1, count):
            found.append(server.memory)
    await asyncio.gather(*(guest.socket.close() for guest in guests))
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--port", type=int, default=8640)
    asked = parser.parse_args()
    visits: list[FirstVisit] = []
    empty_healthy: list[float] = []
    with chromium() as browser, tempfile.TemporaryDirectory() as folder:
        print_conditions(
            "A first visitor",
            f"Chromium {browser.version}, headless, nothing stored",
            f"{asked.times} starts after one that is not counted, medians",
        )
        empty = Path(folder) / "empty.py"
        empty.write_text('import streamlit as st\n\nst.write("nothing")\n', encoding="utf-8")
        for number in range(-1, asked.times):
            with serve(empty, asked.port) as server:
                healthy = time.time() - server.started
            with serve(APP, asked.port) as server:
                visited = visit(browser, server)
            if number >= 0:
                empty_healthy.append(healthy)
                visits.append(visited)
    with serve(APP, asked.port) as server:
        memory = asyncio.run(stay_connected(server, asked.sessions))
    print_results(visits, empty_healthy, memory, asked.sessions)


def print_results(visits: list[FirstVisit], empty: list[float], memory: list[float], sessions: int) -> None:
    """Print three small tables."""
    floor = Times(tuple(empty)).median
    rows = []
    for name, seconds in (
        ("server is healthy", [visit.healthy for visit in visits]),
        ("first figure is painted", [visit.first for visit in visits]),
        ("last figure is painted", [visit.last for visit in visits]),
    ):
        median = Times(tuple(seconds)).median
        rows.append([name, milliseconds(median), f"{median / floor:.2f}x"])
    rows.insert(0, ["an empty app is healthy", milliseconds(floor), "1"])
    print_table(["from process start", "median", "ratio"], rows)
    received = visits[-1].received
    print()
    print_table(
        ["a first visitor receives", "megabytes", "number"],
        [
            ["responses", f"{received.responses / 1e6:.2f}", str(received.requests)],
            ["websocket messages", f"{received.messages / 1e6:.2f}", ""],
        ],
    )
    one, many = memory[0], memory[-1]
    each = (many - one) / max(1, sessions - 1)
    print()
    print_table(
        ["memory of the server", "MB (RSS)"],
        [["1 session", f"{one:.0f}"], [f"{sessions} sessions", f"{many:.0f}"], ["each further session", f"{each:.2f}"]],
    )


if __name__ == "__main__":
    main()
