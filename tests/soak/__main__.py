"""The long form; see the package."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

import tests.soak
from tests.benchmarks.timing import print_conditions, print_table
from tests.soak.crowd import soak

REST = 150.0
"""Seconds after all have left: a session waits a minute for its page, and then memory is returned in half a minute."""


def main() -> None:
    """Let them walk, and print."""
    parser = argparse.ArgumentParser(
        description=tests.soak.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--think", type=float, default=10.0, help="average pause in seconds")
    parser.add_argument("--port", type=int, default=8660)
    asked = parser.parse_args()
    print_conditions("Soak", f"{asked.sessions} sessions on all pages and models, a page every {asked.think:g} s each")
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "server.log"
        soaked = asyncio.run(soak(asked.sessions, asked.minutes * 60, asked.think, asked.port, log, rest=REST))
    print_table(["after", "pages", "p50", "p95", "memory, MB", "threads"], [part.row for part in soaked.parts])
    found = soaked.found
    print(f"\n{found.connected_anew} times connected anew, {soaked.tracebacks} tracebacks, {len(found.wrong)} wrong:")
    for sentence in found.wrong[:20]:
        print(f"- {sentence}")


if __name__ == "__main__":
    main()
