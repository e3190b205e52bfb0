"""Long sequences in a real browser: a box drawn in the overview refines every figure of it, and can be undone."""

import re
from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage, wait_for_app
from tests.browser.test_explore import ask, place, plot

TEXT = "PETRUCHIO:\nGood morrow, Kate; for that's your name, I hear.\n\n" * 30
LINES = "Surprise, and hidden state"


def shown(figure: Locator) -> list[float]:
    return [round(end, 1) for end in ask(figure, "gd._fullLayout.xaxis.range")]


def columns(figure: Locator) -> object:
    """How many stretches the line and the units have."""
    return ask(figure, "gd._fullData.slice(-2).map(({ x }) => x.length)")


def draw_box(page: Page, figure: Locator, first: float, last: float) -> None:
    middle = ask(figure, "gd._fullLayout.yaxis.range.reduce((low, high) => (low + high) / 2)")
    begin, end = place(figure, first, middle), place(figure, last, middle)
    page.mouse.move(*begin)
    page.mouse.down()
    page.mouse.move((begin[0] + end[0]) / 2, begin[1] + 2, steps=3)
    page.mouse.move(end[0], end[1] + 3, steps=3)
    page.mouse.up()


def test_a_box_drawn_in_the_overview_shows_every_value_and_a_double_click_or_a_button_the_whole(
    open_page: OpenPage,
) -> None:
    page = open_page(f"/?model=shakespeare-lstm&text={quote(TEXT)}")
    overview = plot(page, LINES)
    assert shown(overview) == [0.5, 1831.5]
    assert columns(overview) == [367, 367]
    draw_box(page, overview, 400, 700)
    expect(page.get_by_text("A part of the text", exact=True)).to_be_visible()
    wait_for_app(page)
    first, last = (int(end) for end in re.search(r"zoom=(\d+)-(\d+)", page.url).groups())  # type: ignore[union-attr]  # it is there
    assert abs(first - 400) < 8
    assert abs(last - 700) < 8
    assert columns(overview) == [last - first + 1] * 2
    assert abs(shown(overview)[0] - first) <= 1

    page.mouse.dblclick(*place(overview, (first + last) / 2, 20))
    expect(page.get_by_text("The whole text", exact=True)).to_be_visible()
    wait_for_app(page)
    assert shown(overview) == [0.5, 1831.5]
    assert columns(overview) == [367, 367]
    assert "zoom=" not in page.url

    page.get_by_role("button", name="Zoom to the open part").click()
    expect(page.get_by_text("A part of the text", exact=True)).to_be_visible()
    wait_for_app(page)
    assert shown(overview) == [0.5, 800.5]
    page.get_by_role("button", name="Show the whole").click()
    expect(page.get_by_text("The whole text", exact=True)).to_be_visible()
    wait_for_app(page)
    assert shown(overview) == [0.5, 1831.5]
