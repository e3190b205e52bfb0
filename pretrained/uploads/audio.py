"""Recordings that people bring: WAV, FLAC or OGG of any usual kind, as one channel of numbers at one rate.

What a file claims is checked before it is decoded. What can be put right is put right and said (``notices``); what
cannot is refused in one sentence.
"""

from __future__ import annotations

import wave
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from pretrained.task import InputError
from pretrained.uploads.damage import refused_as

MOST_BYTES = 5_000_000
LONGEST_FILE, LONGEST = 30.0, 3.0
"""Seconds of a file, and of sound in it, that are read."""

LOWEST_RATE, HIGHEST_RATE, MOST_CHANNELS = 4_000, 192_000, 8
SILENT = 1e-3
"""Largest value, of 1, of a recording in which there is nothing to hear (-60 dB)."""

BLOCK, MARGIN, LEAST_CUT = 0.02, 0.06, 0.1
"""Seconds: of a stretch whose loudness is measured, of quiet kept beside sound, and of quiet worth cutting off."""
QUIET = 35.0
"""Decibels below the loudest stretch at which a stretch counts as silence."""

KINDS = "save it as WAV, FLAC or OGG, or record in the page"


@dataclass(frozen=True, eq=False)
class Recording:
    """A recording, ready to be read.

    Attributes:
        samples: one channel in [-1, 1], ``[sample]``.
        rate: samples a second.
        notices: sentences about what was changed.
    """

    samples: NDArray[np.float32]
    rate: int
    notices: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / self.rate


def read_audio(content: bytes, rate: int) -> Recording:
    """A sound file as one channel at ``rate`` samples a second, silence at both ends cut off.

    Raises:
        InputError: if it is empty, too large or too long, no sound file, damaged, or silent.
    """
    samples, given, notices = _decode(content)
    if samples.shape[1] > 1:
        notices.append(f"{samples.shape[1]} channels were mixed into one.")
    mono = samples.mean(axis=1)
    if not np.isfinite(mono).all():
        raise InputError(f"The recording holds values that are no numbers, so it cannot be played: {KINDS}.")
    if len(mono) == 0 or np.abs(mono).max() < SILENT:
        raise InputError("The recording is silent: check the microphone, or choose another file.")
    if given != rate:
        mono = _resampled(mono, given, rate)
        lost = f"; what lies above {given / 2000:g} kHz is missing from it" if given < rate else ""
        notices.append(f"It was converted from {given / 1000:g} to {rate / 1000:g} kHz{lost}.")
    mono, cut = trimmed(mono, rate)
    notices += [cut] if cut else []
    if len(mono) > LONGEST * rate:
        notices.append(f"Only its first {LONGEST:g} of {len(mono) / rate:.1f} seconds are read.")
        mono = mono[: int(LONGEST * rate)]
    return Recording(np.clip(mono, -1.0, 1.0).astype(np.float32), rate, tuple(notices))


def as_wav(recording: Recording) -> bytes:
    """The recording as a WAV file of 16 bits a sample."""
    found = BytesIO()
    with wave.open(found, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(recording.rate)
        file.writeframes((recording.samples * 32767.0).astype("<i2").tobytes())
    return found.getvalue()


def _decode(content: bytes) -> tuple[NDArray[np.float32], int, list[str]]:
    """Samples ``[sample, channel]``, their rate, and what is to be said; the header is checked first."""
    import soundfile  # loads a library, seldom needed

    if not content:
        raise InputError(f"The file is empty, 0 bytes: {KINDS}.")
    if len(content) > MOST_BYTES:
        size = f"{len(content) / 1e6:.0f} MB"
        raise InputError(f"The file has {size}; choose one of at most {MOST_BYTES / 1e6:g} MB with one spoken digit.")
    damaged = f"This is no sound file that can be read, or it is damaged: {KINDS}."
    with refused_as(damaged), soundfile.SoundFile(BytesIO(content)) as file:
        _check_header(file)
        promised = max(file.frames, _promised_frames(content, file.channels))
        samples = np.asarray(file.read(dtype="float32", always_2d=True), dtype=np.float32)
        coarse = file.subtype in ("PCM_U8", "PCM_S8")
        given = file.samplerate
    notices = ["8 bits a sample are coarse: their rounding is heard as hiss."] if coarse else []
    if len(samples) < promised:
        have, whole = len(samples) / given, promised / given
        notices.append(f"The file breaks off: of {whole:.2f} seconds {have:.2f} are there, and those are read.")
    return samples, given, notices


def _check_header(file: object) -> None:
    rate, channels, frames = (int(getattr(file, name)) for name in ("samplerate", "channels", "frames"))
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise InputError(
            f"The file has {rate:,} samples a second; {LOWEST_RATE / 1000:g} to {HIGHEST_RATE / 1000:g} kHz can be "
            f"read: {KINDS}."
        )
    if channels > MOST_CHANNELS:
        raise InputError(f"The file has {channels} channels; {MOST_CHANNELS} at most can be read: {KINDS}.")
    if frames > LONGEST_FILE * rate:
        raise InputError(
            f"The recording lasts {frames / rate:,.0f} seconds; give one spoken digit in at most {LONGEST_FILE:g}."
        )


def _promised_frames(content: bytes, channels: int) -> int:
    """Samples a channel that the header of a PCM WAV file claims; 0 if it is none or does not say."""
    at, width = 12, 0
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        return 0
    while at + 8 <= len(content):
        name, size = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        if name == b"fmt " and size >= 16:
            width = int.from_bytes(content[at + 20 : at + 22], "little")
        if name == b"data":
            return size // width if width and size < 0xFFFFFF00 else 0
        at += 8 + size + size % 2
    return 0


def _resampled(samples: NDArray[np.floating], given: int, wanted: int) -> NDArray[np.floating]:
    from scipy.signal import resample_poly  # slow to import, seldom needed

    ratio = Fraction(wanted, given).limit_denominator(1000)
    return resample_poly(samples, ratio.numerator, ratio.denominator)


def trimmed(samples: NDArray[np.floating], rate: int) -> tuple[NDArray[np.floating], str]:
    """The sound without the silence around it, and what was cut off in words; "" if it was not worth it."""
    block = int(BLOCK * rate)
    count = len(samples) // block
    if count < 3:
        return samples, ""
    loudness = np.sqrt((samples[: count * block].reshape(count, block).astype(np.float64) ** 2).mean(axis=1))
    floor = min(2.0 * float(np.quantile(loudness, 0.1)), 0.25 * float(loudness.max()))
    heard = np.flatnonzero(loudness > max(floor, loudness.max() * 10.0 ** (-QUIET / 20.0)))
    if not heard.size:  # what is heard stands behind the last whole stretch
        return samples, ""
    start = max(0, int(heard[0]) * block - int(MARGIN * rate))
    end = min(len(samples), (int(heard[-1]) + 1) * block + int(MARGIN * rate))
    before, after = start / rate, (len(samples) - end) / rate
    if before + after < LEAST_CUT:
        return samples, ""
    return samples[start:end], f"Silence was cut off: {before:.2f} seconds before the sound, {after:.2f} after it."
