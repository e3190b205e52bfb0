"""The Compare page in a real browser: figures in step, parting marked, the address restores it, a phone holds it."""

import re
from urllib.parse import quote

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, fits_a_phone, wait_for_app
from tests.browser.test_explore import ask, place, plot

THREE = "/compare?models=sst2-gru-attention,sst2-lstm,sst2-rnn&text=this+is+not+a+good+film"
PAIR = "/compare?mode=inputs&text=this+is+a+good+film&second=this+is+not+a+good+film"
FIGURES = ("Answers", "Share of the past kept", "Where each network looks")


def bands(page: Page, starts: tuple[str, ...]) -> None:
    for start in starts:
        expect(plot(page, start).locator(".linked-plot-band").first).to_be_attached()


def test_a_token_is_marked_in_every_figure_and_clicked_the_reader_whose_attention_is_shown(open_page: OpenPage) -> None:
    page = open_page(THREE)
    answers, *_ = [plot(page, start) for start in FIGURES]
    assert ask(answers, "gd._fullData.length") == 3
    page.locator(".token", has_text="good").hover()
    bands(page, FIGURES)
    page.mouse.move(5, 5)
    expect(answers.locator(".linked-plot-band")).to_have_count(0)
    page.mouse.move(*place(answers, 2, 0.5))
    bands(page, FIGURES[1:])
    expect(page.locator(".token.lit")).to_have_text("not")
    attention = plot(page, "Where each network looks")
    assert ask(attention, "gd._fullData[0].z[0].filter(Number.isFinite).length") == 6
    page.locator(".token", has_text="not").click()
    expect(page).to_have_url(re.compile("token=2"))
    page.wait_for_function(
        "(gd) => gd._fullData[0].z[0].filter(Number.isFinite).length === 3",
        arg=attention.locator(".linked-plot-figure").element_handle(),
    )
    fits_a_phone(page)


def test_two_texts_are_in_step_by_their_aligned_tokens(open_page: OpenPage) -> None:
    page = open_page(f"{PAIR}&tab=states")
    starts = ("Distance of the states", "Unit by unit")
    for start in (*starts, "The two paths"):
        plot(page, start)
    page.locator(".token", has_text="good").first.hover()
    bands(page, starts)
    expect(page.locator(".token.lit")).to_have_text(["good", "good"])
    expect(plot(page, "The two paths").locator(".linked-plot-ring")).to_have_count(2)
    page.locator(".token.changed", has_text="not").hover()
    expect(plot(page, "The two paths").locator(".linked-plot-ring")).to_have_count(1)
    expect(page.get_by_text(re.compile("^The answers diverge at token 5, “good”"))).to_be_visible()
    fits_a_phone(page)


def test_shuffled_tokens_are_in_step_among_themselves_and_another_order_is_one_click_away(open_page: OpenPage) -> None:
    page = open_page(f"{THREE}&baseline=shuffled")
    beside = plot(page, "Answers: same input, shuffled, order 1")
    texts = page.locator(".linked-text")
    before = texts.nth(1).text_content()
    texts.nth(1).locator(".token").nth(3).hover()
    expect(beside.locator(".linked-plot-band").first).to_be_attached()
    expect(texts.nth(0).locator(".token.lit")).to_have_count(0)
    page.get_by_role("button", name="Shuffle again").click()
    expect(page).to_have_url(re.compile("shuffle=2"))
    plot(page, "Answers: same input, shuffled, order 2")
    expect(texts.nth(1)).not_to_have_text(before or "")


def test_explore_leads_here_and_a_pasted_address_restores_the_screen(open_page: OpenPage) -> None:
    page = open_page("/?model=sst2-lstm&text=a+dull+film")
    page.get_by_role("button", name="Examples and more").click()
    page.get_by_role("link", name="Compare with other models").click()
    expect(page).to_have_url(re.compile("/compare.*models=sst2-lstm"))
    expect(page.get_by_label("Type an English sentence")).to_have_value("a dull film")
    wait_for_app(page)
    page.get_by_role("radio", name="unit by unit").click()
    expect(page).to_have_url(re.compile("form=heatmaps"))
    again = open_page("/" + page.url.split("/", 3)[3])
    expect(again.get_by_label("Type an English sentence")).to_have_value("a dull film")
    figure = plot(again, "Share of the past kept")
    assert ask(figure, "gd._fullData.every((data) => data.type === 'heatmap')")
    assert ask(figure, "gd._fullData.length") == 3


def test_hostile_text_is_shown_as_typed_and_never_run(open_page: OpenPage) -> None:
    text = "<script>document.title='hacked'</script><img src=x onerror=\"document.title='hacked'\"> **b**"
    page = open_page(f"/compare?mode=inputs&baseline=untrained&text={quote(text)}&second=good")
    plot(page, "Answers")
    wait_for_app(page)
    assert page.locator(".linked-text").first.text_content() == text
    assert page.title() == "Gatescope"
    expect(page.locator("img[src='x']")).to_have_count(0)
