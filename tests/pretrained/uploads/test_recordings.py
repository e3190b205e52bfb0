"""One sound in the files that people have: how it was saved, how loud it is and what its header claims do not count."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pretrained.data.log_mel import RATE, log_mel, normalised
from pretrained.registry import load
from pretrained.task import InputError
from pretrained.tasks.classes import spoken_digits
from pretrained.tasks.classes.spoken_digits import EXAMPLES, read_example
from pretrained.uploads.audio import read_audio
from pretrained.uploads.offer import models_of
from pretrained.uploads.recognise import Form, recognise
from pretrained.uploads.route import ways_to_open
from tests.pretrained.uploads.test_files import file, tone
from tests.pretrained.uploads.test_files_damaged import TASKS

SOUND = read_example("5-lucas").samples.astype(np.float64)
SOUND = np.concatenate([SOUND, SOUND[::-1]]) * 0.5 / np.abs(SOUND).max()


def frames(content: bytes) -> np.ndarray:
    """What the network reads of a file."""
    return normalised(log_mel(read_audio(content, RATE).samples))


def as_float(samples: np.ndarray) -> bytes:
    return file(samples, subtype="DOUBLE")


WANTED = frames(as_float(SOUND))


@settings(max_examples=40, deadline=None)
@given(st.floats(-4, 6), st.floats(-0.9, 0.9), st.sampled_from([1.0, -1.0]))
def test_neither_loudness_nor_an_offset_nor_the_sign_changes_what_is_read(power, offset, sign):
    samples = sign * SOUND + offset
    np.testing.assert_allclose(frames(as_float(samples * 10.0**power)), WANTED, atol=2e-3)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 8), st.randoms(use_true_random=False))
def test_channels_that_hold_one_sound_are_read_as_that_however_they_are_wired(count, chance):
    gains = np.array([chance.choice((-1.0, -0.5, 0.0, 0.5, 1.0)) for _ in range(count)])
    gains[chance.randrange(count)] = chance.choice((-1.0, 1.0))
    np.testing.assert_allclose(frames(as_float(SOUND[:, None] * gains)), WANTED, atol=2e-3)


def streamed(size: int) -> bytes:
    content = file(SOUND)
    at = content.index(b"data") + 4
    return content[:at] + size.to_bytes(4, "little") + content[at + 4 :]


def flac_of_unknown_length() -> bytes:
    content = bytearray(file(SOUND, kind="FLAC"))
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    return bytes(content)


SAVED: dict[str, Callable[[], bytes]] = {
    **{f"size {size:#x}": lambda size=size: streamed(size) for size in (0, 0x7FFFF000, 0xFFFFFFFF, 0xFFFFFFFE)},
    "FLAC of unknown length": flac_of_unknown_length,
    "RF64": lambda: file(SOUND, kind="RF64"),
    "AIFF": lambda: file(SOUND, kind="AIFF"),
    "extensible": lambda: file(SOUND, kind="WAVEX", subtype="PCM_24"),
    "32 bit": lambda: file(SOUND, subtype="PCM_32"),
    "FLAC": lambda: file(SOUND, kind="FLAC", subtype="PCM_24"),
}


@pytest.mark.parametrize("content", SAVED.values(), ids=SAVED)
def test_however_a_sound_is_saved_it_is_read_whole_and_nothing_is_said_to_be_lost(content):
    recording = read_audio(content(), RATE)
    assert not any("breaks off" in notice for notice in recording.notices)
    np.testing.assert_allclose(normalised(log_mel(recording.samples)), WANTED, atol=0.05)


PACKED = {
    "44.1 kHz stereo 24 bit": (44_100, "WAV", "PCM_24", 1.0), "48 kHz Opus": (48_000, "OGG", "OPUS", 1.0),
    "40 dB down": (RATE, "WAV", "PCM_24", 0.01), "mu-law": (RATE, "WAV", "ULAW", 1.0),
    "MP3": (44_100, "MP3", "MPEG_LAYER_III", 1.0),
}  # fmt: skip


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
@pytest.mark.parametrize("way", PACKED)
def test_the_digits_that_are_shipped_are_heard_as_they_are_in_every_file(way, example, monkeypatch):
    rate, kind, subtype, gain = PACKED[way]
    recording = read_example(example.text)
    samples = recording.samples.astype(np.float64) * gain
    if rate != RATE:
        from scipy.signal import resample_poly

        samples = resample_poly(samples, rate, RATE)
        samples = np.stack([samples, samples], axis=1) if kind == "WAV" else samples
    content = file(np.clip(samples, -1, 1), rate, kind, subtype)
    monkeypatch.setattr(spoken_digits, "recording_of", lambda text, content: read_audio(content, RATE))
    model = load("spoken-digits-gru")
    answer, _ = model.answer(model.trace(model.encode("a file", content)))
    assert answer == example.reference


def test_values_beyond_the_largest_are_made_smaller_not_cut_off_and_it_is_said():
    loud = read_audio(file((SOUND * 32767).astype(np.float32), subtype="FLOAT"), RATE)
    assert "so all were made smaller alike" in loud.notices[0]
    assert np.abs(loud.samples).max() == pytest.approx(1.0)
    assert (np.abs(loud.samples) > 0.999).sum() < 5


TOO_LITTLE = {
    "an offset alone": (lambda: file(np.full(RATE, 0.2)), "silent"),
    "an offset alone, on two channels": (lambda: as_float(np.tile([0.3, -0.2], (RATE, 1))), "silent"),
    "rounding alone": (lambda: file(np.full(RATE, 0.2) + np.random.default_rng(1).normal(0, 1e-5, RATE)), "silent"),
    "one sample": (lambda: as_float(np.array([0.5])), "silent"),
    "ten milliseconds": (lambda: file(tone(0.01)), "lasts 10 milliseconds, which is too short"),
}


@pytest.mark.parametrize(("content", "sentence"), TOO_LITTLE.values(), ids=TOO_LITTLE)
def test_where_nothing_can_be_heard_no_digit_is_read(content, sentence):
    with pytest.raises(InputError, match=sentence):
        read_audio(content(), RATE)


def test_a_file_of_unknown_length_that_never_ends_is_refused():
    content = bytearray(file(np.random.default_rng(0).normal(0, 0.1, 31 * RATE), kind="FLAC"))
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    with pytest.raises(InputError, match="lasts 30 seconds"):
        read_audio(bytes(content), RATE)


def zipped(*names: str) -> bytes:
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w") as archive:
        for name in names:
            archive.writestr(name, "text")
    return found.getvalue()


NOISE = np.random.default_rng(3).bytes(3000)
FOREIGN = {
    "m4a": (b"\x00\x00\x00\x20ftypM4A " + NOISE, "MPEG-4 sound"),
    "mp4": (b"\x00\x00\x00\x20ftypisom" + NOISE, "an MPEG-4 film or sound"),
    "mov": (b"\x00\x00\x00\x14ftypqt  " + NOISE, "a QuickTime film"),
    "webm": (b"\x1aE\xdf\xa3" + NOISE, "WebM"),
    "amr": (b"#!AMR\n" + NOISE, "AMR sound"),
    "aac": (b"\xff\xf1" + NOISE, "AAC sound"),
    "wma": (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11" + NOISE, "Windows Media"),
    "caf": (b"caff\x00\x01" + NOISE, "Core Audio"),
    "safetensors": (b'\x10\x00\x00\x00\x00\x00\x00\x00{"a": [1, 2]}  ' + NOISE, "weights in safetensors"),
    "docx": (zipped("[Content_Types].xml", "word/document.xml"), "a Word document"),
    "odt": (zipped("mimetype", "content.xml"), "an OpenDocument file"),
    "epub": (zipped("mimetype", "META-INF/container.xml"), "an e-book"),
    "zip": (zipped("a.csv"), "a ZIP archive"),
    "pdf": (b"%PDF-1.7\n" + NOISE, "a PDF document"),
    "png": (b"\x89PNG\r\n\x1a\n" + NOISE, "a PNG picture"),
    "webp": (b"RIFF\x00\x00\x01\x00WEBPVP8 " + NOISE, "a WebP picture"),
    "heic": (b"\x00\x00\x00\x18ftypheic" + NOISE, "a HEIF picture"),
    "rtf": (b"{\\rtf1\\ansi hello}", "an RTF document"),
    "tar": (bytes(257) + b"ustar" + bytes(300), "a TAR archive"),
    "nothing that is known": (NOISE, "a file of an unknown kind"),
    "NUL bytes": (bytes(500), "a file of an unknown kind"),
    **{f"pickle {n}": (pickle.dumps({"a": [1, 2]}, protocol=n), "a Python pickle") for n in range(6)},
}


@pytest.mark.parametrize("name", ["a", "a.txt", "a.csv", "a.wav", "a.fa"])
@pytest.mark.parametrize(("content", "sentence"), FOREIGN.values(), ids=FOREIGN)
def test_what_is_no_text_is_named_and_never_offered_as_text_in_an_old_encoding(content, sentence, name):
    with pytest.raises(InputError) as refused:
        ways_to_open(name, content, models_of(TASKS, "sst2-gru"))
    assert sentence in str(refused.value)
    assert "Windows" not in str(refused.value).replace("Windows Media", "")
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("kind", ["m4a", "mp4", "mov", "webm", "amr", "aac", "wma", "caf"])
def test_sound_that_is_not_read_is_refused_with_the_way_to_a_file_that_is(kind):
    for read in (lambda content: recognise("memo", content), lambda content: read_audio(content, RATE)):
        with pytest.raises(InputError, match=r"export it as WAV.*ffmpeg -i FILE sound\.wav"):
            read(FOREIGN[kind][0])


@settings(max_examples=60)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=300),
       st.sampled_from(["utf-8", "utf-16", "utf-8-sig", "cp1252", "gb18030", "koi8_r", "shift_jis"]))  # fmt: skip
def test_text_in_any_encoding_is_never_taken_for_something_else(text, encoding):
    content = text.encode(encoding, "ignore")
    if content.strip():
        assert recognise("a.txt", content).form is Form.TEXT or text.lstrip("\ufeff \n").startswith((">", "{"))
