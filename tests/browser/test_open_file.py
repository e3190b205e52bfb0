"""The one control in a real browser: any file, whatever model is on the screen, and nothing lost."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from pretrained.tasks.classes.spoken_digits import RECORDINGS
from tests.browser.conftest import OpenPage, wait_for_app

BOX = "[data-testid=stFileUploaderDropzoneInput]"
MINE = "a dull film of mine"
START = "/?model=sst2-gru&text=a+dull+film+of+mine"
SERIES = b"date,tide\n" + b"".join(b"2020-%02d-%02d,%d\n" % (n // 28 + 1, n % 28 + 1, n % 11) for n in range(100))


def open_menu(page: Page) -> None:
    """Open the menu above the page, with the examples and all that is rare."""
    page.get_by_role("button", name="Examples and more").click()


def give(page: Page, name: str, content: bytes | Path) -> None:
    """Put a file into the control, whose drawer is opened if it is closed."""
    if not page.locator(BOX).count():
        drawer = page.get_by_text("Open a file", exact=True)
        if not drawer.count():
            open_menu(page)
        drawer.click()
        page.locator(BOX).wait_for(state="attached")
    if isinstance(content, Path):
        page.set_input_files(BOX, content)
    else:
        page.set_input_files(BOX, {"name": name, "mimeType": "application/octet-stream", "buffer": content})


OPENED: dict[str, tuple[str, bytes, str, str]] = {
    "a sound": (
        "five.flac",
        (RECORDINGS / "5-lucas.flac").read_bytes(),
        "spoken-digits-gru",
        "^The recording as a wave",
    ),
    "a series": ("tides.csv", SERIES, "seattle-gru", "^History, forecast with interval"),
}


@pytest.mark.parametrize(("name", "content", "key", "figure"), OPENED.values(), ids=OPENED)
def test_a_file_brings_the_model_that_reads_it_and_back_brings_the_text(
    open_page: OpenPage, name: str, content: bytes, key: str, figure: str
) -> None:
    page = open_page(START, left=True)
    give(page, name, content)
    drawn = page.get_by_role("figure", name=re.compile(figure))
    expect(drawn.locator(".main-svg").first).to_be_attached()
    expect(page.get_by_text(re.compile(f"“{re.escape(name)}” is .*: it is opened (with|as a series)"))).to_be_visible()
    expect(page.locator(BOX)).to_have_count(0)
    assert f"model={key}" in page.url
    wait_for_app(page)
    page.go_back()
    wait_for_app(page)
    assert "model=sst2-gru" in page.url
    expect(page.get_by_role("textbox", name="Type an English sentence")).to_have_value(MINE)


def test_files_are_exchanged_and_a_refused_one_leaves_the_drawer_open(open_page: OpenPage) -> None:
    page = open_page(START, left=True)
    give(page, "photo.csv", b"\x89PNG\r\n\x1a\n....")
    expect(page.get_by_text("is named .csv but is a PNG picture")).to_be_visible()
    expect(page.get_by_role("textbox", name="Type an English sentence")).to_have_value(MINE)
    give(page, "cafe.txt", "crème brûlée, a good film".encode("cp1252"))
    page.get_by_role("button", name="Read it as Windows-1252").click()
    expect(page.get_by_role("textbox", name="Type an English sentence")).to_have_value("crème brûlée, a good film")
    expect(page.locator(BOX)).to_have_count(0)
    give(page, "tides.csv", SERIES)
    expect(page.get_by_text("“tides.csv” is a table with dates and numbers")).to_be_visible()
    page.get_by_role("button", name="How the file is read").click()
    expect(page.get_by_text("It is brought to one value a day")).to_be_visible()


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(START)
    sent: list[Any] = []
    page.on("request", lambda request: sent.append(request.url) if "upload_file" in request.url else None)
    (tmp_path / "large.csv").write_bytes(b"text\n" + b"a film\n" * 3_000_000)
    give(page, "large.csv", tmp_path / "large.csv")
    expect(page.get_by_role("alert").filter(has_text="File must be 20.0MB or smaller")).to_be_attached()
    expect(page.get_by_text("a larger file turns red and is not read; split it, or leave out columns")).to_be_visible()
    expect(page.get_by_role("textbox", name="Type an English sentence")).to_have_value(MINE)
    assert not sent
