"""Frames of sound: what a sine gives can be computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from pretrained.data.log_mel import BANDS, HOP, POINTS, RATE, WINDOW, centres, filters, log_mel, normalised, times


def sine(pitch: float, seconds: float = 0.3) -> np.ndarray:
    return np.sin(2 * np.pi * pitch * np.arange(int(seconds * RATE)) / RATE)


def test_a_sine_s_energy_is_that_of_the_window_by_hand():
    """At a bin's own frequency |X| is half the sum of the window, up to the window's far image."""
    bin_ = 64
    energy = log_mel(sine(bin_ * RATE / POINTS))
    window = np.hanning(WINDOW)
    n = np.arange(WINDOW)
    power = np.array(
        [abs((window * np.sin(2 * np.pi * bin_ * n / POINTS) * np.exp(-2j * np.pi * k * n / POINTS)).sum()) ** 2
         for k in range(POINTS // 2 + 1)]
    )  # fmt: skip
    assert power[bin_] == pytest.approx((window.sum() / 2) ** 2, rel=1e-4)
    expected = np.log10(filters() @ power)
    heard = expected > expected.max() - 5
    np.testing.assert_allclose(energy[0][heard], expected[heard], atol=1e-4)


@pytest.mark.parametrize("pitch", [200.0, 440.0, 1000.0, 3000.0])
def test_a_sine_is_loudest_in_the_band_around_it(pitch):
    best = log_mel(sine(pitch)).mean(axis=0).argmax()
    assert best == np.abs(centres() - pitch).argmin()


def test_frames_stand_every_12_5_ms_and_a_short_sound_is_one():
    steps = 1 + (int(0.3 * RATE) - WINDOW) // HOP
    assert log_mel(sine(440)).shape == (steps, BANDS)
    assert log_mel(sine(440, 0.01)).shape == (1, BANDS)
    np.testing.assert_allclose(times(3), [0.016, 0.0285, 0.041])


def test_loudness_does_not_count_and_silence_is_60_db_down():
    sound = np.concatenate([sine(440), np.zeros(2000)])
    energy = log_mel(sound)
    assert energy.max() - energy.min() == pytest.approx(6.0, abs=1e-5)
    frames = normalised(energy)
    assert (frames.mean(), frames.std()) == (pytest.approx(0, abs=1e-4), pytest.approx(1, abs=1e-4))
    np.testing.assert_allclose(normalised(log_mel(0.01 * sound)), frames, atol=1e-3)
