"""The cell on Explore: a switch that holds a gate, the answer before and after, and addresses that fit no picture."""

import re

import numpy as np
import pytest

from core_models.edits.edit import HoldGate
from core_models.edits.run import edited_outputs, run
from core_models.heads.classes import READOUT
from core_models.target import Target
from core_models.trace import Site
from core_models.vocabulary import quantity
from pretrained.registry import load
from tests.support.pages import open_page, sentences
from viz.cell_diagram import Stepped
from viz.explore import cell
from viz.explore.cell import AS_COMPUTED, HOLD
from viz.figures.parts.written import signed

TEXT = "i was never really bored"


def test_a_gate_held_shut_is_answered_with_the_answer_before_and_after():
    page = open_page(model="sst2-gru", text=TEXT)
    assert page.selectbox(key=HOLD).value == AS_COMPUTED
    sure = page.metric[0].value
    page.selectbox(key=HOLD).set_value("reset_gate:0").run()
    assert not page.exception
    assert page.metric[0].value != sure
    said = re.search(r"reset gate rₜ held shut, .*: ([\d.]+) → \*\*([\d.]+)\*\*", sentences(page))
    assert said
    model = load("sst2-gru")
    held = HoldGate(Site("rnn"), "reset_gate", 0.0)
    found = edited_outputs(model.network, model.encode(TEXT), [(), (held,)], Target("answer", 1)).sigmoid()
    before, after = (min(abs(float(said[place]) - value) for value in (p, 1.0 - p))
                     for place, p in enumerate(found.tolist(), 1))  # fmt: skip
    assert max(before, after) < 6e-4
    assert said[1] != said[2]
    assert "a gate held, says" in page.metric[0].label
    runs = [edited_trace.array(READOUT, "probability") for edited_trace in traces(model, held)]
    apart = runs[1] - runs[0]
    step = int(np.abs(apart).argmax())
    said = f"The two readings differ most at “{TEXT.split()[step]}” ({signed(float(apart[step]))})"
    assert said in sentences(page)


@pytest.mark.parametrize(
    ("key", "gates"), [("sst2-gru", ("reset_gate", "update_gate")), ("pos-bilstm", ("input_gate",)), ("sst2-rnn", ())]
)
def test_the_picture_tells_what_the_answer_would_be_with_each_gate_held_shut(monkeypatch, key, gates):
    told = []
    monkeypatch.setattr(cell, "cell_diagram", lambda data, **_: told.append(data["story"]))
    assert not open_page(model=key, text=TEXT).exception
    model = load(key)
    said = {quantity(gate).label: sentence for gate in gates for sentence in told[-1]
            if sentence.lower().startswith(quantity(gate).label.lower())}  # fmt: skip
    assert len(said) == len(gates) <= len(told[-1])
    if key == "sst2-gru":
        stacks = [(HoldGate(Site("rnn"), gate, 0.0),) for gate in gates]
        for p, sentence in zip(
            edited_outputs(model.network, model.encode(TEXT), stacks, Target("answer", 1)).sigmoid().tolist(),
            said.values(), strict=True,
        ):  # fmt: skip
            assert f"{p:.3f}" in sentence or f"{1 - p:.3f}" in sentence
            assert any(f"most at “{word}”" in sentence for word in TEXT.split())


@pytest.mark.parametrize(("query", "step"), [({}, 4), ({"cell-step": "1"}, 1), ({"cell-step": "99"}, 4)])
def test_the_cell_rests_at_the_step_that_the_address_names(monkeypatch, query, step):
    told = []
    monkeypatch.setattr(cell, "cell_diagram", lambda data, **how: told.append((data["step"], how["follows"])))
    page = open_page(model="sst2-gru", text=TEXT, **query)
    assert told[-1] == (step, step != 4)
    assert not [button for button in page.button if button.key == "close"]


def test_who_steps_to_a_token_rests_there_and_opens_no_arithmetic(monkeypatch):
    told = []

    def diagram(data, **_):
        told.append(data["step"])
        return Stepped(2) if told == [1] else None

    monkeypatch.setattr(cell, "cell_diagram", diagram)
    page = open_page(model="sst2-gru", text=TEXT, **{"cell-step": "1"})
    assert told == [1, 2]
    assert not [button for button in page.button if button.key == "close"]


def traces(model, held: HoldGate):
    encoded = model.encode(TEXT)
    return [run(model.network, encoded, stack) for stack in ((), (held,))]


def test_the_switch_offers_every_gate_of_the_cell_shut_and_open():
    assert {*open_page(model="sst2-lstm").selectbox(key=HOLD).options} == {
        "Hold a gate …",
        *(
            f"Hold {gate} {how}"
            for gate in ("input gate iₜ", "forget gate fₜ", "output gate oₜ")
            for how in ("shut", "open")
        ),
    }


def test_a_cell_without_gates_has_no_switch():
    page = open_page(model="sst2-rnn", hold="reset_gate:0")
    assert not page.exception
    assert not [switch for switch in page.selectbox if switch.key == HOLD]


@pytest.mark.parametrize("query", [{"hold": "x"}, {"hold": "forget_gate:0"}, {"cell-unit": "9999"}, {"cell-unit": "x"}])
def test_an_address_that_fits_no_gate_or_unit_shows_what_was_computed(query: dict[str, str]):
    page = open_page(model="sst2-gru", **query)
    assert not page.exception
    assert "→" not in sentences(page)
    assert "**GRU**" in sentences(page)


def test_a_layer_is_named_where_there_are_several():
    page = open_page(model="sst2-bilstm", layer="rnn-0-backward")
    assert not page.exception
    assert "**LSTM, layer 1, backward**" in sentences(page)


@pytest.mark.parametrize(
    "key", ["sst2-gru", "pos-bilstm", "splice-bigru", "spoken-digits-gru", "co2-gru", "poems-lstm"]
)
def test_every_kind_of_answer_is_drawn_anew_where_a_gate_is_held(key):
    page = open_page(model=key, hold=f"{'input' if 'lstm' in key else 'update'}_gate:1")
    assert not page.exception
    assert not page.error
    assert "held open, " in sentences(page)
    said = sentences(page.segmented_control(key="tab").set_value("gates").run())
    assert "held open" not in said


def test_what_a_gate_does_is_not_told_where_nobody_is_to_hold_one(monkeypatch):
    told = []
    monkeypatch.setattr(cell, "cell_diagram", lambda data, **_: told.append(data["story"]))
    for query in ({}, {"hide": "hold"}):
        assert not open_page(model="sst2-gru", text=TEXT, **query).exception
    assert [len(story) for story in told] == [2, 0]


def test_a_number_that_is_no_probability_is_told_with_its_unit():
    page = open_page(model="beijing-gru", hold="reset_gate:0")
    assert not page.exception
    said = re.search(r"reset gate rₜ held shut, .*24 hours .*in µg/m³.*: [\d.]+ → \*\*([\d.]+)\*\*", sentences(page))
    assert said
    assert float(said[1]) == pytest.approx(float(page.metric[0].value.split()[0]), rel=5e-3)


@pytest.mark.parametrize("hold", ["reset_gate:0", "update_gate:1", "update_gate:0"])
def test_a_gate_that_is_held_is_drawn_so_on_the_tab_of_gates_and_others_say_that_they_show_none(hold: str):
    page = open_page(model="sst2-gru", text="a dull film", tab="gates", hold=hold)
    assert not page.exception
    assert page.selectbox(key="hold").value == hold
    assert "a gate held" in page.metric[0].label
    page = open_page(model="sst2-gru", text="a dull film", tab="path", hold=hold)
    assert "a gate held" not in page.metric[0].label
    assert "here all is as computed" in sentences(page)
