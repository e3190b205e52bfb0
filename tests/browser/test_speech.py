"""A recording in a real browser: it is played by the keyboard, its line moves, and a file is taken."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from pretrained.tasks.spoken_digits import EXAMPLES, RECORDINGS
from tests.browser.conftest import OpenPage
from tests.browser.test_open_file import give

PAGE = "/?model=spoken-digits-gru"


def test_the_sound_is_played_by_the_keyboard_and_a_line_follows_it(open_page: OpenPage) -> None:
    page = open_page(PAGE)
    figure = page.get_by_role("figure", name=re.compile("^The recording as wave"))
    expect(figure.locator(".main-svg").first).to_be_attached()
    player, line = figure.locator("audio"), figure.locator(".linked-plot-cursor")
    expect(line).to_be_hidden()
    page.wait_for_function("(player) => player.readyState >= 2", arg=player.element_handle())
    player.focus()
    page.keyboard.press("Space")
    expect(line).to_be_visible()
    page.wait_for_function("(player) => player.ended", arg=player.element_handle())
    end = line.bounding_box()
    player.evaluate("(player) => { player.currentTime = player.duration / 2; }")
    page.wait_for_function("([line, end]) => line.getBoundingClientRect().left < end - 50",
                           arg=[line.element_handle(), end["x"] if end else 0])  # fmt: skip


def test_a_file_is_opened_and_stands_in_the_address(open_page: OpenPage) -> None:
    page = open_page(PAGE)
    give(page, "five.flac", (RECORDINGS / f"{EXAMPLES[6].text}.flac").read_bytes())
    expect(page.get_by_test_id("stMetricValue").first).to_contain_text("five")
    expect(page).to_have_url(re.compile("text=upload-[0-9a-f]{16}"))
    page.get_by_text(EXAMPLES[2].title, exact=True).click()
    expect(page.get_by_test_id("stMetricValue").first).to_contain_text("one")
