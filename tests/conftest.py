"""What every test runs under: no network beyond this computer, one thread per computation, one running app."""

import gc
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parents[1]
LOOPBACK = {"127.0.0.1", "::1", "localhost", "0.0.0.0", "::", "", None}  # noqa: S104
START_SECONDS = 180

# Set before torch or NumPy is imported, and inherited by every process a test starts.
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
    os.environ[variable] = "1"


NIGHTLY = os.environ.get("GATESCOPE_NIGHTLY", "") not in ("", "0")
"""Whether tests by properties look at many other examples, rather than at the same few each time."""

# No test asserts a time, and machines differ.
settings.register_profile("gatescope", deadline=None, derandomize=not NIGHTLY, database=None)
settings.load_profile("gatescope")


class NetworkForbiddenError(RuntimeError):
    """A test tried to reach another computer."""


def forbid_network(event: str, arguments: tuple) -> None:
    """Audit hook: raise NetworkForbiddenError before any look-up of, or connection to, another computer."""
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in {"socket.connect", "socket.sendto"} and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else host
    if name not in LOOPBACK:
        raise NetworkForbiddenError(f"network: expected only this computer, got {name!r}")


sys.addaudithook(forbid_network)


SELDOM_COLLECTED = 20_000
"""New objects after which the young ones are collected, as in the running app."""

ONE_SERVER = ("tests/browser/", "tests/viz/test_operator.py")
"""Beginnings of the paths of tests that ask the running app."""


class BrowserTogether(LoadScopeScheduling):
    """Give every test file to one of the processes, in their order, and all that ask the app to the one that begins.

    They take longest: were files given out by their number of tests, the other process would wait for them in the end.
    And the app is started once.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::")[0]
        return "tests/browser" if file.startswith(ONE_SERVER) else file


def pytest_addoption(parser: pytest.Parser) -> None:
    """How many damaged files of models are opened; more find what is rare."""
    parser.addoption("--mutations", type=int, default=400, help="damaged files of models that are opened")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    config.option.loadscopereorder = False
    return BrowserTogether(config, log)


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: Python need not look through it for what can go, nor often."""
    gc.freeze()
    gc.set_threshold(SELDOM_COLLECTED)


@pytest.fixture(scope="session", autouse=True)
def components_found_once() -> None:
    """Let ``AppTest`` look through all installed packages for components once, not each time that it opens a page."""
    if "streamlit.testing.v1" in sys.modules:
        from streamlit.components.v2 import manifest_scanner

        manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


@dataclass(frozen=True)
class AppServer:
    """A running server of Streamlit: its address, without a closing slash, and the file its log goes to."""

    url: str
    log_path: Path

    @property
    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8", errors="replace")


def free_port() -> int:
    """A port of this computer that nobody listens to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def served(script: Path, log_path: Path, base: str = "") -> Iterator[AppServer]:
    """A server of `script` below the path `base`, until the block ends; yielded once it is healthy."""
    port = free_port()
    server = AppServer(f"http://localhost:{port}{base}", log_path)
    options = ["--server.port", str(port), "--server.headless", "true", "--browser.gatherUsageStats", "false"]
    options += ["--server.baseUrlPath", base.strip("/")] if base else []
    with log_path.open("wb") as log:
        command = [sys.executable, "-m", "streamlit", "run", str(script), *options]
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait_until_healthy(server, process)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture(scope="session")
def app_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppServer]:
    with served(ROOT / "app.py", tmp_path_factory.mktemp("app") / "streamlit.log") as server:
        yield server


@pytest.fixture(scope="session")
def app_url(app_server: AppServer) -> str:
    """The address of the running app, without a closing slash."""
    return app_server.url


def _wait_until_healthy(server: AppServer, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"streamlit run: expected a running server, got exit code {process.returncode}:\n{server.log}")
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=5) as answer:
                if answer.read() == b"ok":
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    pytest.fail(f"streamlit run: expected a healthy server within {START_SECONDS} s, got none:\n{server.log}")
