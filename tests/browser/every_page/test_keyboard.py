"""Figures by the keyboard alone: reached, read out, and opened."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.test_explore import plot


def test_a_cell_of_a_map_is_reached_by_arrows_read_out_and_opened_with_enter(open_page: OpenPage) -> None:
    page = open_page("/?model=sst2-gru-attention&tab=gates&order=index")
    figure = plot(page, "Unit by unit: update gate zₜ.")
    figure.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    said = figure.locator(".linked-plot-said")
    expect(said).to_contain_text("expected")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"at=rnn-0-forward\.update_gate\.1\.1"))
    expect(page.locator(".st-key-arithmetic")).to_contain_text("update gate zₜ, layer 1, forward, unit 1, token 2")


def test_a_point_of_a_curve_is_reached_by_arrows_and_left_with_escape(open_page: OpenPage) -> None:
    page = open_page("/?model=sst2-gru-attention&text=a+good+film")
    figure = plot(page, "The answer, word by word")
    figure.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    said = figure.locator(".linked-plot-said")
    expect(said).to_contain_text("good")
    page.keyboard.press("Escape")
    expect(said).to_have_text("")
