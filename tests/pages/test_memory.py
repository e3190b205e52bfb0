"""The Memory page follows any text and model, answers what it cannot show, and keeps what was chosen in the URL."""

import pytest
import torch
from streamlit.testing.v1 import AppTest

from core_models.encoded import Encoded
from core_models.explain.dynamics.gradient_flow import state_gradients
from core_models.explain.dynamics.recurrence import steps_alone
from pretrained.registry import load, task_of
from pretrained.trained import Trained
from pretrained.training.untrained import untrained
from tests.pages.test_pages import MIXED
from tests.support.pages import open_page, sentences
from tests.support.shapes import one_of_each
from viz.inputs import READING, offered

PAGE, EXPLORE = "app_pages/memory.py", "app_pages/explore.py"

ONE_OF_EACH = {task_of(recipe).kind: key for key, recipe in reversed(offered(*READING).items())}
"""The first model of every kind of task."""

SHORT = {"next_token": "Thou knave!", "labels": "a good dog"}
"""What networks with many units are given, so that the tests are done in time."""

RECURRENCES = one_of_each("sentiment", "cell", "nonlinearity", "layers", "bidirectional")


def open_memory(**query: str) -> AppTest:
    return open_page("memory", **{"tab": "own"} | query)


def seen(model: Trained, encoded: Encoded) -> torch.Tensor:
    """What the recurrence of a model reads."""
    layer = model.network.input
    return layer.look(layer.embed(layer.tensor(encoded))[None])[0]


@pytest.mark.parametrize(("kind", "key"), ONE_OF_EACH.items())
def test_the_models_of_every_kind_of_task_show_gradients_and_half_lives(kind, key):
    page = open_memory(model=key, beside="none", **({"text": SHORT[kind]} if kind in SHORT else {}))
    assert not page.exception
    assert not page.error
    said = sentences(page)
    assert "before training it was" in said
    assert "The median half-life, measured," in said
    assert page.selectbox(key="model").value == key


def test_a_series_is_spoken_of_in_its_own_steps():
    said = sentences(open_memory(model="ett-gru")).partition("gradient")[2]
    assert "hours earlier" in said
    assert "token" not in said


def test_another_network_beside_it_reads_the_same_task():
    page = open_memory(model="beijing-gru", beside="beijing-lstm")
    assert "In Fine particles (PM2.5): LSTM it is" in sentences(page).replace("\\", "")
    assert len(page.selectbox(key="beside").options) == 3
    assert "beside" not in {box.key for box in open_memory(model="co2-gru").selectbox}


def test_a_part_of_a_long_text_is_nudged_from_the_state_before_it(monkeypatch):
    name = "shakespeare-gru"
    monkeypatch.setattr("viz.memory.flow.WORK", 12 * 288**3)  # so many steps of a state of this size
    task = load(name).task
    text = "Alas;\n\n" * (task.limit // 7 + 3)
    page = open_memory(model=name, text=text, **{"from": "21"})
    assert not page.exception
    said = sentences(page)
    assert "read this part as if nothing came before it" in said
    assert "followed back over the last 12 tokens" in said
    assert "11 tokens earlier" in said


@pytest.mark.parametrize("key", RECURRENCES)
def test_every_recurrence_shows_its_gradients_and_half_lives(key):
    page = open_memory(model=key, text="a quiet and moving film")
    assert not page.exception
    assert not page.error
    said = sentences(page)
    assert "From the end back to “a”" in said
    assert "before training it was" in said
    network = load(key).network
    promises = bool(network.convention.keeps_past) and steps_alone(network.rnn)
    assert ("gate’s prediction holds" in said) == promises


def test_before_and_after_training_are_the_untrained_and_the_trained_network():
    text = "a quiet and moving film"
    said = sentences(open_memory(model="sst2-gru", text=text, beside="none"))
    for model, phrase in ((load("sst2-gru"), "is multiplied by **{}**"), (untrained("sst2-gru"), "it was {}.")):
        x = seen(model, model.encode(text))
        assert phrase.format(f"{state_gradients(model.network.rnn, x).memory[0]:.2g}") in said


@pytest.mark.parametrize("text", MIXED.values(), ids=MIXED)
def test_any_text_is_answered_without_a_traceback(text):
    page = open_memory(text=text, model="sst2-gru")
    assert not page.exception
    assert not page.error


@pytest.mark.parametrize(("text", "answer"), [("good", "needs at least two tokens"), (" ", "type a sentence")])
def test_a_text_without_a_past_says_what_to_do(text, answer):
    page = open_memory(text=text)
    assert not page.exception
    assert answer in page.info[-1].value


def test_the_url_restores_every_choice():
    page = open_memory(
        model="sst2-lstm", text="a dull film with a warm heart", state="hidden_state", beside="sst2-gru", start="2",
        nudge="0.1", unit="7",
    )  # fmt: skip
    said = sentences(page).replace("\\", "")
    assert not page.exception
    assert "nudged by 0.1 (cell state cₜ) after “film”" in said
    assert "A nudge to unit 7 fades" in said
    assert "In GRU it is" in said
    assert "must also pass the other gates" in said


@pytest.mark.parametrize("query", [{"unit": "900"}, {"unit": "x"}, {"start": "99"}, {"start": "-1"}, {"nudge": "0"},
                                   {"beside": "nonsense"}, {"state": "sparkle"}, {"layer": "x"}])  # fmt: skip
def test_broken_choices_in_the_url_fall_back_to_the_usual_ones(query):
    page = open_memory(model="sst2-lstm", **query)
    assert not page.exception
    assert "From the end back to" in sentences(page)


def test_a_backward_layer_is_nudged_from_its_own_beginning():
    page = open_memory(model="sst2-bilstm", text="a quiet and moving film", layer="rnn-0-backward")
    assert not page.exception
    assert "From the end back to “film”, 4 tokens earlier" in sentences(page)
    assert page.selectbox(key="start").value == "4"


def test_model_and_text_go_along_to_another_page_and_each_page_keeps_its_open_part():
    page = open_page(model="sst2-lstm", text="a dull film with a warm heart", tab="gates")
    for file, tab, opened in ((PAGE, "adding", "own"), (EXPLORE, "gates", "memory"), (PAGE, "own", "own")):
        page.query_params.clear()
        page.switch_page(file).run()
        assert page.segmented_control(key="tab").value == tab
        page.segmented_control(key="tab").set_value(opened).run()
        assert page.selectbox(key="model").value == "sst2-lstm"
        assert page.text_input(key="text").value == "a dull film with a warm heart"


def test_a_network_that_looks_at_its_older_states_shows_its_gradients_and_says_why_no_half_lives():
    page = open_memory(model="sst2-gru-attention-inside", text="never asked before by anybody")
    assert not page.exception
    said = sentences(page)
    assert "before training it was" in said
    assert "also looks back at its older states" in said
