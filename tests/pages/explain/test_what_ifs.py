"""The Explain page: the ledger and the what-ifs of every model, whatever the boxes or the URL hold."""

import copy

import pytest
import torch
from streamlit.testing.v1 import AppTest

from core_models.edits.edit import (
    ChangeState,
    DeleteToken,
    EditError,
    HoldGate,
    MaskToken,
    PoolAttention,
    ReplaceToken,
    Transplant,
)
from core_models.trace import Site
from core_models.tracing import layers_of
from pretrained.registry import load
from pretrained.task import Given
from tests.pages.test_pages import MIXED
from tests.support.pages import open_page, sentences
from tests.support.shapes import one_of_each
from viz import session
from viz.explain.edits.examples import examples
from viz.explain.edits.stack import address_of
from viz.explain.edits.text import limits, read_edit, write_edit
from viz.explain.edits.words import brief, describe
from viz.explain.target import Question
from viz.run import ModelRun

EXPLAIN = "app_pages/explain.py"
TEXT = "a dull film with a superb ending"
UNGATED = {"sst2-rnn", "sst2-rnn-relu"}


def open_explain(**query: str) -> AppTest:
    return open_page("explain", **query)


def what_ifs(edits: str = "", **query: str) -> AppTest:
    return open_explain(**{"section": "what-ifs", "text": TEXT, "whatifs": edits} | query)


def in_url(page: AppTest, name: str = "whatifs") -> str:
    value = page.query_params.get(name, "")
    return value if isinstance(value, str) else value[0]


def ends(page: AppTest) -> str:
    return next(line.value for line in page.markdown if "In the end" in line.value)


def asked(key: str = "sst2-gru-attention") -> ModelRun:
    return ModelRun(session.model(key), Given(TEXT), *session.traced(key, TEXT))


def question(key: str = "sst2-gru-attention") -> Question:
    here = asked(key)
    number = here.outputs.telling
    return Question(here, number, here.outputs.known[number].target, here.outputs.known[number].name)


@pytest.mark.parametrize("key", one_of_each("sentiment", "cell", "nonlinearity", "layers", "bidirectional", "readout"))
def test_every_gated_model_shows_a_ledger_that_adds_up_and_the_others_none(key):
    page = open_explain(model=key, section="ledger")
    assert not page.exception
    assert not page.error
    offered = page.segmented_control(key="section").options
    assert ("Who wrote this memory?" in offered) == (key not in UNGATED)
    if key not in UNGATED:
        said = sentences(page)
        assert "check_circle" in said
        reads = layers_of(load(key).network.rnn)[0][0].cell.convention.gates_read_state
        assert ("**Bookkeeping, not cause.**" if reads else "**Here the ledger is an attention matrix.**") in said
        assert "The parts sum to" in said


@pytest.mark.parametrize("key", one_of_each("sentiment", "cell", "layers", "bidirectional", "readout"))
def test_every_model_reads_on_under_the_what_ifs_made_for_it(key):
    stacks = examples(question(key))
    assert len(stacks) >= 4
    page = what_ifs(address_of(tuple(edit for stack in list(stacks.values())[-3:] for edit in stack)), model=key)
    assert not page.exception
    assert not page.error
    assert not page.warning
    assert "In the end the probability of “positive” is" in ends(page)


@pytest.mark.parametrize("key", ["sst2-gru-attention", "sst2-bilstm"])
def test_every_example_is_one_click_away(key):
    page = what_ifs(model=key)
    for name in examples(question(key)):
        page.pills(key="what-if-example").set_value(name).run()
        assert not page.exception
        assert "In the end the probability of “positive” is" in ends(page)
        page.button(key="remove-all").click().run()
        assert in_url(page) == ""


def test_the_first_example_moves_the_answer():
    page = what_ifs()
    page.pills(key="what-if-example").set_value("Reset gate shut").run()
    assert in_url(page) == "hold:rnn-0-forward:reset_gate:0:all:all"
    assert "The first difference is at token" in ends(page)


def test_what_ifs_are_switched_off_and_on_undone_and_removed():
    page = what_ifs("delete:1;hold:rnn-0-forward:update_gate:1:all:all")
    before = ends(page)
    page.toggle[0].set_value(False).run()
    assert in_url(page) == "off:delete:1;hold:rnn-0-forward:update_gate:1:all:all"
    assert ends(page) != before
    page.toggle[0].set_value(True).run()
    assert ends(page) == before
    page.button(key="remove-0-delete:1").click().run()
    assert in_url(page) == "hold:rnn-0-forward:update_gate:1:all:all"
    page.button(key="undo").click().run()
    assert in_url(page) == "delete:1;hold:rnn-0-forward:update_gate:1:all:all"
    assert ends(page) == before
    page.button(key="remove-all").click().run()
    assert in_url(page) == ""
    assert "None yet" in sentences(page)
    page.button(key="undo").click().run()
    assert ends(page) == before
    assert not page.exception


@pytest.mark.parametrize("kind", ["hold", "state", "paste", "token", "attend"])
def test_every_kind_of_edit_can_be_made_with_its_first_settings(kind):
    page = what_ifs()
    page.selectbox(key="new-kind").set_value(kind).run()
    page.button(key="new-add").click().run()
    assert not page.exception
    assert in_url(page)
    assert "In the end the probability of “positive” is" in ends(page)


def test_a_word_that_is_two_or_none_is_answered_with_a_sentence():
    page = what_ifs()
    page.selectbox(key="new-kind").set_value("token").run()
    page.selectbox(key="new-way-True").set_value("word").run()
    page.text_input(key="new-word-sentiment").set_value("two words").run()
    assert "Expected one token to put there, got 'two words'" in page.info[-1].value
    page.text_input(key="new-word-sentiment").set_value(" ").run()
    assert "got ''" in page.info[-1].value
    assert page.button(key="new-add").disabled
    page.text_input(key="new-word-sentiment").set_value("lovely").run()
    page.button(key="new-add").click().run()
    assert in_url(page) == "replace:0:lovely"


BROKEN = [
    "nonsense", "hold", "hold:rnn-0-forward:reset_gate:2:all:all", "hold:rnn-0-forward:reset_gate:0:99999:all",
    "hold:rnn-9-forward:reset_gate:0:all:all", "hold:rnn-0-forward:reset_gate:1e9:all:all", "delete:-1", "delete:x",
    "delete:99", "zero:rnn-0-forward:0-99999:all", "replace:0:two%20words", "replace:0:", "attend:one",
    "attend:drawn:1,2", "paste:rnn-0-forward:1:9:all:boring", "paste:rnn-0-forward:1:0:all:",
    "<script>alert(1)</script>", "shuffle:rnn-0-forward:all:all", ":::::", "off:off:delete:0", "delete:" + "9" * 400,
]  # fmt: skip


@pytest.mark.parametrize("edits", BROKEN)
def test_broken_what_ifs_in_the_url_are_answered_with_a_sentence_and_the_others_kept(edits):
    page = what_ifs(f"{edits};delete:1")
    assert not page.exception
    assert not page.error
    assert "do not fit this input and model and are ignored" in page.warning[0].value
    assert "In the end the probability of “positive” is" in ends(page)
    assert "<script>" not in sentences(page).replace("\\<script\\>", "")
    assert in_url(page) == f"{edits};delete:1"


def test_what_ifs_that_leave_nothing_to_read_are_answered_with_a_sentence():
    page = what_ifs(";".join(f"delete:{step}" for step in range(7)))
    assert not page.exception
    assert "Every token is deleted" in page.info[0].value
    page.toggle[0].set_value(False).run()
    assert "In the end the probability of “positive” is" in ends(page)


@pytest.mark.parametrize("text", MIXED.values(), ids=MIXED)
@pytest.mark.parametrize("section", ["ledger", "what-ifs"])
def test_any_text_is_answered_without_a_traceback(text, section):
    page = open_explain(section=section, text=text, whatifs="hold:rnn-0-forward:update_gate:0.5:all:0")
    assert not page.exception
    assert not page.error


@pytest.mark.parametrize("query", [{"text": " "}, {"after": "999"}, {"after": "x"}, {"section": "x"}, {"layer": "x"},
                                   {"order": "x"}, {"section": "what-ifs", "state": "x", "tried": "x"}])  # fmt: skip
def test_broken_choices_in_the_url_fall_back_to_the_usual_ones(query):
    page = open_explain(**query)
    assert not page.exception
    assert not page.error


def test_the_moment_follows_the_last_token_until_one_is_chosen():
    page = open_explain(section="ledger", text="a dull film")
    assert page.select_slider(key="after").value == "2"
    page.text_input(key="text").set_value("a dull film indeed").run()
    assert page.select_slider(key="after").value == "3"
    page.select_slider(key="after").set_value("1").run()
    page.text_input(key="text").set_value("a dull film indeed it is").run()
    assert page.select_slider(key="after").value == "1"
    again = open_explain(section="ledger", text="a dull film", after="0")
    assert again.select_slider(key="after").value == "0"
    assert "cannot be erased" in sentences(open_explain(section="ledger", text="dull"))


def test_one_persons_what_ifs_never_reach_another():
    model = session.model("sst2-gru")
    weights = copy.deepcopy(model.network.state_dict())
    _, trace = session.traced("sst2-gru", TEXT)
    own = {address: values.copy() for address, values in trace.entries.items()}
    first, second = what_ifs(model="sst2-gru"), what_ifs(model="sst2-gru")
    assert not any("In the end" in line.value for line in second.markdown)
    for name in examples(question("sst2-gru")):
        first.pills(key="what-if-example").set_value(name).run()
    assert "In the end the probability of “positive” is" in ends(first)
    second.run()
    assert in_url(second) == ""
    assert "None yet" in sentences(second)
    assert second.button(key="undo").disabled
    assert session.model("sst2-gru") is model
    assert all(torch.equal(value, weights[key]) for key, value in model.network.state_dict().items())
    assert session.traced("sst2-gru", TEXT)[1] is trace
    assert all((trace.entries[address] == values).all() for address, values in own.items())


def test_the_sweep_ranks_single_changes_and_turns_one_into_a_what_if():
    page = AppTest.from_function(_sweep_alone, default_timeout=60).run()
    assert not page.exception
    choices = page.selectbox[-1].options
    assert len(choices) == 15
    page.segmented_control(key="tried").set_value("unit").run()
    assert all("in unit" in name for name in page.selectbox[-1].options)
    page.button(key="sweep-add").click().run()
    assert in_url(page).startswith("zero:rnn-0-forward:")


def _sweep_alone() -> None:
    from pretrained.task import Given
    from viz import session
    from viz.explain.sweep import show_sweep
    from viz.explain.target import pick_question
    from viz.run import ModelRun

    text = "a dull film with a superb ending"
    show_sweep(pick_question(ModelRun(session.model("sst2-gru"), Given(text), *session.traced("sst2-gru", text))), ())


HERE = Site("rnn")
WRITTEN = {
    "hold:rnn-0-forward:reset_gate:0.35:1,4-7:all": HoldGate(HERE, "reset_gate", 0.35, (1, 4, 5, 6, 7)),
    "zero:rnn-0-forward:all:2,3": ChangeState(HERE, "zero", None, (2, 3)),
    "freeze:rnn-0-forward:3:all": ChangeState(HERE, "freeze", (3,)),
    "shuffle:rnn-0-forward:all:0:12": ChangeState(HERE, "shuffle", None, (0,), 12),
    "delete:2": DeleteToken(2),
    "unknown:2": MaskToken(2, 1),
    "blank:2": MaskToken(2),
    "attend:uniform": PoolAttention("uniform"),
    "attend:one:3": PoolAttention("one", position=3),
    "attend:permuted:5": PoolAttention("permuted", seed=5),
    "attend:drawn:0,50,0,25,0,0,1": PoolAttention("drawn", weights=(0.0, 50.0, 0.0, 25.0, 0.0, 0.0, 1.0)),
}


@pytest.mark.parametrize(("text", "edit"), WRITTEN.items())
def test_an_edit_is_its_text_and_the_text_the_edit(text, edit):
    assert write_edit(edit) == text
    assert read_edit(text, asked()) == edit


def test_words_of_a_person_survive_the_address():
    here = asked()
    task = here.model.task
    pasted = Transplant(HERE, 1, task.encode("so; good: 50%~, é").ids, 2, (3,), "so; good: 50%~, é")
    assert ";" not in write_edit(pasted)
    assert read_edit(write_edit(pasted), here) == pasted
    word = ReplaceToken(0, task.encode("Superb").ids[0], "Superb")
    assert read_edit(write_edit(word), here) == word


@pytest.mark.parametrize("edits", BROKEN)
def test_what_cannot_be_read_is_refused(edits):
    with pytest.raises(EditError, match="edit: expected"):
        read_edit(edits, asked())


def test_every_edit_has_words_without_markup_of_its_own():
    tokens, fits = asked().trace.tokens, limits(asked())
    words = [describe(edit, tokens, fits) for edit in WRITTEN.values()]
    assert words[0] == "reset gate rₜ held at 0.35 in 5 units at all tokens"
    assert words[4] == "token 3 “film” is deleted"
    assert len(set(words)) == len(words)
    assert brief(HoldGate(HERE, "reset_gate", 1.0, None, (2,)), tokens, fits) == "rₜ = 1 at 3 film"
    several = limits(asked("sst2-bilstm"))
    edit = HoldGate(Site("rnn", 0, "backward"), "forget_gate", 0.0, (7,))
    assert describe(edit, tokens, several).endswith("in unit 7 at all tokens (layer 1, backward)")
    assert brief(edit, tokens, several) == "fₜ = 0, unit 7, layer 1 ←"


def test_explore_offers_the_ledger_where_there_is_one():
    page = open_page(text=TEXT, model="sst2-lstm", tab="memory")
    assert "Who wrote this memory" in sentences(page)
    page.selectbox(key="model").set_value("sst2-rnn").run()
    assert not page.exception
    assert page.segmented_control(key="tab").value == "memory"
    assert "Who wrote this memory" not in sentences(page)
