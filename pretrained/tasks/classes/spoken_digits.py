"""Speech: which digit is spoken?

Data: Free Spoken Digit Dataset (Jackson et al., DOI 10.5281/zenodo.1342401), six speakers, fifty recordings of every
digit by each. The split is the official one, recordings 0 to 4 for the test, which has the same speakers as training:
``pretrained.analysis.left_out`` measures what is left of it on a speaker whom the network never heard.

The recordings in ``pretrained/recordings`` are from its test part, stored as FLAC and otherwise unchanged. They, like
the data set, are under CC BY-SA 4.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core_models.encoded import Encoded
from core_models.language import mark, say
from core_models.trace import Tokens
from pretrained import shipped
from pretrained.data.log_mel import BANDS, RANGE, RATE, log_mel, normalised, times
from pretrained.kinds.classes import ClassTask, Sample
from pretrained.shipped import understood
from pretrained.task import Example, InputError
from pretrained.uploads.apart import apart
from pretrained.uploads.audio import Recording, read_audio

FILES = {"fsdd/fsdd_mulaw8k.npz": "74d6a10f369cab311e6227c371b158fce80a23dc6c2aacf86f9de79833c86b0e"}
RECORDINGS = Path(__file__).parents[2] / "recordings"
NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
PARTS: Mapping[str, range] = {"test": range(5), "dev": range(45, 50), "train": range(5, 45), "every": range(50)}
"""Numbers of the recordings of every digit and speaker that are in a split. The first ten of a speaker are alike and
differ from the rest, so that training has to have some of them."""

ELSEWHERE = mark("The link points to a recording on somebody's computer: open it here, record one, or pick an example.")


@dataclass(frozen=True)
class Variation:
    """How far a recording may be changed in training, so that six voices stand for more.

    Attributes:
        tempo: largest logarithm of the factor by which it is drawn out.
        warp: largest logarithm of the factor on the number of a band: another length of the vocal tract.
        shift: bands by which all move up or down.
        tilt: powers of ten by which the highest band may gain on the middle.
        noisy: share of recordings that get noise, and some of it before and after the sound.
        pad: most frames of noise at each end.
        bands, frames: most neighbouring bands, and frames, that are covered (SpecAugment, Park et al. 2019).
    """

    tempo: float = 0.15
    warp: float = 0.08
    shift: float = 1.0
    tilt: float = 0.3
    noisy: float = 0.4
    pad: int = 8
    bands: int = 5
    frames: int = 4


def vary(energy: NDArray[np.floating], draw: np.random.Generator, how: Variation = Variation()) -> NDArray[np.float32]:
    """Frames ``[step, band]`` of a recording as another voice in another room might have made it."""
    found = _at(energy, np.linspace(0, len(energy) - 1, max(4, int(len(energy) * _factor(draw, how.tempo)))))
    bands = np.arange(BANDS) * _factor(draw, how.warp) + draw.uniform(-how.shift, how.shift)
    found = _at(found.T, np.clip(bands, 0, BANDS - 1)).T
    found = found + np.linspace(-1, 1, BANDS) * draw.uniform(-how.tilt, how.tilt)
    if draw.random() < how.noisy:
        found = _in_noise(found, draw, how.pad)
    found = normalised(found)
    for axis, most in ((1, how.bands), (0, min(how.frames, len(found) // 4))):
        width = int(draw.integers(0, most + 1))
        start = int(draw.integers(0, found.shape[axis] - width + 1))
        found[(slice(None),) * axis + (slice(start, start + width),)] = 0.0
    return found


def _in_noise(energy: NDArray[np.floating], draw: np.random.Generator, pad: int) -> NDArray[np.floating]:
    before, after = draw.integers(0, pad + 1, 2)
    found = np.pad(energy, ((before, after), (0, 0)), constant_values=-30.0)
    noise = found.max() - draw.uniform(2.0, 5.0) + draw.normal(0.0, 0.25, found.shape)
    noise += np.linspace(0.5, -0.5, BANDS) * draw.uniform(-1.0, 1.0)
    found = np.logaddexp(found * np.log(10.0), noise * np.log(10.0)) / np.log(10.0)
    return np.maximum(found, found.max() - RANGE)


def _factor(draw: np.random.Generator, most: float) -> float:
    return float(np.exp(draw.uniform(-most, most)))


def _at(rows: NDArray[np.floating], places: NDArray[np.floating]) -> NDArray[np.floating]:
    """Rows between rows, ``[place, column]``, on a straight line from one to the next."""
    low = np.minimum(places.astype(int), max(len(rows) - 2, 0))
    share = (places - low)[:, None]
    return rows[low] * (1.0 - share) + rows[np.minimum(low + 1, len(rows) - 1)] * share


def recording_of(text: str, content: bytes | None = None) -> Recording:
    """The sound that a text stands for: an example, or what was brought.

    Raises:
        InputError: if it is neither, or cannot be read.
    """
    if content is not None:
        return apart(read_audio, say("the recording"))(content, RATE)
    if text not in {example.text for example in EXAMPLES}:
        raise InputError(say(ELSEWHERE))
    return read_example(text)


def read_example(name: str) -> Recording:
    """A recording of the project's own, as it stands in the data set.

    Raises:
        ModelError: if its file is missing or damaged.
    """
    import soundfile  # loads a library, seldom needed

    path = RECORDINGS / f"{name}.flac"
    with understood(path, soundfile.LibsndfileError):
        samples, rate = soundfile.read(BytesIO(shipped.read(path)), dtype="float32")
    return Recording(np.asarray(samples, dtype=np.float32), rate)


def encode(text: str, content: bytes | None = None) -> Encoded:
    """A recording, as the network will see it: frames, each named by its time.

    Raises:
        InputError: if it cannot be read.
    """
    recording = recording_of(text, content)
    frames = normalised(log_mel(recording.samples))
    labels = tuple(f"{time:.2f} s" for time in times(len(frames)))
    return Encoded(Tokens(labels, noun="frame"), recording.notices, frames)


def samples(folder: Path, part: str) -> list[Sample]:
    """Energies ``[step, band]`` of the recordings of a split; ``every`` has all of them."""
    with np.load(folder / "fsdd/fsdd_mulaw8k.npz", allow_pickle=False) as data:
        audio, edges = _decoded(data["audio"]), data["offsets"]
        names, numbers = data["speakers"].tolist(), data["index"]
        return [
            Sample(log_mel(audio[edges[at] : edges[at + 1]]), str(data_digit), names[speaker])
            for at, (data_digit, speaker) in enumerate(zip(data["digit"], data["speaker"], strict=True))
            if int(numbers[at]) in PARTS[part]
        ]


def _decoded(codes: NDArray[np.integer]) -> NDArray[np.float64]:
    """Samples from 8-bit μ-law: x = sign(z) (256^|z| - 1) / 255, z = code / 127.5 - 1."""
    z = codes / 127.5 - 1.0
    return np.sign(z) * (256.0 ** np.abs(z) - 1.0) / 255.0


def _example(digit: int, speaker: str, why: str) -> Example:
    title = f"{NAMES[digit]} ({speaker})"
    return Example(title, f"{digit}-{speaker}", why, str(digit))


EXAMPLES = (
    _example(7, "theo", mark("First a soft hiss, in which five, six and seven are alike; the vowel settles it.")),
    _example(0, "jackson", mark("It passes for a three until the vowel changes.")),
    _example(1, "george", mark("Settled early: most of the recording changes nothing any more.")),
    _example(2, "nicolas", mark("Settled in the first third.")),
    _example(3, "theo", mark("The shortest one here: a quarter of a second.")),
    _example(4, "yweweler", mark("It passes for a nine at first.")),
    _example(5, "lucas", mark("It goes through eight, four and one before it is five.")),
    _example(6, "jackson", mark("Silence for a long time; then six, seven, and six again.")),
    _example(8, "george", mark("It passes for a six until well after its middle.")),
    _example(9, "nicolas", mark("It passes for a one; what follows the first sound makes it nine.")),
)
"""Recordings of the test split; what each is worth looking at was seen in the shipped network."""

DATA = {
    "name": "Free Spoken Digit Dataset: 3,000 recordings of ten digits by six speakers; numbers 5 to 44 of each for "
    "training, 45 to 49 for dev, 0 to 4 for test, as is official",
    "source": "https://doi.org/10.5281/zenodo.1342401",
    "copy": "github.com/Jakobovski/free-spoken-digit-dataset at 26eb9aaf76e81b692f806f9140c2d2777410d7a1, kept as "
    "8-bit mu-law",
    "licence": "CC BY-SA 4.0",
    "citation": "Jackson et al., Free Spoken Digit Dataset",
    "limits": "Six voices, English, one digit at a time. On a voice that it never heard it does far worse than on the "
    "official test, whose speakers are those of training. Claps, clicks, tones and noise get no answer; a spoken word "
    "that is no digit is taken for one.",
}
"""What the networks learn from."""

SPOKEN_DIGITS = ClassTask(
    key="spoken-digits",
    title=mark("Spoken digits"),
    data=DATA,
    group="recognise",
    medium="sound",
    classes=tuple(map(str, range(10))),
    names={str(digit): f"{digit} ({name})" for digit, name in enumerate(NAMES)},
    count=lambda: BANDS,
    encoder=encode,
    samples=samples,
    convert=normalised,
    vary=vary,
    files=FILES,
    examples=EXAMPLES,
    references={},
    noun="frame",
)
