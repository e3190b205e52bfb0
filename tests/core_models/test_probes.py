"""Probes read what is there, memorise what they are given to memorise, and their sentences are labelled right."""

from __future__ import annotations

import numpy as np
import pytest

from core_models.explain.probing.probes import fit_probe
from pretrained.analysis.probe_sentences import PROPERTIES, make_sentences
from pretrained.analysis.probing import probe_all
from pretrained.registry import load

DRAW = np.random.default_rng(5)


def test_a_probe_finds_the_direction_that_made_the_labels() -> None:
    states, direction = DRAW.normal(size=(2000, 8)), DRAW.normal(size=8)
    probe = fit_probe(states[:1000], states[:1000] @ direction > 0.3)
    assert probe.accuracy(states[1000:], states[1000:] @ direction > 0.3) > 0.98
    cosine = probe.weights @ direction / np.linalg.norm(probe.weights) / np.linalg.norm(direction)
    assert cosine > 0.99


def test_the_slope_of_the_penalised_loss_is_zero_where_the_fit_ends() -> None:
    states = DRAW.normal(size=(300, 4)) * [1.0, 5.0, 0.1, 2.0] + 3.0
    labels = states[:, 0] + DRAW.normal(size=300) > 3.0
    probe = fit_probe(states, labels, ridge=2.0)
    scaled = (states - states.mean(axis=0)) / states.std(axis=0)
    slope = scaled.T @ (probe.probability(states) - labels) + 2.0 * probe.weights
    assert np.abs(slope).max() < 1e-6
    assert abs((probe.probability(states) - labels).sum()) < 1e-6


def test_a_probe_finds_nothing_in_noise() -> None:
    states, labels = DRAW.normal(size=(2000, 8)), DRAW.random(2000) > 0.5
    assert fit_probe(states[:1000], labels[:1000]).accuracy(states[1000:], labels[1000:]) < 0.56


def test_a_unit_that_never_moves_does_no_harm() -> None:
    states = np.column_stack([DRAW.normal(size=200), np.full(200, 0.7)])
    assert fit_probe(states, states[:, 0] > 0).accuracy(states, states[:, 0] > 0) > 0.97


@pytest.mark.parametrize(
    ("states", "labels", "sentence"),
    [
        (np.zeros((3, 2)), np.array([True, False]), "expected states"),
        (np.zeros((3, 2)), np.array([True, True, True]), "one kind alone"),
    ],
)
def test_what_cannot_be_probed_is_refused(states: np.ndarray, labels: np.ndarray, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        fit_probe(states, labels)


def test_labels_say_what_has_been_read() -> None:
    wanted = {"not", "but"}
    item = next(s for s in make_sentences(400, seed=2) if wanted <= set(s.text.split()) and s.text.count("but") == 1)
    words = item.text.split()
    turn = words.index("but")
    assert [bool(value) for value in item.labels["contrast"]] == [step >= turn for step in range(len(words))]
    assert [bool(value) for value in item.labels["late"]] == [step > 5 for step in range(len(words))]
    assert not item.labels["negated"][turn]
    assert item.labels["negated"][words.index("not")]
    assert item.labels["praise"][0] is None


def test_made_sentences_are_known_words_and_depend_on_the_seed_alone() -> None:
    model = load("sst2-gru")
    made = make_sentences(100, seed=3)
    assert [item.text for item in made] == [item.text for item in make_sentences(100, seed=3)]
    for item in made:
        tokens = model.task.encode(item.text).tokens
        assert all(tokens.known)
        assert len(tokens) == len(item.text.split())
        assert all(len(item.labels[key]) == len(tokens) for key in PROPERTIES)


def test_probes_of_a_shipped_model_are_compared_with_their_controls() -> None:
    model = load("sst2-gru")
    found = probe_all(model)
    praise = found["praise"]
    assert praise.accuracy > 0.95 > praise.untrained > praise.word  # it was trained to tell praise from blame
    assert praise.selectivity > 0.15
    assert found["thing"].word > 0.99  # the word itself says that, and no state is needed
