"""The component that puts figures on the page, in a real browser: zoom, clicks, linked hover, labels, themes, play."""

import gzip
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import plotly
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.conftest import ROOT, served
from viz.figures.plotly_js import PLANE, WHOLE
from viz.linked_plot import Click

WRAPPER = f"""
from pathlib import Path
import streamlit as st
from starlette.middleware import Middleware
from viz.serving.delivery import SecurityHeaders
from viz.serving.start import asset, route

page = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
app = st.App(
    {str(ROOT / "tests/browser/linked_plot_page.py")!r},
    routes=[route("assets/{{name:path}}", asset)],
    middleware=[Middleware(SecurityHeaders, page=page)],
)
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    wrapper = tmp_path_factory.mktemp("linked_plot") / "wrapper.py"
    wrapper.write_text(WRAPPER, encoding="utf-8")
    with served(wrapper, wrapper.with_suffix(".log"), "/base") as server:
        yield server.url


def blank(profile: BrowserContext) -> Page:
    """An empty page, large enough for all the figures."""
    page = profile.new_page()
    page.set_viewport_size({"width": 1280, "height": 2000})
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    return page


@pytest.fixture(scope="module")
def opened(server: str, profile: BrowserContext) -> Iterator[tuple[Page, list[str]]]:
    """The page, opened once because that takes seconds, and all it complained of or asked of others."""
    page = blank(profile)
    page.set_default_timeout(20_000)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda asked: None if asked.url.startswith((server, "blob:", "data:")) else complaints.append(asked.url),
    )
    page.goto(server)
    drawn(page, "Path in space")
    yield page, complaints
    page.close()


@pytest.fixture
def page(opened: tuple[Page, list[str]]) -> Iterator[Page]:
    page, complaints = opened
    yield page
    page.mouse.move(5, 5)
    assert complaints == []


def theme(page: Page, *names: str) -> list[str]:
    """Return the page's own values of Streamlit's theme variables."""
    style = "getComputedStyle(document.querySelector('.linked-plot'))"
    return page.evaluate(
        f"(names) => names.map((name) => {style}.getPropertyValue(`--st-${{name}}`).trim())", list(names)
    )


def run_count(page: Page) -> int:
    return int((page.get_by_text(re.compile(r"^runs \d+$")).text_content() or "").split()[1])


def plot(page: Page, alt: str) -> Locator:
    return page.get_by_role("figure", name=alt, exact=True)


def drawn(page: Page, alt: str) -> Locator:
    expect(plot(page, alt).locator(".main-svg").first).to_be_attached()
    return plot(page, alt)


def ask(page: Page, alt: str, expression: str) -> Any:
    """Return a JavaScript expression of `gd`, the drawn figure."""
    return plot(page, alt).locator(".linked-plot-figure").evaluate(f"(gd) => {expression}")


def open_tab(page: Page, name: str) -> None:
    """Open a tab; a click that falls while the page is being drawn is lost, so it is repeated."""
    tab = page.get_by_role("tab", name=name)
    for _ in range(20):
        tab.click()
        page.wait_for_timeout(250)
        if tab.get_attribute("aria-selected") == "true":
            return
    raise AssertionError(f"tab {name}: expected it to open, got {tab.get_attribute('aria-selected')}")


def eventually(page: Page, alt: str, condition: str) -> None:
    """Wait until a JavaScript condition on `gd` holds."""
    figure = "document.querySelector(`[aria-label='${alt}'] .linked-plot-figure`)"
    page.wait_for_function(f"(alt) => {{ const gd = {figure}; return {condition}; }}", arg=alt)


def at(page: Page, alt: str, x: float, y: float) -> tuple[float, float]:
    """Return where data coordinates lie in the window."""
    plot(page, alt).scroll_into_view_if_needed()
    where = "[gd.getBoundingClientRect(), gd._fullLayout.xaxis, gd._fullLayout.yaxis]"
    left, top = ask(
        page, alt, f"(([box, a, b]) => [box.left + a._offset + a.l2p({x}), box.top + b._offset + b.l2p({y})])({where})"
    )
    return left, top


def zoom(page: Page, alt: str, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*at(page, alt, *start))
    page.mouse.down()
    page.mouse.move(*at(page, alt, *end), steps=4)
    page.mouse.up()


def tokens(page: Page, count: int) -> None:
    page.get_by_label("Tokens").fill(str(count))
    page.get_by_label("Tokens").press("Enter")
    eventually(page, "Gate values", f"gd._fullData[0].z[0].length === {count}")


def test_zoom_is_kept_when_the_text_grows_and_a_reset_shows_all_of_the_new_text(page: Page) -> None:
    zoom(page, "Gate values", (4, 3), (12, 12))
    eventually(page, "Gate values", "gd._fullLayout.xaxis.range[0] > 1")
    zoomed = ask(page, "Gate values", "[gd._fullLayout.xaxis.range, gd._fullLayout.yaxis.range]")
    tokens(page, 60)
    assert ask(page, "Gate values", "[gd._fullLayout.xaxis.range, gd._fullLayout.yaxis.range]") == zoomed
    plot(page, "Gate values").locator("[data-title='Reset axes']").click()
    assert ask(page, "Gate values", "gd._fullLayout.xaxis.range") == [-0.5, 59.5]
    tokens(page, 50)
    assert ask(page, "Gate values", "gd._fullLayout.xaxis.range") == [-0.5, 49.5]


def test_a_zoom_on_words_that_are_gone_is_given_up(page: Page) -> None:
    tokens(page, 40)
    for alt, y in (("Gate values", (3, 12)), ("Mean gate", (0.1, 0.4))):
        zoom(page, alt, (30, y[0]), (38, y[1]))
        eventually(page, alt, "gd._fullLayout.xaxis.range[0] > 20")
    tokens(page, 20)
    assert ask(page, "Gate values", "gd._fullLayout.xaxis.range") == [-0.5, 19.5]
    eventually(page, "Mean gate", "gd._fullLayout.xaxis.range[0] < 1 && gd._fullLayout.xaxis.range[1] < 21")
    for alt in ("Gate values", "Mean gate"):
        plot(page, alt).locator("[data-title='Reset axes']").click()


def test_a_click_on_a_heatmap_cell_reaches_python_once_and_as_that_cell(page: Page) -> None:
    page.mouse.click(*at(page, "Gate values", 7, 3))
    value = float(np.random.default_rng(0).random((16, 400), dtype=np.float32)[3, 7])
    expect(page.get_by_text("cell Click")).to_contain_text(f"cell {Click(0, 7, 3, value, None)} token None")
    tokens(page, 41)
    expect(page.get_by_text("cell None token None")).to_be_visible()


def test_clicks_on_bars_and_points_carry_their_curve_position_and_customdata(page: Page) -> None:
    page.mouse.click(*at(page, "Mean gate", 5, 0.05))
    expect(page.get_by_text("bar Click(curve=0, x=5")).to_contain_text("z=None, customdata=50)")
    x, y = ask(page, "Path", "[gd._fullData[0].x[9], gd._fullData[0].y[9]]")
    page.mouse.click(*at(page, "Path", x, y))
    expect(page.get_by_text("point Click")).to_contain_text(f"point {Click(0, x, y, None, None)}")


def test_hover_marks_the_same_token_everywhere_without_asking_the_server(page: Page) -> None:
    before = run_count(page)
    page.mouse.move(*at(page, "Gate values", 9, 4))
    for alt, marks in {"Gate values": 1, "Mean gate": 1, "Token against token": 4}.items():
        expect(plot(page, alt).locator(".linked-plot-band")).to_have_count(marks)
    band = "gd.parentElement.querySelector('.linked-plot-band')"
    left, width = ask(page, "Mean gate", f"[{band}.offsetLeft, {band}.offsetWidth]")
    axis = "gd._fullLayout.xaxis"
    start, end = ask(page, "Mean gate", f"[8.5, 9.5].map((x) => {axis}._offset + {axis}.l2p(x))")
    assert [left, left + width] == pytest.approx([start, end], abs=1.5)
    for alt in ("Path", "Path in space"):
        expect(plot(page, alt).locator(".linked-plot-ring")).to_have_count(1)
    expect(page.locator(".token.lit").nth(0)).to_have_text("עולם")
    expect(page.locator(".token.lit").nth(1)).to_have_text("so9")
    page.mouse.move(5, 5)
    expect(page.locator(".linked-plot-band, .linked-plot-ring, .token.lit")).to_have_count(0)
    assert run_count(page) == before


@pytest.mark.parametrize("alt", ["Path", "Path in space"])
def test_pointing_at_a_word_rings_its_point_and_pointing_there_lights_the_word(page: Page, alt: str) -> None:
    page.locator(".token", has_text="so12").hover()
    expect(plot(page, alt).locator(".linked-plot-ring")).to_have_count(1)
    box = plot(page, alt).locator(".linked-plot-ring").bounding_box()
    assert box
    page.mouse.move(5, 5)
    expect(page.locator(".token.lit")).to_have_count(0)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=3)
    expect(page.locator(".token.lit").last).to_have_text("so12")


def test_tick_labels_are_thinned_to_what_fits_and_all_there_when_zoomed_in(page: Page) -> None:
    tokens(page, 200)
    labels = "[...gd.querySelectorAll('.xtick text')].map((text) => text.textContent)"
    eventually(page, "Gate values", f"{labels}.length < 100")
    shown = ask(page, "Gate values", labels)
    assert len(shown) > 20
    assert shown[0] == "<img src=x oner…"
    boxes = ask(
        page, "Gate values", "[...gd.querySelectorAll('.xtick text')].map((text) => text.getBoundingClientRect().right)"
    )
    assert np.diff(boxes).min() > 12
    zoom(page, "Gate values", (20, 3), (30, 12))
    eventually(page, "Gate values", f"{labels}.length === 10 || {labels}.length === 11")
    every = ask(page, "Gate values", labels)
    assert every[1:4] == ["so21", "wonderfully22", "wonderfully23"]


def test_figures_follow_the_theme_at_once_and_are_saved_on_its_background(page: Page) -> None:
    before = run_count(page)
    colors = "[gd._fullLayout.font.color, gd._fullData[0].marker.color]"
    light = theme(page, "text-color", "primary-color")
    assert ask(page, "Mean gate", colors) == light
    page.emulate_media(color_scheme="dark")
    eventually(page, "Mean gate", f"gd._fullLayout.font.color !== '{light[0]}'")
    assert ask(page, "Mean gate", colors) == theme(page, "text-color", "primary-color") != light
    assert run_count(page) == before
    plot(page, "Gate values").hover()
    for kind in ("SVG", "PNG"):
        with page.expect_download() as download:
            plot(page, "Gate values").locator(f"[data-title='Save as {kind}']").click()
        assert download.value.suggested_filename == f"gate-heatmap.{kind.lower()}"
        if kind == "SVG":
            saved = Path(download.value.path()).read_text(encoding="utf-8")
            red, green, blue = bytes.fromhex(theme(page, "background-color")[0].lstrip("#"))
            assert re.search(rf"<svg[^>]*><rect[^>]*fill: rgb\({red}, {green}, {blue}\)", saved), saved[:500]
            tops = re.findall(r'<tspan class="line" dy="0em" x="12" y="([\d.]+)"', saved)
            assert [float(top) > 15 for top in tops] == [True], tops  # the title, of letters that are 15 high
    page.emulate_media(color_scheme="light")


def test_frames_play_in_the_browser_also_after_the_data_changed(page: Page) -> None:
    play, pause = (plot(page, "Path").get_by_text(label, exact=True) for label in ("Play", "Pause"))
    for count, reached in ((120, "> 10"), (110, "< 8")):
        tokens(page, count)  # the second time, while it plays
        eventually(page, "Path", f"gd._fullData[0].x.length === {count} && gd._fullLayout.sliders[0].active === 0")
        before = run_count(page)
        play.click()
        eventually(page, "Path", f"gd._fullData[0].x.length < 100 && gd._fullData[0].x.length {reached}")
        pause.click()
        assert run_count(page) == before
        play.click()
    tokens(page, 40)


def test_text_is_shown_as_typed_and_never_as_markup(page: Page) -> None:
    typed = page.locator(".linked-text").first
    assert typed.text_content() == page.get_by_label("Text", exact=True).input_value()
    expect(typed.locator("img")).to_have_count(0)
    tokens(page, 8)
    labels = [f"wonderfully{i}" if i % 3 else f"so{i}" for i in range(2, 8)]
    expect(plot(page, "Mean gate").locator(".xtick text")).to_have_text(["<img src=x oner…", "<b>bold</b>", *labels])
    expect(page.locator("img[src='x'], svg image[href='x']")).to_have_count(0)
    unknown = typed.locator(".token.unknown")
    assert unknown.text_content() == "👩‍🚀"
    expect(unknown).to_have_attribute("title", "never seen in training")


def test_a_word_is_chosen_by_mouse_or_keyboard(page: Page) -> None:
    page.locator(".token", has_text="wakes").click()
    expect(page.get_by_text("cell None token 5")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.get_by_text("cell None token 4")).to_be_visible()
    expect(page.locator(".token[tabindex='0']").first).to_have_text("onerror=alert(1)>")


def test_a_figure_in_a_hidden_tab_is_drawn_in_its_width_when_the_tab_opens(page: Page) -> None:
    hidden = page.locator("[aria-label='Hidden bars']")
    expect(hidden).to_be_attached()
    expect(hidden.locator(".main-svg")).to_have_count(0)
    open_tab(page, "Second")
    drawn(page, "Hidden bars")
    eventually(page, "Hidden bars", "gd._fullLayout.width === gd.parentElement.clientWidth")
    page.mouse.move(*at(page, "Gate values", 3, 4))
    expect(plot(page, "Mean gate").locator(".linked-plot-band")).to_have_count(1)
    expect(plot(page, "Hidden bars").locator(".linked-plot-band")).to_have_count(0)  # of another group


def test_nothing_is_wider_than_a_phone_when_the_window_shrinks_to_one(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    for alt in ("Gate values", "Token against token", "Path in space"):
        eventually(page, alt, "gd._fullLayout.width === gd.parentElement.clientWidth && gd._fullLayout.width < 390")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_figure_that_leaves_the_page_is_cleared_away_and_may_come_back(page: Page) -> None:
    figure = plot(page, "Token against token").locator(".linked-plot-figure").element_handle()
    assert figure.evaluate("(gd) => gd._fullLayout !== undefined")
    page.get_by_text("Without pairs").click()
    expect(plot(page, "Token against token")).to_have_count(0)
    page.wait_for_function("(gd) => gd._fullLayout === undefined && !gd.isConnected", arg=figure)
    page.mouse.move(*at(page, "Gate values", 3, 4))
    expect(plot(page, "Mean gate").locator(".linked-plot-band")).to_have_count(1)
    page.get_by_text("Without pairs").click()
    drawn(page, "Token against token")


def test_a_figure_says_so_when_plotly_cannot_be_loaded(server: str, profile: BrowserContext) -> None:
    page = blank(profile)
    page.route("**/plotly*.js*", lambda route: route.abort())
    page.goto(server)
    sentence = plot(page, "Gate values").get_by_role("alert")
    expect(sentence).to_have_text(
        "This part of the page could not be loaded: check the connection and reload the page."
    )
    page.close()


def test_a_figure_goes_from_one_bundle_of_plotly_to_the_other(page: Page) -> None:
    page.get_by_text("From above").click()
    eventually(page, "Path in space", "gd.data[0].type === 'scatter' && !gd.querySelector('.gl-container canvas')")
    page.get_by_text("From above").click()
    eventually(page, "Path in space", "gd.data[0].type === 'scatter3d' && gd.querySelector('.gl-container canvas')")
    names = "performance.getEntriesByType('resource').map((entry) => new URL(entry.name).pathname.split('/').at(-1))"
    fetched = page.evaluate(names)
    assert [fetched.count(name) for name in (PLANE, WHOLE)] == [1, 1]


@pytest.mark.parametrize(("offer", "encoding"), [("gzip, deflate, br", "gzip"), ("br", None)])
def test_plotly_is_served_compressed_to_those_who_can_read_it(server: str, offer: str, encoding: str | None) -> None:
    request = urllib.request.Request(
        f"{server}/assets/plotly.min.js?v={plotly.__version__}", headers={"Accept-Encoding": offer}
    )
    with urllib.request.urlopen(request) as answer:
        body = answer.read()
    assert answer.headers["Content-Encoding"] == encoding
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert "immutable" in answer.headers["Cache-Control"]
    assert (len(body) < 1_600_000) == (encoding == "gzip")
    assert b"plotly.js" in (gzip.decompress(body) if encoding else body)[:200]


@pytest.mark.parametrize(
    "path", ["linked_plot.js", "../pyproject.toml", "%2e%2e/pyproject.toml", "linked_plot/0/linked_plot.js"]
)
def test_the_route_serves_nothing_else(server: str, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match=r"HTTP Error 40[04]"):
        urllib.request.urlopen(f"{server}/assets/{path}")
