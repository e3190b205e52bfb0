"""Recordings that people bring: sound files of any usual kind, as one channel of numbers at one rate.

What a file claims is checked before it is decoded. What can be put right is put right and said (``notices``); what
cannot is refused in one sentence.
"""

from __future__ import annotations

import wave
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core_models.language import mark, say
from pretrained.task import InputError
from pretrained.uploads.damage import refused_as
from pretrained.uploads.recognise import AUDIO, by_content, what_and_way

MOST_BYTES = 5_000_000
LONGEST_FILE, LONGEST, SHORTEST = 30.0, 3.0, 0.1
"""Seconds of a file, and of sound in it, that are read; and the fewest in which a digit can be said."""

LOWEST_RATE, HIGHEST_RATE, MOST_CHANNELS = 4_000, 192_000, 8
SILENT, SILENT_COARSE, SILENT_FINE = 1e-4, 1.5e-2, 1e-6
"""Largest value, of 1, of a recording in which there is nothing to hear but its own rounding: of 16 bits or what was
packed by ear, of 8 bits, and of more bits or floats. Loudness itself does not count."""

COARSE, FINE = ("PCM_U8", "PCM_S8"), ("PCM_24", "PCM_32", "FLOAT", "DOUBLE")
CANCELLED = 0.1
"""Share of the loudest channel that is left of two channels that cancel when they are mixed, at most."""

OFFSET, FULL = 0.02, 1.0
"""Share of the largest value from which an offset is said, and the largest value that a file should have."""

STREAMED = 0x7FFF0000
"""Size of the samples from which it is no size, but what programs write that do not know it yet; so is 0."""

UNKNOWN_LENGTH = 1 << 40
"""Samples from which a number of them stands for an unknown one."""

BLOCK, MARGIN, LEAST_CUT = 0.02, 0.06, 0.1
"""Seconds: of a stretch whose loudness is measured, of quiet kept beside sound, and of quiet worth cutting off."""
QUIET = 35.0
"""Decibels below the loudest stretch at which a stretch counts as silence."""

KINDS = mark("save it as WAV, FLAC, OGG or MP3, or record in the page")


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


class Content(BytesIO):
    """The bytes of a sound; damaged ones send whoever reads them to a place before their beginning."""

    def seek(self, place: int, whence: int = 0, /) -> int:
        """Go to a place, or to the beginning."""
        try:
            return super().seek(place, whence)
        except ValueError:
            return super().seek(0)


def read_audio(content: bytes, rate: int) -> Recording:
    """A sound file as one channel at ``rate`` samples a second, silence at both ends cut off.

    Raises:
        InputError: if it is empty, too large or too long, no sound file, damaged, or silent.
    """
    samples, given, silent, notices = _decode(content)
    if not np.isfinite(samples).all():
        raise InputError(
            say("The recording holds values that are no numbers, so it cannot be played: {kinds}.", kinds=say(KINDS))
        )
    samples, changed = _levelled(samples)
    mono, mixed = _mixed(samples)
    notices += changed + mixed
    if len(mono) == 0 or np.abs(mono).max() < silent:
        raise InputError(say("The recording is silent: check the microphone, or choose another file."))
    if len(mono) < SHORTEST * given:
        raise InputError(
            say(
                "The recording lasts {n:.3g} milliseconds, which is too short for a digit: "
                "choose one of at least {least:g} seconds.",
                n=1000 * len(mono) / given,
                least=SHORTEST,
            )
        )
    if given != rate:
        mono = _resampled(mono, given, rate)
        text = mark(
            "It was converted from {given:g} to {rate:g} kHz; what lies above {half:g} kHz is missing from it."
        ) if given < rate else mark("It was converted from {given:g} to {rate:g} kHz.")  # fmt: skip
        notices.append(say(text, given=given / 1000, rate=rate / 1000, half=given / 2000))
    mono, cut = trimmed(mono, rate)
    notices += [cut] if cut else []
    if len(mono) > LONGEST * rate:
        notices.append(
            say("Only its first {most:g} of {seconds:.1f} seconds are read.", most=LONGEST, seconds=len(mono) / rate)
        )
        mono = mono[: int(LONGEST * rate)]
    return Recording(np.clip(mono, -1.0, 1.0).astype(np.float32), rate, tuple(notices))


def _levelled(samples: NDArray[np.floating]) -> tuple[NDArray[np.floating], list[str]]:
    """Samples ``[sample, channel]`` around 0 and within ±1, and what was changed; an offset is no sound."""
    if not len(samples):
        return samples, []
    notices, offset = [], samples.mean(axis=0, dtype=np.float64)
    peak = float(np.abs(samples).max())
    samples = (samples - offset).astype(np.float32)
    if np.abs(offset).max() > OFFSET * peak:
        notices.append(
            say("Its values lay around another number than 0, as from a cheap microphone; that was taken off.")
        )
    if peak > FULL:
        notices.append(
            say("Its values reach {peak:,.4g} where 1 is the most, so all were made smaller alike.", peak=peak)
        )
    return samples / max(FULL, float(np.abs(samples).max())), notices


def _mixed(samples: NDArray[np.floating]) -> tuple[NDArray[np.floating], list[str]]:
    """One channel of several, ``[sample]``: their mean, or the loudest where they cancel in it."""
    mono, count = samples.mean(axis=1), samples.shape[1]
    if count == 1 or not len(mono):
        return mono, []
    power = np.square(samples, dtype=np.float64).mean(axis=0)
    if np.square(mono, dtype=np.float64).mean() >= CANCELLED**2 * power.max():
        return mono, [say("{n} channels were mixed into one.", n=count)]
    best = int(power.argmax())
    return samples[:, best], [
        say("Its {n} channels cancel when they are mixed, so only channel {best} is read.", n=count, best=best + 1)
    ]


def as_wav(recording: Recording) -> bytes:
    """The recording as a WAV file of 16 bits a sample."""
    found = BytesIO()
    with wave.open(found, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(recording.rate)
        file.writeframes((recording.samples * 32767.0).astype("<i2").tobytes())
    return found.getvalue()


def _decode(content: bytes) -> tuple[NDArray[np.float32], int, float, list[str]]:
    """Samples ``[sample, channel]``, their rate, up to which value they are silent, and what is to be said.

    The header is checked first.
    """
    import soundfile  # loads a library, seldom needed

    if not content:
        raise InputError(say("The file is empty, 0 bytes: {kinds}.", kinds=say(KINDS)))
    if len(content) > MOST_BYTES:
        raise InputError(
            say("The file has {n:.0f} MB; choose one of at most {most:g} MB with one spoken digit.",
                n=len(content) / 1e6, most=MOST_BYTES / 1e6)
        )  # fmt: skip
    _check_kind(content)
    content = _with_its_size(content)
    damaged = say("This is no sound file that can be read, or it is damaged: {kinds}.", kinds=say(KINDS))
    with refused_as(damaged), soundfile.SoundFile(Content(content)) as file:
        known = 0 < file.frames < UNKNOWN_LENGTH
        _check_header(file, file.frames if known else 0)
        given, subtype = file.samplerate, file.subtype
        promised = max(file.frames if known else 0, _promised_frames(content))
        whole = known or not file.frames
        samples = np.asarray(file.read(dtype="float32", always_2d=True) if whole else _to_its_end(file), np.float32)
        _check_header(file, len(samples))
    notices = [say("8 bits a sample are coarse: their rounding is heard as hiss.")] if subtype in COARSE else []
    if len(samples) < promised:
        have, whole = len(samples) / given, promised / given
        notices.append(
            say("The file breaks off: of {whole:.2f} seconds {have:.2f} are there, and those are read.", whole=whole,
                have=have)
        )  # fmt: skip
    return samples, given, SILENT_COARSE if subtype in COARSE else SILENT_FINE if subtype in FINE else SILENT, notices


def _to_its_end(file: Any) -> NDArray[np.float32]:
    """Samples ``[sample, channel]`` of a file that does not say how many there are, one more than are read at most.

    The library reads them all, and then fails to say where it stands.
    """
    from soundfile import LibsndfileError

    found = np.full((int(LONGEST_FILE * file.samplerate) + 1, file.channels), np.nan, dtype=np.float32)
    with suppress(LibsndfileError):
        file.read(out=found)
    return found[: int(np.isfinite(found[:, 0]).sum())]


def _check_kind(content: bytes) -> None:
    """Refuse a file that is known to be something else, by what it is."""
    found = by_content(content)
    if found is None or found in AUDIO:
        return
    what, way = what_and_way(found)
    raise InputError(
        say("This is {what}, and no sound file that can be read: {way}.", what=what, way=way or say(KINDS))
    )


def _check_header(file: Any, frames: int) -> None:
    rate, channels = int(file.samplerate), int(file.channels)
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise InputError(
            say(
                "The file has {rate:,} samples a second; {low:g} to {high:g} kHz can be read: {kinds}.",
                rate=rate,
                low=LOWEST_RATE / 1000,
                high=HIGHEST_RATE / 1000,
                kinds=say(KINDS),
            )
        )
    if channels > MOST_CHANNELS:
        raise InputError(
            say(
                "The file has {n} channels; {most} at most can be read: {kinds}.",
                n=channels,
                most=MOST_CHANNELS,
                kinds=say(KINDS),
            )
        )
    if frames > LONGEST_FILE * rate:
        raise InputError(
            say(
                "The recording lasts {n:,.0f} seconds; give one spoken digit in at most {most:g}.",
                n=frames / rate,
                most=LONGEST_FILE,
            )
        )


def _chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, place of the content, and size of every chunk of a WAV file, as they are written; none if it is none."""
    at = 12
    while content[:4] == b"RIFF" and content[8:12] == b"WAVE" and at + 8 <= len(content):
        size = int.from_bytes(content[at + 4 : at + 8], "little")
        yield content[at : at + 4], at + 8, size
        at += 8 + size + size % 2


def _with_its_size(content: bytes) -> bytes:
    """A WAV file that was written as a stream, and so does not know how long it is, with the size that it has."""
    for name, at, size in _chunks(content):
        if name == b"data" and (size == 0 or size >= STREAMED):
            return content[: at - 4] + (len(content) - at).to_bytes(4, "little") + content[at:]
    return content


def _promised_frames(content: bytes) -> int:
    """Samples a channel that the header of a PCM WAV file claims; 0 if it is none."""
    width = 0
    for name, at, size in _chunks(content):
        if name == b"fmt " and size >= 16:
            width = int.from_bytes(content[at + 12 : at + 14], "little")
        if name == b"data":
            return size // width if width else 0
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
    return samples[start:end], say(
        "Silence was cut off: {before:.2f} seconds before the sound, {after:.2f} after it.", before=before, after=after
    )
