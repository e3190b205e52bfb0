"""Spoken digits: how recordings are read and varied, the figure on one time axis, and the page."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from pretrained.left_out import linear_accuracy
from pretrained.log_mel import BANDS, HOP, RATE, WINDOW, centres, log_mel, times
from pretrained.recognition import Item
from pretrained.registry import load_recogniser
from pretrained.task import InputError
from pretrained.tasks.spoken_digits import ELSEWHERE, EXAMPLES, SPOKEN_DIGITS, _decoded, read_example, vary
from tests.test_files import file, tone
from tests.test_open_file import give
from tests.test_pages import open_page, sentences
from viz.figures.speech import Heard, draw, tabulate
from viz.linked_plot import linked_plot

KEY = "spoken-digits-gru"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_every_example_is_shipped_and_read_frame_by_frame(example):
    recording, reading = read_example(example.text), SPOKEN_DIGITS.read(example.text)
    assert recording.rate == RATE
    assert reading.values is not None
    assert reading.values.shape == (1 + (len(recording.samples) - WINDOW) // HOP, BANDS)
    assert len(set(reading.tokens.labels)) == len(reading.values)
    assert reading.tokens.labels[0] == f"{times(1)[0]:.2f} s"


def test_a_link_to_somebody_s_recording_is_answered_with_a_sentence():
    with pytest.raises(InputError, match=r"open it here, record one, or pick an example") as refusal:
        SPOKEN_DIGITS.read("upload-0123456789abcdef")
    assert str(refusal.value) == ELSEWHERE


def test_what_was_brought_is_read_with_what_was_changed():
    reading = SPOKEN_DIGITS.read("upload-x", file(tone(rate=16_000), 16_000))
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
        Item(draw_numbers.normal(size=(12, BANDS)) + 3.0 * np.eye(BANDS)[int(label)], label) for label in classes * 8
    ]
    assert linear_accuracy(SPOKEN_DIGITS, items[:60], items[60:]) > 0.9


def heard() -> Heard:
    draw_numbers = np.random.default_rng(3)
    steps = 9
    probability = draw_numbers.dirichlet(np.ones(10), size=steps)
    probability[5:] = np.eye(10)[4] * 0.9 + 0.01
    probability[4] = np.eye(10)[3]
    return Heard(
        samples=draw_numbers.normal(size=WINDOW + (steps - 1) * HOP) * 0.1,
        rate=RATE, window=WINDOW, hop=HOP, frames=draw_numbers.normal(size=(steps, BANDS)), centres=centres(),
        attention=draw_numbers.dirichlet(np.ones(steps)), probability=probability,
        classes=SPOKEN_DIGITS.classes, times=[f"{time:.2f} s" for time in times(steps)],
    )  # fmt: skip


def test_the_figure_holds_every_number_on_one_axis():
    shown = heard()
    figure = draw(shown, step=2, label=3)
    answers, best, bands, bars, wave = figure.data
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


@pytest.mark.parametrize("meta", [{}, {"clock": 3}, {"clock": {"start": 0.0}}, {"clock": {"start": 0.0, "rate": 0.0}}])
def test_a_sound_needs_a_clock(meta):
    with pytest.raises(
        ValueError, match=r"linked_plot 'f': expected layout.meta\['clock'\] to say where a sound starts"
    ):
        linked_plot(go.Figure(layout_meta=meta), key="f", alt="", sound=b"RIFF")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_every_example_opens_with_its_known_answer(example):
    page = open_page(model=KEY, text=example.text)
    assert not page.exception
    assert not page.error
    said = sentences(page)
    assert f"Known answer: {example.reference}" in said
    assert "What is heard, and when it is known" in said
    assert "CC BY-SA 4.0" in said


def test_an_example_is_one_click_away_and_what_was_typed_elsewhere_stays():
    page = open_page(model="sst2-gru", text="a dull film of mine")
    page.selectbox(key="model").select(KEY).run()
    assert not page.exception
    page.pills(key="example").set_value(EXAMPLES[2].title).run()
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
    assert other.info[0].value == ELSEWHERE
    other.pills(key="example").set_value(EXAMPLES[0].title).run()
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
    found = load_recogniser(KEY).recipe.left_out
    speakers = {"george", "jackson", "lucas", "nicolas", "theo", "yweweler"}
    assert set(found["network"]) == set(found["linear"]) == set(found["count"]) <= speakers
    assert all(0.2 < share < 0.99 for share in found["network"].values())
    assert found["linear_test"] > 0.9
