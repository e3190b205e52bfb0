"""Several processes behind one address: who stays where, and what a visitor sees when one process is killed.

    python -m tests.benchmarks.several_processes [--processes 2] [--visitors 40] [--port 8700]

Processes of the app stand behind nginx with the project's own configuration (``.deploy/nginx.conf``). Visitors open
the page as a browser does, keep their cookie, and type. Then one process is killed (SIGKILL): those who were on it
connect again and type again. Every sentence must be answered, and nobody may change process while theirs lives. Before
that, some fetch the page, Plotly and a module of a component, and upload a file: with their cookie, and without, which
shows what breaks where nothing keeps a person on one process. And before all, a browser clicks on two buttons that save
what a figure shows, and uploads a file of 25 MB.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import websockets
from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.benchmarks.running import APP, ROOT, Server, chromium, dice, sentence, serve
from tests.benchmarks.timing import print_conditions, print_table
from tests.benchmarks.visitors import ANSWER_SECONDS, Visitor
from viz.linked_plot.bundle import module_address

CONFIGURATION = ROOT / ".deploy" / "nginx.conf"


@contextmanager
def proxy(servers: list[Server], port: int) -> Iterator[str]:
    """nginx in front of ``servers`` until the block ends; yields its address.

    Raises:
        RuntimeError: if there is no nginx.
    """
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if found is None:
        raise RuntimeError("several_processes: expected nginx, got none; install it, for example nginx-light of Debian")
    with tempfile.TemporaryDirectory() as folder:
        text = CONFIGURATION.read_text(encoding="utf-8").replace("listen 8500", f"listen 127.0.0.1:{port}")
        Path(folder, "nginx.conf").write_text(text, encoding="utf-8")
        lines = [f"server 127.0.0.1:{server.port} max_fails=1 fail_timeout=5s;\n" for server in servers]
        Path(folder, "servers.conf").write_text("".join(lines), encoding="utf-8")
        process = subprocess.Popen([found, "-p", folder, "-c", "nginx.conf", "-g", "daemon off;"])
        try:
            while process.poll() is None and not _listens(port):
                time.sleep(0.02)
            yield f"http://localhost:{port}"
        finally:
            process.terminate()
            process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Guest:
    """A visitor with a cookie."""

    url: str
    cookie: str
    visitor: Visitor

    async def connect(self) -> None:
        """Open the page's websocket and wait for its first answer."""
        socket = await websockets.connect(
            self.url.replace("http", "ws") + "/_stcore/stream",
            subprotocols=[websockets.Subprotocol("streamlit")],
            origin=websockets.Origin(self.url),
            additional_headers={"Cookie": self.cookie},
            max_size=None,
            open_timeout=ANSWER_SECONDS,
        )
        self.visitor = Visitor(socket)
        await self.visitor.run()

    async def type(self, text: str) -> bool:
        """Type a sentence; where the connection is lost, connect again and type it again. True if it was lost."""
        try:
            await self.visitor.run(text)
        except websockets.ConnectionClosed:
            await self.connect()
            await self.visitor.run(text)
            return True
        return False


async def arrive(url: str) -> Guest:
    """Open the page as a browser does: first its HTML, which brings the cookie."""
    with await asyncio.to_thread(urllib.request.urlopen, url, timeout=60) as answer:
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
    guest = Guest(url, cookie, None)  # type: ignore[arg-type]
    await guest.connect()
    return guest


PATHS = (
    "/",
    "/_stcore/health",
    "/_stcore/host-config",
    "/assets/plotly.min.js",
    f"/{module_address('linked_plot.js')}",
)
BOUNDARY = "gatescope-file"


def fetch(guest: Guest, path: str, *, cookie: str, put: bool = False) -> bool:
    """Whether a file is given, or with ``put`` taken, to whoever shows this cookie."""
    token = "_streamlit_xsrf"
    with urllib.request.urlopen(f"{guest.url}/_stcore/health", timeout=60) as answer:
        held = [line.partition(";")[0] for line in answer.headers.get_all("Set-Cookie") or []]
    shown = next((line for line in held if line.startswith(token)), "")
    body = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
        f"Content-Type: text/plain\r\n\r\na warm film\r\n--{BOUNDARY}--\r\n"
    )
    request = urllib.request.Request(
        guest.url + path, data=body.encode() if put else None, method="PUT" if put else "GET",
        headers={"Cookie": f"{cookie}; {shown}", "X-Xsrftoken": shown.partition("=")[2],
                 "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"},
    )  # fmt: skip
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status < 300
    except urllib.error.HTTPError:
        return False


def reach(guests: list[Guest]) -> list[list[str]]:
    """What each of them can reach with their cookie, and without; a line of the table for each kind of thing."""
    rows = []
    for what, path, put in (
        *((path, lambda _, path=path: path, False) for path in PATHS),
        ("an upload", lambda guest: f"/_stcore/upload_file/{guest.visitor.session}/a-file", True),
    ):
        done = [fetch(guest, path(guest), cookie=guest.cookie, put=put) for guest in guests]
        bare = [fetch(guest, path(guest), cookie="gatescope=", put=put) for guest in guests]
        rows.append([what, f"{sum(done)} of {len(done)}", f"{sum(bare)} of {len(bare)}"])
    return rows


UPLOAD = 25_000_000
"""Bytes of the file that the browser uploads: more than data may have, and less than a model."""


def click(url: str) -> list[list[str]]:
    """What a browser saves and uploads through the proxy; a line of the table for each."""
    card, rows = "heatmap-rnn-0-forward-update_gate", list[list[str]]()
    with chromium() as browser:
        page = browser.new_page()
        page.set_default_timeout(ANSWER_SECONDS * 1000)
        page.goto(f"{url}/?tab=gates&model=sst2-gru-attention")
        page.locator(f".st-key-more-{card} button").first.click()
        for kind in ("csv", "zip"):
            with page.expect_download() as saved:
                page.locator(f".st-key-{kind}-{card} button").first.click()
            rows.append([f"{kind.upper()} of a figure", f"{saved.value.path().stat().st_size:,} bytes saved"])
        page.goto(f"{url}/own")
        page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
        rows.append([f"upload of {UPLOAD / 1e6:.0f} MB", _upload(page)])
    return rows


def _upload(page: Page) -> str:
    """What became of a large file that is given to the page of one's own model."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "zeros.safetensors")  # on the disk: bytes would be spelled out to the browser first
        file.write_bytes(bytes(UPLOAD))
        try:
            with page.expect_response(lambda answer: answer.request.method == "PUT") as sent:
                page.set_input_files("[data-testid=stFileUploaderDropzoneInput]", file)
            said = page.get_by_test_id("stAlert").first.inner_text()
        except PlaywrightTimeout:
            return f"not answered in {ANSWER_SECONDS:g} s"
    return f"status {sent.value.status}, answered “{said}”"


async def visit(url: str, servers: list[Server], count: int) -> list[list[str]]:
    """Let them in, let them type, kill the first process, let them type again; returns the lines of the table."""
    chance = dice(1)
    guests = [await arrive(url) for _ in range(count)]
    lost = [await guest.type(sentence(chance)) for guest in guests]
    found = await asyncio.to_thread(reach, guests[:10])
    print_table(["reached", "with the cookie", "without"], found)
    rows = [["all processes live", str(count), str(sum(lost))]]
    os.kill(servers[0].process, signal.SIGKILL)
    lost = [await guest.type(sentence(chance)) for guest in guests]
    rows.append(["one was killed", str(count), str(sum(lost))])
    again = [await guest.type(sentence(chance)) for guest in guests]
    rows.append(["after that", str(count), str(sum(again))])
    await asyncio.gather(*(guest.visitor.socket.close() for guest in guests))
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--visitors", type=int, default=40)
    parser.add_argument("--port", type=int, default=8700)
    asked = parser.parse_args()
    os.environ["STREAMLIT_SERVER_COOKIE_SECRET"] = os.urandom(16).hex()
    print_conditions("Several processes", f"{asked.processes} processes behind nginx, {asked.visitors} visitors")
    with ExitStack() as stack:
        servers = [stack.enter_context(serve(APP, asked.port + 1 + number)) for number in range(asked.processes)]
        url = stack.enter_context(proxy(servers, asked.port))
        print_table(["in a browser", ""], click(url))
        rows = asyncio.run(visit(url, servers, asked.visitors))
    print_table(["", "sentences answered", "of them after connecting anew"], rows)


if __name__ == "__main__":
    main()
