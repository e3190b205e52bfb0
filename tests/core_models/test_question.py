"""Which inputs made each output: every output is what the trace says, rows are exact, and the page shows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from core_models.explain.attribution.methods import gradient_times_input
from core_models.explain.attribution.question import (
    Question,
    ask_forecaster,
    ask_language_model,
    ask_recogniser,
    ask_tagger,
    log_odds,
    share_out,
)
from core_models.networks.forecaster import ForecasterArchitecture, SeriesForecaster
from core_models.networks.language_model import NEXT, LanguageArchitecture, LanguageModel
from core_models.networks.recogniser import RecogniserArchitecture, SequenceRecogniser
from core_models.networks.tagger import ANSWER, TAGS, SequenceTagger, TaggerArchitecture
from core_models.trace import Site, Tokens
from tests.pages.test_explain_sections import open_section, words
from tests.pages.test_pages import MAIN

STEPS = 5


def about_characters() -> tuple[Question, np.ndarray]:
    torch.manual_seed(3)
    network, ids = LanguageModel(LanguageArchitecture("lstm", 4, 6), 9).eval(), torch.tensor([1, 4, 2, 2, 8])
    trace = network.trace(ids, Tokens.numbered(STEPS))
    found = ask_language_model(network, ids, [f"c{n}" for n in range(STEPS)], unknown=0)
    return found, trace.array(NEXT, "chosen_probability")[1:]


def about_labels() -> tuple[Question, np.ndarray]:
    torch.manual_seed(5)
    network = SequenceTagger(TaggerArchitecture("gru", 4, 3, features=(2,)), (9, 4), 4, 3).eval()
    ids = torch.tensor([[3, 1], [2, 2], [5, 3], [8, 2], [4, 1]])
    trace = network.trace(ids, Tokens.numbered(STEPS))
    given = [*trace.array(TAGS, "tag_probability").argmax(axis=1), trace.array(ANSWER, "class_probability").argmax()]
    names = [f"o{n}" for n in range(STEPS + 1)]
    found = ask_tagger(network, ids, [int(each) for each in given], names[:STEPS], names, unknown=1)
    chances = [*trace.array(TAGS, "tag_probability").max(axis=1), trace.array(ANSWER, "class_probability").max()]
    return found, np.array(chances)


Asked = Callable[[], tuple[Question, np.ndarray]]
both = pytest.mark.parametrize("ask", [about_characters, about_labels])


@both
def test_every_output_is_the_log_odds_of_what_the_trace_holds(ask: Asked) -> None:
    question, chances = ask()
    values = [question.about(output)(question.x[None]).item() for output in range(len(question.outputs))]
    np.testing.assert_allclose(values, np.log(chances / (1.0 - chances)), atol=1e-5)


@both
@pytest.mark.parametrize("baseline", ["unknown", "zero"])
def test_a_row_of_the_matrix_is_gradient_times_input_of_that_output_alone(ask: Asked, baseline: str) -> None:
    question, chances = ask()
    matrix = question.matrix(baseline)
    assert matrix.shape == (len(chances), STEPS)
    for output, row in enumerate(matrix):
        alone = gradient_times_input(question.about(output), question.x[None], question.baselines[baseline])[0]
        np.testing.assert_allclose(row, alone.numpy(), atol=1e-5)


def test_what_comes_later_gives_nothing_to_a_language_model_and_something_to_a_tagger() -> None:
    above = [np.abs(np.triu(ask()[0].matrix("zero")[:STEPS], 1)).max() for ask in (about_characters, about_labels)]
    assert above[0] == 0.0
    assert above[1] > 1e-4


@both
def test_shares_add_up_where_a_method_promises_it_and_occlusion_is_what_goes_missing(ask: Asked) -> None:
    question, chances = ask()
    found = share_out(question, 2, "unknown")
    assert found.value == pytest.approx(float(np.log(chances[2] / (1.0 - chances[2]))), abs=1e-5)
    assert abs(found.gap("integrated")) < 1e-4
    hidden = question.x.clone()
    hidden[1] = question.baselines["unknown"]
    missing = found.value - question.about(2)(hidden[None]).item()
    assert found.shares["occlusion"][1] == pytest.approx(missing, abs=1e-5)


def test_log_odds_stay_exact_where_a_probability_is_as_good_as_one() -> None:
    logits = torch.tensor([[40.0, 0.0, 0.0]])
    assert float(log_odds(logits, torch.tensor([0]))) == pytest.approx(40.0 - np.log(2.0), abs=1e-5)


@pytest.mark.parametrize("key", ["pos-bilstm", "commands-bilstm", "dialogue-zh-bilstm", "shakespeare-lstm"])
def test_the_section_is_shown_for_every_kind_of_model_with_many_outputs(key: str) -> None:
    app = open_section("outputs", model=key, text="我想吃烤鸭" if "zh" in key else "play it again")
    shown = words(app)
    assert "Every output, token by token" in shown
    assert "integrated gradients" in shown


@pytest.mark.parametrize("text", ["a", "word " * 120, "<script>alert(1)</script> $x$ :red[no]"])
def test_odd_texts_are_answered_in_words(text: str) -> None:
    shown = words(open_section("outputs", model="pos-bilstm", text=text))
    assert "<script>" not in shown


@pytest.mark.parametrize("section", ["ledger", "health"])
@pytest.mark.parametrize("key", ["pos-bilstm", "shakespeare-lstm"])
def test_sections_that_suit_any_trace_open_for_other_kinds(section: str, key: str) -> None:
    assert words(open_section(section, model=key, text="play it again"))


@pytest.mark.parametrize("section", ["what-ifs", "attribution", "attention", "health", "probes", "attractors"])
def test_sections_are_offered_on_explore_and_drawn_where_asked_for(section: str) -> None:
    app = AppTest.from_file(MAIN, default_timeout=60)
    query: dict[str, Any] = {"model": "sst2-gru-attention", "text": "superb but dull", "explain": section}
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    alone = words(open_section(section, model="sst2-gru-attention", text="superb but dull"))
    told = max(alone.split("\n"), key=len)
    assert told in words(app)


def about_classes() -> tuple[Question, np.ndarray]:
    torch.manual_seed(6)
    wanted = RecogniserArchitecture("gru", 3, "additive", embedding=4, positions=STEPS, bidirectional=True, place=2)
    network, ids = SequenceRecogniser(wanted, 6, 3).eval(), torch.tensor([1, 4, 2, 5, 3])
    trace = network.trace(ids, Tokens.numbered(STEPS))
    names = [f"s{n}" for n in range(STEPS)]
    return ask_recogniser(network, ids, names, ["a", "b", "c"]), trace.array(Site("answer"), "class_probability")


def test_every_class_of_a_recogniser_is_an_output_and_a_token_that_is_gone_keeps_the_code_of_its_place() -> None:
    question, chances = about_classes()
    values = [question.about(output)(question.x[None]).item() for output in range(3)]
    np.testing.assert_allclose(values, np.log(chances / (1.0 - chances)), atol=1e-5)
    gone = question.baselines["mean"]
    assert gone.shape == question.x.shape
    assert abs(share_out(question, 1, "mean").gap("integrated")) < 1e-4


def test_every_step_of_a_forecast_is_an_output() -> None:
    torch.manual_seed(8)
    network = SeriesForecaster(ForecasterArchitecture("lstm", 4, "additive"), 2, 3).eval()
    values = torch.randn(6, 2)
    trace = network.trace(values, Tokens.numbered(6))
    question = ask_forecaster(network, values, [f"t{n}" for n in range(6)], ["+1", "+2", "+3"])
    found = [question.about(output)(values[None]).item() for output in range(3)]
    np.testing.assert_allclose(found, trace.array(Site("forecast"), "forecast"), atol=1e-5)
    assert abs(share_out(question, 2, "mean").gap("integrated")) < 1e-4
    assert abs(share_out(question, 2, "last").gap("integrated")) < 1e-4


@pytest.mark.parametrize("key", ["splice-bigru", "spoken-digits-gru", "beijing-attention", "co2-gru"])
@pytest.mark.parametrize("section", ["outputs", "health", "ledger"])
def test_sections_open_for_sequences_that_are_no_text(key: str, section: str) -> None:
    app = AppTest.from_file(MAIN, default_timeout=90)
    app.switch_page("app_pages/explain.py")
    app.query_params["model"], app.query_params["section"] = key, section
    assert words(app.run())
