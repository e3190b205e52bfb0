"""Every page in a real browser, light and dark, without a fault that axe-core finds."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from tests.browser.conftest import OpenPage
from viz.pages import PAGES

RULES = "({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'] })"
FOUND = """(rules) => axe.run(document, rules).then(({ violations }) => violations.map(
  ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`))"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", [page.url_path for page in PAGES])
def test_a_page_has_no_fault_that_axe_finds(open_page: OpenPage, path: str, scheme: str) -> None:
    page = open_page(f"/{path}", scheme=scheme)
    page.wait_for_timeout(500)
    assert page.evaluate(f"{AXE_SCRIPT}; ({FOUND})({RULES})") == []
