"""Two sections of the Explain page: what they show is what was computed, and what they cannot show they say."""

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core_models.explain.attribution.opinions import METHODS, collect, compare_ranks
from core_models.explain.attribution.ranks import kendall
from core_models.target import Target
from pretrained.analysis.seeds import attends
from pretrained.faithfulness.results import read_background
from pretrained.faithfulness.verdict import Estimate, Use, judge
from pretrained.registry import recipes
from pretrained.task import Given
from tests.pages.test_pages import MIXED
from tests.support.pages import open_page, sentences
from tests.support.shapes import one_of_each
from viz import session
from viz.explain.attribution import matrix_of, opinions, quality_table, rows_of
from viz.explain.faithfulness import TESTS, examined, verdict_on
from viz.explain.faithfulness_beside import comparison_table
from viz.explain.verdict_words import headline, verdict_line, what_would_change
from viz.figures.explain import (
    attribution_matrix,
    attribution_rows,
    faithful_answers,
    faithful_erasure,
    faithful_tokens,
)
from viz.figures.explain.attribution_rows import MethodRow
from viz.figures.explain.faithful_erasure import Panel
from viz.figures.explain.rank_matrix import draw as draw_ranks
from viz.run import ModelRun

TEXT = "the acting is superb, but the story never wakes up"


def open_explain(section: str, **query: str) -> AppTest:
    return open_page("explain", section=section, **query)


POSITIVE = Target("answer", 1)


def asked(key: str) -> ModelRun:
    return ModelRun(session.model(key), Given(TEXT), *session.traced(key, TEXT))


def examination(key: str = "sst2-gru-attention"):
    return examined(key, TEXT, POSITIVE, asked(key))


# The sections


@pytest.mark.parametrize("section", ["attribution", "attention", "ledger", "what-ifs", "attractors"])
@pytest.mark.parametrize("text", ["boring film", "xyzzy boring", "boring", "boring boring"])
def test_one_token_or_two_are_explained_or_answered_with_a_sentence(section, text):
    page = open_explain(section, model="sst2-gru-attention", text=text)
    assert not page.exception
    assert page.main.children


@pytest.mark.parametrize("key", one_of_each("sentiment", "cell", "bidirectional", "readout"))
def test_every_model_is_explained_by_every_method(key):
    page = open_explain("attribution", model=key, text="a quiet film")
    assert not page.exception
    assert not page.error
    table = page.table[0].value
    shown = [method.name for method in METHODS.values()] + ["attention"] * attends(
        recipes("sentiment")[key].architecture
    )
    assert list(table.index) == shown


@pytest.mark.parametrize("key", one_of_each("sentiment", "cell", "readout"))
def test_every_attending_model_is_judged_and_the_others_have_no_such_section(key):
    page = open_explain("attention", model=key, text=TEXT)
    assert not page.exception
    assert not page.error
    shown = "Is attention an explanation?" in page.segmented_control(key="section").options
    assert shown == attends(recipes("sentiment")[key].architecture)
    if shown:
        background, said = read_background(recipes("sentiment")[key]), sentences(page)
        assert background is not None
        assert verdict_line(background.verdict, "unseen sentences") in said
        assert verdict_line(verdict_on(examination(key)), "shuffles") in said


@pytest.mark.parametrize("test", TESTS)
def test_of_the_tests_of_attention_one_is_shown_at_a_time(test):
    page = open_explain("attention", model="sst2-gru-attention", text=TEXT, test=test)
    assert not page.exception
    said = sentences(page)
    shown = {"tokens": "most attention goes to", "changes": "of the shuffles change the answer",
             "numbers": "compared with many sentences", "models": "Every model with attention"}  # fmt: skip
    assert {key for key, words in shown.items() if words in said} == {test}


@pytest.mark.parametrize("section", ["attribution", "attention"])
@pytest.mark.parametrize("text", MIXED.values(), ids=MIXED)
def test_any_text_is_answered_without_a_traceback(section, text):
    page = open_explain(section, text=text, model="sst2-gru-attention")
    assert not page.exception
    assert not page.error


@pytest.mark.parametrize(
    ("section", "text", "answer"),
    [
        ("attention", "boring", "only one place to look at: make it longer"),
        ("attribution", "good " * 160, "give 2 to about 150 tokens (there are 160)"),
        ("attribution", "good", "give 2 to about 150 tokens (there are 1)"),
        ("attribution", " ", "type a sentence"),
    ],
)
def test_what_cannot_be_shown_says_what_to_do(section, text, answer):
    assert answer in open_explain(section, text=text, model="sst2-gru-attention").info[-1].value


def test_the_url_restores_every_choice_and_the_baseline_changes_the_numbers():
    pages = [open_explain("attribution", model="sst2-lstm", text=TEXT, baseline=key) for key in ("unknown", "zero")]
    one, other = (page.table[0].value for page in pages)
    assert list(one["sum"]) != list(other["sum"])
    page = open_explain("attribution", model="sst2-lstm", text=TEXT, baseline="zero", rank="spearman")
    assert "Spearman's ρ of the magnitudes" in sentences(page)
    assert page.query_params["baseline"] in ("zero", ["zero"])
    assert page.query_params["rank"] in ("spearman", ["spearman"])


def test_a_text_that_looks_like_markdown_stays_text():
    said = sentences(open_explain("attention", text="**bold** $x$ `code` film", model="sst2-gru-attention"))
    assert "“**" not in said


# What they are made of


@pytest.mark.parametrize("baseline", ["unknown", "zero", "mean"])
def test_the_table_holds_what_every_method_found(baseline):
    here = asked("sst2-gru-attention")
    expected = collect(here.outputs, POSITIVE, baseline)
    found = opinions("sst2-gru-attention", TEXT, POSITIVE, baseline, here)
    for key, opinion in expected.by_method.items():
        assert np.allclose(found.by_method[key].shares, opinion.shares, atol=1e-6), key
        line = quality_table(found).loc[METHODS[key].name]
        assert float(str(line["sum"]).replace("−", "-")) == pytest.approx(opinion.shares.sum(), abs=1e-4)
        if METHODS[key].complete:
            assert abs(opinion.gap) < 0.01
    assert found.attention is not None
    assert quality_table(found).loc["attention", "sum"] == "–"
    matrix = matrix_of("sst2-gru-attention", TEXT, POSITIVE, baseline, here)
    assert np.allclose(matrix[-1], found.by_method["gradient"].shares, atol=1e-5)


def test_another_row_takes_part_in_everything_by_being_listed():
    found = opinions("sst2-gru-attention", TEXT, POSITIVE, "unknown", asked("sst2-gru-attention"))
    steps = len(asked("sst2-gru-attention").trace)
    rows = [*rows_of(found, "log-odds"), MethodRow("ledger", np.linspace(0, 1, steps), signed=False, unit="share")]
    figure: Any = attribution_rows.draw(rows, TEXT.split())
    assert list(figure.data[1].z[-1]) == pytest.approx(np.linspace(0, 1, steps), abs=1e-6)
    matrix = compare_ranks({row.name: row.shares for row in rows})
    assert matrix.shape == (7, 7)
    assert matrix[0, -1] == pytest.approx(kendall(np.abs(rows[0].shares), rows[-1].shares))
    assert np.allclose(np.diag(matrix), 1.0)


def test_rows_are_scaled_by_their_own_largest_and_hover_holds_the_exact_numbers():
    rows = [
        MethodRow("a", np.array([0.5, -2.0, 0.0])),
        MethodRow("b", np.zeros(3)),
        MethodRow("c", np.array([0.1, 0.2, 0.4]), signed=False),
    ]
    figure: Any = attribution_rows.draw(rows, ["x", "<b>", "z"])
    assert figure.data[0].z.tolist() == [[0.25, -1.0, 0.0], [0.0, 0.0, 0.0]]
    assert figure.data[1].z[0].tolist() == pytest.approx([0.25, 0.5, 1.0])
    assert figure.data[0].customdata[0, 1].tolist() == [2.0, -2.0]
    assert "<b>" not in figure.layout.xaxis.ticktext


def test_a_matrix_leaves_empty_what_comes_later():
    figure: Any = attribution_matrix.draw(np.ones((3, 3)), list("abc"), list("abc"))
    assert np.array_equal(np.isnan(figure.data[0].z), np.triu(np.ones((3, 3)), 1) > 0)
    whole: Any = attribution_matrix.draw(np.ones((2, 3)), list("abc"), list("xy"), triangular=False)
    assert not np.isnan(whole.data[0].z).any()


def test_figures_draw_what_they_are_given_and_plotly_takes_them():
    found = examination()
    labels = asked("sst2-gru-attention").trace.tokens.labels
    tokens: Any = faithful_tokens.draw(found.attention, found.adversary, found.left_out - found.answer, labels)
    assert np.allclose(tokens.data[0].y, found.attention, atol=1e-6)
    assert np.allclose(tokens.data[2].y, found.left_out - found.answer, atol=1e-6)
    answers: Any = faithful_answers.draw(found.shuffled, found.answer, 0.05, {"uniform": found.uniform}, "p")
    assert int(answers.data[0].y.sum()) == len(found.shuffled)
    assert answers.data[2].x[0] == pytest.approx(found.uniform, abs=1e-6)
    panel = Panel("out", np.abs(found.removed.top - found.answer), np.abs(found.removed.random - found.answer))
    erasure: Any = faithful_erasure.draw([panel, panel])
    assert np.allclose(erasure.data[3].y, panel.top, atol=1e-6)
    assert np.allclose(erasure.data[2].y, panel.random.mean(axis=1), atol=1e-6)
    ranks: Any = draw_ranks(np.array([[1.0, np.nan], [np.nan, 1.0]]), ["a", "b"], "kendall")
    assert ranks.data[0].text[0][1] == ""
    for figure in (tokens, answers, erasure, ranks):
        type(figure).__mro__[1](figure.to_plotly_json())  # Plotly's own validation


def test_the_table_of_tests_shows_this_sentence_beside_many():
    background = read_background(recipes("sentiment")["sst2-gru-attention"])
    found = examination()
    table = comparison_table(found, background)
    assert float(str(table.iloc[0, 0])) == pytest.approx(abs(found.uniform - found.answer), abs=1e-3)
    assert background is not None
    assert f"{background.mean('divergence').value:.3f}" in str(table.iloc[-1, 1])
    assert list(comparison_table(found, None).columns) == ["your input"]


# Words


def verdict(moved: int, low: float, high: float):
    return judge(moved, 300, Estimate((low + high) / 2, low, high))


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (verdict(0, 0.6, 0.9), "not used"),
        (verdict(100, 0.1, 0.2), "Partly used, but not a ranking"),
        (verdict(300, 0.1, 0.2), "Used, but not a ranking"),
        (verdict(300, 0.6, 0.9), "Used, and it points at"),
        (verdict(300, 0.4, 0.6), "Used; whether it points at the words that matter cannot be said"),
    ],
)
def test_the_headline_says_both_verdicts(found, words):
    assert words in headline(found)
    assert f"{found.flips} of the 300" in what_would_change(found, "sentences")
    assert (found.use is Use.UNUSED) == ("τ" not in what_would_change(found, "sentences"))
    line = verdict_line(found, "sentences")
    assert f"{found.share.value:.0%} [{found.share.low:.0%}, {found.share.high:.0%}]" in line
