"""Plain text, NumPy arrays, and what a file is: read as it was written, or refused with one sentence."""

import io
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pretrained.task import InputError
from pretrained.uploads.letters.encoding import EncodingError
from pretrained.uploads.letters.plain_text import read_lines, read_text
from pretrained.uploads.recognise import Form, recognise
from pretrained.uploads.tables.arrays import read_arrays
from pretrained.uploads.tables.table import read_columns


def npy(values: np.ndarray, **settings) -> bytes:
    written = io.BytesIO()
    np.save(written, values, **settings)
    return written.getvalue()


def npz(**members: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return written.getvalue()


def claiming(shape: str) -> bytes:
    """A header that claims numbers which do not follow."""
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + bytes(8)


RAMP = np.arange(6, dtype=np.float32).reshape(3, 2)


@pytest.mark.parametrize("values", [RAMP, RAMP.astype(">i2"), np.asfortranarray(RAMP), RAMP[:, 0], RAMP > 2])
def test_an_array_is_read_as_step_and_channel(values):
    (found,) = read_arrays("a.npy", npy(values))
    assert np.column_stack(list(found.columns.values())).tolist() == values.astype(float).reshape(3, -1).tolist()
    assert {column.dtype for column in found.columns.values()} == {np.dtype(np.float64)}


def test_every_array_of_an_archive_is_read_by_its_name():
    found = read_arrays("a.npz", npz(first=npy(RAMP), second=npy(RAMP[:2])))
    assert [(array.name, (array.steps, len(array.columns))) for array in found] == [
        ("first", (3, 2)),
        ("second", (2, 2)),
    ]


def overstated() -> bytes:
    """An archive whose member is larger than its list says."""
    content = npz(a=npy(np.zeros(1000)))
    size = struct.pack("<I", len(npy(np.zeros(1000))))
    return content.replace(size, struct.pack("<I", 200))


def packed(method: int) -> bytes:
    """An archive of one array, packed in a way that NumPy does not use."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("a.npy", npy(RAMP))
    return file.getvalue()


PICKLED = npy(np.array([{"a": 1}], dtype=object), allow_pickle=True)
ARRAYS_REFUSED = {
    "a pickle": ("a.npy", PICKLED, "“a.npy” holds Python objects (a pickle"),
    "a pickle in an archive": ("a.npz", npz(x=PICKLED), "“a.npz”, “x.npy” holds Python objects"),
    "a claim of 10¹² numbers": ("a.npy", claiming("(1000000000000,)"), "holds 1,000,000,000,000 numbers"),
    "a claim of 10³⁰ numbers": ("a.npy", claiming("(10**30,)"), "its header cannot be read"),
    "a claim of more than follows": ("a.npy", claiming("(1000,)"), "claims 1,000 numbers (8,000 bytes), and 8 bytes"),
    "a header that is no literal": ("a.npy", claiming("__import__('os')"), "its header cannot be read"),
    "a header of open brackets": ("a.npy", claiming("[" * 9_000), "its header cannot be read"),
    "a header of nested brackets": ("a.npy", claiming("(" * 200 + ")" * 200), "its header cannot be read"),
    "a header of signs": ("a.npy", claiming("-" * 9_000 + "1"), "its header cannot be read"),
    "a header of digits": ("a.npy", claiming(f"({'9' * 4_000},)"), "its header cannot be read"),
    "a long header": ("a.npy", claiming("(1,)" + " " * 20_000), "its header cannot be read"),
    "a negative axis": ("a.npy", claiming("(-1,)"), "its header cannot be read"),
    "records of arrays": ("a.npy", npy(np.zeros(2, [("a", "f8", 3)])), "not real numbers"),
    "many channels in all": ("a.npz", npz(**{f"a{n}": npy(np.zeros((30, 900))) for n in range(2)}), "1,000 channels"),
    "100,000 files": ("a.npz", b"PK\x03\x04" + b"PK\x01\x02" * 100_000, "a ZIP archive of more than 1,000 files"),
    "damaged packing": ("a.npz", packed(zipfile.ZIP_LZMA).replace(b"\x93", b"\x92"), "a damaged archive"),
    "cut off": ("a.npy", npy(RAMP)[:-1], "23 bytes follow: it was cut off"),
    "cut off in its header": ("a.npy", npy(RAMP)[:30], "its header cannot be read"),
    "complex numbers": ("a.npy", npy(np.array([1j])), "not real numbers"),
    "three axes": ("a.npy", npy(np.zeros((2, 2, 2))), "has 3 axes: expected [step] or [step, channel]"),
    "no axis": ("a.npy", npy(np.array(1.0)), "has 0 axes"),
    "no numbers": ("a.npy", npy(np.zeros((0, 3))), "holds no numbers (shape [0, 3])"),
    "many channels": ("a.npy", npy(np.zeros((20, 5000), np.int8)), "has 5,000 channels, and 1,000 is the most"),
    "an archive that unpacks": ("a.npz", npz(a=npy(np.zeros(12_500_000))), "unpacks to 100 MB, and 60 MB is the most"),
    "an archive that lies": ("a.npz", overstated(), "“a.npz”"),
    "many arrays": ("a.npz", npz(**{f"a{n}": npy(np.zeros(1)) for n in range(201)}), "holds 201 arrays"),
    "a damaged archive": ("a.npz", npz(a=npy(RAMP))[:-30], "a damaged ZIP archive"),
    "another archive": ("a.npz", npz(a=npy(RAMP)).replace(b"a.npy", b"a.txt"), "a ZIP archive (unpack it first)"),
    "a table": ("a.csv", b"a,b\n1,2\n", "“a.csv” is CSV, not a NumPy array"),
    "nothing": ("a.npy", b"", "“a.npy” is empty (0 bytes)"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content", "sentence"), ARRAYS_REFUSED.values(), ids=ARRAYS_REFUSED)
def test_what_is_no_array_of_numbers_is_refused_with_a_sentence(name, content, sentence):
    with pytest.raises(InputError) as refused:
        read_arrays(name, content)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


RECOGNISED = {
    "text": ("a.txt", b"hello", Form.TEXT),
    "text without an ending": ("hello", b"hello", Form.TEXT),
    "CSV": ("a.CSV", b"a,b", Form.CSV),
    "JSON without an ending": ("a", b'{"a": 1}', Form.JSON),
    "FASTA": ("a.fa", b">x\nACGT", Form.FASTA),
    "FASTA named text": ("a.txt", b">x\nACGT", Form.FASTA),
    "FASTA without an ending": ("a", b"\xef\xbb\xbf\n>x\nACGT", Form.FASTA),
    "Parquet": ("a.parquet", b"PAR1....PAR1", Form.PARQUET),
    "NPY": ("a.npy", npy(RAMP), Form.NPY),
    "NPZ": ("a.npz", npz(a=npy(RAMP)), Form.NPZ),
    "WAV": ("a.wav", b"RIFF....WAVE", Form.WAV),
    "FLAC": ("a.flac", b"fLaC", Form.FLAC),
    "OGG": ("a.ogg", b"OggS", Form.OGG),
    "AIFF": ("a.aif", b"FORM....AIFF", Form.AIFF),
    "MP3": ("a.mp3", b"ID3\x04", Form.MP3),
    "64-bit WAV": ("a.wav", b"RF64\xff\xff\xff\xffWAVE", Form.WAV),
}


@pytest.mark.parametrize(("name", "content", "form"), RECOGNISED.values(), ids=RECOGNISED)
def test_a_file_is_what_it_holds(name, content, form):
    assert recognise(name, content).form is form
    assert recognise(name, content).notices == ()


def test_a_name_that_says_something_else_is_said():
    found = recognise("song.csv", b"fLaC....")
    assert found.form is Form.FLAC
    assert found.notices == ("“song.csv” is named .csv, but it is FLAC sound; it is read as that.",)


UNREADABLE = {
    "a picture": ("a.csv", b"\x89PNG\r\n\x1a\n", "named .csv but is a PNG picture"),
    "a document": ("a.txt", b"%PDF-1.7", "is named .txt but is a PDF document"),
    "bzip2": ("a.csv.bz2", b"BZh9", "“a.csv.bz2” is compressed by bzip2"),
    "sound of phones": ("a.wav", b"\x00\x00\x00\x20ftypM4A ", "named .wav but is MPEG-4 sound"),
    "text named sound": ("a.wav", b"hello", "named .wav, but it is not WAV sound"),
    "a pickle": ("a.pkl", b"\x80\x05]", "a Python pickle (it could run code)"),
    "a program": ("a.txt", b"\x7fELF", "a program"),
    "a long name": ("x" * 200 + ".csv", b"", "…"),
}


@pytest.mark.parametrize(("name", "content", "sentence"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_nobody_here_reads_is_refused_by_what_it_is(name, content, sentence):
    with pytest.raises(InputError) as refused:
        recognise(name, content)
    assert sentence in str(refused.value)
    assert len(str(refused.value)) < 300


def test_every_line_of_a_text_that_holds_something_is_a_sequence():
    table = read_lines("a.txt", 'first\r\n\r\n  \nzweite, ö\rthird, and "so"'.encode())
    assert table.frame["text"].tolist() == ["first", "zweite, ö", 'third, and "so"']
    assert table.lines.tolist() == [1, 4, 5]


def test_a_whole_text_is_read_as_it_is():
    assert read_text("a.txt", "\ufefffirst\nsecond\n".encode()) == "first\nsecond\n"
    with pytest.raises(InputError, match="is CSV, not a text"):
        read_text("a.csv", b"a,b")


@pytest.mark.parametrize("read", [read_lines, read_text])
def test_a_text_in_another_encoding_is_offered_in_that(read):
    with pytest.raises(EncodingError, match="Windows-1252") as refused:
        read("a.txt", "crème brûlée".encode("cp1252"))
    assert read("a.txt", "crème brûlée".encode("cp1252"), refused.value.detected) is not None


LINES_REFUSED = {
    "blanks": (b" \n\n", "nothing but blanks"),
    "many lines": (b"\n" * 2_000_001, "more than 2,000,000 lines"),
    "many sequences": (b"x\n" * 200_001, "more than 200,000 lines"),
    "a long line": (b"x\n" + b"y" * 1_000_001, "line 2: 1,000,001 characters"),
    "a NUL byte": (b"x\n\0", "line 2: there is a NUL byte"),
}


@pytest.mark.parametrize(("content", "sentence"), LINES_REFUSED.values(), ids=LINES_REFUSED)
def test_a_text_that_cannot_be_read_is_refused_with_a_sentence(content, sentence):
    with pytest.raises(InputError) as refused:
        read_lines("a.txt", content)
    assert sentence in str(refused.value)


@given(st.binary(max_size=300))
def test_no_bytes_after_the_mark_of_an_array_bring_more_than_a_sentence(content):
    for name, start in (("a.npy", b"\x93NUMPY\x01\x00"), ("a.npz", b"PK\x03\x04")):
        with pytest.raises(InputError):
            read_arrays(name, start + content)


def saved(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]  # NumPy types no names
    return file.getvalue()


def test_channels_of_arrays_are_columns_and_shorter_ones_end_in_missing_values():
    table = read_columns("signals.npz", saved(left=np.arange(6.0).reshape(3, 2), right=np.arange(2.0)))
    assert list(table.frame.columns) == ["left channel 1", "left channel 2", "right"]
    assert table.frame["left channel 2"].tolist() == [1.0, 3.0, 5.0]
    assert table.frame["right"].isna().tolist() == [False, False, True]
    assert read_columns("a.csv", b"x\n1\n2\n").frame["x"].tolist() == ["1", "2"]
    with pytest.raises(InputError, match="Python objects"):
        read_columns("evil.npz", saved(bad=np.array([{}], dtype=object)))
