"""The app as a process, a browser in front of it, and the sentences that are typed into it.

Everything stays on this computer, and whatever is started here is stopped when its ``with`` block ends.
"""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[2]
APP = ROOT / "app.py"
START_SECONDS = 180
EXECUTABLES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_OPTIONS = (
    "--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
)  # fmt: skip
VOCABULARY = """
    the acting story plot film scenes script director music jokes is was never always nearly quite too superb dull
    warm slow clever funny sad but and because although while with without of in for to a its every few wonderful
"""


@dataclass(frozen=True)
class Server:
    """A running ``streamlit run``.

    Attributes:
        process: id of the process.
        port: port on localhost.
        started: when it was started, in seconds since the epoch.
    """

    process: int
    port: int
    started: float

    @property
    def url(self) -> str:
        """Address without a closing slash."""
        return f"http://localhost:{self.port}"

    @property
    def memory(self) -> float:
        """Resident memory in megabytes (RSS of the one process; Streamlit starts no others)."""
        status = Path(f"/proc/{self.process}/status")
        if status.exists():
            line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
            return int(line.split()[1]) / 1024
        return int(subprocess.check_output(["ps", "-o", "rss=", "-p", str(self.process)])) / 1024

    @property
    def processor_seconds(self) -> float:
        """Processor time used so far, all threads; 0 where there is no /proc."""
        status = Path(f"/proc/{self.process}/stat")
        if not status.exists():
            return 0.0
        fields = status.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serve(script: Path, port: int) -> Iterator[Server]:
    """Run ``streamlit run script`` with the project's own settings until the block ends; yields once it answers.

    Raises:
        RuntimeError: if the port is taken, or the server does not come up; the message holds the end of its log.
    """
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise RuntimeError(f"serve: expected port {port} to be free; choose another with --port")
    with tempfile.TemporaryFile("w+", encoding="utf-8") as log:
        options = ["--server.port", str(port), "--server.headless", "true"]
        started = time.time()
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", str(script), *options], cwd=ROOT, stdout=log, stderr=log
        )
        server = Server(process.pid, port, started)
        try:
            if not _answers(server, process):
                log.seek(0)
                end = log.read()[-2000:]
                raise RuntimeError(f"serve: expected {script.name} to answer on port {port}, got:\n{end}")
            yield server
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(server: Server, process: subprocess.Popen) -> bool:
    """Whether the server says it is healthy in good time; asked every 20 ms, since the start is being timed."""
    while process.poll() is None and time.time() < server.started + START_SECONDS:
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=5) as answer:
                if answer.read() == b"ok":
                    return True
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.02)
    return False


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium: the one that CHROMIUM names, or the first on the path.

    Raises:
        RuntimeError: if there is none.
    """
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, EXECUTABLES)), None)
    if found is None:
        raise RuntimeError(f"browser: expected one of {', '.join(EXECUTABLES)} on the path, or CHROMIUM to name one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(BROWSER_OPTIONS))
        try:
            yield browser
        finally:
            browser.close()


def dice(seed: int) -> random.Random:
    """A source of chance that gives the same every time, so that all runs type the same sentences."""
    return random.Random(seed)  # noqa: S311 - reproducible data, not a secret


def sentence(chance: random.Random, words: int = 20) -> str:
    """Words in an order that nobody typed before, so that no cache can answer."""
    return " ".join(chance.choices(VOCABULARY.split(), k=words))
