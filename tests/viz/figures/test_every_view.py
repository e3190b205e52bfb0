"""Figures: every view draws every trace it suits, and what it draws is what the trace holds."""

import json
from io import StringIO
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from core_models.explain.memory.ledger import open_ledger
from core_models.trace import Tokens, Trace
from tests.support.traces import HOSTILE, READOUT, TRACES, WORDS, draw, make
from viz.figures import VIEWS
from viz.figures.parts.export import to_csv, to_html
from viz.figures.parts.token_axis import MOST_LABELS, escape, spell
from viz.theme import TEMPLATE
from viz.view import Options, Section, Target, View

DRAWN = [
    pytest.param(view, trace, target, id=f"{view.key}, {name}, {target.name}")
    for name, trace in TRACES.items()
    for view in VIEWS
    for target in view.targets(trace)
]


CHOICES = (
    Options(),
    Options("similarity", step=0, unit=0, units=(0, 99), stage="scores", space=3),
    Options("influence", step=0, stage="softmax", head=1),
    Options("nonsense", step=9999, unit=9999, stage="mask", head=99, space=7),
)


@pytest.mark.parametrize(("view", "trace", "target"), DRAWN)
def test_a_view_draws_what_it_suits_as_a_valid_figure_under_every_option(view: View, trace: Trace, target: Target):
    choices = CHOICES if len(trace) < 100 else CHOICES[:2]
    figures = {str(figure.to_json()): figure for figure in (view.draw(trace, target, options) for options in choices)}
    for written, figure in figures.items():
        assert isinstance(figure, go.Figure)
        go.Figure(figure.to_dict())  # validates names and values
        assert json.loads(written)["data"]
        layout: Any = figure.layout
        assert layout.height
        assert layout.title.text is None


@pytest.mark.parametrize(("view", "trace", "target"), DRAWN)
def test_a_view_says_what_it_asks_and_how_to_read_it(view: View, trace: Trace, target: Target):
    words = view.how_to_read(trace, target, Options())
    assert isinstance(view.section, Section)
    assert view.question.endswith("?")
    assert words.endswith(".")
    assert not {"{", "}", "_"} & set(words.replace("_gate", ""))


@pytest.mark.parametrize(("view", "trace", "target"), DRAWN)
def test_every_axis_of_numbers_is_named_and_token_axes_hold_every_token(view: View, trace: Trace, target: Target):
    drawn: Any = view.draw(trace, target, Options())
    layout = drawn.to_dict()["layout"]
    axes = {name: axis for name, axis in layout.items() if name[1:].startswith("axis")}
    words = {spec["axis"].replace("x", "xaxis").replace("y", "yaxis") for spec in layout["meta"].get("ticks", ())}
    assert all(axis["title"]["text"] for name, axis in axes.items() if name not in words)
    if layout["meta"].get("link", {}).get("axis"):
        assert layout["xaxis"]["range"] == [-0.5, len(trace) - 0.5]
        assert layout["meta"]["ticks"][0]["labels"] == list(trace.tokens.labels)
        assert 0 < len(layout["xaxis"]["ticktext"]) <= MOST_LABELS
        assert layout["xaxis"]["labelalias"] == {str(i): label for i, label in enumerate(trace.tokens.labels)}


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.key)
def test_zoom_survives_another_text_but_not_another_quantity(view: View):
    short, long = TRACES["gru with two heads"], TRACES["200 tokens"]

    def revisions(trace: Trace) -> list[Any]:
        layouts: list[Any] = [view.draw(trace, target, Options()).layout for target in view.targets(trace)]
        return [layout.uirevision for layout in layouts]

    seen = revisions(short)
    assert seen == revisions(long)
    assert len(set(seen)) == len(seen)


def test_a_trace_that_holds_nothing_suits_no_view():
    empty = Trace(Tokens(("a",)), {})
    assert not any(view.targets(empty) for view in VIEWS)


def test_streamlits_placeholder_colours_reach_no_figure():
    import streamlit  # noqa: F401  changes Plotly's default template

    assert "#000001" in str(go.Figure(layout={"xaxis": {}}).to_json())
    trace = TRACES["gru with two heads"]
    for view in VIEWS:
        figure = draw(view.key, trace, view.targets(trace)[0])
        assert "#000001" not in figure.to_json()
        assert figure.layout.template.layout.font.color == TEMPLATE["layout"]["font"]["color"]


def test_hostile_tokens_reach_every_figure_escaped_short_and_visible():
    trace = make(len(HOSTILE), 4, heads=1, words=HOSTILE)
    for view in VIEWS:
        for target in view.targets(trace):
            layout = draw(view.key, trace, target).to_json()
            assert "<script" not in layout
            assert "<b>bold" not in layout
            assert "\\n" not in layout
            assert "w" * 20 not in layout
    figure = draw("prediction", trace, Target(READOUT, "probability"))
    assert figure.layout.xaxis.ticktext[0] == "&lt;b&gt;bold&lt;/b&gt;"
    assert figure.layout.xaxis.ticktext[3] == "&#36;x^2&#36;"
    assert figure.layout.meta["ticks"][0]["labels"][0] == "<b>bold</b>"


def test_tokens_are_spelled_so_that_nothing_is_hidden():
    spelled = [spell(token) for token in HOSTILE]
    assert spelled[4:9] == ["line␊break", "␀␛", "␣", "∅", "□evil"]
    assert spelled[9] == "\u2068שלום\u2069"
    assert spelled[10] == HOSTILE[10]
    assert spelled[13] == "□"
    assert spelled[14] == "w" * 13 + "…"
    assert [spell("\u200d"), spell("👩\u200d🚀")] == ["□", "👩\u200d🚀"]
    assert all(len(word) <= 16 for word in spelled)
    assert spell("x" * 12 + "e\u0301" + "yz") == "x" * 12 + "…"
    assert escape("<&>$%{y}") == "&lt;&amp;&gt;&#36;&#37;{y}"


@pytest.mark.parametrize(("view", "trace", "target"), DRAWN)
def test_csv_holds_one_row_for_each_value_drawn_or_each_token(view: View, trace: Trace, target: Target):
    table = pd.read_csv(StringIO(to_csv(view.numbers(trace, target))))
    values = trace.array(target.site, target.key)
    before = values.shape[1] if view.key == "ledger" and open_ledger(trace, target.site).begun else 0
    assert len(table) in (values.size + before, len(trace))
    if target.key in table:
        np.testing.assert_array_equal(table[target.key].to_numpy(np.float32), values.ravel())


def test_exported_pages_stand_alone_and_let_no_text_out_of_its_place():
    target = Target(READOUT, "probability")
    texts = [make(len(HOSTILE), 3, words=words) for words in (HOSTILE, WORDS)]
    hostile, plain = (to_html(draw("prediction", trace, target), "<b>", trace.tokens.text) for trace in texts)
    assert "<title>&lt;b&gt;</title>" in hostile
    assert hostile.count("</script") == plain.count("</script")
    assert 'src="http' not in hostile
    assert len(hostile) > 500_000
