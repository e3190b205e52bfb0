"""The Lab page in a real browser: a tiny network learns, is rewound, and opens on Explore."""

import re

from playwright.sync_api import Page, expect

from pretrained.lab.learning import advance
from pretrained.lab.settings import Settings
from tests.browser.conftest import OpenPage, fits_a_phone
from tests.browser.test_explore import ask, plot

ADDRESS = "/lab?problem=parity&span=4&hidden=8&lab-steps=50&lab-seed=5&vary=bias&to=2"
SETTINGS = Settings("parity", 4, hidden=8, steps=50, seed=5)


def drawn(page: Page, curve: int) -> list[float]:
    """The loss of one of the networks, as the browser drew it."""
    return ask(plot(page, "Loss on held-out sequences"), f"Array.from(gd._fullData[{curve}].y)")


def test_a_network_learns_is_rewound_and_opens_on_explore(open_page: OpenPage) -> None:
    page = open_page(ADDRESS, height=1600)
    page.get_by_role("button", name="Play").click()
    open_on = page.get_by_role("button", name="Open on Explore")
    expect(open_on.first).to_be_visible(timeout=120_000)
    records = advance(SETTINGS, None, 50).records
    found = drawn(page, 0)
    assert len(found) == len(records)
    assert max(abs(one - record.loss) for one, record in zip(found, records, strict=True)) < 1e-6
    assert drawn(page, 1) != found
    slider = page.get_by_role("slider")
    slider.press("Home")
    expect(page.get_by_text("After step 0.").first).to_be_visible()
    fits_a_phone(page)
    open_on.first.click()
    expect(page).to_have_url(re.compile("model=own-"))
    expect(page.get_by_text("What the network gives").first).to_be_visible()
