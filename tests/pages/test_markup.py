"""Markup in what people type, and in the names of their files and columns, is shown as it was typed on every page."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pretrained.registry import load
from tests.pages.given.test_open_file import give
from tests.support.pages import open_page, sentences
from viz.figures import VIEWS
from viz.markdown import JOINER
from viz.view import Options

LINES = (
    "the best scene costs $5 and the worst costs $10",
    "a :fire: film, :red[truly] *great*, not _dull_",
    "<b>great</b> acting &amp; a <i>dull</i> plot<br />I left",
    "see [the trailer](http://localhost/x) and `run`",
    "100% %{y} {braces} \\( x^2 \\) ~~gone~~",
    "1. first\t- second",
    "_great_ and __awful__",
)
MADE = re.compile(
    r"(?<!\\)\$[5a]|:fire:|:red\[|(?<!\\)\*great|(?<!\\)_(?:dull|great|_awful)|(?<!\\)<(?:b|i|br|sub)\b|(?<!\\)`run|"
    r"(?<!\\)\[(?:the trailer|go)|(?<!\\)~~gone|^1\. first", re.MULTILINE,
)  # fmt: skip
"""What Markdown would make something of in these."""

COLUMN = "CO<sub>2</sub> $a$ %{y} :red[x] *great* [go](http://localhost)"
FILE = "a*great*_dull_$a$.csv"


def written(page: AppTest) -> str:
    """All Markdown of a page, that on its buttons and choices too."""
    named: list[Any] = [*page.button, *page.radio, *page.checkbox, *page.toggle, *page.expander, *page.tabs]
    return "\n".join([sentences(page), *(str(element.label) for element in named)])


def test_every_line_holds_something_that_markdown_would_make():
    assert all(map(MADE.search, (*LINES, COLUMN, FILE)))


@pytest.mark.parametrize("address", [
    ("explore", {"model": "sst2-gru-attention", "tab": "gates"}), ("compare", {"mode": "inputs", "model": "sst2-gru"}),
    ("generate", {"model": "shakespeare-lstm"}), ("explain", {"model": "sst2-gru", "section": "attribution"}),
], ids=lambda address: address[0])  # fmt: skip
def test_nothing_is_made_of_markup_in_a_text(address: tuple[str, dict[str, str]]):
    file, query = address
    for text in (" ".join(LINES[:5]), *LINES[5:]):
        page = open_page(file, **query, text=text, second=text)
        assert not page.exception
        assert not MADE.search(written(page))


def test_names_of_files_and_columns_are_shown_as_they_are():
    rows = "".join(f"2023-{day // 28 + 1:02d}-{day % 28 + 1:02d},{day % 11}\n" for day in range(200))
    page = give(open_page(model="seattle-gru"), FILE, f"date,{COLUMN}\n{rows}".encode())
    assert not page.exception
    assert not page.error
    assert not MADE.search(written(page))
    assert FILE in re.sub(r"\\(?=\W|_)", "", written(page).replace(JOINER, ""))


def test_letters_of_a_named_sequence_are_read_and_its_name_is_shown_as_it_is():
    content = f'>x|<i>great</i> & "z" $a$ :fire:\n{"ACGT" * 15}\n'
    page = give(open_page(model="splice-bigru"), "a.fasta", content.encode())
    assert not page.exception
    assert not MADE.search(written(page))


@pytest.mark.parametrize("line", LINES)
def test_figures_spell_markup_so_that_plotly_makes_nothing_of_it(line: str):
    model = load("sst2-gru-attention")
    trace = model.trace(model.encode(line))
    view = next(view for view in VIEWS if view.key == "heatmap")
    figure: Any = view.draw(trace, view.targets(trace)[0], Options())
    ticks = [str(label) for label in np.ravel(figure.layout.xaxis.ticktext or ())]
    assert not any(re.search(r"<(?:b|i|br|sub)\b", label) for label in ticks)
