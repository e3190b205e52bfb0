"""No answer where there is no evidence: foreign scripts, unknown words, unlike sounds and letters, strange texts."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core_models.trace import Tokens
from pretrained.data.log_mel import RATE, log_mel, normalised
from pretrained.evidence import doubt, doubt_about, familiar, file_of
from pretrained.looks_like import looks_like
from pretrained.registry import every_recipe, load, task_of
from pretrained.shipped import is_listed
from pretrained.task import InputError
from pretrained.tasks import TASKS
from tests.pretrained.uploads.test_files import tone
from viz.batch.answers import NO_ANSWER, read_all

MODELS = ("sst2-gru", "splice-bigru", "spoken-digits-gru", "pos-bilstm", "commands-bilstm", "dialogue-zh-bilstm",
          "protein-bilstm", "shakespeare-lstm", "c-code-lstm", "poems-lstm")  # fmt: skip
"""One of every task that answers with classes, labels or the next token."""

FOREIGN = {
    "sst2-gru": {
        "这部电影很好看": "written in Chinese characters",
        "фильм очень хороший": "written in Cyrillic",
        "الفيلم جيد جدا": "written in Arabic",
        "Der Film ist wirklich sehr gut": "4 of these 6 words are not known",
        "le film est vraiment très bon": "words are not known",
        "xyzzy": "This word is not known to this model, so there is no answer",
        "xyzzy flumptious": "None of these words is known to this model, so there is no answer",
        "😀😀": "None of these",
    },
    "splice-bigru": {
        "N" * 60: "None of these letters is known to this model for certain, so there is no answer",
        "N" * 31 + "ACGTTGCAAGCTAGCTAGGATCGATCGTA": "31 of these 60 letters",
        "A" * 60: "unlike anything the model learned from",
        "ACGT" * 15: "unlike anything the model learned from",
    },
    "pos-bilstm": {"这部电影很好看": "Chinese", "Der Film ist wirklich sehr gut und neu": "its labels mean nothing"},
    "commands-bilstm": {"Spiel mir das Lied vom Tod": "5 of these 6 words", "музыка": "Cyrillic"},
    "dialogue-zh-bilstm": {"hello, where is the hotel?": "written in Latin letters"},
    "protein-bilstm": {"X" * 12: "None of these letters"},
    "shakespeare-lstm": {
        "这部电影很好看": "Chinese",
        "for (i = 0; i < n; i++) { a[i] = b[i] * 2; }": "surprises the model far more",
        "qzxv jjkw zzqp vvxk wqjz kxvq": "surprises the model far more",
    },
    "poems-lstm": {"to be or not to be": "Latin letters"},
    "c-code-lstm": {"电影电影": "Chinese", "Der Film ist wirklich sehr gut und die Musik auch": "surprises"},
}  # fmt: skip
"""Inputs on which a model has nothing to say, and what is said of them."""

CASES = [(key, text, sentence) for key, texts in FOREIGN.items() for text, sentence in texts.items()]


OTHERS = {
    "ACGTTGCAAGCTAGCTAGGATCGATCGTA": ("DNA", "splice junctions"),
    "acgttgcaag ctagctagga tcgatcgtac": ("DNA", "splice junctions"),
    "1 acgttgcaag ctagctagga 21 tcgatcgtac": ("DNA", "splice junctions"),
    ">x\nACGUUGCAAGCUAGCUAGG": ("DNA", "splice junctions"),
    "MQIFVKTLTGKTITLEVEPSDTIENVKAKIQDK": ("a protein", "protein structure"),
}


@pytest.mark.parametrize(("text", "said"), OTHERS.items())
@pytest.mark.parametrize("key", [key for key in MODELS if key not in ("spoken-digits-gru",)])
def test_letters_of_another_model_are_named_with_the_model_that_reads_them(key, text, said):
    model, (what, wanted) = load(key), said
    try:
        found = doubt(model.task, model.encode(text).tokens)
    except InputError as error:
        found = str(error)
    own = {"splice-bigru": "DNA", "protein-bilstm": "a protein"}.get(key)
    assert (f"This looks like {what}: choose a model of {wanted}." in found) == (what != own)


@pytest.mark.parametrize("key", ["splice-bigru", "protein-bilstm"])
def test_a_sentence_among_letters_is_named_as_one(key):
    with pytest.raises(InputError, match="This looks like a sentence: choose a model that reads words"):
        load(key).encode("what a fine jolly film, no. 1!")


@pytest.mark.parametrize("text", ["INTERESTING", "a cat", "AN INTERESTING AND FASCINATING FILM", "tact", "GATTACA",
                                  "supercalifragilistic", "", "AAA BBB CCC", "good good good good good"])  # fmt: skip
def test_words_are_no_letters_of_another_model(text):
    assert looks_like(text) in ("", "a sentence")


@pytest.mark.parametrize("key", MODELS)
def test_no_example_and_so_no_usual_input_is_doubted(key):
    model = load(key)
    for example in model.task.examples:
        assert doubt_about(model, model.trace(model.encode(example.text))) == ""


def test_every_kind_and_every_measured_task_that_can_be_doubted_is_among_them():
    asked = [load(key).task for key in MODELS]
    assert {task.kind for task in asked} == {"classes", "labels", "next_token"}
    assert {task.key for task in TASKS if is_listed(file_of(task))} <= {task.key for task in asked}


@pytest.mark.parametrize(("key", "text", "sentence"), CASES)
def test_a_foreign_input_has_no_answer_and_the_reason_is_one_sentence(key, text, sentence):
    model = load(key)
    found = doubt_about(model, model.trace(model.encode(text)))
    assert sentence in found
    assert found.endswith(".")
    assert len(found) < 250


@pytest.mark.parametrize(("key", "text", "sentence"), CASES)
def test_many_sequences_at_once_are_doubted_as_one_is(key, text, sentence):
    model = load(key)
    found = read_all(model, [text, model.task.examples[0].text])
    assert sentence in found["note"][0]
    assert found["note"][1] is None or "so" not in found["note"][1].split()
    if "prediction" in found:
        assert found["prediction"][0] == NO_ANSWER
        assert found["confidence"][0] is None
        assert found["prediction"][1] != NO_ANSWER


DRAW = np.random.default_rng(0)
TIME = np.arange(int(0.6 * RATE)) / RATE
NO_SPEECH = {
    **{f"{pitch} Hz": tone(0.6, pitch=pitch) for pitch in (60, 110, 220, 440, 1000, 2000, 3000)},
    "220 Hz in noise": tone(0.6, pitch=220.0) + 0.1 * DRAW.normal(size=len(TIME)),
    "white noise": DRAW.normal(size=len(TIME)),
    "a chord": sum(tone(0.6, pitch=pitch) for pitch in (262.0, 330.0, 392.0)),
    "a square wave": np.sign(tone(0.6, pitch=220.0)),
    "the hum of mains": tone(0.6, pitch=50.0) + 0.3 * tone(0.6, pitch=100.0) + 0.01 * DRAW.normal(size=len(TIME)),
    "two dialling tones": tone(0.6, pitch=770.0) + tone(0.6, pitch=1336.0),
    "a fading tone": tone(0.6) * np.exp(-6.0 * TIME) + 1e-4 * DRAW.normal(size=len(TIME)),
}  # fmt: skip


@pytest.mark.parametrize("sound", NO_SPEECH.values(), ids=NO_SPEECH)
def test_a_sound_that_is_no_speech_has_no_answer(sound):
    task = load("spoken-digits-gru").task
    frames = normalised(log_mel(np.asarray(sound)))
    found = doubt(task, Tokens.numbered(len(frames)), frames)
    assert "This sound is unlike anything the model learned from" in found


def burst(length: float, at: float, fall: float, seed: int) -> np.ndarray:
    """A hand clap as a reverberant room answers it: a burst of noise that fades in two stages."""
    draw, found = np.random.default_rng(seed), np.zeros(int(length * RATE))
    after = np.arange(len(found) - int(at * RATE)) / RATE
    found[int(at * RATE) :] = draw.normal(size=len(after)) * (np.exp(-after / fall) + 0.1 * np.exp(-after / 0.15))
    return found + 1e-3 * draw.normal(size=len(found))


NOISES = {
    **{f"a clap, {seed}": burst(0.7, 0.1, 0.012, seed) for seed in range(5)},
    "two claps": burst(0.8, 0.1, 0.01, 7) + burst(0.8, 0.45, 0.01, 8),
    "a mouse click": np.sign(burst(0.5, 0.1, 0.002, 9)) * (np.abs(burst(0.5, 0.1, 0.002, 9)) > 0.3)
    + 1e-3 * np.random.default_rng(2).normal(size=int(0.5 * RATE)),
    "pink noise": np.cumsum(np.random.default_rng(3).normal(size=5000)) * 0.02
    + np.random.default_rng(4).normal(size=5000),
    "a breath": np.hanning(4800) * np.random.default_rng(5).normal(size=4800),
    "a slide whistle": np.sin(2 * np.pi * np.cumsum(np.linspace(500, 1500, 4800)) / RATE),
}  # fmt: skip


@pytest.mark.parametrize("sound", NOISES.values(), ids=NOISES)
def test_claps_clicks_and_noise_have_no_answer(sound):
    task = load("spoken-digits-gru").task
    frames = normalised(log_mel(np.asarray(sound)))
    found = doubt(task, Tokens.numbered(len(frames)), frames)
    assert "so there is no answer" in found
    assert found.endswith(".")


@settings(max_examples=60, deadline=None)
@given(st.text("ACGT", min_size=1, max_size=4))
def test_dna_that_repeats_a_few_letters_is_no_evidence(unit):
    task = load("splice-bigru").task
    assert doubt(task, task.encode((unit * 60)[:60]).tokens)


def test_random_dna_is_as_good_as_any_that_is_no_junction():
    task, chance = load("splice-bigru").task, random.Random(0)  # noqa: S311 (letters, not secrets)
    found = [doubt(task, task.encode("".join(chance.choices("ACGT", k=60))).tokens) for _ in range(200)]
    assert sum(map(bool, found)) < 10


@pytest.mark.parametrize("task", [task for task in TASKS if is_listed(file_of(task))], ids=lambda task: task.key)
def test_of_what_was_held_back_at_most_one_in_fifty_is_doubted(task):
    found = familiar(file_of(task))
    assert found.count > 500
    assert found.flagged <= 0.02 * found.count
    assert found.precision.shape == (len(found.mean), len(found.mean))


def test_one_unknown_word_among_known_ones_is_no_reason_for_doubt():
    model = load("sst2-gru")
    assert task_of(every_recipe()["sst2-gru"]) is model.task
    assert doubt(model.task, model.encode("a flumptious film").tokens) == ""


def test_what_gives_another_kind_of_output_is_doubted_too():
    sentiment: Any = task_of(every_recipe()["sst2-gru"])
    task = replace(sentiment, kind="amount")
    assert doubt(task, task.encode("zxqv wqzk vkqx").tokens).endswith("so there is no answer.")
    assert doubt(task, task.encode("zxqv wqzk a fine film").tokens) == ""
