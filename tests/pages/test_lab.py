"""The Lab page: settings in the address, a training to watch, rewind, and go on with on other pages."""

import json
import time

import numpy as np
import pytest
from safetensors.torch import load
from streamlit.testing.v1 import AppTest

from core_models.cells import CELLS, Cell
from pretrained.lab.learning import advance, network_at
from pretrained.lab.problems import PROBLEMS
from pretrained.lab.settings import Settings
from pretrained.lab.step_cost import read_costs
from tests.pages.test_params import named, open_page
from tests.support.pages import sentences
from viz.lab.costs import costs_table
from viz.lab.finished import as_model, probe, save_network
from viz.lab.page import HELD
from viz.models import own_models

SMALL = {"problem": "parity", "span": "4", "hidden": "8", "lab-steps": "50"}
SETTINGS = Settings("parity", 4, hidden=8, steps=50)
WAIT_SECONDS = 120


def open_lab(**query: str) -> AppTest:
    return open_page(named("lab"), **{name.replace("_", "-"): value for name, value in query.items()})


def play(page: AppTest) -> AppTest:
    """The page once its networks have learned to the end."""
    page = page.button(key="lab-play").click().run()
    deadline = time.monotonic() + WAIT_SECONDS
    while any(run.busy for run in page.session_state[HELD.name]):
        assert time.monotonic() < deadline, "it did not end"
        time.sleep(0.05)
    return page.run()


@pytest.mark.parametrize("key", PROBLEMS)
def test_every_problem_opens_with_a_sequence_and_its_name_stands_in_the_address(key):
    page = open_lab(problem=key)
    assert not page.exception
    assert not page.error
    shown = page.code[0].value.split("\n")
    assert shown[0] == probe(Settings(key, PROBLEMS[key].usual), 1).split("\n")[0]
    assert page.query_params["problem"] in (key, [key])


def test_what_a_step_costs_was_measured_for_every_cell_that_reads_no_older_states():
    found = read_costs()
    plain = [key for key, cell in CELLS.items() if isinstance(cell, Cell)]
    assert [*found.together] == plain
    assert [*found.looped] == [key for key in plain if not CELLS[key].reading_parts]
    assert all(len(times) == len(found.lengths) for times in (*found.together.values(), *found.looped.values()))
    assert len(costs_table(found)) == len(found.lengths) * (len(found.together) + len(found.looped))
    assert "What a step of training costs, by length" in [box.label for box in open_lab().expander]


def test_all_that_decides_the_weights_stands_in_the_address_and_comes_from_it():
    asked = {"problem": "copy", "cell": "lstm", "attention": "additive", "hidden": "24", "span": "5", "rate": "0.03",
             "optimizer": "sgd", "clip": "10", "bias": "2", "lab-seed": "3", "lab-steps": "77"}  # fmt: skip
    page = open_lab(**asked)
    assert not page.exception
    (run,) = page.session_state[HELD.name]
    assert run.settings == Settings("copy", 5, "lstm", "additive", 24, 3, "sgd", "0.03", "10", "2", 77)
    assert {name: page.query_params[name] for name in asked} in (
        asked,
        {name: [value] for name, value in asked.items()},
    )


@pytest.fixture(scope="module")
def learned() -> AppTest:
    """The page of two networks that differ in a bias, once they have learned to the end."""
    return play(open_lab(**SMALL, vary="bias", to="4"))


def test_two_networks_are_trained_side_by_side_and_every_look_inside_is_drawn(learned: AppTest):
    assert not learned.exception
    one, other = learned.session_state[HELD.name]
    assert (one.settings.bias, other.settings.bias, one.settings.seed) == ("0", "4", other.settings.seed)
    assert one.done
    assert other.done
    for part in ("gates", "reach", "timescales", "radius"):
        page = learned.segmented_control(key="tab").set_value(part).run()
        assert not page.exception
        assert not page.error


def test_rewinding_shows_the_recorded_network_and_opens_it_on_explore(learned: AppTest):
    run = learned.session_state[HELD.name][0]
    step = str(run.records[4].step)
    learned.segmented_control(key="tab").set_value("gates")
    page = learned.select_slider(key="lab-at").set_value(step).run()
    assert f"After step {step}." in sentences(page).replace("\\", "")
    page = page.button(key="lab-explore-0").click().run()
    assert not page.exception
    key = page.query_params["model"]
    model = page.session_state["own models"][key if isinstance(key, str) else key[0]]
    assert own_models() == {}
    expected = network_at(run.settings, run.records[4].weights).state_dict()
    assert all(np.array_equal(value, expected[name]) for name, value in model.network.state_dict().items())


def test_one_step_at_a_time_and_starting_over():
    page = open_lab(**SMALL | {"lab-seed": "2"})
    page = page.button(key="lab-step").click().run()
    (run,) = page.session_state[HELD.name]
    for _ in range(600):
        if not run.busy:
            break
        time.sleep(0.1)
    assert run.step == 1
    page = page.run().button(key="lab-over").click().run()
    (anew,) = page.session_state[HELD.name]
    assert anew is not run
    assert not anew.records


@pytest.mark.parametrize(
    "wrong",
    [{"cell": "multiplied_gru", "problem": "adding"}, {"cell": "attentive_rnn", "span": "60"},
     {"cell": "rnn", "vary": "bias", "to": "2"}, {"vary": "cell", "to": "multiplied_gru", "problem": "flip-flop"}],
)  # fmt: skip
def test_settings_that_do_not_fit_are_answered_with_a_sentence(wrong: dict[str, str]):
    page = open_lab(**wrong)
    assert not page.exception
    assert len(page.info) == 1
    assert "choose" in page.info[0].value.lower()


@pytest.mark.parametrize("value", ["", "-1", "<b>", "9" * 40, "nan"])
def test_whatever_the_address_holds_there_is_a_page(value):
    names = ("problem", "cell", "hidden", "span", "lab-steps", "to", "vary", "probe")
    page = open_lab(**{name: str(value) for name in names})
    assert not page.exception
    assert not page.error


@pytest.mark.parametrize("key", PROBLEMS)
def test_a_network_of_the_lab_is_a_model_that_answers_its_own_sequences(key):
    settings = Settings(key, PROBLEMS[key].usual, hidden=8, steps=50)
    record = advance(settings, None, 1).records[-1]
    model = as_model(settings, record, "lab", 2)
    encoded = model.encode(model.task.examples[0].text)
    assert not encoded.notices
    trace = model.trace(encoded)
    assert len(trace.tokens) == len(encoded)
    assert model.outputs(encoded, trace).known
    held = load(save_network(settings, record))
    assert held.keys() == record.weights.keys()


def test_the_file_of_a_network_holds_its_recipe():
    content = save_network(SETTINGS, advance(SETTINGS, None, 1).records[-1])
    head = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    recipe = json.loads(head["__metadata__"]["gatescope_lab"])
    assert recipe["trained_steps"] == 1
    assert Settings(**{name: recipe[name] for name in SETTINGS.table()}) == SETTINGS
