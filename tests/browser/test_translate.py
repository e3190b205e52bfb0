"""The Translate page in a real browser: step with the keys, click a cell, a candidate and a node of the tree."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, wait_for_app
from tests.browser.test_explore import ask, place, plot

ADDRESS = "/translate?model=digits-attention&text=reverse+271828&show=search&width=3"
LINKS, MATRIX = "Lines from source tokens", "Attention from every written token"
CANDIDATES, TREE = "The most probable next tokens", "Tree of the search"

PLAYED = """(name) => {
  const slider = document.querySelector(`[aria-label^='${name}'] .linked-plot-figure`)._fullLayout.sliders[0];
  return slider.active > 1;
}"""


def wait_for_query(page: Page, name: str, pattern: str) -> None:
    """Return once the address says something of this pattern, and the page has followed."""
    said = "([name, pattern]) => RegExp(`^${pattern}$`).test(new URLSearchParams(location.search).get(name) ?? '')"
    page.wait_for_function(said, arg=[name, pattern])
    wait_for_app(page)


def wait_for_step(page: Page, step: int) -> None:
    """Return once the lines are those of this step."""
    shown = "document.querySelector(`[aria-label^='${name}'] .linked-plot-figure`)._fullLayout.sliders[0].active"
    page.wait_for_function(f"([name, step]) => {shown} === step", arg=[LINKS, step])


def click(page: Page, name: str, x: float, y: float) -> None:
    page.mouse.click(*place(plot(page, name), x, y))


def test_keys_step_and_clicks_select_and_continue(open_page: OpenPage) -> None:
    page = open_page(ADDRESS)
    links = plot(page, LINKS)
    links.focus()
    for key, active in (
        ("Home", 0),
        ("ArrowRight", 1),
        ("ArrowRight", 2),
        ("ArrowLeft", 1),
        ("End", 6),
        ("ArrowRight", 6),
    ):
        links.press(key)
        wait_for_step(page, active)
    colors = ask(links, "gd._fullData.slice(3, 10).map((trace) => trace.fillcolor)")
    assert isinstance(colors, list)
    assert [color.replace(" ", "") for color in colors][-1].endswith("0.95)")

    links.press("Home")
    links.press(" ")
    page.wait_for_function(PLAYED, arg=LINKS)
    links.press(" ")

    click(page, MATRIX, 3, 2)
    wait_for_query(page, "at", "attention-0-forward.attention_weights.2.3")
    expect(page.get_by_text("Explain this number:")).to_be_visible()
    wait_for_step(page, 2)

    click(page, CANDIDATES, 1, 2)
    wait_for_query(page, "whatifs", r"begin:\d+,\d+")
    expect(page.get_by_text("With your what-ifs: changes are underlined")).to_be_visible()
    expect(page.get_by_role("switch", name=re.compile("the answer begins with"))).to_be_checked()
    page.get_by_role("button", name="Remove", exact=True).click()
    wait_for_query(page, "whatifs", "")

    page.get_by_role("radio", name="Search tree").click()
    click(page, TREE, 2, -1)
    wait_for_query(page, "whatifs", r"begin:\d+,\d+")


def test_on_a_phone_the_tree_keeps_its_names_apart_and_is_scrolled(open_page: OpenPage) -> None:
    page = open_page(ADDRESS.replace("show=search", "show=tree"), width=390)
    tree = plot(page, TREE)
    assert ask(tree, "gd._fullLayout.width") == ask(tree, "gd._fullLayout.meta.least_width")
    assert tree.evaluate("(box) => box.scrollWidth > box.clientWidth && box.clientWidth < 390")
    tree.evaluate("(box) => box.scrollTo({ left: 10_000 })")
    assert tree.evaluate("(box) => box.scrollLeft > 0")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
