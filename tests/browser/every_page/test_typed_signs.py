"""What a person types is shown as it was typed: no link, no picture, no formula, no arrow is made of it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import OpenPage, wait_for_app
from tests.conftest import served
from viz.markdown import JOINER

SIGNS = (
    "see https://example.org/a?b=c&d and http://localhost:1 or www.example.org, ann@example.org",
    "[go](http://localhost) ![x](http://localhost/x.png) <b>bold</b> <img src=x>",
    ":smile: :+1: :material/home: :streamlit: :red[x] :blue-background[y] :small[z]",
    "$a^2$ and $$b$$, 5 $ or 6 $, `code` ~~gone~~ **bold** _thin_ __x__ *y*",
    "a -> b <- c <-> d -- e >= f <= g ~= h ... at 12:30",
    "from 16:00:00 on, at 9:30: 1:100:2, x:1234:y, 5:00 :99: http://10:80 host:80/a",
    "# no heading",
    "1. no list",
    "- no list either",
    "> no quotation | no | table",
    "&amp; &lt; &#36; %{y} \\ \\\\ {x}",
)
PAGE = f"""
import streamlit as st
from viz.markdown import escape
for number, line in enumerate({SIGNS!r}):
    with st.container(key=f"line-{{number}}"):
        st.markdown(escape(line))
"""
MADE = "a, img, strong, em, code, del, h1, ol, ul, blockquote, table, .katex, [role=img], span[style]"
"""What Streamlit makes of Markdown."""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Address of a page that shows the signs and nothing else."""
    script = tmp_path / "signs.py"
    script.write_text(PAGE, encoding="utf-8")
    with served(script, tmp_path / "signs.log") as server:
        yield server.url


def test_signs_are_shown_as_they_were_typed_and_nothing_is_made_of_them(address: str, profile: BrowserContext):
    page = profile.new_page()
    page.goto(address)
    wait_for_app(page)
    for number, line in enumerate(SIGNS):
        shown = page.locator(f".st-key-line-{number} [data-testid=stMarkdownContainer]")
        expect(shown).to_be_visible()
        assert (shown.inner_text() or "").replace(JOINER, "") == line
        assert shown.locator(MADE).count() == 0
    page.close()


def test_a_long_text_that_is_pasted_is_kept_whole_and_it_is_said_how_much_is_read(open_page: OpenPage):
    page = open_page("/?model=sst2-gru&text=a%20film")
    box = page.get_by_role("textbox", name=re.compile("Type an English sentence"))
    box.fill("good film " * 1000)
    expect(page.get_by_text("Only the first 4,000 characters are read")).to_be_visible()
    assert len(box.input_value()) == 10_000
