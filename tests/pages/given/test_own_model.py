"""A person's own network: from a file to every page of their session, and to nobody else's."""

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import nn

from core_models.own.network import Readout
from tests.support.pages import MAIN, open_page, sentences
from viz import models, session
from viz.own_model.model import Parts, build
from viz.own_model.reading import Numbers, Words, as_text

KINDS = ("states", "numbers", "words", "three")
KEYS = {kind: f"own-{kind.upper():A<16}" for kind in KINDS}
"""A name for each: Streamlit's tests share one session, and so what it remembers by name."""
WORDS = ("<pad>", "<unk>", "good", "bad", "film")
ROWS = np.random.default_rng(2).normal(size=(9, 3)).astype(np.float32)
PAGES = [f"app_pages/{name}.py" for name in ("explore", "compare", "memory", "explain")]


def network(kind: str):
    """A model that reads numbers or words, and gives states, numbers or a class."""
    torch.manual_seed(1)
    module = {"states": nn.GRU(3, 4), "numbers": nn.LSTM(3, 4, 2, bidirectional=True), "words": nn.GRU(3, 4),
              "three": nn.RNN(3, 4)}[kind]  # fmt: skip
    words = kind in ("words", "three")
    count = {"states": 0, "numbers": 2, "words": 1, "three": 3}[kind]
    size = 8 if kind == "numbers" else 4
    readout = Readout(torch.randn(count, size), torch.zeros(count), classes=words) if count else None
    parts = Parts(
        "m.safetensors", "<b>rnn</b>", module, Words(WORDS) if words else Numbers(3),
        torch.randn(5, 3) if words else None, readout, ("no", "yes"),
    )  # fmt: skip
    return build(parts, KEYS[kind], "a good film" if words else as_text(ROWS))


def show(kind: str, file: str, **query: str) -> AppTest:
    page = AppTest.from_file(MAIN, default_timeout=60)
    page.session_state[models.HELD.name] = {KEYS[kind]: network(kind)}
    for name, value in {"model": KEYS[kind], **query}.items():
        page.query_params[name] = value
    return (page if file == PAGES[0] else page.switch_page(file)).run()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("file", PAGES)
def test_every_page_opens_a_network_of_ones_own(kind, file):
    page = show(kind, file)
    assert not page.exception
    assert not page.error
    assert page.query_params["model" if "compare" not in file else "models"] in (KEYS[kind], [KEYS[kind]])


def test_a_network_of_ones_own_that_gives_classes_has_the_tab_with_every_class():
    page = show("words", PAGES[0], tab="answer")
    assert not page.exception
    assert "Every class" in sentences(page)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("tab", ["gates", "memory", "explain"])
def test_every_tab_of_explore_shows_a_network_of_ones_own(kind, tab):
    page = show(kind, PAGES[0], tab=tab)
    assert not page.exception
    assert not page.error
    assert page.segmented_control(key="tab").value == tab


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("section", ["ledger", "what-ifs", "attribution", "health", "attractors"])
def test_every_explanation_suits_a_network_of_ones_own(kind, section):
    if kind == "three" and section == "ledger":
        return  # an Elman network keeps no account
    page = show(kind, PAGES[3], section=section, edits="freeze:rnn-0-forward:all:2")
    page = page.segmented_control(key="section").set_value(section).run()
    assert not page.exception
    assert not page.error


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("baseline", ["untrained", "shuffled", "seed"])
def test_a_network_of_ones_own_is_compared_with_its_untrained_twin(kind, baseline):
    page = show(kind, PAGES[1], baseline=baseline)
    page = page.segmented_control(key="baseline").set_value(baseline).run()
    assert not page.exception
    assert not page.error


def test_two_inputs_are_compared():
    page = show("states", PAGES[1])
    page = page.segmented_control(key="mode").set_value("inputs").run()
    assert not page.exception
    page = page.text_area(key="second").set_value(as_text(ROWS[:5])).run()
    assert not page.exception
    assert not page.error


def test_the_number_behind_a_cell_is_explained():
    page = show("numbers", PAGES[0], at="values-0-forward.output_value.3.1")
    assert not page.exception
    assert "output value yₜₖ, output 2" in sentences(page)


def test_an_address_gives_the_model_to_nobody_else():
    page = open_page(model=KEYS["states"])
    assert not page.exception
    assert "never stored, and is gone with it" in sentences(page)
    assert KEYS["states"] not in page.query_params["model"]
    compared = AppTest.from_file(MAIN, default_timeout=60)
    compared.query_params["models"] = KEYS["states"]
    assert "never stored" in sentences(compared.run().switch_page(PAGES[1]).run())


def test_nothing_of_it_enters_what_others_share(monkeypatch):
    shared = []
    monkeypatch.setattr(session.traced, "_shared", lambda *given: shared.append(given))
    assert not show("states", PAGES[0]).exception
    assert shared == []


def test_a_row_that_does_not_fit_is_answered_with_a_sentence():
    page = show("states", PAGES[0])
    page = page.text_area(key="text").set_value("1,2,3\n4,5").run()
    assert "Line 2 has 2 numbers where the lines before it have 3" in sentences(page)
    page = page.text_area(key="text").set_value("1,2").run()
    assert "This network reads 3 numbers a step" in sentences(page)


def test_several_numbers_of_the_last_step_are_not_taken_for_outputs_of_several_steps():
    model = network("states")
    encoded = model.encode(as_text(ROWS))
    outputs = model.outputs(encoded, model.trace(encoded))
    assert [output.target.step for output in outputs.known] == [8] * 4
    assert not outputs.causal


def test_no_answer_is_called_wrong_where_none_is_known():
    assert "Known answer" not in sentences(show("words", PAGES[0]))
