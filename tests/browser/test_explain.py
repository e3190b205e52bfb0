"""The Explain page in a real browser: a moment is clicked, what-ifs go into the address, a bar becomes one of them."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, fits_a_phone, wait_for_app
from tests.browser.test_explore import ask, place, plot

LEDGER = "/explain?section=ledger&model=sst2-gru&text=this+is+not+a+good+film"
WHAT_IF = "/explain?section=what-ifs&model=sst2-gru&text=this+is+not+a+good+film"


def click(page: Page, x: float, y: float) -> None:
    page.mouse.move(x, y)
    page.mouse.click(x, y)


def test_a_clicked_token_or_row_is_the_moment_whose_memory_is_shown(open_page: OpenPage) -> None:
    page = open_page(LEDGER)
    figure = plot(page, "Who wrote this memory")
    assert ask(figure, "gd._fullData[0].z[0].filter(Number.isFinite).length") == 6
    page.locator(".token", has_text="not").click()
    expect(page).to_have_url(re.compile("after=2"))
    page.wait_for_function(
        "(gd) => gd._fullData[0].z[0].filter(Number.isFinite).length === 3",
        arg=figure.locator(".linked-plot-figure").element_handle(),
    )
    expect(page.get_by_text(re.compile("^Most of this memory was written at token 3 “not”"))).to_be_visible()
    click(page, *place(plot(page, "How long each token stays"), 1, 4))
    expect(page).to_have_url(re.compile("after=4"))
    fits_a_phone(page)


def test_a_what_if_goes_into_the_address_and_a_pasted_address_restores_it(open_page: OpenPage) -> None:
    page = open_page(WHAT_IF)
    page.get_by_role("button", name="Never forget").or_(page.get_by_role("radio", name="Never forget")).click()
    expect(page).to_have_url(re.compile("whatifs=hold.*update_gate"))
    answers = plot(page, "The answer, token by token")
    assert ask(answers, "gd._fullData.length") == 3
    fits_a_phone(page)
    address = "/" + page.url.split("/", 3)[3]
    expect(open_page(WHAT_IF).get_by_text("None yet")).to_be_visible()
    again = open_page(address)
    expect(again.get_by_text("update gate zₜ held at 1 in all units at all tokens")).to_be_visible()
    again.get_by_text("update gate zₜ held at 1").click()
    expect(again).to_have_url(re.compile("whatifs=off"))
    again.get_by_role("button", name="Undo").click()
    expect(again).not_to_have_url(re.compile("whatifs=off"))


def test_a_clicked_bar_of_the_search_becomes_a_what_if(open_page: OpenPage) -> None:
    page = open_page(WHAT_IF)
    expect(page.get_by_label("Type an English sentence")).to_have_value("this is not a good film")
    expect(page.get_by_role("button", name="Sentiment: GRU", exact=True)).to_be_visible()
    page.get_by_text("Which single change affects the answer most?").click()
    wait_for_app(page)
    figure = plot(page, "What changes the answer most")
    middle = str(ask(figure, "gd._fullData[0].base[0] + gd._fullData[0].x[0] / 2"))
    click(page, *place(figure, float(middle), 0))
    expect(page).to_have_url(re.compile("whatifs="))
    plot(page, "The answer, token by token")
