"""Long sequences: the overview leaves nothing out, and any part of it has the numbers of the one long reading."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import nn

from core_models.encoded import Encoded
from core_models.heads.next_token import candidates
from core_models.ranges import Range, summarise_known
from core_models.survey import PIECE, Survey
from core_models.trace import Site
from core_models.tracing import replay
from core_models.vocabulary import Kind, quantity
from pretrained.registry import load
from tests.support.pages import open_page, sentences
from viz.figures.parts.stretches import Stretches
from viz.figures.sequences import next_token
from viz.figures.sequences.overview import SHOWN, Line, UnitColumns, draw, tabulate
from viz.kinds import language_model
from viz.plain import to_json

MODULES = {
    "rnn": nn.RNN(3, 5), "gru": nn.GRU(3, 5, num_layers=2), "lstm": nn.LSTM(3, 5), "lstm, two layers": nn.LSTM(3, 4, 2),
}  # fmt: skip
LENGTHS = [1, 400, 401, 2345]
LINE = Line(np.zeros(1000, np.float32), "surprise")
TEXT = "PETRUCHIO:\nGood morrow, Kate; for that's your name, I hear.\n\n" * 12


def surveyed(module: nn.RNNBase, x: torch.Tensor) -> Survey:
    survey = Survey(module, lambda start, stop: x[start:stop], len(x))
    for _ in survey.pieces():
        pass
    return survey


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("name", MODULES)
def test_every_stretch_holds_the_smallest_largest_and_mean_of_the_whole_reading(name: str, length: int) -> None:
    torch.manual_seed(2)
    x = torch.randn(length, 3)
    survey, whole = surveyed(MODULES[name], x), replay(MODULES[name], x)
    assert len(survey.starts) <= 400
    assert set(survey.ranges) == set(whole)
    for address, found in survey.ranges.items():
        same_ranges(found, whole[address].numpy(), [*survey.starts.tolist(), length])


def same_ranges(found: Range, values: np.ndarray, edges: list[int]) -> None:
    """Fail unless every stretch between two edges holds the smallest, largest and mean value of its steps."""
    parts = [values[start:stop] for start, stop in pairwise(edges)]
    for shown, of in ((found.low, np.min), (found.high, np.max), (found.mean, np.mean)):
        np.testing.assert_allclose(shown, [of(part, axis=0) for part in parts], atol=1e-5)


@pytest.mark.parametrize("name", MODULES)
def test_any_part_goes_on_exactly_from_the_state_before_it(name: str) -> None:
    torch.manual_seed(3)
    x = torch.randn(2345, 3)
    survey, whole = surveyed(MODULES[name], x), replay(MODULES[name], x)
    for begin in (0, 1, 999, PIECE, 1500, 2344):
        part = replay(MODULES[name], x[begin : begin + 50], state=survey.state_before(begin))
        for address, values in part.items():
            np.testing.assert_allclose(values.numpy(), whole[address][begin : begin + 50].numpy(), atol=1e-5)


@pytest.mark.parametrize("name", MODULES)
def test_a_part_that_is_zoomed_to_has_stretches_of_its_own_with_the_numbers_of_the_whole(name: str) -> None:
    torch.manual_seed(5)
    x = torch.randn(2345, 3)
    survey, whole = surveyed(MODULES[name], x), replay(MODULES[name], x)
    for start, stop in ((0, 2345), (1, 900), (1500, 1700), (2340, 2345)):
        finer = survey.within(start, stop)
        for _ in finer.pieces():
            pass
        assert len(finer.starts) == min(400, stop - start) or finer.width > 1
        for address, found in finer.ranges.items():
            same_ranges(found, whole[address][start:stop].numpy(), [*finer.starts.tolist(), stop - start])


def test_missing_values_are_left_out_of_a_stretch_and_one_without_any_has_none() -> None:
    values = np.array([1.0, np.nan, 5.0, np.nan, np.nan, 2.0])[:, None]
    found = summarise_known(values, np.array([0, 3, 5]))
    np.testing.assert_array_equal(found.low[:, 0], [1.0, np.nan, 2.0])
    np.testing.assert_array_equal(found.high[:, 0], [5.0, np.nan, 2.0])
    np.testing.assert_array_equal(found.mean[:, 0], [3.0, np.nan, 2.0])


def test_a_single_spike_in_a_hundred_thousand_steps_stays_in_the_picture() -> None:
    x = torch.zeros(100_000, 1)
    x[54_321] = 50.0
    module = nn.RNN(1, 2)
    module.load_state_dict(module.state_dict() | {"weight_ih_l0": torch.ones(2, 1)})
    survey = surveyed(module, x)
    found = survey.ranges[Site("rnn"), "hidden_state"]
    column = 54_321 // survey.width
    assert found.extreme[column].max() == pytest.approx(1.0, abs=1e-3)
    assert found.mean[column].max() < 0.9
    assert np.delete(found.extreme, [column, column + 1], axis=0).max() < 0.9


@pytest.mark.parametrize("length", [100, 1_000, 20_000])
def test_what_is_sent_stays_below_a_megabyte_whatever_the_length(length: int) -> None:
    survey = surveyed(nn.RNN(1, 320), torch.zeros(length, 1))
    stretches = Stretches(survey.starts, length, 0, min(length, 400), "character")
    found = survey.ranges[Site("rnn"), "hidden_state"]
    columns = UnitColumns(found, quantity("hidden_state"), stretches)
    figure = draw([Line(np.zeros(length, np.float32), "surprise")], columns, stretches)
    assert len(to_json(figure)) < 1_000_000


def test_a_survey_refuses_what_it_cannot_read() -> None:
    with pytest.raises(ValueError, match="reads in one direction"):
        Survey(nn.GRU(2, 2, bidirectional=True), lambda a, b: torch.zeros(b - a, 2), 4)
    with pytest.raises(ValueError, match="at least one step, got 0"):
        Survey(nn.GRU(2, 2), lambda a, b: torch.zeros(b - a, 2), 0)
    survey = Survey(nn.GRU(2, 2), lambda a, b: torch.zeros(b - a, 2), 4000)
    for step in (-1, 4000, 2000):
        with pytest.raises(IndexError, match="expected a step from 0 to 3999 that was read"):
            survey.state_before(step)


@pytest.mark.parametrize("shown", SHOWN)
def test_the_overview_draws_what_it_says(shown: str) -> None:
    torch.manual_seed(1)
    survey = surveyed(MODULES["lstm"], torch.randn(1000, 3))
    stretches = Stretches(survey.starts, 1000, 100, 200, "character")
    found = survey.ranges[Site("rnn"), "forget_gate"]
    columns = UnitColumns(found, quantity("forget_gate"), stretches, shown)
    figure: Any = draw([LINE], columns, stretches)
    np.testing.assert_array_equal(figure.data[3].z, getattr(found, shown).T)
    assert [shape.x0 for shape in figure.layout.shapes] == [100.5, 100.5]
    with pytest.raises(ValueError, match="expected one of extreme"):
        UnitColumns(found, quantity("forget_gate"), stretches, "sum")


def test_a_line_of_single_steps_shows_the_values_themselves() -> None:
    values = np.arange(1000) / 7
    part = range(300, 500)
    stretches = Stretches(np.arange(300, 500), 1000, 0, 10, "character", 500, part)
    figure = drawn(values, stretches)
    np.testing.assert_array_equal(figure.data[2].x, np.arange(301, 501))
    np.testing.assert_array_equal(figure.data[2].y, values[300:500])
    assert not figure.layout.showlegend
    assert figure.layout.meta["zoom"] == {"whole": [0.5, 1000.5], "shown": [300.5, 500.5]}
    assert tuple(figure.layout.xaxis.range) == (300.5, 500.5)
    assert stretches.labels[0] == "character 301"


def drawn(values: np.ndarray, stretches: Stretches) -> Any:
    """The figure of one line above three units that never move."""
    zeros = np.zeros((len(stretches.starts), 3), np.float32)
    columns = UnitColumns(Range(zeros, zeros, zeros), quantity("hidden_state"), stretches)
    return draw([Line(values, "surprise")], columns, stretches)


def test_the_line_and_its_table_hold_each_stretch_s_range() -> None:
    values = np.arange(1000, dtype=np.float32)
    stretches = Stretches(np.arange(0, 1000, 3), 1000, 0, 10, "character")
    figure = drawn(values, stretches)
    np.testing.assert_array_equal(figure.data[0].y[:2], [0, 3])
    np.testing.assert_array_equal(figure.data[1].y[:2], [2, 5])
    table = tabulate(values, stretches)
    assert table.iloc[1].tolist() == [4, 6, 3, 4, 5]
    assert table.iloc[-1].tolist() == [1000, 1000, 999, 999, 999]


@pytest.mark.parametrize("begin", [0, 1, 300])
def test_a_part_of_a_text_has_the_numbers_of_the_whole_text_and_each_is_explained(begin: int) -> None:
    model = load("shakespeare-lstm")
    survey = model.survey(TEXT)
    shares = list(survey.read())
    assert shares[-1] == 1.0
    ids = model.task.ids(model.task.start + TEXT)
    whole = model.network.trace(Encoded(model.task.tokens(TEXT, ids)))
    trace = model.trace(model.task.encode("part", survey.part(begin)))
    assert trace.tokens.text == (TEXT[: len(trace) - 1] if begin == 0 else TEXT[begin - 1 : begin - 1 + len(trace)])
    for site, key in trace:
        expected = whole.array(site, key)[begin : begin + len(trace)]
        np.testing.assert_allclose(trace.array(site, key), expected, atol=2e-4)
        if quantity(key).kind in (Kind.GATE, Kind.STATE, Kind.CANDIDATE, Kind.CHOICE):
            for step in (0, 1):
                arithmetic = model.explain(trace, site, key, step, 0)
                assert arithmetic.value == pytest.approx(arithmetic.shown, abs=1e-5)
    np.testing.assert_allclose(
        np.exp(-survey.surprise[begin : begin + len(trace)]),
        trace.array(Site("next_token"), "chosen_probability"), atol=1e-5,
    )  # fmt: skip


def open_text(typed: str, **query: str) -> AppTest:
    app = open_page(**{"model": "shakespeare-lstm", "tab": "answer"} | query)
    if typed:
        app.text_area[0].set_value(typed).run()
    assert not app.exception
    return app


def test_a_long_text_is_shown_whole_with_one_part_open_and_buttons_open_the_next() -> None:
    app = open_text(TEXT)
    said = sentences(app)
    assert "**The whole text**" in said
    assert "400 characters from 1 on" in said
    app.button(key="part-next").click().run()
    assert not app.exception
    assert app.query_params["from"] == str(len(TEXT) + 1 - 400)  # the last part ends with the text
    assert "It continues from what comes before it" in sentences(app)
    app.button(key="part-before").click().run()
    assert "400 characters from 1 on" in sentences(app)
    app.text_area[0].set_value("Short again.").run()
    assert "**The whole text**" not in sentences(app)


REPETITIVE = {
    "cat": ("the cat sat on the mat. " * 40, (0, 24)),
    "ab": ("ab" * 300, (1, 48)),
    "dialogue": (TEXT, (120,)),
}


@pytest.mark.parametrize("kind", REPETITIVE)
def test_every_part_of_a_repetitive_text_names_the_candidates_of_the_one_long_reading(kind, monkeypatch) -> None:
    text, begins = REPETITIVE[kind]
    drawn: list[next_token.Expected] = []
    draw_it = next_token.draw
    monkeypatch.setattr(next_token, "draw", lambda reading, step: drawn.append(reading) or draw_it(reading, step))
    model = load("shakespeare-lstm")
    ids = model.task.ids(model.task.start + text)
    whole = model.network.trace(Encoded(model.task.tokens(text, ids)))
    expected = model.expectations(whole)[1:]
    for begin in begins:
        open_text("", text=text, **{"from": str(begin)})
        columns = range(begin, begin + len(drawn[-1].candidates))
        assert len(columns) == len(drawn[-1].tokens)
        for shown, row in zip(drawn[-1].candidates, expected[columns.start :], strict=False):
            # of candidates as probable as each other but for the last digits, any order is right
            most = [language_model.name(model.task, index) for index in candidates(row, 12)]
            chances = dict(zip(most, sorted(row, reverse=True), strict=False))
            np.testing.assert_allclose([chances[one] for one in shown], sorted(row, reverse=True)[:10], atol=2e-5)


def test_a_part_that_was_zoomed_to_is_shown_finer_and_the_whole_comes_back() -> None:
    app = open_text(TEXT * 2, zoom="101-300")
    said = sentences(app).replace("\\", "")
    assert "**A part of the text**" in said
    assert "200 of 1,465 characters, from 101 on, one by one: every value is exact" in said.replace("\\", "")
    app.button(key="zoom-out").click().run()
    assert "**The whole text**" in sentences(app)
    assert "zoom" not in app.query_params
    app.button(key="zoom-in").click().run()
    assert app.query_params["zoom"] == "1-800"


@pytest.mark.parametrize("zoom", ["", "5", "9-3", "0-99999999999", "a-b"])
def test_a_zoom_that_is_none_shows_the_whole(zoom: str) -> None:
    assert "**The whole text**" in sentences(open_text("", text=TEXT, zoom=zoom))


@pytest.mark.parametrize("begin", ["-3", "9999999", "9" * 5000, "1"])
def test_a_part_that_does_not_exist_falls_back_to_one_that_does(begin: str) -> None:
    app = open_text("", text=TEXT, **{"from": begin})
    assert "**The whole text**" in sentences(app)


def test_lines_that_end_as_in_windows_are_counted_as_the_part_that_is_open_counts_them() -> None:
    app = open_text("", text=TEXT.replace("\n", "\r\n"))
    assert f"{len(TEXT) + 1:,} characters, in " in sentences(app)


def test_a_text_too_long_for_an_address_is_kept_and_a_strange_name_is_answered_with_a_sentence() -> None:
    app = open_text("Kate. " * 900)
    assert len(app.query_params["text"]) < 40
    assert app.text_area[0].value == "Kate. " * 900
    other = open_text("", text="long-text-0123456789abcdef")
    assert "paste it again" in sentences(other)
