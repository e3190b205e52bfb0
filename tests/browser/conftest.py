"""A real browser in front of the running app.

A test fails on any console error, page error, request to another computer or traceback in the server's log.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
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
def browser(playwright: Playwright, executable: str) -> Iterator[Browser]:
    """A browser that keeps nothing between two contexts."""
    browser = playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
    yield browser
    browser.close()


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


@pytest.fixture
def open_page(profile: BrowserContext, app_server: AppServer) -> Iterator[OpenPage]:
    """A function `(path="/", *, width=1440, height=900, scheme="light") -> Page` that opens the app and waits for it.

    A test finds no cookies and nothing stored by those before it. `scheme` is "light" or "dark".
    """
    problems: list[str] = []
    pages: list[Page] = []
    logged = len(app_server.log)

    def open_(path: str = "/", *, width: int = 1440, height: int = 900, scheme: str = "light") -> Page:
        page = profile.new_page()
        pages.append(page)
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        _record_problems(page, app_server.url, problems)
        page.goto(app_server.url + path)
        wait_for_app(page)
        return page

    yield open_
    for page in pages:
        _clear_storage(page, app_server.url)
        page.close()
    profile.clear_cookies()
    if "Traceback" in app_server.log[logged:]:
        problems.append("server log:\n" + app_server.log[logged:])
    assert not problems, "\n".join(problems)


def _clear_storage(page: Page, url: str) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Storage.clearDataForOrigin", {"origin": url, "storageTypes": "local_storage,indexeddb"})


def _record_problems(page: Page, url: str, problems: list[str]) -> None:
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

    page.on("console", on_console)
    page.on("pageerror", lambda error: problems.append(f"page error: {error}"))
    page.on("request", on_request)
    page.on("websocket", on_websocket)
