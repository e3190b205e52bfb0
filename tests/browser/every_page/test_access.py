"""Every page in a real browser, light and dark, without a fault that axe-core finds."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, wait_for_app
from viz.pages import PAGES
from viz.pages import Page as PageOfApp

RULES = "{ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'] }"
COLOURS = "{ runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] }, resultTypes: ['violations'] }"
"""All that can differ between the light and the dark."""

FOUND = """(rules) => axe.run(document, rules).then(({ violations }) => violations.map(
  ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`))"""
SHADE = "parseInt(getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor.slice(4))"
WORDS = "document.querySelector('[data-testid=stMain]').innerText"
LIGHT, DARK = f"() => {SHADE} > 200", f"() => {SHADE} < 60"


def faults(page: Page, rules: str = RULES) -> list[str]:
    """What axe-core finds on a page by some of its rules, a line for each."""
    page.wait_for_timeout(500)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return page.evaluate(f"({FOUND})({rules})")


def faults_in_both(page: Page) -> list[str]:
    """What it finds in the light, and in the dark of the same page."""
    page.wait_for_function(LIGHT)
    found = faults(page)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(DARK)
    return found + faults(page, COLOURS)


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.title)
def test_a_page_has_no_fault_that_axe_finds_in_the_light_and_in_the_dark(open_page: OpenPage, entry: PageOfApp) -> None:
    page = open_page(left=True)
    if entry.url_path:
        before = page.evaluate(WORDS)
        page.get_by_role("link", name=entry.title, exact=True).click()
        page.wait_for_function(f"(before) => {WORDS} !== before", arg=before)
        wait_for_app(page)
    assert faults_in_both(page) == []


DEEPER = ("learn?lesson=reset-gate", "learn?teach=new", "explain?section=attention&test=models", "?tour=4",
          "?text=a+good+film&tab=gates&at=rnn-0-forward.update_gate.1.1")  # fmt: skip
"""Parts of pages that are not seen where a page opens."""


@pytest.mark.parametrize("path", DEEPER)
def test_a_part_of_a_page_has_no_fault_that_axe_finds_in_the_light_and_in_the_dark(
    open_page: OpenPage, path: str
) -> None:
    assert faults_in_both(open_page(f"/{path}")) == []


def test_a_room_has_no_fault_that_axe_finds_for_the_teacher_and_for_the_class(open_page: OpenPage) -> None:
    page = open_page("/learn?teach=new")
    page.get_by_role("button", name="Open a room for a class").click()
    page.wait_for_url("**room=**")
    wait_for_app(page)
    assert faults(page) == []
    page.get_by_role("button", name="QR").click()
    expect(page.get_by_role("img").first).to_be_visible()
    assert faults(page) == []
    pupil = open_page(page.url.removeprefix(page.evaluate("location.origin")), width=390, height=844)
    assert faults(pupil) == []


def test_a_network_that_learned_in_the_lab_is_shown_without_a_fault_that_axe_finds(open_page: OpenPage) -> None:
    page = open_page("/lab")
    page.get_by_role("button", name="One step").click()
    expect(page.get_by_role("figure").first).to_be_visible()
    wait_for_app(page)
    assert faults(page) == []
