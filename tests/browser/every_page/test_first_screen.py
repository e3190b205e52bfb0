"""The first screen of Explore, for one model of every kind: few words, few controls, and the cell with its gates."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, wait_for_app

WORDS, CONTROLS, HEIGHT = 120, 12, 900
"""The most words and controls on the first screen, and the height of the screen in pixels."""

OWN = 2
"""Further controls of what is read or heard, where that is no sentence."""

KINDS = ("sst2-gru-attention", "sst2-lstm", "pos-bilstm", "protein-bilstm", "splice-bigru", "spoken-digits-gru",
         "beijing-attention", "shakespeare-gru")  # fmt: skip

COUNT = """(height) => {
  const roots = [document.querySelector("[data-testid=stMain]")], elements = [];
  for (const root of roots) for (const element of root.querySelectorAll("*")) {
    elements.push(element);
    if (element.shadowRoot) roots.push(element.shadowRoot);
  }
  const shown = (element) => {
    const { top, bottom, width } = element.getBoundingClientRect();
    const seen = element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    return seen && width > 1 && bottom > 0 && top < height;
  };
  const control = "button, input, select, textarea, a[href], audio";
  const one = "[role=radiogroup], [data-testid=stSelectbox], [data-testid=stSlider], .modebar, .cell-canvas";
  const header = ".st-key-language *";
  const found = elements.filter((each) => each.matches(control) && !each.matches(header) && shown(each));
  const controls = new Set(found.map((each) => each.closest(one) ?? each));
  const texts = (element) => [...element.childNodes].filter((node) => node.nodeType === 3);
  const own = (element) => texts(element).map((node) => node.data).join(" ");
  const quiet = "style, script, option, .cell-table *, .main-svg *, math *, [data-testid=stIconMaterial]";
  const spoken = elements.filter((each) => !each.matches(quiet) && shown(each)).map(own).join(" ");
  const cell = elements.find((each) => each.matches(".cell-canvas")).getBoundingClientRect();
  const gates = elements.filter((each) => each.matches(".cell-gate, .cell-candidate"));
  return {
    controls: [...controls].filter((each) => !each.matches(".modebar, .cell-canvas")).length,
    words: (spoken.match(/\\p{L}{2,}/gu) ?? []).length,
    top: cell.top,
    gates: Math.max(...gates.map((gate) => gate.getBoundingClientRect().bottom)),
  };
}"""


def first_screen(page: Page) -> dict[str, float]:
    expect(page.locator(".cell-canvas svg")).to_be_visible()
    wait_for_app(page)
    return page.evaluate(COUNT, HEIGHT)


@pytest.mark.parametrize("key", KINDS)
def test_the_first_screen_holds_the_cell_in_few_words_with_few_controls(open_page: OpenPage, key: str) -> None:
    found = first_screen(open_page(f"/?model={key}", height=HEIGHT))
    assert found["controls"] <= CONTROLS + (0 if key.startswith("sst2") else OWN)
    assert found["words"] <= WORDS
    assert found["top"] < HEIGHT - 150
    assert key != KINDS[0] or found["gates"] < HEIGHT


def test_on_a_phone_the_cell_begins_on_the_first_screen(open_page: OpenPage) -> None:
    page = open_page(width=390, height=844)
    assert first_screen(page)["top"] < 844
    assert page.get_by_role("button", name="Examples and more").is_visible()


def test_subscripts_are_letters_of_the_page_s_own_font(open_page: OpenPage) -> None:
    page = open_page("/?tab=gates")
    expect(page.get_by_text("update gate zₜ").first).to_be_visible()
    loaded = "() => document.fonts.load('16px \"Source Sans\"', 'ₜᵢ').then((found) => found.length)"
    assert page.evaluate(loaded) >= 1
