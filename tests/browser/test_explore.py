"""The Explore page in a real browser: type, change the model, point, click, share, in the dark, on a phone."""

import re
import zipfile
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, Page, expect

from core_models.language import Number
from core_models.trace import Site
from pretrained.registry import load
from tests.browser.conftest import OpenPage, fits_a_phone, wait_for_app
from tests.browser.test_open_file import open_menu

ATTENTION, LSTM = "/?model=sst2-gru-attention&tab=gates", "/?model=sst2-lstm&tab=gates&order=index"
GATE, STATE = "Unit by unit: update gate zₜ.", "Unit by unit: hidden state hₜ."
SHADE = """getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor.match(/\\d+/g).slice(0, 3)
  .reduce((sum, part) => sum + Number(part), 0)"""
"""How light the page is, 0 to 765."""


def plot(page: Page, start: str) -> Locator:
    """The figure whose description starts so, once it is drawn."""
    found = page.get_by_role("figure", name=re.compile(f"^{re.escape(start)}"))
    expect(found.locator(".main-svg").first).to_be_attached(timeout=30_000)
    return found


def ask(figure: Locator, expression: str) -> Any:
    """A JavaScript expression of ``gd``, the drawn figure."""
    return figure.locator(".linked-plot-figure").evaluate(f"(gd) => {expression}")


def place(figure: Locator, x: float, y: float) -> tuple[float, float]:
    """Where data coordinates lie in the window."""
    figure.scroll_into_view_if_needed()
    corner = "[gd.getBoundingClientRect(), gd._fullLayout.xaxis, gd._fullLayout.yaxis]"
    left, top = ask(
        figure, f"(([box, a, b]) => [box.left + a._offset + a.l2p({x}), box.top + b._offset + b.l2p({y})])({corner})"
    )
    return left, top


def type_text(page: Page, text: str) -> None:
    box = page.get_by_label("Type an English sentence")
    box.fill(text)
    box.press("Enter")


def tokens_of(figure: Locator) -> int:
    return ask(figure, "gd._fullData[0].z[0].length")


def test_the_picture_is_drawn_before_anything_is_touched(open_page: OpenPage) -> None:
    page = open_page()
    expect(page.get_by_label("Type an English sentence")).to_have_value(re.compile("I expected a bad film"))
    plot(page, "The answer, word by word")
    expect(page.get_by_role("radio", name=re.compile("Cell$"))).to_be_checked()
    open_tab(page, "Gates and states")
    assert tokens_of(plot(page, GATE)) == 10


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("radio", name=re.compile(f"{name}$")).click()


def test_every_picture_is_one_step_to_go_back_to(open_page: OpenPage) -> None:
    page = open_page(left=True)
    before = page.evaluate("history.length")
    type_text(page, "a dull film")
    expect(page).to_have_url(re.compile("dull"))
    open_menu(page)
    page.get_by_text("Negation", exact=True).click()
    expect(page).to_have_url(re.compile(r"not\+a\+good"))
    wait_for_app(page)
    assert page.evaluate("history.length") == before + 2
    page.go_back()
    expect(page.get_by_label("Type an English sentence")).to_have_value("a dull film")
    page.go_forward()
    expect(page.get_by_label("Type an English sentence")).not_to_have_value("a dull film")


def test_what_the_model_does_is_chosen_first_and_leads_to_the_page_that_shows_it(open_page: OpenPage) -> None:
    page = open_page(left=True)
    page.get_by_role("button", name=re.compile("Sentiment: GRU")).click()
    page.get_by_role("radio", name=re.compile("Recognise$")).click()
    expect(page.get_by_role("combobox", name=re.compile("Model"))).to_have_value(re.compile("Splice junctions"))
    plot(page, "What each letter contributed")
    page.get_by_role("radio", name=re.compile("Translate$")).click()
    expect(page).to_have_url(re.compile("/translate"))
    expect(page.get_by_role("button", name=re.compile("Translate: .*English to French"))).to_be_visible()


def test_surprises_are_drawn_when_somebody_opens_them_and_lead_to_their_page(open_page: OpenPage) -> None:
    page = open_page(left=True)
    surprise = page.get_by_role("link", name=re.compile("Attention that reads a date"))
    expect(surprise).to_have_count(0)
    open_menu(page)
    surprise.click()
    expect(page).to_have_url(re.compile(r"/translate\?.*model=dates-attention"))
    expect(page.get_by_role("button", name=re.compile("Translate: .*date", re.IGNORECASE))).to_be_visible()


def test_the_glossary_opens_by_its_address(open_page: OpenPage) -> None:
    page = open_page("/glossary")
    expect(page.get_by_role("heading", name="Glossary")).to_be_visible()
    page.get_by_role("radio", name="Gates").click()
    expect(page.locator(".katex").first).to_be_visible()
    wait_for_app(page)


def test_a_page_that_is_opened_is_one_step_to_go_back_to(open_page: OpenPage) -> None:
    page = open_page("/glossary", left=True)
    before = page.evaluate("history.length")
    page.get_by_role("link", name="Explore").click()
    plot(page, "The answer, word by word")
    expect(page).to_have_url(re.compile("model="))
    wait_for_app(page)
    assert page.evaluate("history.length") == before + 1
    page.go_back()
    expect(page.get_by_role("heading", name="Glossary")).to_be_visible()


def test_text_on_figures_stands_out_in_both_themes(open_page: OpenPage) -> None:
    page = open_page(ATTENTION)
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(f"() => {SHADE} > 380 === ({scheme!r} === 'light')")
        figure = plot(page, GATE)
        page.wait_for_function(
            "([gd, light]) => (parseInt(gd._fullLayout.font.color.slice(1, 3), 16) < 128) === light",
            arg=[figure.locator(".linked-plot-figure").element_handle(), scheme == "light"],
        )
        color = ask(figure, "gd._fullLayout.font.color")
        letters = [int(color[at : at + 2], 16) for at in (1, 3, 5)]
        assert abs(page.evaluate(SHADE) - sum(letters)) > 380


def test_a_double_click_resets_the_zoom_and_explains_nothing(open_page: OpenPage) -> None:
    page = open_page(ATTENTION, left=True)
    figure = plot(page, GATE)
    page.mouse.dblclick(*place(figure, 4, 10))
    page.wait_for_timeout(600)
    expect(page.locator(".st-key-arithmetic")).to_have_count(0)


def test_a_figure_is_saved_as_csv_and_as_a_bundle_and_printed_alone_on_a_sheet_of_its_size(open_page: OpenPage) -> None:
    page = open_page(ATTENTION, left=True)
    plot(page, GATE)
    with page.expect_download() as download:
        page.locator(".st-key-more-heatmap-rnn-0-forward-update_gate button").first.click()
        page.locator(".st-key-csv-heatmap-rnn-0-forward-update_gate button").first.click()
    with open(download.value.path(), encoding="utf-8") as file:
        lines = file.read().splitlines()
    assert len(lines) == 1 + 10 * 96
    assert download.value.suggested_filename == (
        "sst2-gru-attention-heatmap-rnn-0-forward-update_gate-i-expected-a-bad-film-but-it-is-wonderfu.csv"
    )
    with page.expect_download() as download:
        page.locator(".st-key-zip-heatmap-rnn-0-forward-update_gate button").first.click()
    with zipfile.ZipFile(download.value.path()) as held:
        assert "gs.load('sst2-gru-attention')" in held.read("reproduce.py").decode()
    page.keyboard.press("Escape")
    page.add_init_script("""window.print = () => {
      const words = [...document.querySelectorAll("svg text")].map((text) => text.textContent).join(" ");
      top.printed = [document.head.textContent, document.querySelectorAll("svg .heatmaplayer image").length, words];
    }""")
    figure = page.locator(".st-key-card-heatmap-rnn-0-forward-update_gate")
    figure.hover()
    figure.locator(".modebar-btn[data-title^=Print]").click()
    page.wait_for_function("() => window.printed")
    style, maps, words = page.evaluate("window.printed")
    assert re.search(r"@page \{ size: \d+px \d+px; margin: 0 \}", style)
    assert maps == 1
    assert "wonderful" in words


def test_a_clicked_score_is_explained_as_a_score(open_page: OpenPage) -> None:
    page = open_page(ATTENTION, left=True)
    open_tab(page, "Attention")
    page.get_by_text("scores (step 1 of 4)").click()
    figure = plot(page, "Attention from every token: scores.")
    page.mouse.click(*place(figure, 3, 7))
    drawer = page.locator(".st-key-arithmetic")
    expect(drawer).to_contain_text("attention scores eₜᵢ, from token 8 “it” to token 4")
    drawer.get_by_role("button", name="Close").click()
    open_tab(page, "Gates and states")


def test_the_figures_follow_what_is_typed_and_the_zoom_stays(open_page: OpenPage) -> None:
    page = open_page(ATTENTION, left=True)
    figure = plot(page, GATE)
    page.mouse.move(*place(figure, 1, 20))
    page.mouse.down()
    page.mouse.move(*place(figure, 5, 5), steps=4)
    page.mouse.up()
    page.wait_for_function(
        "(gd) => gd._fullLayout.xaxis.range[0] > 0", arg=figure.locator(".linked-plot-figure").element_handle()
    )
    zoomed = ask(figure, "gd._fullLayout.xaxis.range")
    type_text(page, "a quiet and moving film that is never dull")
    page.wait_for_function(
        "(gd) => gd._fullData[0].z[0].length === 9", arg=figure.locator(".linked-plot-figure").element_handle()
    )
    assert ask(figure, "gd._fullLayout.xaxis.range") == zoomed


def test_typing_is_followed_without_pressing_enter(open_page: OpenPage) -> None:
    page = open_page(ATTENTION, left=True)
    plot(page, GATE)
    page.get_by_label("Type an English sentence").fill("")
    page.get_by_label("Type an English sentence").press_sequentially("dull film", delay=30)
    figure = plot(page, GATE).locator(".linked-plot-figure").element_handle()
    page.wait_for_function("(gd) => gd._fullData[0].z[0].length === 2", arg=figure)


def test_an_empty_box_says_what_to_do_and_the_page_goes_on(open_page: OpenPage) -> None:
    page = open_page(ATTENTION, left=True)
    type_text(page, "   ")
    expect(page.get_by_text("There is nothing to read yet")).to_be_visible()
    type_text(page, "dull")
    assert tokens_of(plot(page, GATE)) == 1


def test_a_picture_that_is_saved_carries_title_sentence_and_model_and_so_does_its_name(open_page: OpenPage) -> None:
    page = open_page(ATTENTION, left=True)
    type_text(page, "a <b>good film")
    expect(page).to_have_url(re.compile(r"good\+film"))
    wait_for_app(page)
    figure = plot(page, "The answer, word by word")
    figure.hover()
    with page.expect_download() as download:
        figure.locator("[data-title='Save as SVG']").click()
    assert download.value.suggested_filename.startswith("sst2-gru-attention-")
    assert download.value.suggested_filename.endswith("-a-b-good-film.svg")
    words = unescape(re.sub(r"<[^>]*>", " ", Path(download.value.path()).read_text(encoding="utf-8")))
    assert "The answer, word by word" in words
    assert "a <b>good film · sst2-gru-attention" in words


def test_another_model_shows_its_own_gates(open_page: OpenPage) -> None:
    page = open_page(ATTENTION, left=True)
    plot(page, GATE)
    page.get_by_role("button", name=re.compile("Sentiment: GRU")).click()
    page.get_by_role("combobox", name=re.compile("Model")).click()
    page.get_by_role("option", name="LSTM", exact=True).click()
    plot(page, "Unit by unit: forget gate fₜ.")
    page.locator(".st-key-more-heatmap-rnn-0-forward-forget_gate button").first.click()
    expect(page.get_by_text("keeps the whole cell state").first).to_be_visible()
    expect(page).to_have_url(re.compile("model=sst2-lstm"))


def test_pointing_at_a_word_lights_it_up_in_every_figure(open_page: OpenPage) -> None:
    page = open_page(ATTENTION, left=True)
    open_tab(page, "Gates and states")
    type_text(page, "so good and so true, " * 6)
    expect(page.locator(".token")).to_have_count(36)
    plot(page, STATE)
    page.locator(".token", has_text="true").first.hover()
    for start in (STATE, "The answer, word by word"):
        expect(plot(page, start).locator(".linked-plot-band").first).to_be_attached()
    open_tab(page, "Path")
    plot(page, "The path of the state")
    page.locator(".token", has_text="true").last.hover()
    expect(plot(page, "The path of the state").locator(".linked-plot-ring")).to_have_count(1)


def test_a_clicked_cell_opens_arithmetic_that_equals_the_trace_and_fits_a_phone(open_page: OpenPage) -> None:
    page = open_page(LSTM)
    figure = plot(page, "Unit by unit: hidden state hₜ.")
    page.mouse.click(*place(figure, 5, 11))
    drawer = page.locator(".st-key-arithmetic")
    expect(drawer).to_contain_text("hidden state hₜ, layer 1, forward, unit 11, token 6 “,”")
    model = load("sst2-lstm", torch.device("cpu"))
    trace = model.trace(model.task.encode(model.task.examples[0].text))
    value = float(trace.array(Site("rnn"), "hidden_state")[5, 11])
    expect(drawer).to_contain_text(f"In the trace: {Number(value):.6f}")
    expect(drawer.locator(".katex").first).to_be_visible()
    expect(page).to_have_url(re.compile(r"at=rnn-0-forward\.hidden_state\.5\.11"))
    fits_a_phone(page)
    drawer.get_by_role("button", name="Close").click()
    expect(drawer).to_have_count(0)


def test_the_screen_is_there_again_after_a_look_at_the_glossary(open_page: OpenPage) -> None:
    page = open_page(LSTM, left=True)
    type_text(page, "what a lovely mess")
    expect(page).to_have_url(re.compile("lovely"))
    page.get_by_role("link", name="Glossary").click()
    expect(page.get_by_role("heading", name="Glossary")).to_be_visible()
    page.get_by_role("link", name="Explore").click()
    expect(page.get_by_label("Type an English sentence")).to_have_value("what a lovely mess")
    plot(page, "Unit by unit: forget gate fₜ.")
    expect(page).to_have_url(re.compile("model=sst2-lstm"))


def test_a_pasted_address_restores_the_screen(open_page: OpenPage) -> None:
    page = open_page(f"{ATTENTION}&order=index&rows=all")
    type_text(page, "you will not be disappointed")
    expect(page).to_have_url(re.compile("disappointed"))
    wait_for_app(page)
    figure = plot(page, GATE)
    page.mouse.click(*place(figure, 2, 30))
    expect(page.locator(".st-key-arithmetic")).to_contain_text("unit 30, token 3 “not”")
    open_tab(page, "Attention")
    page.get_by_text("scores (step 1 of 4)").click()
    expect(page).to_have_url(re.compile("stage=scores.*"))
    wait_for_app(page)
    address = page.url.split("/", 3)[3]
    again = open_page(f"/{address}")
    expect(again.get_by_label("Type an English sentence")).to_have_value("you will not be disappointed")
    expect(again.locator(".st-key-arithmetic")).to_contain_text("unit 30, token 3 “not”")
    plot(again, "Attention from every token: scores")
    expect(again.get_by_role("radio", name="scores (step 1 of 4)")).to_be_checked()


def test_on_a_phone_a_logo_opens_at_the_junction_and_stays_where_it_is_scrolled_to(open_page: OpenPage) -> None:
    page = open_page("/?model=splice-bigru", width=390)
    logo = plot(page, "What each letter contributed")
    page.wait_for_function("(box) => box.scrollLeft > 0", arg=logo.element_handle())
    junction = ask(logo, "gd._fullLayout.xaxis._offset + gd._fullLayout.xaxis.d2p(29.5) - gd.parentElement.scrollLeft")
    assert junction == pytest.approx(logo.evaluate("(box) => box.clientWidth / 2"), abs=1)
    logo.evaluate("(box) => box.scrollTo({ left: 7 })")
    open_menu(page)
    page.get_by_text("Exon begins", exact=True).click()
    wait_for_app(page)
    expect(page.get_by_test_id("stMetricValue").first).to_contain_text("exon begins")
    assert logo.evaluate("(box) => box.scrollLeft") == 7


def test_what_was_clicked_stays_in_sight_above_its_arithmetic(open_page: OpenPage) -> None:
    page = open_page(f"{ATTENTION}&view=unit_lines")
    figure = plot(page, "Single units over time: hidden state hₜ.")
    x, y = place(figure, 4, 0)
    page.mouse.click(x, y)
    drawer = page.locator(".st-key-arithmetic")
    expect(drawer).to_contain_text("token 5 “film”")
    top = float(drawer.evaluate("(box) => box.getBoundingClientRect().top"))
    assert y > top
    page.wait_for_function(
        f"(gd) => gd.getBoundingClientRect().top + gd._fullLayout.yaxis._offset + gd._fullLayout.yaxis.l2p(0) < {top}",
        arg=figure.locator(".linked-plot-figure").element_handle(),
    )
    drawer.get_by_role("button", name="Close").click()
    expect(drawer).to_have_count(0)


def test_a_click_between_lines_explains_the_nearest_one(open_page: OpenPage) -> None:
    page = open_page(f"{ATTENTION}&view=unit_lines", left=True)
    figure = plot(page, "Single units over time: hidden state hₜ.")
    lines = ask(figure, "Object.fromEntries(gd._fullData.map((line) => [line.name, Array.from(line.y)]))")
    heights = np.array(list(lines.values()))
    gaps = np.diff(np.sort(heights, axis=0), axis=0).min(axis=0)
    step = int(gaps.argmax())
    for name, line in lines.items():
        x, y = place(figure, step, line[step])
        page.mouse.move(x, y)
        page.mouse.click(x, y)
        expect(page.locator(".st-key-arithmetic")).to_contain_text(f"{name}, token {step + 1} ")


HOSTILE = (
    "<script>document.title='hacked'</script><img src=x onerror=\"document.title='hacked'\">"
    " שלום 🙂 e\u0301 $\\frac12$ **b**"
)


def test_hostile_text_is_shown_as_typed_and_never_run(open_page: OpenPage) -> None:
    page = open_page(f"{ATTENTION}&text={quote(HOSTILE)}")
    plot(page, GATE)
    expect(page.get_by_label("Type an English sentence")).to_have_value(HOSTILE)
    assert page.title() == "Gatescope"
    expect(page.locator("img[src='x']")).to_have_count(0)
