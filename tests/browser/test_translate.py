"""The Translate page in a real browser: step with the keys, click a cell, a candidate and a node of the tree."""

import re
from urllib.parse import parse_qs, urlsplit

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


def query(page: Page, name: str) -> str:
    return parse_qs(urlsplit(page.url).query).get(name, [""])[0]


def click(page: Page, name: str, x: float, y: float) -> None:
    page.mouse.click(*place(plot(page, name), x, y))
    page.wait_for_timeout(600)
    wait_for_app(page)


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
        page.wait_for_function(
            "([name, n]) => document.querySelector(`[aria-label^='${name}'] .linked-plot-figure`)"
            "._fullLayout.sliders[0].active === n",
            arg=[LINKS, active],
        )
    colors = ask(links, "gd._fullData.slice(3, 10).map((trace) => trace.fillcolor)")
    assert isinstance(colors, list)
    assert [color.replace(" ", "") for color in colors][-1].endswith("0.95)")

    links.press("Home")
    links.press(" ")
    page.wait_for_function(PLAYED, arg=LINKS)
    links.press(" ")

    click(page, MATRIX, 3, 2)
    assert query(page, "at") == "attention-0-forward.attention_weights.2.3"
    expect(page.get_by_text("Explain this number:")).to_be_visible()
    assert ask(plot(page, LINKS), "gd._fullLayout.sliders[0].active") == 2

    click(page, CANDIDATES, 1, 2)
    assert re.fullmatch(r"begin:\d+,\d+", query(page, "whatifs"))
    expect(page.get_by_text("With your what-ifs: underlined is what changed")).to_be_visible()
    page.get_by_role("button", name=re.compile("the answer begins with")).click()
    page.wait_for_function("() => !new URLSearchParams(location.search).get('whatifs')")
    wait_for_app(page)

    click(page, TREE, 2, -1)
    assert re.fullmatch(r"begin:\d+,\d+", query(page, "whatifs"))


def test_on_a_phone_the_tree_keeps_its_names_apart_and_is_scrolled(open_page: OpenPage) -> None:
    page = open_page(ADDRESS, width=390)
    tree = plot(page, TREE)
    assert ask(tree, "gd._fullLayout.width") == ask(tree, "gd._fullLayout.meta.least_width")
    assert tree.evaluate("(box) => box.scrollWidth > box.clientWidth && box.clientWidth < 390")
    tree.evaluate("(box) => box.scrollTo({ left: 10_000 })")
    assert tree.evaluate("(box) => box.scrollLeft > 0")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
