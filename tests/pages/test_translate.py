"""The Translate page: every translator opens, every what-if changes only its own run, anything typed gets an answer."""

import dataclasses
from functools import partial
from itertools import cycle
from pathlib import Path

import pytest
import torch
from streamlit.testing.v1 import AppTest

from core_models.networks.translator import Translator, TranslatorArchitecture
from pretrained.registry import load, recipes
from tests.pages.test_pages import use_example
from tests.support import pages
from tests.support.shapes import one_of_each
from viz import session
from viz.translate.answers import answer, forced, neighbours, translator
from viz.translate.controls import SECTIONS

FILE = "app_pages/translate.py"
open_page = partial(pages.open_page, "translate")
KEYS = list(recipes("translate"))
EACH = one_of_each("translate", "cell", "attention")
ALPHABETS = list({recipe.task: key for key, recipe in recipes("translate").items()}.values())
ATTENDING = [key for key in KEYS if recipes("translate")[key].architecture.get("attention")]
DIGITS = {"model": "digits-attention", "text": "reverse 271828"}

models = pytest.mark.parametrize("key", EACH)
alphabets = pytest.mark.parametrize("key", ALPHABETS)
attending = pytest.mark.parametrize("key", [key for key in EACH if key in ATTENDING])


def sentences(page: AppTest) -> str:
    """Everything the page and its buttons say in words."""
    return "\n".join([pages.sentences(page), *(button.label for button in page.button)])


def edits_of(page: AppTest) -> str:
    found = page.query_params.get("whatifs", [""])
    return found if isinstance(found, str) else found[0]


@pytest.mark.parametrize("section", SECTIONS)
@models
def test_every_translator_opens_with_every_section(key, section):
    page = open_page(model=key, show=section)
    assert not page.exception
    assert not page.error
    assert not page.warning
    assert page.selectbox(key="model").value == key


@alphabets
def test_every_example_is_one_click_away_and_says_what_to_look_for(key):
    page = open_page(model=key)
    for example in load(key, torch.device("cpu")).task.examples[:4]:
        use_example(page, example.title)
        assert page.text_input(key="text").value == example.text
        assert not page.exception
        assert any(f"**{example.title}.**" in caption.value for caption in page.caption)


def test_the_page_opens_with_the_task_of_fewest_symbols():
    assert open_page().selectbox(key="model").value == "en-fr-attention"


HOSTILE: dict[str, str] = {
    "ten thousand words": "the cat " * 5_000,
    "emoji": "🙂 👩‍👩‍👧 reverse 12 🏳️‍🌈",
    "right to left": "פרובה של טקסט 12 النص",
    "combining": "Z̷̢̛a͂lgo é́́ 3",
    "control": "a\x00b\x07 12 \x1b[31m",
    "markup": "<script>alert(1)</script> **bold** [x](javascript:1) `code` :red[x] $\\frac{1}{0}$",
    "one long word": "7" * 3_000,
    "line breaks": "reverse\n\n12\r\n3",
}


MIXED = {
    "all that are short": " ".join(text for text in HOSTILE.values() if len(text) < 100),
    "ten thousand words": HOSTILE["ten thousand words"],
}
"""The same in few sources, for the other alphabets."""

SOURCES = [(ALPHABETS[0], text) for text in HOSTILE.values()]
SOURCES += [(key, text) for key in ALPHABETS[1:] for text in MIXED.values()]


@pytest.mark.parametrize(("key", "text"), SOURCES, ids=[f"{key}, {text[:12]!a}" for key, text in SOURCES])
def test_any_source_is_answered_without_a_traceback(key, text):
    page = open_page(model=key, text=text, show="gates")
    assert not page.exception
    assert not page.error
    said = sentences(page)
    assert "hat the network wrote" in said
    assert "<script>" not in said.replace(r"\<script\>", "")


@pytest.mark.parametrize("text", ["", "  ", "　"])
@pytest.mark.parametrize("key", ["digits-attention", "en-zh-attention"])
def test_an_empty_source_says_what_to_do(key, text):
    page = open_page(model=key)
    page.text_input(key="text").set_value(text).run()
    assert not page.exception
    assert "There is nothing to read yet" in page.info[0].value


def test_a_source_longer_than_trained_on_is_answered_with_a_notice():
    page = open_page(model="digits-attention", text="copy 31415926535897932")
    assert "has 18 tokens, and the longest it was trained on has 13" in page.info[0].value
    assert "hat the network wrote" in sentences(page)


def test_another_language_is_answered_with_a_notice():
    page = open_page(model="en-fr-attention", text="Der Hund schläft auf dem Bett und träumt.")
    assert "perhaps another language" in page.info[0].value
    assert "hat the network wrote" in sentences(page)
    english = open_page(model="en-fr-attention", text="The dog sleeps on the bed and dreams.")
    assert not english.info


def test_unknown_signs_are_counted():
    page = open_page(model="digits-attention", text="reverse 1x2y")
    assert "2 tokens, underlined with dots, are unknown" in page.info[0].value


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("<b>nonsense</b>", "There is no model named"),
        ("sst2-gru", "is for another page"),
    ],
)
def test_a_model_that_does_not_translate_is_answered_with_a_sentence(key, said):
    page = open_page(model=key)
    told = [*page.warning, *page.info][0].value
    assert said in told
    assert "<b>" not in told.replace(r"\<b\>", "")
    assert page.selectbox(key="model").value == "en-fr-attention"


def test_a_damaged_model_is_answered_and_the_others_still_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    from pretrained import recipe

    session.model.clear()
    monkeypatch.setattr(recipe, "WEIGHTS", tmp_path)
    page = open_page()
    assert not page.exception
    assert "are missing" in page.error[0].value
    monkeypatch.undo()
    page.selectbox(key="model").select(KEYS[0]).run()
    assert not page.error


@pytest.mark.parametrize(
    "edits",
    ["zz", "begin:", "begin:0", "begin:9999", "begin:4,3", "token:0:2", "token:99:5", "attend:one:99:0",
     "attend:uniform::999", "attend:drawn:1,2:0", "attend:tilted:3", "compare:dot", "compare:dot:0",
     "compare:additive:1", "paste:decoder-0-forward:0:0:all:copy", "hold:decoder-0-forward:forget_gate:1:all:all",
     "<b>", "attend:uniform" * 900],
)  # fmt: skip
def test_a_broken_what_if_in_the_url_is_crossed_out_and_answered_with_a_sentence(edits):
    page = open_page(**DIGITS, whatifs=edits)
    assert not page.exception
    assert not page.error
    assert "do not fit this input and model" in page.warning[0].value
    assert "With your what-ifs" not in sentences(page)


def test_a_thousand_what_ifs_in_the_url_are_survived():
    page = open_page(**DIGITS, whatifs=";".join(f"attend:uniform::{i}" for i in range(1000)))
    assert not page.exception
    assert "At most 24 what-ifs are kept." in sentences(page)


def test_the_url_restores_what_ifs_search_selection_and_section():
    page = open_page(**DIGITS, whatifs="attend:one:1:2;token:3:9", width="3", penalty="1", show="search",
                     at="decoder-0-forward.update_gate.1.7")  # fmt: skip
    said = [toggle.label for toggle in page.toggle]
    assert said[0].startswith("attention looks at token 2 alone at written token 3")
    assert said[1] == "token 4 “1” is replaced by “3”"
    said = sentences(page)
    assert page.select_slider(key="width").value == "3"
    assert page.select_slider(key="penalty").value == "1"
    assert "**Beam of 3:**" in said


def test_typing_another_source_removes_what_ifs():
    page = open_page(**DIGITS, whatifs="attend:one:1:2")
    assert edits_of(page) == "attend:one:1:2"
    page.text_input(key="text").set_value("copy 12").run()
    assert edits_of(page) == ""
    assert "With your what-ifs" not in sentences(page)


@models
def test_another_candidate_is_continued_from(key):
    page = open_page(model=key, show="change")
    token = page.selectbox(key="candidate-0").value
    page.button(key="continue").click().run()
    assert not page.exception
    assert edits_of(page) == f"begin:{token}"
    assert "the answer begins with" in page.toggle[0].label
    assert "With your what-ifs" in sentences(page)


def test_a_beginning_is_forced_and_an_empty_one_is_answered():
    page = open_page(**DIGITS, show="change")
    page.selectbox(key="new-kind").select("begin").run()
    page.text_input(key="new-begin-digits").set_value("").run()
    assert "Type the first tokens of the answer." in page.info[0].value
    page.text_input(key="new-begin-digits").set_value("94").run()
    page.button(key="new-add").click().run()
    assert page.toggle[0].label == "the answer begins with “94”"
    assert "changes are underlined" in sentences(page)


def test_too_long_a_beginning_is_answered():
    page = open_page(**DIGITS, show="change")
    page.selectbox(key="new-kind").select("begin").run()
    page.text_input(key="new-begin-digits").set_value("1" * 60).run()
    assert "Type at most 39 tokens; this has 60." in page.info[0].value


@alphabets
def test_a_source_token_is_replaced_by_a_neighbour(key):
    page = open_page(model=key, show="change")
    place = next(box for box in page.selectbox if box.label == "Token to replace")
    place.set_value(1).run()
    page.button(key="replace").click().run()
    assert not page.exception
    assert edits_of(page).startswith("token:1:")
    assert "is replaced by" in page.toggle[0].label


@attending
@pytest.mark.parametrize("button", ["share", "peak", "uniform"])
def test_attention_is_moved_by_every_button(key, button):
    page = open_page(model=key, show="change")
    if button == "share":
        next(one for one in page.slider if one.label.startswith("Weight of this token")).set_value(25).run()
    page.button(key=button).click().run()
    assert not page.exception
    start, end = {
        "share": ("attend:drawn:", ":0"),
        "peak": ("attend:one:", ":0"),
        "uniform": ("attend:uniform::0", ""),
    }[button]
    assert edits_of(page).startswith(start)
    assert edits_of(page).endswith(end)
    assert "With your what-ifs" in sentences(page)


def test_forcing_attention_reads_another_digit():
    page = open_page(**DIGITS, whatifs="attend:one:1:2")
    assert page.toggle[0].label.startswith("attention looks at token 2")
    assert "changes are underlined" in sentences(page)


def test_what_ifs_are_removed_one_by_one_and_all_at_once():
    page = open_page(**DIGITS, whatifs="attend:one:1:2;token:3:9;attend:uniform::4")
    page.button(key="remove-1-token:3:9").click().run()
    assert edits_of(page) == "attend:one:1:2;attend:uniform::4"
    page.button(key="remove-all").click().run()
    assert edits_of(page) == ""
    assert "With your what-ifs" not in sentences(page)


@attending
def test_another_score_is_compared_and_decoded_with(key):
    page = open_page(model=key, show="score", score="dot", heat="200")
    assert not page.exception
    assert "were trained with the" in sentences(page)
    page.button(key="score-decode").click().run()
    assert not page.exception
    trained = recipes("translate")[key].architecture.get("attention")
    if trained != "dot":
        assert edits_of(page) == "compare:dot:2"
        assert page.toggle[0].label == "attention compares by the dot product, at temperature 2"


def test_a_what_if_changes_neither_the_model_nor_the_original():
    before = {name: value.clone() for name, value in translator("digits-attention").network.state_dict().items()}
    page = open_page(
        **DIGITS,
        whatifs="attend:one:1:2;token:3:9;begin:13;compare:dot:0.5;hold:decoder-0-forward:update_gate:0:all:1",
        show="paths",
    )
    assert not page.exception
    after = translator("digits-attention").network.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())


def test_an_example_brings_its_reference_and_a_typed_one_says_where_they_part():
    page = open_page(**DIGITS, show="reference")
    assert page.text_input(key="reference").value == "828172"
    assert "They are identical to the end" in sentences(page)
    page.text_input(key="reference").set_value("828472").run()
    assert "They diverge at step 4" in sentences(page)
    page.text_input(key="reference").set_value("").run()
    assert "Type a reference of at most 39 tokens" in page.info[0].value
    page.text_input(key="reference").set_value("😀 <b>" * 9).run()
    assert not page.exception


@models
def test_a_gate_says_where_its_sum_came_from(key):
    cell = recipes("translate")[key].architecture["cell"]
    gate = "forget_gate" if cell == "lstm" else "update_gate"
    page = open_page(model=key, show="gates", at=f"decoder-0-forward.{gate}.1.5")
    said = sentences(page)
    assert "**Why this" in said
    assert "The four parts sum to" in said


@pytest.mark.parametrize(
    "at", ["x", "decoder-0-forward.update_gate.900.1", "decoder-0-forward.sparkle.1.1", "rnn-0-forward.update_gate.1.1"]
)
def test_a_broken_selection_in_the_url_is_answered_with_a_sentence(at):
    page = open_page(**DIGITS, at=at)
    assert not page.exception
    assert "is not in this picture" in page.warning[0].value


@attending
def test_scores_mask_softmax_and_weights_can_be_looked_at(key):
    for stage in ("scores", "mask", "softmax", "weights"):
        page = open_page(model=key, stage=stage, at="attention-0-forward.attention_weights.1.2")
        assert not page.exception
        assert "Step 2, source token 3: score" in sentences(page)


def test_the_address_comes_back_after_another_page():
    page = open_page(**DIGITS, whatifs="attend:one:1:2", show="paths")
    page.switch_page("app_pages/explore.py")
    page.query_params.clear()
    page.run()
    assert not page.exception
    assert not page.warning
    page.switch_page(FILE)
    page.query_params.clear()
    page.run()
    assert not page.warning
    assert page.text_input(key="text").value == DIGITS["text"]
    assert edits_of(page) == "attend:one:1:2"


ARCHITECTURES = {
    "no attention": TranslatorArchitecture("gru", 8, 12, attention=None),
    "lstm with heads": TranslatorArchitecture("lstm", 8, 12, layers=2, attention="multi_head", heads=3),
    "dot, one way": TranslatorArchitecture("gru", 8, 12, attention="dot", bidirectional=False),
}


PAIRED = list(zip(SECTIONS, cycle(ARCHITECTURES)))
"""Every section with one architecture; the shipped ones, of which one has no attention, are opened in every section."""


@pytest.mark.parametrize(("section", "named"), PAIRED)
def test_a_network_of_any_architecture_suits_the_page(section, named, monkeypatch: pytest.MonkeyPatch):
    shipped, architecture = load("digits-attention", torch.device("cpu")), ARCHITECTURES[named]
    torch.manual_seed(4)
    network = Translator(architecture, shipped.task.source.size, shipped.task.target.size).eval().requires_grad_(False)
    recipe = dataclasses.replace(shipped.recipe, architecture=dataclasses.asdict(architecture))
    made = dataclasses.replace(shipped, network=network, recipe=recipe)
    for cached in (session.model, answer, forced, neighbours):
        cached.clear()
    monkeypatch.setattr(session, "load", lambda key: made)
    try:
        page = open_page(**DIGITS, show=section, whatifs="token:2:9", at="decoder-0-forward.hidden_state.0.1")
    finally:
        for cached in (session.model, answer, forced, neighbours):
            cached.clear()
    assert not page.exception
    assert not page.error
    assert ("This network has no attention" in sentences(page)) == (architecture.attention is None)


@pytest.mark.parametrize("key", ["digits-attention", "en-fr-none", "dates-attention"])
def test_scores_by_length_stand_beside_those_of_the_other_networks(key):
    page = open_page(model=key, show="lengths")
    assert not page.exception
    if key == "dates-attention":
        assert "were not measured by length" in page.info[-1].value
        return
    table = page.dataframe[-1].value
    task = recipes("translate")[key].task
    assert {recipes("translate")[other].title for other in KEYS if recipes("translate")[other].task == task} == set(
        table["network"]
    )


def test_the_page_says_how_far_attention_agrees():
    page = open_page(**DIGITS, show="words")
    assert not page.exception
    assert "rank the source tokens similarly, at τ" in sentences(page)
