r"""Sound as frames of numbers: how much energy each band of the ear's scale holds in every short stretch.

    X_t[k]  = Σ_n w[n] x[100 t + n] e^{-2πi k n / 512}    32 ms of sound (256 samples at 8 kHz) every 12.5 ms, w: Hann
    E_t[b]  = log10 Σ_k M_bk |X_t[k]|²                    40 triangles M, evenly spaced from 0 to 4 kHz in mel
    x_t[b]  = (max(E_t[b], max E - 6) - mean) / deviation  over the whole recording: loudness does not count

    mel(f) = 2595 log10(1 + f / 700)

Nothing is added before the first sample: frame t stands for the sound around ``times(t)``. What is 60 dB below the
loudest value of a recording is cut off there, so that digital silence is not minus infinity.

Source: O'Shaughnessy 1987, "Speech Communication" (the mel formula); Davis & Mermelstein 1980, IEEE Trans. ASSP 28(4)
(triangles on it).
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

RATE = 8_000
"""Samples a second."""

WINDOW, HOP, POINTS, BANDS = 256, 100, 512, 40
RANGE = 6.0
"""Powers of ten below the loudest value that are kept: 60 dB."""


def log_mel(samples: NDArray[np.floating]) -> NDArray[np.float32]:
    """Energy of every band, log10, ``[step, band]``, of sound at 8 kHz; less than a window is filled up with zeros."""
    sound = np.asarray(samples, dtype=np.float64)
    if len(sound) < WINDOW:
        sound = np.pad(sound, (0, WINDOW - len(sound)))
    stretches = np.lib.stride_tricks.sliding_window_view(sound, WINDOW)[::HOP]
    spectrum = np.fft.rfft(stretches * np.hanning(WINDOW), POINTS)
    energy = np.log10((np.abs(spectrum) ** 2) @ filters().T + 1e-30)
    return np.maximum(energy, energy.max() - RANGE).astype(np.float32)


def normalised(energy: NDArray[np.floating]) -> NDArray[np.float32]:
    """Energies with mean 0 and deviation 1 over the whole recording: what the network reads."""
    return ((energy - energy.mean()) / (energy.std() + 1e-6)).astype(np.float32)


def times(steps: int) -> NDArray[np.float64]:
    """Middle of every frame in seconds, ``[step]``."""
    return (np.arange(steps) * HOP + WINDOW / 2) / RATE


@cache
def filters() -> NDArray[np.float64]:
    """The triangles, ``[band, bin]``; each rises from the middle of the band below, and falls to that of the next."""
    edges = frequencies(np.linspace(0.0, mel(RATE / 2), BANDS + 2))
    bins = np.fft.rfftfreq(POINTS, 1.0 / RATE)
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    found = np.clip(np.minimum((bins - low) / (middle - low), (high - bins) / (high - middle)), 0.0, None)
    found.flags.writeable = False
    return found


def centres() -> NDArray[np.float64]:
    """Frequency in Hz in the middle of every band."""
    return frequencies(np.linspace(0.0, mel(RATE / 2), BANDS + 2))[1:-1]


def mel(frequency: float) -> float:
    """A frequency in Hz on the mel scale."""
    return 2595.0 * float(np.log10(1.0 + frequency / 700.0))


def frequencies(mels: NDArray[np.floating]) -> NDArray[np.float64]:
    """Frequencies in Hz of places on the mel scale."""
    return 700.0 * (10.0 ** (np.asarray(mels, dtype=np.float64) / 2595.0) - 1.0)
