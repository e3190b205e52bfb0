"""Every page in a real browser, light and dark, without a fault that axe-core finds."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.browser.conftest import OpenPage
from viz.pages import PAGES

RULES = "{ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'] }"
COLOURS = "{ runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] }, resultTypes: ['violations'] }"
"""All that can differ between the light and the dark."""

FOUND = """(rules) => axe.run(document, rules).then(({ violations }) => violations.map(
  ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`))"""
DARK = "() => parseInt(getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor.slice(4)) < 60"


def faults(page: Page, rules: str = RULES) -> list[str]:
    """What axe-core finds on a page by some of its rules, a line for each."""
    page.wait_for_timeout(500)
    return page.evaluate(f"{AXE_SCRIPT}; ({FOUND})({rules})")


@pytest.mark.parametrize("path", [page.url_path for page in PAGES])
def test_a_page_has_no_fault_that_axe_finds_in_the_light_and_in_the_dark(open_page: OpenPage, path: str) -> None:
    page = open_page(f"/{path}")
    assert faults(page) == []
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(DARK)
    assert faults(page, COLOURS) == []
