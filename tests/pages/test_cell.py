"""The cell on Explore: a switch that holds a gate, the answer before and after, and addresses that fit no picture."""

import re

import numpy as np
import pytest

from core_models.edits.edit import HoldGate
from core_models.edits.run import edited_outputs, run
from core_models.heads.classes import READOUT
from core_models.target import Target
from core_models.trace import Site
from pretrained.registry import load
from tests.support.pages import open_page, sentences
from viz.explore.cell import AS_COMPUTED, HOLD

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
    step = int(np.abs(np.diff(runs[1] - runs[0], prepend=0.0)).argmax())
    assert f"The two readings part most at “{TEXT.split()[step]}”" in sentences(page)


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
