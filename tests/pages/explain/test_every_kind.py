"""Every section of the Explain page for every kind of model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core_models.edits.edit import Edit, HoldGate, PoolAttention, SetValue
from core_models.explain.attribution.opinions import collect
from core_models.explain.dynamics import fixed_points
from core_models.explain.memory.logit_split import split_logit
from core_models.language import Number
from core_models.vocabulary import Kind
from pretrained.registry import every_recipe, task_of
from pretrained.task import Given
from tests.support.pages import open_page, sentences
from viz import session
from viz.explain import attractors
from viz.explain.attribution import matrix_of
from viz.explain.edits.controls import other_text
from viz.explain.edits.examples import examples
from viz.explain.edits.stack import address_of
from viz.explain.edits.text import limits, put_word, read_edit, write_edit
from viz.explain.edits.words import describe
from viz.explain.page import SECTIONS
from viz.explain.target import Question
from viz.explain.what_ifs import edited_reading, in_the_end
from viz.figures.explain.edited_states import SAME
from viz.run import ModelRun

READERS = {
    "sst2-gru-attention": "a dull film with a superb ending",
    "sst2-bilstm": "a dull film",
    "sst2-gru-attention-inside": "a dull film",
    "pos-bilstm": "the old dog barks loudly",
    "dialogue-zh-bilstm": "",
    "commands-bilstm": "wake me up at seven",
    "protein-bilstm": "",
    "splice-bigru": "",
    "spoken-digits-gru": "",
    "poems-lstm": "床前明月光",
    "seattle-gru": "",
    "beijing-attention": "",
    "ett-gru": "",
    "dates-attention": "3 August 1998",
    "digits-none": "reverse 2718",
}
"""One model of each distinct kind with what it reads; an example of its own where nothing is given."""

TRANSLATORS = ("dates-attention", "digits-none")
RESTING = ("sst2-bilstm", "splice-bigru", "spoken-digits-gru", "seattle-gru", "beijing-attention")
"""Those whose states are few enough numbers for rest points to be searched in a moment."""

ATTENDING = ("sst2-gru-attention", "sst2-gru-attention-inside", "splice-bigru", "spoken-digits-gru",
             "beijing-attention", "dates-attention")  # fmt: skip
TYPED = tuple(key for key in READERS if key not in ("spoken-digits-gru", "seattle-gru", "beijing-attention", "ett-gru",
                                                    "dates-attention", "digits-none"))  # fmt: skip
PADDED = ("sst2-bilstm", "pos-bilstm", "dialogue-zh-bilstm", "commands-bilstm", "protein-bilstm")
NUMBERS = ("spoken-digits-gru", "seattle-gru", "beijing-attention", "ett-gru")
REWOUND = tuple(key for key in READERS if key not in NUMBERS)
SUITED = {"attention": ATTENDING, "attractors": RESTING, "turning": TYPED, "padding": PADDED, "rewind": REWOUND,
          "what-ifs": ()}  # fmt: skip
"""Those that are opened in a section that does not suit all of them; what-ifs are made in a test of their own."""

OPENED = [(section, key) for section in SECTIONS for key in SUITED.get(section, READERS)]

ANSWERS = ("sst2-gru-attention", "pos-bilstm", "commands-bilstm", "splice-bigru", "spoken-digits-gru", "poems-lstm",
           "seattle-gru")  # fmt: skip
"""One of each kind of answer."""


@cache
def text_of(key: str) -> str:
    return READERS[key] or min((example.text for example in task_of(every_recipe()[key]).examples), key=len)


@cache
def asked(key: str) -> ModelRun:
    return ModelRun(session.model(key), Given(text_of(key)), *session.traced(key, text_of(key)))


def question(key: str, number: int | None = None) -> Question:
    here = asked(key)
    number = here.outputs.telling if number is None else number
    return Question(here, number, here.outputs.known[number].target, here.outputs.known[number].name)


def open_section(section: str, key: str, **query: str) -> AppTest:
    return open_page("explain", **{"model": key, "section": section, "text": query.get("text") or text_of(key)} | query)


@pytest.fixture(scope="module", autouse=True)
def few_starts() -> Iterator[None]:
    """Fixed points are searched for from few states: every model is opened here, and the search tested elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        for name, few in (("TEXT_STARTS", 4), ("OTHER_STARTS", 1), ("WIDE_STARTS", 1)):
            patch.setattr(attractors, name, few)
        patch.setattr(fixed_points, "SADDLE_STARTS", 2)
        yield


@pytest.mark.parametrize(("section", "key"), OPENED)
def test_every_section_that_suits_opens_for_every_kind_of_model(section, key):
    page = open_section(section, key)
    assert not page.exception
    assert not page.error
    assert page.segmented_control(key="section").value == section
    assert "only" not in " ".join(page.segmented_control(key="section").options)


def test_padding_is_switched_on_and_moves_the_answer_of_a_network_that_reads_from_both_ends():
    packed = open_section("padding", "sst2-bilstm")
    assert not packed.metric[0].delta
    leaking = open_section("padding", "sst2-bilstm", padded="leaks", padding="32")
    assert leaking.metric[0].delta
    assert leaking.metric[0].value != packed.metric[0].value
    assert "differ by" in sentences(leaking)


def test_what_is_read_back_stands_beside_the_input_itself():
    page = open_section("rewind", "sst2-gru-attention")
    (table,) = [one.value for one in page.dataframe]
    assert table["was read"].tolist() == list(reversed(text_of("sst2-gru-attention").split()))
    assert table["linear"].tolist()[0] == "✓ ending"
    assert "training" in sentences(page)
    assert "is read back for" in sentences(page)


def test_a_state_that_rests_in_a_writer_says_what_would_come_next():
    page = open_section("attractors", "shakespeare-gru", text="Ay")
    assert not page.exception
    assert "next: " in sentences(page) + "".join(table.value.to_string() for table in page.dataframe)


@pytest.mark.parametrize("key", READERS)
def test_what_has_nothing_to_say_is_left_out(key):
    suits = {name for name, section in SECTIONS.items() if section.suits(asked(key))}
    assert {"ledger", "what-ifs", "attribution", "health", "probes"} <= suits
    assert ("attention" in suits) == limits(asked(key)).attends == (key in ATTENDING)
    assert ("attractors" in suits) == (key != "sst2-gru-attention-inside")
    assert ("turning" in suits) == (key in TYPED)
    assert ("padding" in suits) == (key in PADDED)
    assert ("rewind" in suits) == (key in REWOUND)


@pytest.mark.parametrize("key", READERS)
def test_every_example_changes_the_reading_and_says_so(key):
    here = question(key)
    found = examples(here)
    assert len(found) >= 4
    page = open_section(
        "what-ifs", key, whatifs=address_of(tuple(edit for stack in found.values() for edit in stack)[:8])
    )
    assert not page.exception
    assert not page.error
    assert not page.warning
    assert page.segmented_control(key="section").value == "what-ifs"
    assert any("The first difference is at" in one.value for one in page.markdown)


def own(here: ModelRun) -> list[Edit]:
    """Edits that hold what is there anyway."""
    site, gate = here.trace.find(Kind.GATE, Kind.CANDIDATE)[0]
    values = here.trace.array(site, gate.key)
    step, unit = len(values) // 2, 3
    return [HoldGate(site, gate.key, float(values[step, unit]), (unit,), (step,))]


@pytest.mark.parametrize("key", READERS)
def test_holding_a_gate_at_its_own_value_changes_nothing(key):
    here = asked(key)
    address = address_of(tuple(own(here)))
    edited = edited_reading(key, here.given.key, address, here)
    for place, values in here.trace.entries.items():
        if place in edited.entries and place[1] != "attention_scores":  # those of later steps are masked, and no matter
            assert np.allclose(values, edited.entries[place], atol=1e-5), place
    page = open_section("what-ifs", key, whatifs=address)
    assert "Nothing changes: the edits set values that were there anyway." in sentences(page).replace("\\", "")


@pytest.mark.parametrize("key", READERS)
def test_an_edit_is_described_in_the_noun_of_the_model_and_survives_the_address(key):
    here = asked(key)
    fits, tokens = limits(here), here.tokens
    for stack in examples(question(key)).values():
        for edit in stack:
            assert read_edit(write_edit(edit), here) == edit
            said = describe(edit, tokens, fits)
            assert tokens.noun == "token" or "token" not in said


@pytest.mark.parametrize("key", NUMBERS)
def test_a_stretch_set_to_its_mean_is_what_the_same_numbers_read_as(key):
    here = asked(key)
    edit = read_edit("set:3-7:0:mean", here)
    assert edit == SetValue((3, 4, 5, 6, 7), (0,))
    assert here.encoded.values is not None
    values = here.encoded.values.copy()
    values[3:8, 0] = values[:, 0].mean()
    typed = here.model.network.trace(replace(here.encoded, values=values))
    edited = edited_reading(key, here.given.key, write_edit(edit), here)
    site = next(iter(here.trace.cells))
    assert np.abs(edited.array(site, "hidden_state") - typed.array(site, "hidden_state")).max() < SAME


@pytest.mark.parametrize("key", [key for key in READERS if key not in (*NUMBERS, *TRANSLATORS)])
def test_a_token_that_is_replaced_is_read_as_if_it_were_typed_there(key):
    here = asked(key)
    tokens = here.trace.tokens
    word = tokens.text[slice(*tokens.spans[-1])]
    step = len(tokens) // 2
    start, end = tokens.spans[step]
    typed = here.model.trace(here.model.encode(tokens.text[:start] + word + tokens.text[end:]))
    edit = put_word(here, step, word)
    edited = edited_reading(key, here.given.key, write_edit(edit), here)
    site = next(iter(here.trace.cells))
    assert np.abs(edited.array(site, "hidden_state") - typed.array(site, "hidden_state")).max() < SAME
    assert other_text(here)


@pytest.mark.parametrize("key", ANSWERS)
def test_another_output_is_explained_otherwise(key):
    here = asked(key)
    first, last = question(key, 0), question(key, len(here.outputs.known) - 1)
    baseline = next(iter(here.outputs.baselines))
    one, other = (collect(here.outputs, q.target, baseline, ["gradient"]) for q in (first, last))
    assert not np.allclose(one.by_method["gradient"].shares, other.by_method["gradient"].shares)
    assert one.value == pytest.approx(here.outputs.value(first.target), abs=1e-5)
    if here.model.network.running is None:
        matrix = matrix_of(key, here.given.key, None, baseline, here)
        assert np.allclose(matrix[0], one.by_method["gradient"].shares, atol=1e-4)
        assert np.allclose(matrix[-1], other.by_method["gradient"].shares, atol=1e-4)


def test_the_picker_changes_what_the_page_says():
    pages = [open_section("attribution", "splice-bigru", output=output) for output in "01"]
    assert list(pages[0].table[0].value["sum"]) != list(pages[1].table[0].value["sum"])
    rather = open_section("attribution", "splice-bigru", output="0", against="1")
    assert list(rather.table[0].value["sum"]) != list(pages[0].table[0].value["sum"])
    assert rather.selectbox(key="against").value == "1"


def test_a_written_token_is_asked_about_and_held_against_another_and_the_way_leads_to_its_page():
    page = open_section("attribution", "dates-attention", output="6", text="3 August 1998")
    assert page.selectbox(key="output").value == "6"
    assert "7: 8" in page.selectbox(key="output").options
    assert len(page.selectbox(key="against").options) >= 10
    rather = open_section(
        "attribution", "dates-attention", output="6", against=page.selectbox(key="against").options[1]
    )
    assert not rather.exception
    assert "translate" in [link.proto.page for link in page.get("page_link")]


def test_what_a_translator_would_write_is_said_under_edits():
    page = open_section("what-ifs", "dates-attention", whatifs="attend:one:0;begin:5")
    assert "Left alone under your what-ifs, the network writes" in sentences(page)


def test_a_next_character_is_held_against_another():
    page = open_section("what-ifs", "poems-lstm", whatifs="unknown:2", against="all")
    rivals = page.selectbox(key="against").options
    assert rivals[0] == "all others"
    assert len(rivals) >= 10
    assert "In the end the probability of" in sentences(page)


@pytest.mark.parametrize("key", READERS)
def test_what_is_said_in_the_end_is_what_the_trace_holds(key):
    here = question(key)
    said = in_the_end(here, here.asked.trace, ())
    assert ", 0.000" in said
    found = here.along(here.asked.trace)
    if found is not None:
        assert f"is {Number(found[here.place]):.3f} instead of {Number(found[here.place]):.3f}" in said


@pytest.mark.parametrize("key", [key for key in READERS if key != "sst2-gru-attention-inside"])
def test_the_ledger_s_parts_sum_to_the_logit_of_every_target(key):
    here = asked(key)
    for number in {0, len(here.outputs.known) - 1}:
        split = split_logit(here.model.network, here.trace, question(key, number).target)
        assert split is None or split.total == pytest.approx(split.logit, abs=1e-4)


def test_attention_that_is_set_to_its_own_weights_changes_nothing():
    here = asked("sst2-gru-attention")
    steps = len(here.trace)
    edited = edited_reading("sst2-gru-attention", here.given.key, write_edit(PoolAttention("uniform")), here)
    site, row = here.trace.find(Kind.WEIGHT)[0]
    assert np.allclose(edited.array(site, row.key)[0, -1], 1.0 / steps, atol=1e-6)
