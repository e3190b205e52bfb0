"""The Generate page in a real browser: the text grows, a click explains a character, and one seed writes it again."""

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, wait_for_app

ADDRESS = "/generate?model=shakespeare-lstm&length=100&seed=5&p=0.9&shade=rnn-0-forward.hidden_state&unit=7"


def test_a_text_grows_is_coloured_and_explained_and_comes_back_from_its_address(open_page: OpenPage) -> None:
    page = open_page(ADDRESS)
    expect(page.get_by_text("100 characters written, seed 5")).to_be_visible()
    wait_for_app(page)
    tokens = page.locator(".linked-text .token")
    expect(tokens).to_have_count(len("\nROMEO:\n") + 100)
    written = page.locator(".linked-text").inner_text()
    assert written.startswith("ROMEO:")
    shaded = page.locator(".linked-text .token.positive, .linked-text .token.negative")
    assert shaded.count() > 50
    assert "hidden state" in (tokens.nth(20).get_attribute("title") or "")

    tokens.nth(20).click()
    expect(page.get_by_text("Explain this number:")).to_be_visible()
    assert "at=rnn-0-forward.hidden_state.20." in page.url

    again = open_page(page.url.removeprefix(page.url.split("/generate")[0]))
    expect(again.get_by_text("100 characters written, seed 5")).to_be_visible()
    expect(again.get_by_text("Explain this number:")).to_be_visible()
    expect(again.locator(".linked-text")).to_have_text(written, use_inner_text=True)
