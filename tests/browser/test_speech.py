"""A recording in a real browser: it is played by the keyboard, its line moves, and a file is taken."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from pretrained.tasks.classes.spoken_digits import EXAMPLES, RECORDINGS
from tests.browser.conftest import OpenPage
from tests.browser.test_open_file import give, open_menu

PAGE = "/?model=spoken-digits-gru&tab=gates&order=index"
FIGURE = re.compile("^The recording as a wave")
ALL = re.compile("^The recording as wave and spectrogram")
ROWS = 7
"""Rows of the figure in full: sound, energy, reset gate, update gate, state, attention, answer."""

SLOWLY = "(player) => { player.playbackRate = 0.1; return player.play(); }"
AXES = """(figure) => {
  const drawn = figure.querySelector(".linked-plot-figure"), { top, left } = drawn.getBoundingClientRect();
  const layout = drawn._fullLayout, names = Object.keys(layout).filter((name) => /^yaxis[0-9]*$/.test(name));
  const middle = left + layout.xaxis._offset + layout.xaxis._length / 2;
  return names.map((name) => layout[name]).map(({ title, _offset, _length }) =>
    [title.text, [top + _offset, top + _offset + _length, middle]]);
}"""
"""Title of every row of the figure, its upper and lower end and its middle on the screen, in pixels."""


def test_the_sound_is_played_by_the_keyboard_and_a_line_follows_it(open_page: OpenPage) -> None:
    page = open_page(PAGE)
    figure = page.get_by_role("figure", name=FIGURE)
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
    page = open_page(PAGE, left=True)
    give(page, "five.flac", (RECORDINGS / f"{EXAMPLES[6].text}.flac").read_bytes())
    expect(page.get_by_test_id("stMetricValue").first).to_contain_text("five")
    expect(page).to_have_url(re.compile("text=upload-[A-Za-z0-9_-]{16}"))
    open_menu(page)
    page.get_by_text(EXAMPLES[2].title, exact=True).click()
    expect(page.get_by_test_id("stMetricValue").first).to_contain_text("one")


def test_the_line_runs_through_every_row_and_the_frame_lights_up_in_all_figures(open_page: OpenPage) -> None:
    page = open_page("/?model=spoken-digits-gru&tab=answer&order=index")
    figure, every = page.get_by_role("figure", name=FIGURE), page.get_by_role("figure", name=ALL)
    for drawn in (figure, every):
        expect(drawn.locator(".main-svg").first).to_be_attached()
    figure.locator("audio").evaluate(SLOWLY)
    expect(every.locator(".linked-plot-band")).to_have_count(ROWS)
    named = set(dict(every.evaluate(AXES)))
    assert len(named) == ROWS
    assert {"reset gate rₜ<br>unit", "update gate zₜ<br>unit", "hidden state hₜ<br>unit"} < named
    moving = figure.locator(".linked-plot-cursor")
    expect(moving).to_be_visible()
    line, rows = moving.bounding_box(), dict(figure.evaluate(AXES))
    assert line
    assert len(rows) == 2
    for top, bottom, _ in rows.values():
        assert line["y"] <= top + 1
        assert bottom - 1 <= line["y"] + line["height"]


def test_a_click_in_a_row_of_gates_opens_the_arithmetic_of_that_number(open_page: OpenPage) -> None:
    page = open_page("/?model=spoken-digits-gru&tab=answer&order=index", height=1100)
    figure = page.get_by_role("figure", name=ALL)
    expect(figure.locator(".main-svg").first).to_be_attached()
    figure.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    top, bottom, middle = dict(figure.evaluate(AXES))["update gate zₜ<br>unit"]
    page.mouse.click(middle, (top + bottom) / 2)
    expect(page).to_have_url(re.compile(r"at=rnn-0-forward\.update_gate\.\d+\.\d+"))
    expect(page.locator("p", has_text="Explain this number:")).to_contain_text("update gate")


def test_on_a_phone_the_figure_is_scrolled_along_with_what_is_heard(open_page: OpenPage) -> None:
    page = open_page(PAGE, width=390, height=844)
    figure = page.get_by_role("figure", name=FIGURE)
    expect(figure.locator(".main-svg").first).to_be_attached()
    player = figure.locator("audio")
    before = player.bounding_box()
    player.evaluate("(player) => { player.currentTime = 0.8 * player.duration; }")
    player.evaluate(SLOWLY)
    page.wait_for_function("(figure) => figure.scrollLeft > 50", arg=figure.element_handle())
    line, after = figure.locator(".linked-plot-cursor").bounding_box(), player.bounding_box()
    assert line
    assert before
    assert after
    assert 0 < line["x"] < 390
    assert after["x"] == before["x"]
