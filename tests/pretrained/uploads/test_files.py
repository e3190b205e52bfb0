"""Files that people bring: what can be read is read and what was changed is said; the rest is refused in a sentence."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
import soundfile

from pretrained.task import InputError
from pretrained.uploads.audio import LONGEST, Recording, as_wav, read_audio
from pretrained.uploads.letters.fasta import only_sequence, read_fasta

RATE = 8_000


def tone(seconds: float = 0.5, rate: int = RATE, pitch: float = 440.0) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * pitch * np.arange(int(seconds * rate)) / rate)


def file(samples: np.ndarray, rate: int = RATE, kind: str = "WAV", subtype: str | None = None) -> bytes:
    found = io.BytesIO()
    soundfile.write(found, samples, rate, format=kind, subtype=subtype)
    return found.getvalue()


def loudest_pitch(recording: Recording) -> float:
    spectrum = np.abs(np.fft.rfft(recording.samples))
    return float(np.fft.rfftfreq(len(recording.samples), 1 / recording.rate)[spectrum.argmax()])


@pytest.mark.parametrize(
    ("kind", "subtype"), [("WAV", "PCM_16"), ("WAV", "PCM_24"), ("WAV", "FLOAT"), ("FLAC", "PCM_16"), ("OGG", "VORBIS")]
)
def test_usual_files_are_read_as_they_are(kind, subtype):
    recording = read_audio(file(tone(), kind=kind, subtype=subtype), RATE)
    assert recording.notices == ()
    assert recording.rate == RATE
    assert recording.seconds == pytest.approx(0.5, abs=0.02)
    assert loudest_pitch(recording) == pytest.approx(440, abs=4)


CONVERTED: dict[str, tuple[Callable[[], bytes], str]] = {
    "stereo": (lambda: file(np.stack([tone(), 0.1 * tone()], axis=1)), "2 channels were mixed into one"),
    "8 bit": (lambda: file(tone(), subtype="PCM_U8"), "8 bits a sample are coarse"),
    "96 kHz": (lambda: file(tone(rate=96_000), 96_000), "converted from 96 to 8 kHz"),
    "44.1 kHz": (lambda: file(tone(rate=44_100), 44_100), "converted from 44.1 to 8 kHz"),
    "6 kHz": (lambda: file(tone(rate=6_000), 6_000), "what lies above 3 kHz is missing"),
    "truncated": (lambda: file(tone(1.0))[:-8_000], "breaks off: of 1.00 seconds 0.50 are there"),
    "silence around it": (
        lambda: file(np.concatenate([np.zeros(RATE), tone(), np.zeros(RATE // 2)])),
        "Silence was cut off: 0.94 seconds before the sound, 0.44 after it",
    ),
    "long": (lambda: file(tone(5.0)), f"first {LONGEST:g} of 5.0 seconds"),
}


@pytest.mark.parametrize(("content", "notice"), CONVERTED.values(), ids=CONVERTED)
def test_other_files_are_converted_and_it_is_said(content, notice):
    recording = read_audio(content(), RATE)
    assert any(notice in sentence for sentence in recording.notices), recording.notices
    assert loudest_pitch(recording) == pytest.approx(440, abs=6)
    assert np.abs(recording.samples).max() > 0.2


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "zero bytes": (lambda: b"", "empty, 0 bytes"),
    "no sound file": (lambda: b"hello, this is text" * 50, "no sound file that can be read"),
    "a header alone": (lambda: file(tone())[:20], "no sound file that can be read"),
    "half a FLAC header": (lambda: file(tone(), kind="FLAC")[:30], "no sound file that can be read"),
    "silent": (lambda: file(np.zeros(RATE)), "silent"),
    "no samples": (lambda: file(np.zeros(0)), "silent"),
    "200 MB": (lambda: bytes(200_000_000), "200 MB; choose one of at most 5 MB"),
    "an hour": (lambda: file(np.zeros(60 * RATE), RATE, "FLAC"), "lasts 60 seconds"),
    "many channels": (lambda: file(np.zeros((100, 12))), "12 channels"),
    "1 kHz": (lambda: file(tone(rate=1_000), 1_000), "1,000 samples a second"),
    "not numbers": (lambda: file(np.full(RATE, np.nan), subtype="FLOAT"), "no numbers"),
}


@pytest.mark.parametrize(("content", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_is_refused_in_a_sentence_that_says_what_to_do(content, sentence):
    with pytest.raises(InputError, match=sentence) as refusal:
        read_audio(content(), RATE)
    assert any(word in str(refusal.value) for word in ("save", "choose", "check", "give"))


def test_a_recording_is_played_as_it_was_read():
    recording = read_audio(file(tone()), RATE)
    samples, rate = soundfile.read(io.BytesIO(as_wav(recording)))
    assert rate == RATE
    np.testing.assert_allclose(samples, recording.samples, atol=1e-4)


def test_fasta_is_read_with_and_without_headers():
    assert read_fasta(">one two\nAC\nGT\n;note\n>three\nNN\n") == [("one two", "ACGT"), ("three", "NN")]
    assert read_fasta("ac gt\r\nacgt") == [("", "acgtacgt")]
    assert only_sequence(" \n ") == ""
    assert only_sequence(">x\nacgu") == "ACGU"
    with pytest.raises(InputError, match="more than one sequence"):
        only_sequence(">a\nAC\n>b\nGT")
