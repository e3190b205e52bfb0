"""The memory page shows what the results hold, and answers whatever its controls or its address ask."""

import math
from functools import partial
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from pretrained.memory import live, recall, results
from pretrained.memory.architectures import CELLS
from pretrained.memory.published import PUBLISHED
from pretrained.memory.results import read_results
from tests.support import pages
from tests.support.pages import sentences
from viz.figures.memory.curve import draw_accuracy, draw_effort, place
from viz.figures.memory.example import draw_adding, draw_recall
from viz.figures.memory.live import draw_answers, draw_gates
from viz.figures.memory.racers import LOOKS, STREAM_LOOKS
from viz.figures.memory.reber import draw_bars, draw_learning, draw_norm
from viz.memory.race import RACES

open_page = partial(pages.open_page, "memory")
NAMES = ("recall", "adding", "reber", "other_lags")


@pytest.mark.parametrize(("part", "said"), [
    ("adding", "At lag 200, the task is learned"), ("recall", "needs the fewest training steps"),
    ("live", "distractors which symbol came first"), ("live", "of the past"),
    ("streams", "the median seed is right in"), ("streams", "Learned (at least"),
    ("streams", "the cell state grows"), ("own", "the gradient is multiplied"),
    ("own", "The median half-life"), ("own", "the nudge"),
])  # fmt: skip
def test_every_figure_of_what_was_measured_has_a_conclusion(part, said):
    assert said in sentences(open_page(tab=part)).replace("\\", "")


def test_the_page_opens_and_says_what_was_measured():
    pages = [open_page(tab=part) for part in RACES]
    assert not [page for page in pages if page.exception or page.error]
    said = "\n".join(map(sentences, pages))
    for name in CELLS.values():
        assert f"**{name}**: " in said
    assert "as reported in Hochreiter" in said


def test_symbol_lag_and_distractors_live_in_the_address():
    page = open_page(tab="live", symbol="G", lag="37", draw="4")
    assert "Asked after 37 distractors which symbol came first (G)" in sentences(page)
    assert not page.info
    page.slider(key="lag").set_value(300).run()
    assert page.query_params["lag"] in ("300", ["300"])
    assert f"were trained on lag {live.LAG} only" in page.info[0].value


@pytest.mark.parametrize(("asked", "shown"), [("0", 1), ("99999", 400), ("-5", 200), ("many", 200), ("", 200)])
def test_a_lag_in_the_address_that_is_none_is_answered_with_a_picture(asked, shown):
    page = open_page(tab="live", lag=asked, symbol="Z", draw="77")
    assert not page.exception
    assert page.slider(key="lag").value == shown


def test_a_missing_file_is_one_sentence_and_the_rest_stands(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "RESULTS", tmp_path)
    monkeypatch.setattr(results.results_path, "__defaults__", (tmp_path,))
    read_results.cache_clear()
    pages = {part: open_page(tab=part) for part in RACES}
    read_results.cache_clear()
    assert not [page for page in pages.values() if page.exception]
    said = " ".join(error.value for page in pages.values() for error in page.error)
    assert [name for name in NAMES if f"put {name}.json back" in said] == list(NAMES)
    assert "Asked after 200 distractors" in sentences(pages["live"])


# Figures


def data_of(figure: Any) -> Any:
    return figure.data


@pytest.mark.parametrize("task", ["recall", "adding"])
def test_every_run_is_a_point_at_its_accuracy_and_every_mean_is_the_seeds_mean(task):
    rows = read_results(task)["rows"]
    figure: Any = draw_accuracy(rows, 0.1, [point for point in PUBLISHED if point.task == task])
    for number, key in enumerate(LOOKS):
        own = [row for row in rows if row["cell"] == key]
        _, mean, points = figure.data[3 * number : 3 * number + 3]
        np.testing.assert_allclose(points.y, [row["accuracy"] for row in own], rtol=1e-6)
        np.testing.assert_allclose(points.x, [place(row["lag"], key) for row in own], rtol=1e-6)
        opened = [symbol.endswith("-open") for symbol in points.marker.symbol]
        assert opened == [not row["solved"] for row in own]
        last = [row["accuracy"] for row in own if row["lag"] == max(r["lag"] for r in own)]
        assert mean.y[-1] == pytest.approx(np.mean(last))
    stars = figure.data[3 * len(LOOKS) :]
    assert [star.y[0] for star in stars] == pytest.approx([p.value for p in PUBLISHED if p.task == task], abs=1e-6)
    assert all("as reported in" in star.hovertemplate for star in stars)


def test_architectures_stand_beside_each_other_and_nearest_to_their_lag():
    places = {key: place(50, key) for key in LOOKS}
    assert len(set(places.values())) == len(LOOKS)
    assert max(abs(at - math.log10(50)) for at in places.values()) < abs(math.log10(100 / 50)) / 4


def test_effort_is_the_steps_of_each_run():
    rows = read_results("recall")["rows"]
    figure: Any = draw_effort(rows)
    drawn = sorted(float(value) for number in range(len(LOOKS)) for value in figure.data[3 * number + 2].y)
    assert drawn == sorted(float(row["steps"]) for row in rows)
    low, high = figure.layout.yaxis.range
    assert 10**low < drawn[0]
    assert drawn[-1] < 10**high


def test_stream_figures_show_every_seed():
    found = read_results("reber")
    rows = found["rows"]
    reported = [point for point in PUBLISHED if point.task == "reber"]
    bars: Any = draw_bars(rows, reported)
    for number, key in enumerate(STREAM_LOOKS):
        own = [row for row in rows if row["cell"] == key]
        fastest = [row["outer"] for row in own if row["learning_rate"] == max(r["learning_rate"] for r in rows)]
        assert bars.data[2 * number].y[0] == pytest.approx(np.mean(fastest))
        assert list(bars.data[2 * number + 1].y) == pytest.approx([row["outer"] for row in own])
    assert [float(curve.y[0]) for curve in bars.data[-2:]] == pytest.approx([0.997, 0.55])
    for curve, row in zip(data_of(draw_learning(rows)), rows, strict=True):
        assert list(curve.y) == pytest.approx(row["outer_by_mark"])
    for curve, row in zip(data_of(draw_norm(rows, 500)), rows, strict=True):
        assert list(curve.y) == pytest.approx(row["norm_by_window"])
        assert curve.x[-1] == found["settings"]["test_steps"]


def test_live_figures_show_the_answers_and_mark_where_training_ended():
    answers = {cell: live.ask(cell, 1, 120) for cell in CELLS}
    right = {cell: found.probability[:, 1] for cell, found in answers.items()}
    figure: Any = draw_answers(right, trained=live.LAG, floor=recall.TASK.floor)
    for curve, (cell, values) in zip(figure.data, right.items(), strict=True):
        assert (curve.name, curve.line.color) == (CELLS[cell], LOOKS[cell].color)
        np.testing.assert_array_equal(curve.y, values)
    assert figure.layout.shapes[0].x0 == live.LAG
    gates: Any = draw_gates({"gru": right["gru"]}, {"attentive": right["attentive"]}, trained=500)
    assert [curve.name for curve in gates.data] == [
        "GRU: update gate zₜ, mean of units",
        "attention to the first state",
    ]
    assert not gates.layout.shapes  # the end of training lies beyond the picture


def test_examples_show_their_sequence_and_answer():
    figure: Any = draw_recall(["C", "w", "x", "?"], "C")
    assert list(figure.data[0].text) == ["C", "w", "x", "?"]
    assert "answer: C" in [note.text for note in figure.layout.annotations]
    numbers = np.array([0.25, 0.5, 0.75], dtype=np.float32)
    sums: Any = draw_adding(numbers, np.array([True, False, True]), 1.0)
    assert list(sums.data[0].text) == ["0.250", "", "0.750"]
    assert "0.250 + 0.750 = <b>1.000</b>" in sums.layout.annotations[0].text


def test_every_architecture_has_its_own_colour_marker_and_dash():
    for looks in (LOOKS, STREAM_LOOKS):
        for mark in ("color", "symbol", "dash"):
            assert len({getattr(look, mark) for look in looks.values()}) == len(looks)


def test_every_figure_is_valid_plotly():
    rows, streams = read_results("recall")["rows"], read_results("reber")["rows"]
    answers = {cell: live.ask(cell, 1, 12) for cell in CELLS}
    right = {cell: found.probability[:, 1] for cell, found in answers.items()}
    keep = {cell: found.keep for cell, found in answers.items() if found.keep is not None}
    look = {cell: found.look for cell, found in answers.items() if found.look is not None}
    figures = [
        draw_accuracy(rows, 0.1, [point for point in PUBLISHED if point.task == "recall"]),
        draw_effort(rows),
        draw_bars(streams, []),
        draw_learning(streams),
        draw_norm(streams, 500),
        draw_answers(right, trained=100, floor=0.1),
        draw_gates(keep, look, trained=5),
        draw_recall(["A", "w", "?"], "A"),
        draw_adding(np.ones(3, dtype=np.float32), np.array([True, True, False]), 2.0),
    ]
    for figure in figures:
        go.Figure(figure.to_dict())  # raises on a name or value that Plotly does not know
