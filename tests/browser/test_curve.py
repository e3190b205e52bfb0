"""A curve is drawn by hand as a prediction: in one stroke of the mouse, or with the keys alone."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, fits_a_phone, wait_for_app
from tests.browser.every_page.test_access import faults

LESSON = "/learn?lesson=good-not-good&step=1&lang=en"


def reveal(page: Page) -> None:
    page.get_by_role("button", name="Show the answer").click()
    wait_for_app(page)
    expect(page.get_by_text("Your curve agrees with the network’s by")).to_be_visible()
    expect(page.get_by_role("figure", name="Your curve and the network’s")).to_be_visible()


def test_a_stroke_of_the_mouse_gives_every_token_a_value_and_the_network_s_curve_is_shown_beside(
    open_page: OpenPage,
) -> None:
    page = open_page(LESSON)
    expect(page.get_by_role("button", name="Show the answer")).to_be_disabled()
    assert faults(page) == []
    place = page.locator(".curve-box svg").bounding_box()
    assert place
    left, middle, width = place["x"] + 60, place["y"] + 110, place["width"] - 100
    page.mouse.move(left, middle)
    page.mouse.down()
    page.mouse.move(left + width, middle + 60, steps=3)
    page.mouse.up()
    reveal(page)


def test_a_curve_is_set_with_the_keys_and_every_value_is_said(open_page: OpenPage) -> None:
    page = open_page(LESSON)
    fits_a_phone(page)
    box = page.get_by_role("slider", name="The probability of “positive” after each word")
    box.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    expect(box).to_have_attribute("aria-valuetext", "not: 0.4")
    page.keyboard.press("PageUp")
    expect(box).to_have_attribute("aria-valuetext", "not: 0.6")
    page.keyboard.press("End")
    expect(box).to_have_attribute("aria-valuetext", "film: 0.5")
    reveal(page)
