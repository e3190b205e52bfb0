"""Files that were damaged on their way: whatever a library makes of them, a person gets one sentence."""

from __future__ import annotations

import gzip
import io
import random
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pretrained.registry import task_of
from pretrained.task import InputError
from pretrained.tasks.classes.spoken_digits import RECORDINGS
from pretrained.tasks.forecast.co2 import CO2
from pretrained.uploads.audio import read_audio
from pretrained.uploads.letters.encoding import EncodingError
from pretrained.uploads.letters.texts import text_columns
from pretrained.uploads.offer import models_of
from pretrained.uploads.route import ways_to_open
from pretrained.uploads.series.columns import columns_of
from pretrained.uploads.series.own_series import read_own
from pretrained.uploads.series.values import Choice
from pretrained.uploads.tables.table import Table
from tests.pretrained.uploads.test_files_arrays import npy, npz
from tests.pretrained.uploads.test_tables_written import xlsx
from viz.batch.source import texts_of
from viz.inputs import READING, offered

COUNT = 60
"""Damaged copies of every file, the same ones in every run."""

TASKS = {key: task_of(recipe) for key, recipe in offered(*READING).items()}
MODELS = models_of(TASKS, "sst2-gru")
WIDE_BYTES = (b"\xff\xff\xff\xff", b"\x00\x00\x00\x80", b"\xff\xff\xff\x7f", b"\x00" * 8, b"9" * 30, b"((((", b'"')


def parquet() -> bytes:
    days = [date(1990 + n // 12, n % 12 + 1, 1) for n in range(120)]
    columns = {
        "day": pa.array(days, pa.date32()),
        "time": pa.array(days, pa.date32()).cast(pa.timestamp("us")),
        "text": [f"n{n}" for n in range(120)],
        "value": np.arange(120.0),
        "price": pa.array([Decimal(n) / 4 for n in range(120)]),
    }
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


def wav() -> bytes:
    import soundfile

    samples, rate = soundfile.read(RECORDINGS / "3-theo.flac")
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="WAV")
    return file.getvalue()


ROWS = [(f"{1990 + n // 12}-{n % 12 + 1:02d}-01", n * 1.5, f"a film, no. {n}") for n in range(80)]
FRAME = pd.DataFrame(ROWS, columns=["date", "value", "text"])
WHOLE = {
    "NPY": ("a.npy", npy(np.arange(300.0).reshape(150, 2))),
    "NPZ": ("a.npz", npz(first=npy(np.arange(60.0)), second=npy(np.arange(60, dtype=">i4").reshape(30, 2)))),
    "Parquet": ("a.parquet", parquet()),
    "CSV": ("a.csv", FRAME.to_csv(index=False).encode()),
    "JSON Lines": ("a.jsonl", str(FRAME.to_json(orient="records", lines=True)).encode()),
    "FASTA": ("a.fa", b">one\nACGTNNRYACGT\nACGT\n>two\nTTGACA\n; a comment\n>three\n" + b"ACGT" * 40 + b"\n"),
    "text": ("a.txt", "a film, as good as “gold”\n\nand another one\r\nüber alles\n".encode() * 5),
    "WAV": ("a.wav", wav()),
    "FLAC": ("a.flac", (RECORDINGS / "3-theo.flac").read_bytes()),
}


def packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def sound(form: str) -> bytes:
    import soundfile

    samples, rate = soundfile.read(RECORDINGS / "3-theo.flac")
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=form)
    return file.getvalue()


GENBANK = b"LOCUS       X 60 bp DNA\nORIGIN\n        1 " + b"acgttgcaag " * 6 + b"\n//\n"
SPACED = "".join(f"{day} {value:8.2f} {value:8.2f}\n" for day, value, _ in ROWS[:40]).encode()
OBJECTS = str(FRAME.to_json(orient="records")).encode()
WHOLE |= {
    "JSON": ("a.json", OBJECTS),
    "JSON by column": ("a.json", str(FRAME.to_json(orient="split", indent=1)).encode()),
    "blanks between columns": ("a.txt", SPACED),
    "UTF-16": ("a.csv", FRAME.to_csv(index=False).encode("utf-16")),
    "a workbook": ("a.xlsx", xlsx(FRAME.head(20))),
    "a packed table": ("a.csv.gz", packed(FRAME.to_csv(index=False).encode())),
    "FASTQ": ("a.fq", b"@r\nACGTTGCA\n+\nIIIIIIII\n" * 5),
    "GenBank": ("a.gb", GENBANK),
    **{form: (f"a.{form.lower()}", sound(form)) for form in ("AIFF", "OGG", "MP3")},
}


def damaged(content: bytes, chance: random.Random) -> bytes:
    """A copy that was cut off, torn, doubled, or overwritten in a few places, most often near one of its ends."""
    found = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5))):
        near = min(len(found), 300)
        start = chance.choice((0, len(found) - near, 0))
        at = start + chance.randrange(near) if chance.random() < 0.7 else chance.randrange(len(found))
        match chance.randrange(6):
            case 0:
                found[at] = chance.randrange(256)
            case 1:
                found[at] ^= 1 << chance.randrange(8)
            case 2:
                wide = chance.choice(WIDE_BYTES)
                found[at : at + len(wide)] = wide
            case 3:
                del found[at : at + chance.choice((1, 4, 50))]
            case 4:
                found[at:at] = found[at : at + chance.choice((1, 8, 100))]
            case _:
                del found[max(at, 1) :]
        if not found:
            break
    return bytes(found)


def read_all(name: str, content: bytes) -> None:
    """Everything that is done with a file until a model reads it.

    Raises:
        InputError: where it is refused.
    """
    try:
        ways = ways_to_open(name, content, MODELS)
    except EncodingError as error:
        ways = ways_to_open(name, content, MODELS, error.detected)
    for way in ways:
        if isinstance(way.content, Table):
            texts_of(way.content, text_columns(way.content.frame)[0])
        elif isinstance(way.content.content, bytes):
            read_audio(content, 8000)
        elif way.model == "co2-gru":
            read_series(name, way.content.content.frame)


def read_series(name: str, frame: pd.DataFrame) -> None:
    """A table by every column of dates that it has."""
    columns = columns_of(name, frame)
    for day in columns.dates:
        read_own(CO2, "upload-1", name, frame, Choice(day, columns.numbers[0]))


@pytest.mark.parametrize("kind", WHOLE)
def test_a_damaged_file_is_read_or_refused_and_nothing_else(kind):
    name, content = WHOLE[kind]
    chance = random.Random(kind)  # noqa: S311 (damage, not secrets)
    refused: list[str] = []
    for _ in range(COUNT):
        try:
            read_all(name, damaged(content, chance))
        except InputError as error:
            refused.append(str(error))
    assert refused
    assert not [sentence for sentence in refused if "\n" in sentence or len(sentence) > 600]


@pytest.mark.parametrize("kind", WHOLE)
def test_the_file_was_sound_before_it_was_damaged(kind):
    read_all(*WHOLE[kind])
