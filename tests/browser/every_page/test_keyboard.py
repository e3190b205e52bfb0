"""Figures by the keyboard alone: reached, read out, and opened."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.browser.test_explore import plot

MAP = "/?model=sst2-gru-attention&tab=gates&order=index"


def test_a_cell_of_a_map_is_reached_by_arrows_read_out_and_opened_with_enter(open_page: OpenPage) -> None:
    page = open_page(MAP)
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
    page = open_page(MAP, left=True)
    figure = plot(page, "The answer, word by word")
    figure.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    said = figure.locator(".linked-plot-said")
    expect(said).to_contain_text("expected")
    page.keyboard.press("Escape")
    expect(said).to_have_text("")


CHARTS = {
    "the terms of a number": ("/?text=a+good+film&tab=gates&at=rnn-0-forward.update_gate.1.1", ""),
    "models of sentiment": ("/?model=sst2-gru", "Examples and more, About this model"),
    "models that write": ("/?model=shakespeare-gru", "Examples and more, About this model"),
    "forecasts": ("/?model=co2-gru&tab=answer", ""),
    "seeds": ("/compare?mode=models", "Does attention help?"),
    "models with attention": ("/explain?section=attention&test=models", ""),
}
"""Every chart that Vega draws, by its page and what is opened there first."""


@pytest.mark.parametrize("name", CHARTS)
def test_a_mark_of_a_chart_is_reached_by_arrows_ringed_read_out_and_left_with_escape(open_page: OpenPage, name: str):
    path, opened = CHARTS[name]
    page = open_page(path)
    for words in filter(None, opened.split(", ")):
        page.get_by_text(words).first.click()
    chart = page.locator("[data-testid=stVegaLiteChart][tabindex='0']").first
    expect(chart.locator(".role-mark > *").first).to_be_attached()
    chart.focus()
    said, ring, seen = page.locator(".chart-said"), page.locator(".chart-ring"), set()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "End"):
        page.keyboard.press(key)
        expect(said).to_contain_text(":")
        seen.add(said.inner_text())
        mark = ring.bounding_box()
        assert mark is not None
        assert min(mark["width"], mark["height"]) >= 6
    assert len(seen) >= 2
    expect(page.locator("#vg-tooltip-element.visible")).to_be_visible()
    page.evaluate("document.addEventListener('click', ({ target }) => (window.clicked = target.tagName), true)")
    page.keyboard.press("Enter")
    assert page.evaluate("window.clicked") in ("path", "line", "rect", "text")
    page.keyboard.press("Escape")
    expect(said).to_have_text("")
    assert ring.count() == 0
