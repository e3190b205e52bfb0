"""The cell's picture in a real browser: it steps without the server, is linked with its equations, and fits a phone."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage, wait_for_app

ONE_UNIT = "/?model=sst2-gru&text=i+was+never+really+bored&cell-unit=3"
SMALLEST = """(svg) => {
  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  const drawn = [...svg.querySelectorAll("text")].filter((text) => text.textContent);
  return Math.min(...drawn.map((text) => parseFloat(getComputedStyle(text).fontSize) * scale));
}"""


def cell_of(page: Page) -> Locator:
    found = page.locator(".cell-diagram")
    expect(found.locator(".cell-canvas svg")).to_be_visible()
    return found


def test_the_arrow_keys_step_and_every_number_follows(open_page: OpenPage) -> None:
    cell = cell_of(open_page(ONE_UNIT))
    expect(cell.locator(".cell-where")).to_have_text("token 5 of 5 “bored”")
    before = cell.locator(".cell-value, .cell-note").all_text_contents()
    cell.focus()
    cell.press("ArrowLeft")
    cell.press("ArrowLeft")
    expect(cell.locator(".cell-where")).to_have_text("token 3 of 5 “never”")
    expect(cell.locator(".cell-sentence")).to_contain_text("At “never”, unit 3 let")
    expect(cell.locator(".cell-table caption")).to_contain_text("GRU at “never”, unit 3")
    after = cell.locator(".cell-value, .cell-note").all_text_contents()
    assert sum(one != other for one, other in zip(before, after, strict=True)) > 10


def test_an_equation_and_its_part_of_the_picture_light_up_together(open_page: OpenPage) -> None:
    cell = cell_of(open_page(ONE_UNIT, left=True))
    cell.locator(".cell-equation[data-names=update_gate] .cell-title").hover()
    expect(cell.locator(".cell-valve.lit")).to_have_count(2)
    expect(cell.locator(".cell-gate.lit")).to_have_count(1)
    cell.locator(".cell-gate[data-names=reset_gate]").hover()
    expect(cell.locator(".cell-equation.lit .cell-title")).to_have_text(["reset gate"])


def test_a_click_on_a_gate_opens_its_sum(open_page: OpenPage) -> None:
    page = open_page(ONE_UNIT, left=True)
    cell_of(page).locator(".cell-gate[data-names=update_gate]").press("Enter")
    expect(page.locator(".st-key-arithmetic")).to_contain_text("update gate zₜ, layer 1, forward, unit 3")


def test_a_gate_held_shut_closes_its_valve_and_changes_the_answer(open_page: OpenPage) -> None:
    page = open_page(ONE_UNIT, left=True)
    cell = cell_of(page)
    page.get_by_role("combobox", name="Hold a gate").click()
    page.get_by_role("option", name="Hold reset gate rₜ shut").click()
    expect(page.get_by_text(re.compile(r"With every reset gate rₜ held shut, .*: [\d.]+ → [\d.]+"))).to_be_visible()
    expect(cell.locator(".cell-valve[data-names~=reset_gate] text")).to_have_text("r = 0.000")
    expect(page).to_have_url(re.compile("hold=reset_gate"))


def test_on_a_phone_nothing_is_cut_off_and_every_number_can_be_read(open_page: OpenPage) -> None:
    page = open_page("/?model=sst2-lstm&cell-unit=3", width=390, height=844)
    cell = cell_of(page)
    wait_for_app(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert cell.evaluate("(box) => box.scrollWidth <= box.clientWidth + 1")
    assert float(cell.locator("svg").first.evaluate(SMALLEST)) >= 9.99
