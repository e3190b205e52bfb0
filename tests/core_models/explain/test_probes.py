"""Probes read what is there, and nothing where there is nothing."""

from __future__ import annotations

import numpy as np
import pytest

from core_models.explain.probing.probes import fit_probe

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
