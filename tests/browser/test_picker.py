"""The picker of models stands in a menu, whose widgets the browser does not draw while it is shut."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, wait_for_app


def test_what_was_chosen_in_a_menu_that_is_shut_does_not_come_back_over_the_address(open_page: OpenPage) -> None:
    page = open_page("/?model=sst2-gru&text=a+dull+film")
    page.locator(".st-key-picker button").first.click()
    page.get_by_text("Forecast", exact=True).first.click()
    expect(page).to_have_url(re.compile("model=beijing"))
    page.keyboard.press("Escape")
    wait_for_app(page)
    page.get_by_role("button", name="Examples and more").click()
    page.get_by_text("A spoken digit, and when it is known").click()
    expect(page).to_have_url(re.compile("model=spoken-digits-gru"))
    page.keyboard.press("Escape")
    wait_for_app(page)
    page.locator(".st-key-hold input").click()
    page.get_by_role("option").nth(1).click()
    expect(page).to_have_url(re.compile("hold=(?!computed)"))
    wait_for_app(page)
    assert "model=spoken-digits-gru" in page.url
