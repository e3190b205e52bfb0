"""Spoken digits: how recordings are read and varied, the figure on one time axis, and the page."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from core_models.trace import Site
from core_models.vocabulary import quantity
from pretrained.analysis.left_out import linear_accuracy
from pretrained.data.log_mel import BANDS, HOP, RATE, WINDOW, centres, log_mel, times
from pretrained.kinds.classes import Sample
from pretrained.registry import load
from pretrained.task import InputError
from pretrained.tasks.classes.spoken_digits import ELSEWHERE, EXAMPLES, SPOKEN_DIGITS, _decoded, read_example, vary
from pretrained.uploads.audio import LONGEST
from tests.pages.given.test_open_file import give
from tests.pages.test_pages import choose_model, use_example
from tests.pretrained.uploads.test_files import file, tone
from tests.support.pages import open_page, sentences
from tests.support.traces import RNN, make
from tests.viz.figures.test_clicks import Click
from viz.figures.parts.marks import find
from viz.figures.parts.unit_rows import unit_rows
from viz.figures.sequences import speech
from viz.figures.sequences.speech import Heard, tabulate
from viz.kinds.speech import how_to_read
from viz.linked_plot import linked_plot
from viz.markdown import escape
from viz.plain import to_json
from viz.theme import scale_of
from viz.view import Target

KEY = "spoken-digits-gru"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_every_example_is_shipped_and_read_frame_by_frame(example):
    recording, reading = read_example(example.text), SPOKEN_DIGITS.encode(example.text)
    assert recording.rate == RATE
    assert reading.values is not None
    assert reading.values.shape == (1 + (len(recording.samples) - WINDOW) // HOP, BANDS)
    assert len(set(reading.tokens.labels)) == len(reading.values)
    assert reading.tokens.labels[0] == f"{times(1)[0]:.2f} s"


def test_a_link_to_somebody_s_recording_is_answered_with_a_sentence():
    with pytest.raises(InputError, match=r"open it here, record one, or pick an example") as refusal:
        SPOKEN_DIGITS.encode("upload-0123456789abcdef")
    assert str(refusal.value) == ELSEWHERE


def test_what_was_brought_is_read_with_what_was_changed():
    reading = SPOKEN_DIGITS.encode("upload-x", file(tone(rate=16_000), 16_000))
    assert "converted from 16 to 8 kHz" in reading.notices[0]


def test_mu_law_codes_are_decoded():
    np.testing.assert_allclose(_decoded(np.array([0, 255], dtype=np.uint8)), [-1.0, 1.0])
    assert abs(_decoded(np.array([128], dtype=np.uint8))[0]) < 1e-3


def test_varied_recordings_differ_but_stay_frames():
    energy, draw_numbers = log_mel(tone(0.4)), np.random.default_rng(0)
    found = [vary(energy, draw_numbers) for _ in range(20)]
    assert all(frames.dtype == np.float32 and frames.shape[1] == BANDS for frames in found)
    assert len({frames.shape[0] for frames in found}) > 5
    assert all(np.isfinite(frames).all() for frames in found)


def test_the_linear_model_learns_what_is_linear():
    draw_numbers = np.random.default_rng(2)
    classes = SPOKEN_DIGITS.classes
    items = [
        Sample(draw_numbers.normal(size=(12, BANDS)) + 3.0 * np.eye(BANDS)[int(label)], label) for label in classes * 8
    ]
    assert linear_accuracy(SPOKEN_DIGITS, items[:60], items[60:]) > 0.9


ANSWER = Target(Site("answer"), "running_probability")
WEIGHTS = Target(Site("attention"), "attention_weights")
LAYERS = {
    "gru": ("reset_gate", "update_gate", "hidden_state"),
    "lstm": ("input_gate", "forget_gate", "output_gate", "cell_state", "hidden_state"),
    "rnn": ("hidden_state",),
}
"""Rows from top to bottom that the gates and states of a cell take."""


def heard(units=()) -> Heard:
    draw_numbers = np.random.default_rng(3)
    steps = 9
    probability = draw_numbers.dirichlet(np.ones(10), size=steps)
    probability[5:] = np.eye(10)[4] * 0.9 + 0.01
    probability[4] = np.eye(10)[3]
    return Heard(
        samples=draw_numbers.normal(size=WINDOW + (steps - 1) * HOP) * 0.1,
        rate=RATE, window=WINDOW, hop=HOP, frames=draw_numbers.normal(size=(steps, BANDS)), centres=centres(),
        attention=draw_numbers.dirichlet(np.ones(steps)), probability=probability,
        classes=SPOKEN_DIGITS.classes, times=[f"{time:.2f} s" for time in times(steps)], answer=ANSWER,
        attends=WEIGHTS, units=units,
    )  # fmt: skip


def draw(shown, selected=None) -> Any:
    return speech.draw(shown, selected)


def test_the_figure_holds_every_number_on_one_axis():
    shown = heard()
    figure = draw(shown, (ANSWER, 2, 3))
    wave, bands, bars, answers, best = figure.data
    np.testing.assert_allclose(answers.z, shown.probability.T, atol=1e-7)
    np.testing.assert_allclose(bands.z, shown.frames.T, atol=1e-6)
    np.testing.assert_allclose(bars.y, shown.attention, atol=1e-7)
    assert list(best.y) == shown.probability.argmax(axis=1).tolist()
    assert {curve.xaxis for curve in figure.data} == {None}
    assert shown.decided == 5
    assert np.nanmax(np.abs(wave.y)) == pytest.approx(1.0)
    clock = figure.to_dict()["layout"]["meta"]["clock"]
    assert clock["start"] + clock["rate"] * float(times(9)[8]) == pytest.approx(8.0)
    assert wave.x[0] == pytest.approx(shown.start + 5 / HOP)
    assert len(tabulate(shown)) == 9


@pytest.mark.parametrize("order", ["index", "similarity"])
@pytest.mark.parametrize("cell", LAYERS)
def test_gates_and_states_are_rows_on_the_same_axis_with_the_values_of_the_trace(cell, order):
    trace = make(steps=9, cell=cell)
    figure = draw(heard(unit_rows(trace, RNN, order)))
    go.Figure(figure.to_dict(), skip_invalid=False)
    rows = [curve for curve in figure.data if "unit %{y}" in (curve.hovertemplate or "")]
    assert [row.name for row in rows] == [quantity(key).label for key in LAYERS[cell]]
    for row, key in zip(rows, LAYERS[cell], strict=True):
        axis = figure.layout[row.yaxis.replace("y", "yaxis")]
        units = [int(label) for label in axis.labelalias.values()]
        assert (units == sorted(units)) == (order == "index")
        np.testing.assert_array_equal(row.z, trace.array(RNN, key).T[units])
        assert axis.title.text.startswith(f"{quantity(key).label}<br>unit")
        assert ("similarity" in axis.title.text) == (order == "similarity")
        assert row.xaxis is None
        assert "%{z:.6f}" in row.hovertemplate
        scale = scale_of(quantity(key), trace.array(RNN, key))
        assert (row.zmin, row.zmax) == (scale.low, scale.high)


def spans(figure, key):
    """Lower and upper end of everything in a figure that takes height: its rows, or its colour bars."""
    if key == "rows":
        return sorted(axis.domain for axis in figure.select_yaxes())
    bars = [curve.colorbar for curve in figure.data if curve.type == "heatmap" and curve.showscale is not False]
    return sorted((bar.y - bar.len / 2, bar.y + bar.len / 2) for bar in bars)


@pytest.mark.parametrize("kind", ["rows", "bars"])
@pytest.mark.parametrize("cell", LAYERS)
def test_neither_rows_nor_colour_bars_lie_over_each_other(cell, kind):
    figure = draw(heard(unit_rows(make(steps=9, cell=cell), RNN)))
    found = spans(figure, kind)
    assert found[0][0] == pytest.approx(0.0)
    assert all(low > below for (_, below), (low, _) in pairwise(found))
    assert figure.layout.xaxis.anchor == "y"
    assert figure.layout.yaxis.domain[0] == pytest.approx(0.0)


def test_gates_share_one_colour_bar_and_an_lstm_s_two_states_have_their_own():
    figure = draw(heard(unit_rows(make(steps=9, cell="lstm"), RNN)))
    bars = [curve.colorbar.title.text for curve in figure.data if curve.type == "heatmap" and curve.showscale is None]
    assert bars[1:-1] == ["gates", quantity("cell_state").label, quantity("hidden_state").label]


@pytest.mark.parametrize("cell", LAYERS)
def test_a_click_in_every_row_finds_its_number_and_that_number_is_framed(cell):
    trace = make(steps=9, cell=cell)
    shown = heard(unit_rows(trace, RNN, "similarity"))
    figure, plain = draw(shown), len(draw(shown).layout.shapes)
    offered = [ANSWER, WEIGHTS, *(Target(*address) for address in trace)]
    for number, curve in enumerate(figure.data):
        if curve.type != "heatmap" or curve.name == "energy":
            continue
        found = find(figure, Click(number, 6, 4), offered)
        assert found is not None
        target, (step, unit) = found
        values = shown.probability if target == ANSWER else trace.array(target.site, target.key)
        assert curve.z[4][6] == np.float32(values[step, unit])
        framed = draw(shown, (target, step, unit)).layout.shapes
        assert len(framed) == plain + 3
        assert framed[-1].yref == (curve.yaxis or "y")
        assert (framed[-1].y0 + framed[-1].y1) / 2 == 4
    assert find(figure, Click(2 + len(LAYERS[cell]), 6, 0.1), offered) == (WEIGHTS, (8, 6))
    assert find(figure, Click(1, 6, 12), offered) == (ANSWER, (6, None))


@pytest.mark.parametrize("click", [Click(0, 1, 0), Click(2, 9, 0), Click(2, 0, 7), Click(2, 0, -1), Click(99, 0, 0),
                                   Click(2, "a", None), Click("2", 0, 0)])  # type: ignore[arg-type]  # wrong on purpose  # fmt: skip
def test_a_click_on_no_number_finds_nothing(click):
    trace = make(steps=9)
    assert find(draw(heard(unit_rows(trace, RNN))), click, [Target(*address) for address in trace]) is None


def test_the_table_holds_all_that_is_drawn():
    trace = make(steps=9, cell="lstm")
    table = tabulate(heard(unit_rows(trace, RNN, "similarity")))
    for key in LAYERS["lstm"]:
        columns = [f"rnn-0-forward.{key}.{unit}" for unit in range(7)]
        np.testing.assert_array_equal(table[columns].to_numpy(), trace.array(RNN, key))
    assert len(table.columns) == 3 + 10 + BANDS + 5 * 7


def test_what_is_sent_for_the_longest_recording_stays_below_a_megabyte():
    steps = 1 + (int(LONGEST * RATE) - WINDOW) // HOP
    trace = make(steps=steps, units=96)
    short = heard(unit_rows(trace, RNN))
    draw_numbers = np.random.default_rng(4)
    long = replace(
        short, samples=draw_numbers.normal(size=int(LONGEST * RATE)),
        frames=draw_numbers.normal(size=(steps, BANDS)), attention=np.full(steps, 1 / steps),
        probability=np.full((steps, 10), 0.1), times=[f"{time:.2f} s" for time in times(steps)],
    )  # fmt: skip
    assert len(to_json(draw(long))) < 1_000_000


@pytest.mark.parametrize("key", LAYERS["gru"])
def test_the_page_draws_the_gates_with_the_sound_in_the_chosen_order_and_frames_the_selected_number(key):
    page = open_page(model=KEY, tab="answer", order="similarity", at=f"rnn-0-forward.{key}.4.50")
    assert not page.exception
    figure = speech_figure(page)
    rows = [row["title"]["text"] for name, row in figure["layout"].items() if name.startswith("yaxis")]
    labels = [label.replace("<br>", " ") for label in rows]
    assert [label for label in labels if "unit (by" in label] == [
        f"{quantity(each).label} unit (by similarity)" for each in LAYERS["gru"]
    ]
    part = next(part for part in figure["layout"]["meta"]["parts"] if part["target"] == f"rnn-0-forward-{key}")
    frame = figure["layout"]["shapes"][-1]
    assert part["units"][round((frame["y0"] + frame["y1"]) / 2)] == 50
    assert (frame["x0"] + frame["x1"]) / 2 == 4


def speech_figure(page):
    """What was sent to the browser for the figure from the sound to the answer."""
    sent = [json.loads(part.proto.bytes) for part in page.get("bidi_component")]
    return json.loads(next(each for each in sent if "wave and spectrogram" in each.get("alt", ""))["figure"])


def page_of_a_choice():
    import streamlit as st

    from tests.support.traces import make
    from viz import controls, params

    trace = make(both=True)
    above = controls.chosen_layer(trace)
    st.write(above.key, controls.pick_layer(trace).key)
    params.end_run()


@pytest.mark.parametrize("asked", [None, "rnn-0-backward", "nonsense"])
def test_what_stands_above_the_choice_of_a_layer_follows_it(asked):
    page = AppTest.from_function(page_of_a_choice)
    if asked:
        page.query_params["layer"] = asked
    page.run()
    first = "rnn-0-backward" if asked == "rnn-0-backward" else "rnn-0-forward"
    assert page.markdown[0].value == f"{first} {first}"
    other = "rnn-0-forward" if first == "rnn-0-backward" else "rnn-0-backward"
    page.segmented_control(key="layer").set_value(other).run()
    assert page.markdown[0].value == f"{other} {other}"


def test_words_say_which_layer_is_drawn_only_where_there_are_several():
    one, two = make(steps=9), make(steps=9, both=True)
    assert "of layer 1, backward" in how_to_read(two, Site("rnn", 0, "backward"))
    assert "of layer" not in how_to_read(one, RNN)


@pytest.mark.parametrize("meta", [{}, {"clock": 3}, {"clock": {"start": 0.0}}, {"clock": {"start": 0.0, "rate": 0.0}}])
def test_a_sound_needs_a_clock(meta):
    with pytest.raises(
        ValueError, match=r"linked_plot 'f': expected layout.meta\['clock'\] to say where a sound starts"
    ):
        linked_plot(go.Figure(layout_meta=meta), key="f", alt="", sound=b"RIFF")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_every_example_opens_with_its_known_answer(example):
    page = open_page(model=KEY, text=example.text, tab="answer")
    assert not page.exception
    assert not page.error
    said = sentences(page)
    assert f"Known answer: {example.reference}" in said
    assert "What is heard, and what becomes of it" in said
    assert "CC BY-SA 4.0" in said


def test_an_example_is_one_click_away_and_what_was_typed_elsewhere_stays():
    page = open_page(model="sst2-gru", text="a dull film of mine")
    choose_model(page, KEY)
    assert not page.exception
    use_example(page, EXAMPLES[2].title)
    assert page.metric[0].value == "1 (one)"
    assert page.query_params["text"] == EXAMPLES[2].text


def test_a_sound_is_uploaded_shown_and_its_link_asks_for_it_elsewhere():
    page = open_page(model=KEY)
    example = read_example("5-lucas")
    page = give(page, "five.wav", file(example.samples, example.rate))
    assert not page.exception
    assert page.metric[0].value == "5 (five)"
    name = str(page.query_params["text"])
    assert name.startswith("upload-")
    other = open_page(model=KEY, text=name)
    assert not other.exception
    assert other.info[0].value == escape(ELSEWHERE)
    use_example(other, EXAMPLES[0].title)
    assert other.metric


@pytest.mark.parametrize(("content", "sentence"), [(b"", "empty"), (b"RIFF....WAVE" * 9, "no sound file"),
                                                   (file(np.zeros(4000)), "silent")])  # fmt: skip
def test_a_file_that_cannot_be_read_is_answered_with_a_sentence(content, sentence):
    page = open_page(model=KEY, text=EXAMPLES[1].text)
    page = give(page, "x.wav", content)
    assert not page.exception
    assert sentence in page.error[0].value
    assert page.query_params["text"] == EXAMPLES[1].text
    assert page.metric


@pytest.mark.parametrize(
    "at",
    ["answer-0-forward.running_probability.9.7", "attention-0-forward.attention_weights.20.3",
     "rnn-0-forward.update_gate.4.50", "attention-0-forward.context.8.2"],
)  # fmt: skip
def test_the_arithmetic_of_a_number_shows_the_number_in_the_trace(at):
    page = open_page(model=KEY, at=at)
    assert not page.exception
    assert "In the trace" in sentences(page)


def test_strangers_are_scored_beside_a_linear_model():
    found = load(KEY).recipe.left_out
    speakers = {"george", "jackson", "lucas", "nicolas", "theo", "yweweler"}
    assert set(found["network"]) == set(found["linear"]) == set(found["count"]) <= speakers
    assert all(0.2 < share < 0.99 for share in found["network"].values())
    assert found["linear_test"] > 0.9
