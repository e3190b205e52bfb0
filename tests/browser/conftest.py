"""A real browser in front of the running app.

A test fails on any console error, page error, request to another computer or traceback in the server's log.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    WebSocket,
    expect,
    sync_playwright,
)

from tests.conftest import AppServer

PAINT_MILLISECONDS = 30_000
EXECUTABLES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--enable-unsafe-swiftshader",  # WebGL for 3-D plots, without a graphics card
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
# Opened at a page's own address, Streamlit first looks for its server below that address and gets a 404 there.
ALLOWED_CONSOLE_ERRORS = (re.compile(r"status of 404 .*/[^/]+/_stcore/(health|host-config)"),)

OpenPage = Callable[..., Page]

expect.set_options(timeout=PAINT_MILLISECONDS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run a browser test that fails once more: on a busy machine a click may meet a page that is being laid out."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.flaky(reruns=1))


def wait_for_app(page: Page) -> None:
    """Return once `page` is connected to the server and no script is running."""
    page.wait_for_selector("[data-testid=stApp][data-test-connection-state=CONNECTED]", timeout=PAINT_MILLISECONDS)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=PAINT_MILLISECONDS)


def fits_a_phone(page: Page) -> None:
    """Fail if anything on `page` is wider than a phone, of whose width it is from then on.

    The page's security policy lets a condition be asked again only where it is a function.
    """
    page.set_viewport_size({"width": 390, "height": 844})
    for shown in ("document.documentElement", "document.querySelector('[data-testid=stMain]')"):
        page.wait_for_function(f"() => {shown}.scrollWidth <= 390", timeout=PAINT_MILLISECONDS)


@pytest.fixture(scope="session")
def executable() -> str:
    """The path of the browser."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, EXECUTABLES)), None)
    if found is None:
        names = ", ".join(EXECUTABLES)
        pytest.fail(
            f"browser: expected one of {names} on the path, got none; install chromium or set CHROMIUM to its path"
        )
    return found


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def profile(
    playwright: Playwright, executable: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """A browser that keeps the app's scripts as it compiled them, which is half of the time that a page takes to open.

    Reduced motion: no figure moves by itself, and spinners cost more than what they wait for.
    """
    context = playwright.chromium.launch_persistent_context(
        tmp_path_factory.mktemp("profile"),
        executable_path=executable,
        args=list(ARGUMENTS),
        reduced_motion="reduce",
        accept_downloads=True,
    )
    yield context
    context.close()


@pytest.fixture(scope="session")
def kept_page(profile: BrowserContext) -> Page:
    """The page in which tests open the app one after the other: a new one costs as much as what is opened in it."""
    return profile.pages[0]


@pytest.fixture(scope="session")
def last_opened() -> list[str]:
    """The address at which the page of all tests was opened last."""
    return [""]


@pytest.fixture
def open_page(
    kept_page: Page, last_opened: list[str], app_server: AppServer, request: pytest.FixtureRequest
) -> Iterator[OpenPage]:
    """A function `(path="/", *, width=1440, height=900, scheme="light", left=False) -> Page` that opens the app.

    `scheme` is "light" or "dark". Whoever opens it is a stranger: there are no cookies, nothing stored and no steps to
    go back to. Where the test before opened the same address, a page that may be `left` is found as that test left it:
    to open one is most of a test's time. A test that is run once more opens its own.
    """
    problems: list[str] = []
    logged, again = len(app_server.log), getattr(request.node, "execution_count", 1) > 1
    listeners = _listeners(app_server.url, problems)
    for event, listener in listeners.items():
        kept_page.on(event, listener)  # type: ignore[call-overload]  # each event has its own overload

    def open_(
        path: str = "/", *, width: int = 1440, height: int = 900, scheme: str = "light", left: bool = False
    ) -> Page:
        kept_page.set_viewport_size({"width": width, "height": height})
        kept_page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        kept_page.mouse.move(0, 0)
        if not left or again or last_opened != [path]:
            _forget(kept_page, app_server.url)
            kept_page.goto(app_server.url + path)
        last_opened[:] = [path]
        _command(kept_page, "Page.resetNavigationHistory")
        wait_for_app(kept_page)
        return kept_page

    yield open_
    for event, listener in listeners.items():
        kept_page.remove_listener(event, listener)
    if "Traceback" in app_server.log[logged:]:
        problems.append("server log:\n" + app_server.log[logged:])
    assert not problems, "\n".join(problems)


def _forget(page: Page, url: str) -> None:
    """Take from the browser all that it keeps of the app at `url`."""
    if page.url.startswith(url):
        page.evaluate("sessionStorage.clear()")
    _command(page, "Storage.clearDataForOrigin", origin=url, storageTypes="local_storage,indexeddb")
    page.context.clear_cookies()


def _command(page: Page, name: str, **options: str) -> None:
    session = page.context.new_cdp_session(page)
    session.send(name, options)
    session.detach()


def _listeners(url: str, problems: list[str]) -> dict[str, Any]:
    """What adds to the problems whatever goes wrong in a page, by the event in which it shows."""

    def on_console(message: ConsoleMessage) -> None:
        text = f"{message.text} {message.location.get('url', '')}"
        if message.type == "error" and not any(allowed.search(text) for allowed in ALLOWED_CONSOLE_ERRORS):
            problems.append(f"console error: {text}")

    def on_address(address: str) -> None:
        if not address.startswith((f"{url}/", url.replace("http", "ws", 1) + "/", "data:", "blob:")):
            problems.append(f"outside request: {address}")

    def on_request(request: Request) -> None:
        on_address(request.url)

    def on_websocket(websocket: WebSocket) -> None:
        on_address(websocket.url)

    return {
        "console": on_console,
        "pageerror": lambda error: problems.append(f"page error: {error}"),
        "request": on_request,
        "websocket": on_websocket,
    }
