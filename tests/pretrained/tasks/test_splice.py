"""Splice junctions: letters that are read or refused, what each was worth, and the page with its logos."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch

from core_models.explain.attribution.substitution import log_odds, substitute
from pretrained.registry import load
from pretrained.task import InputError
from pretrained.tasks.classes.splice_junctions import (
    EXAMPLES,
    LENGTH,
    SPLICE_JUNCTIONS,
    convert,
    letters_of,
    places,
    window,
)
from tests.support.pages import open_page, sentences
from viz.figures.sequences.logo import BASES, SHAPES, Sites, draw, draw_scan, tabulate
from viz.markdown import escape

KEY = "splice-bigru"
LETTERS = EXAMPLES[0].text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "nothing to read yet"),
        ("ACGTE", "“E” at position 5 stands for no base .* Allowed are A, C, G and T, U as in RNA, and R, Y, S"),
        ("Hello world!", "This is no DNA: “E” at position 2 .*Take out or replace .*pick an example"),
        ("ACG7", "“7” at position 4 stands for no base"),
        (">a\nACGT\n>b\nACGT", "more than one sequence"),
        (LETTERS[:59], "59 letters; the network reads 60.*paste more"),
        (LETTERS + "A", "61 letters; the network reads 60.*choose the place"),
        ("A" * 20_001, "20,001 letters; paste at most 20,000"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_place(text, sentence):
    with pytest.raises(InputError, match=sentence):
        SPLICE_JUNCTIONS.encode(text)


def test_fasta_small_letters_rna_and_unknown_letters_are_taken_care_of():
    rna = ">name\n" + LETTERS[:30].lower().replace("t", "u") + "\n" + LETTERS[30:59] + "N"
    reading = SPLICE_JUNCTIONS.encode(rna)
    assert reading.tokens.text == LETTERS[:59] + "N"
    assert "U, as in RNA" in reading.notices[0]
    assert reading.tokens.known.count(False) == 1
    assert reading.ids[:4] == tuple(convert(LETTERS[:4]))


def test_every_place_of_a_long_sequence_has_sixty_letters_around_it():
    letters = letters_of("ACGT" * 20)
    assert [len(window(letters, place)) for place in places(letters)] == [LENGTH] * 21
    assert window(letters, 30) == letters[:60]
    assert window(letters, 50) == letters[-60:]


def test_log_odds_are_those_of_the_probabilities():
    logits = np.random.default_rng(0).normal(size=(4, 3))
    chance = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(log_odds(logits), np.log(chance / (1 - chance)), atol=1e-12)


def test_what_a_letter_was_worth_is_found_by_reading_without_it():
    model = load(KEY)
    ids = convert(LETTERS).tolist()
    changes = substitute(model.network, ids, [1, *range(2, 6)])
    assert changes.shape == (LENGTH, 5, 3)
    for step in (0, 29, 31, 59):
        for column, letter in enumerate((1, 2, 3, 4, 5)):
            other = [*ids[:step], letter, *ids[step + 1 :]]
            with torch.no_grad():
                found = model.network(torch.tensor([ids, other]), torch.tensor([LENGTH, LENGTH]))["answer"].double()
            np.testing.assert_allclose(changes[step, column], np.diff(log_odds(found.numpy()), axis=0)[0], atol=1e-4)
    for step, letter in enumerate(ids):
        np.testing.assert_allclose(changes[step, letter - 1], 0.0, atol=1e-4)


def sites(letters: str = LETTERS) -> Sites:
    draw_numbers = np.random.default_rng(5)
    attention = draw_numbers.dirichlet(np.ones(len(letters)))
    worth, changes = draw_numbers.normal(size=len(letters)), draw_numbers.normal(size=(len(letters), 4))
    return Sites(letters, 30, attention, worth, changes, 30, "exon ends")


def test_letters_of_the_logo_are_as_high_as_their_numbers():
    shown = sites()
    figure: Any = draw(shown, step=3)
    np.testing.assert_allclose(figure.data[0].y, shown.attention, atol=1e-7)
    np.testing.assert_allclose(figure.data[1].y, shown.worth, atol=1e-6)
    np.testing.assert_allclose(figure.data[2].z, shown.changes.T, atol=1e-6)
    for curve in figure.data[3:]:
        if curve.fill != "toself":
            continue
        values = shown.attention if curve.yaxis == "y" else shown.worth
        ends = [0, *np.flatnonzero(np.isnan(curve.x)) + 1]
        for start, end in pairwise(ends):
            step = round(float(np.nanmean([np.nanmin(curve.x[start : end - 1]), np.nanmax(curve.x[start : end - 1])])))
            assert shown.letters[step] == curve.name
            y = curve.y[start : end - 1]
            assert y.max() - y.min() == pytest.approx(abs(values[step]), rel=0.02)
            assert np.sign(y.sum()) == np.sign(values[step])


def test_every_letter_of_the_logo_fills_its_box():
    for outline in SHAPES.values():
        corners = np.array(outline)
        assert corners.min() >= -0.01
        assert corners.max() <= 1.01
        assert np.ptp(corners[:, 1]) == pytest.approx(1.0, abs=0.02)
        np.testing.assert_allclose(corners[0], corners[-1], atol=1e-9)


def test_places_are_counted_from_the_junction_and_there_is_no_zero():
    shown = sites()
    assert shown.positions[28:32] == ["−2", "−1", "+1", "+2"]
    table = tabulate(shown)
    assert table["letter"].tolist() == list(LETTERS)
    assert [f"{base} instead" in table for base in BASES] == [True] * 4
    figure: Any = draw(sites(LETTERS[:-1] + "N"))
    assert figure.data[-2].name == "not known"


def test_the_search_draws_every_place():
    chance = np.random.default_rng(1).random((11, 2))
    figure: Any = draw_scan(list(range(30, 41)), chance, ["one", "two"], 33)
    assert [list(curve.x) for curve in figure.data] == [list(range(30, 41))] * 2


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_every_example_opens_with_its_known_answer(example):
    page = open_page(model=KEY, text=example.text, tab="answer")
    assert not page.exception
    assert not page.error
    said = sentences(page)
    assert "Known answer" in said
    assert ("so the network is wrong" in said) == ("wrong" in example.title)
    assert "What the network looks at, and what matters" in said


def test_a_long_sequence_asks_for_the_place_and_is_searched():
    page = open_page(model=KEY, text=">long\n" + LETTERS * 3, place="90")
    assert not page.exception
    assert page.number_input(key="place").value == 90
    assert "The same question at every position" in sentences(page)
    page.number_input(key="place").set_value(30).run()
    assert page.metric[0].value == open_page(model=KEY, text=LETTERS).metric[0].value


@pytest.mark.parametrize("place", ["x", "-4", "99999", ""])
def test_a_place_that_is_not_there_is_brought_to_one_that_is(place):
    page = open_page(model=KEY, text=LETTERS * 2, place=place)
    assert not page.exception
    assert 30 <= int(page.number_input(key="place").value or 0) <= 90


def test_a_text_that_is_no_dna_is_answered_with_a_sentence():
    page = open_page(model=KEY, text="the acting is superb")
    assert not page.exception
    assert escape("“E” at position 3 stands for no base (without blanks)") in page.info[0].value


@pytest.mark.parametrize(
    "at",
    ["attention-0-forward.attention_weights.30.31", "attention-0-forward.attention_mask.3.40",
     "rnn-0-backward.hidden_state.10.4"],
)  # fmt: skip
def test_the_arithmetic_of_a_number_shows_the_number_in_the_trace(at):
    page = open_page(model=KEY, at=at)
    assert not page.exception
    assert "In the trace" in sentences(page)
