"""Whether a sound is speech: recordings of training told from claps, clicks, knocks, tones and noises that are made up.

A logistic regression over the sums z of a sound and their squares, so that a sound may lie on either side:

    score = w₁ᵀ z + w₂ᵀ z² + b,   z = (x - m) / s, cut off at ±6

x are cepstra (cosine transforms of the bands) of five stretches of the sound, how much each varies and changes, and the
length. Its limit is the 2% point of what recordings of training have when the regression learned from the other voices.
Words that are no digits are speech too: they are not told apart.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pretrained.data.log_mel import BANDS, RATE, log_mel, normalised

STRETCHES, CEPSTRA, FARTHEST = 5, 13, 6.0
PENALTY, ROUNDS = 1e-3, 300
"""On the squares of the weights; steps of the optimiser."""

COUNT = 250
"""Sounds of every kind that are made up."""

COSINES = np.cos(np.pi * np.outer(np.arange(BANDS) + 0.5, np.arange(CEPSTRA)) / BANDS) * np.sqrt(2.0 / BANDS)
"""The cosine transform (DCT-II), ``[band, cepstrum]``."""

Sound = Callable[[np.random.Generator], NDArray[np.float64]]


def sums_of(frames: NDArray[np.floating]) -> NDArray[np.float64]:
    """The sums ``[d]`` of frames ``[step, band]``."""
    cepstra = np.asarray(frames, dtype=np.float64) @ COSINES
    parts = np.array_split(cepstra, STRETCHES) if len(cepstra) >= STRETCHES else [cepstra] * STRETCHES
    changes = np.abs(np.diff(cepstra, axis=0)).mean(axis=0) if len(cepstra) > 1 else np.zeros(CEPSTRA)
    means = [part.mean(axis=0) for part in parts]
    return np.concatenate([*means, cepstra.std(axis=0), changes, [np.log(len(cepstra))]])


def squared(sums: NDArray[np.floating], middle: NDArray[np.floating], scale: NDArray[np.floating]) -> NDArray:
    """What the weights are multiplied with, ``[..., 2 d + 1]``, of sums ``[..., d]``."""
    z = np.clip((sums - middle) / scale, -FARTHEST, FARTHEST)
    return np.concatenate([z, z**2, np.ones((*z.shape[:-1], 1))], axis=-1)


def fit(speech: NDArray[np.floating], others: NDArray[np.floating]) -> NDArray[np.float64]:
    """Weights under which speech ``[sound, ...]`` lies above 0 and other sounds below, both counting alike."""
    from scipy.optimize import minimize  # slow to import, and needed here alone

    rows = np.concatenate([speech, others])
    sign = np.concatenate([np.ones(len(speech)), -np.ones(len(others))])
    share = np.where(sign > 0, len(others) / len(speech), 1.0)
    penalised = np.append(np.ones(rows.shape[1] - 1), 0.0)

    def loss(weights: NDArray) -> tuple[float, NDArray]:
        margin = sign * (rows @ weights)
        slope = -(rows * (share * sign / (1.0 + np.exp(np.minimum(margin, 500.0))))[:, None]).mean(axis=0)
        value = (share * np.logaddexp(0.0, -margin)).mean() + PENALTY * (penalised * weights**2).sum()
        return float(value), slope + 2.0 * PENALTY * penalised * weights

    found = minimize(loss, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": ROUNDS})
    return np.asarray(found.x)


def made_up(draw: np.random.Generator) -> NDArray[np.float64]:
    """The sums of sounds that are no speech, ``[sound, d]``."""
    return np.array([sums_of(normalised(log_mel(make(draw)))) for make in KINDS for _ in range(COUNT)])


def _length(draw: np.random.Generator) -> int:
    return int(RATE * draw.uniform(0.3, 0.9))


def noise(draw: np.random.Generator, fall: float = 0.0) -> NDArray[np.float64]:
    """Noise whose power falls with the frequency to this power: 0 is white, 1 pink, 2 brown."""
    found = np.fft.rfft(draw.normal(size=_length(draw)))
    found /= np.maximum(1.0, np.arange(len(found))) ** (fall / 2.0)
    return np.fft.irfft(found)


def clap(draw: np.random.Generator) -> NDArray[np.float64]:
    """One to three short bursts of noise."""
    found = 1e-3 * noise(draw)
    for start in draw.integers(0, len(found) // 2, size=draw.integers(1, 4)):
        fading = np.exp(-np.arange(len(found) - start) / (RATE * draw.uniform(0.005, 0.03)))
        found[start:] += fading * draw.normal(size=len(fading))
    return found


def click(draw: np.random.Generator) -> NDArray[np.float64]:
    """One to five jumps."""
    found = 1e-3 * noise(draw)
    for start in draw.integers(0, len(found) - 40, size=draw.integers(1, 6)):
        found[start : start + draw.integers(2, 30)] += draw.choice([-1.0, 1.0])
    return found


def knock(draw: np.random.Generator) -> NDArray[np.float64]:
    """One to three tones that fade at once."""
    found = 1e-3 * noise(draw)
    for start in draw.integers(0, len(found) // 2, size=draw.integers(1, 4)):
        at = np.arange(len(found) - start)
        found[start:] += np.exp(-at / (RATE * 0.03)) * np.sin(2.0 * np.pi * draw.uniform(100.0, 500.0) * at / RATE)
    return found


def tone(draw: np.random.Generator) -> NDArray[np.float64]:
    """A note with overtones."""
    found = 3e-3 * noise(draw)
    turns = 2.0 * np.pi * draw.uniform(80.0, 1500.0) * np.arange(len(found)) / RATE
    return found + np.hanning(len(found)) * sum(np.sin(turns * over) / over for over in range(1, draw.integers(2, 6)))


def sweep(draw: np.random.Generator) -> NDArray[np.float64]:
    """A tone that rises or falls."""
    found = 3e-3 * noise(draw)
    at = np.arange(len(found)) / RATE
    low, high = draw.uniform(80.0, 2500.0, size=2)
    return found + np.sin(2.0 * np.pi * (low * at + (high - low) * at**2 / (2.0 * at[-1])))


def breath(draw: np.random.Generator) -> NDArray[np.float64]:
    """Noise that swells and fades."""
    found = noise(draw, draw.uniform(0.0, 2.0))
    return found * np.hanning(len(found))


def steady(draw: np.random.Generator) -> NDArray[np.float64]:
    """Noise of one of three colours."""
    return noise(draw, float(draw.integers(0, 3)))


KINDS: tuple[Sound, ...] = (clap, click, knock, tone, sweep, breath, steady)
"""Sounds that are no speech."""
