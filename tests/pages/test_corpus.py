"""The Corpus page: patterns, nearest states, words and units, in the corpus that ships and in one's own."""

from collections.abc import Iterator, Mapping
from functools import cache
from inspect import unwrap
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core_models.edits.edit import ChangeState
from core_models.edits.run import run
from core_models.heads.classes import READOUT
from core_models.trace import Site
from pretrained.corpus import reading
from pretrained.corpus.removal import removed
from pretrained.corpus.texts import Texts, shipped
from pretrained.registry import load
from pretrained.uploads.tables.table import Table
from tests.pages.given.test_own_model import KEYS, network
from tests.support.pages import MAIN
from tests.support.pages import sentences as said
from viz import models
from viz.corpus import deeper, held, pattern
from viz.corpus.shelf import CANCELLED, Shelf
from viz.explore.page import DOT
from viz.figures.corpus import words_by_units
from viz.files.held import SOURCE, Source
from viz.view import Target

TEXT = "The plot is not new but the acting is wonderful."


def open_page(query: Mapping[str, str] | None = None, own: Source | None = None, mine: Any = None) -> AppTest:
    page = AppTest.from_file(MAIN, default_timeout=120)
    if mine:
        page.session_state[models.HELD.name] = {KEYS["words"]: mine}
    page.switch_page("app_pages/corpus.py")
    if own:
        page.session_state[SOURCE.name] = own
    for name, value in ({"text": TEXT} | dict(query or {})).items():
        page.query_params[name] = value
    return page.run()


def links(page: AppTest) -> dict[str, str]:
    """The places that are listed, each with the address that it leads to."""
    found = {element.proto.label: element.proto.query_string for element in page.get("page_link")}
    return {label: query for label, query in found.items() if "at=rnn" in query}


def own(*texts: str) -> Source:
    return Source("mine.csv", Table(pd.DataFrame({"text": texts}), (), np.arange(1, len(texts) + 1, dtype=np.int32)))


@pytest.fixture(scope="module", autouse=True)
def short() -> Iterator[None]:
    """The first tokens of the corpus that ships alone, which say as much and are read sooner, and once for all."""
    read = reading.read
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "read", lambda model, texts, most=8_000: read(model, texts, min(most, 8_000)))
        patch.setattr(held, "_shipped", cache(unwrap(held._shipped)))
        patch.setattr(held, "_shelf", cache(lambda: Shelf(held.SHARED_BYTES)))
        yield


def test_a_pattern_leads_to_places_with_their_lift():
    page = open_page({"from-token": "9", "to-token": "9"})
    assert not page.exception
    assert not page.error
    assert "units** are on, and off beside it" in said(page)
    assert "lift" in said(page)
    assert len(links(page)) >= 15
    assert "above luck" in page.dataframe[0].value["verdict"].tolist()


def test_what_was_found_stays_until_something_else_is_looked_for(monkeypatch):
    searched, find = [], pattern.find_places
    monkeypatch.setattr(pattern, "find_places", lambda *given: searched.append(given) or find(*given))
    page = open_page({"from-token": "9", "to-token": "9"})
    before, shown = len(searched), links(page)
    assert links(page.run()) == shown
    assert len(searched) == before
    page.query_params["from-token"] = page.query_params["to-token"] = "4"
    page.run()
    assert len(searched) == before + 1


def test_a_threshold_that_no_unit_reaches_is_said():
    page = open_page({"threshold": "1", "from-token": "9", "to-token": "9"})
    assert "No unit is on in this stretch" in said(page)


def test_the_nearest_states_lead_to_explore_at_their_token():
    page = open_page({"find": "states", "token": "9"})
    assert not page.exception
    assert "50 of 7,9" in said(page)
    query = next(iter(links(page).values()))
    assert "text=" in query
    assert "at=rnn-0-forward.hidden_state." in query


def test_a_dot_of_the_path_figure_leads_to_the_states_that_are_like_it():
    explore = AppTest.from_file(MAIN, default_timeout=120)
    explore.query_params.update({"model": "sst2-gru", "text": TEXT, "tab": "path"})
    explore.session_state[DOT.name] = (("sst2-gru", Target(Site("rnn"), "hidden_state")), 3)
    explore = explore.run()
    assert not explore.exception
    queries = [link.proto.query_string for link in explore.get("page_link") if "token=" in link.proto.query_string]
    both = next(link.proto for link in explore.get("page_link") if "mode=inputs" in link.proto.query_string)
    assert parse_qs(both.query_string)["text"] == [TEXT]
    tokens = load("sst2-gru").encode(TEXT).tokens
    assert [parse_qs(query)["token"] for query in queries] == [[str(len(tokens) - 1)], ["dot-3"]]
    page = open_page({name: values[0] for name, values in parse_qs(queries[1]).items()})
    assert not page.exception
    assert "in which another input ended" in said(page)
    model, texts = load("sst2-gru"), shipped("sentiment")
    assert texts is not None
    states = reading.values(model, reading.read(model, texts), Site("rnn"), "hidden_state")
    far = np.linalg.norm(states - model.reference[Site("rnn"), "reference_states"][3], axis=1)
    assert next(iter(links(page))).replace("\\", "").startswith(f"{far.min():.3f}")
    page = page.selectbox(key="token").set_value("0").run()
    assert "is nearest to that after “The”" in said(page)


def test_words_are_listed_and_a_wrong_expression_is_answered():
    page = open_page({"find": "words", "words": "not", "label": "negative"})
    assert "places**" in said(page)
    assert any("[not]" in label for label in links(page))
    wrong = open_page({"find": "words", "words": "(", "as": "expression"})
    assert not wrong.exception
    assert "no regular expression" in said(wrong)
    nothing = open_page({"find": "words", "words": "zyzzyva"})
    assert "holds this nowhere" in said(nothing)


def test_places_are_told_by_the_tag_of_their_first_token():
    every = open_page({"find": "words", "model": "pos-bilstm", "text": TEXT, "words": "like"})
    assert not every.exception
    verbs = open_page({"find": "words", "model": "pos-bilstm", "text": TEXT, "words": "like", "tag": "VERB"})
    assert not verbs.exception
    assert 0 < len(links(verbs)) <= len(links(every))
    assert all(label.startswith("verb") for label in links(verbs))
    alone = open_page({"find": "words", "model": "pos-bilstm", "text": TEXT, "tag": "INTJ"})
    assert all(label.startswith("interjection") for label in links(alone))


def test_a_unit_has_a_page_with_its_description_and_the_address_holds_it():
    page = open_page({"find": "unit", "unit": "62"})
    assert not page.exception
    assert "with: a negation word" in said(page)
    assert "luck’s best" in said(page)
    assert page.query_params["unit"] == "62"


def test_a_file_of_ones_own_stays_in_the_session():
    page = open_page({"find": "words", "words": "but"}, own("The film is good.", "not bad, but long"))
    assert not page.exception
    assert "mine\\.csv" in said(page)
    assert "1 place**" in said(page)


@pytest.mark.parametrize("texts", [("",), ("x",)])
def test_a_file_with_nothing_or_one_token_is_answered_without_a_traceback(texts):
    for find in ("pattern", "states", "unit"):
        page = open_page({"find": find}, own(*texts))
        assert not page.exception


def test_a_pattern_is_held_against_networks_that_learned_nothing_or_from_another_seed():
    for against, column in (("untrained", "untrained"), ("seed", "other seed")):
        page = open_page({"from-token": "9", "to-token": "9", "against": against, "model": "sst2-gru"})
        assert not page.exception
        assert column in page.dataframe[0].value
        assert page.query_params["against"] == against


def test_a_search_that_is_cancelled_ends_and_can_go_on():
    page = open_page({"find": "words", "words": "not"}, own("The film is good.", "not bad, but long"))
    page.session_state[CANCELLED.name] = True
    page = page.segmented_control(key="find").set_value("states").run()
    assert "Cancelled" in said(page)
    page = page.button(key="corpus-again").click().run()
    assert "tokens whose hidden state is nearest" in said(page)


def test_a_shelf_holds_no_more_than_it_may_and_makes_nothing_twice():
    shelf = Shelf(3000)
    for name in "abc":
        shelf.put(name, np.zeros(250, np.float32))
    assert shelf.size == 3000
    assert shelf.get("a") is not None
    shelf.put("d", np.zeros(500, np.float32))
    assert [name for name in "abcd" if shelf.get(name) is not None] == ["a", "d"]
    shelf.put("e", np.zeros(5000, np.float32))
    assert shelf.get("e") is not None


@pytest.mark.parametrize("find", ["pattern", "states", "words", "unit"])
def test_a_network_of_ones_own_is_searched_in_a_file_of_ones_own_and_in_nothing_that_is_shared(find):
    query = {
        "model": KEYS["words"],
        "text": "a good film",
        "find": find,
        "words": "good",
        "threshold": "0",
        "margin": "0",
    }
    file = own(*["a good film", "bad film bad", "good"] * 20)
    page = open_page(query | {"against": "untrained"}, file, network("words"))
    assert not page.exception
    assert not page.error
    assert page.selectbox(key="model").value == KEYS["words"]
    assert "mine\\.csv" in said(page)
    assert not any(KEYS["words"] in str(place) for place in held._shelf()._held)


def test_a_network_of_ones_own_without_a_file_is_answered_with_a_sentence():
    page = open_page({"model": KEYS["words"], "text": "a good film"}, None, network("words"))
    assert not page.exception
    assert "open a file of yours" in said(page)


@pytest.mark.parametrize("part", list(deeper.PARTS))
def test_every_part_of_a_units_page_opens_and_its_address_holds_it(part):
    page = open_page({"find": "unit", "unit": "12", "deeper": part})
    assert not page.exception
    assert page.segmented_control(key="deeper").value == part
    words = {"together": "Scores on the second half", "seed": "of the other seed", "zero": "held at 0",
             "quadrants": "The unit writes at a token", "words": "Words by units"}  # fmt: skip
    assert words[part] in said(page)


def test_the_answers_without_a_unit_are_those_of_reading_with_it_held_at_0():
    model = load("sst2-gru")
    corpus = reading.read(model, Texts("three", ("a superb film", "a dull film", "not bad at all")))
    found = removed(model, corpus, Site("rnn"), (5, 9))
    assert found.moved.shape == (2, 3)
    for at, document in enumerate(found.documents):
        encoded = corpus.readings[document]
        trace = run(model.network, encoded, (ChangeState(Site("rnn"), "zero", (9,)),))
        before, after = model.predict([encoded])[0][1], trace.array(READOUT, "probability")[-1]
        assert found.moved[1, at] == pytest.approx(abs(float(before) - float(after)), abs=1e-5)


def test_words_and_units_that_go_together_stand_together():
    labels = ["up", "down", "up", "other"] * 20
    values = np.random.default_rng(0).normal(0.0, 0.01, (80, 6)).astype(np.float32)
    values[[label == "up" for label in labels], :3] += 1.0
    values[[label == "down" for label in labels], 3:] += 1.0
    found = words_by_units.means(values, labels, 0)
    order = [unit < 3 for unit in found.units]
    assert order in ([True] * 3 + [False] * 3, [False] * 3 + [True] * 3)
    assert {found.words[0], found.words[-1]} == {"up", "down"}
