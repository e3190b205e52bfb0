"""The Memory page in a real browser: its figures show one unit's measured fading, and a click follows another."""

import re
from urllib.parse import quote

import pytest
import torch
from playwright.sync_api import Page, expect

from core_models.explain.memory.perturbation import perturb
from pretrained.registry import load
from tests.browser.conftest import OpenPage
from tests.browser.test_explore import ask, plot

TEXT = "a dull film with a warm heart and no plot"


def drawn_fade(page: Page) -> list[float]:
    """The share of the nudge that is left in the unit itself, as the browser drew it."""
    return ask(plot(page, "What is left of a nudge"), "Array.from(gd._fullData[0].y)")


def test_the_fading_of_the_chosen_unit_is_the_measured_one_and_a_click_chooses_another(open_page: OpenPage) -> None:
    model = load("sst2-gru", torch.device("cpu"))
    found = perturb(model.network.rnn, model.network.input.embed(model.sequence(model.encode(TEXT))), 0)
    page = open_page(f"/memory?tab=own&model=sst2-gru&unit=7&text={quote(TEXT)}", height=2400)
    assert drawn_fade(page) == pytest.approx(found.own[:, 7].tolist(), rel=1e-9)
    points = plot(page, "Half-life of every unit").locator(".scatterlayer .trace path.point")
    points.nth(20).click(force=True)
    expect(page).to_have_url(re.compile(r"unit=(?!7(&|$))\d+"))
    unit = int(re.findall(r"unit=(\d+)", page.url)[-1])
    expect(page.get_by_text(f"A nudge to unit {unit} fades")).to_be_visible()
    expect(plot(page, f"What is left of a nudge to unit {unit} ")).to_be_visible()
    assert drawn_fade(page) == pytest.approx(found.own[:, unit].tolist(), rel=1e-9)


@pytest.mark.parametrize(("width", "scheme"), [(1440, "dark"), (390, "light")])
def test_the_gradients_stand_on_a_logarithmic_axis_that_fits_the_screen(
    open_page: OpenPage, width: int, scheme: str
) -> None:
    page = open_page(f"/memory?tab=own&model=sst2-rnn&text={quote(TEXT)}", width=width, scheme=scheme, left=True)
    figure = plot(page, "Norm of the gradient")
    assert ask(figure, "gd._fullLayout.yaxis.type") == "log"
    assert ask(figure, "gd._fullData.filter((trace) => trace.yaxis === 'y').length") == 4
    assert ask(figure, "document.documentElement.scrollWidth <= window.innerWidth") is True


def test_model_and_text_stay_from_page_to_page(open_page: OpenPage) -> None:
    page = open_page(f"/?model=sst2-lstm&text={quote(TEXT)}")
    for name in ("Explain", "Explore"):
        page.get_by_role("link", name=name).click()
        expect(page.get_by_label("Type an English sentence")).to_have_value(TEXT)
        expect(page).to_have_url(re.compile("model=sst2-lstm"))
