"""The Explain page's attribution and attention sections in a real browser: figures hold what was computed."""

from urllib.parse import quote

import pytest

from core_models.explain.attribution.opinions import collect
from core_models.explain.faithfulness.panel import examine
from core_models.explain.outputs import Outputs
from core_models.target import Target
from pretrained.registry import load
from tests.browser.conftest import OpenPage, fits_a_phone
from tests.browser.test_explore import ask, plot

TEXT = "the acting is superb, but the story never wakes up"
MODEL = "sst2-gru-attention"


def asked() -> tuple[Outputs, Target]:
    """The outputs of the model for the text, and the one that the page asks about first."""
    model = load(MODEL)
    encoded = model.encode(TEXT)
    outputs = model.outputs(encoded, model.trace(encoded))
    return outputs, outputs.known[outputs.telling].target


def test_methods_and_attention_are_drawn_with_their_exact_numbers_and_fit_the_screen(open_page: OpenPage) -> None:
    page = open_page(f"/explain?section=attribution&model={MODEL}&text={quote(TEXT)}", scheme="dark", height=3000)
    figure = plot(page, "Contribution of every token to the output, by every method")
    outputs, target = asked()
    found = collect(outputs, target, "unknown")
    drawn = ask(figure, "Array.from(gd._fullData[0].customdata[1], (cell) => cell[1])")
    assert drawn == pytest.approx(found.by_method["integrated"].shares.tolist(), abs=1e-6)
    ranks = plot(page, "Rank correlations between the methods")
    assert ask(ranks, "gd._fullData[0].z.length") == 7  # five methods, attention and the ledger
    page.get_by_role("radio", name="Is attention an explanation?").click()
    figure = plot(page, "Attention and the effect of removal, by token")
    weights = examine(outputs, target).attention
    assert ask(figure, "Array.from(gd._fullData[0].y)") == pytest.approx(weights.tolist(), abs=1e-6)
    page.get_by_text("On unseen sentences").wait_for()
    page.wait_for_url("**section=attention**")
    fits_a_phone(page)
