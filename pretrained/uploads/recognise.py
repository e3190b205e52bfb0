"""What an uploaded file is: by its first bytes, and only where those allow several things by its name."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath

from core_models.language import mark, say
from pretrained.task import InputError
from pretrained.uploads.limits import MOST_BYTES, MOST_MEGABYTES
from pretrained.uploads.name import quoted
from pretrained.uploads.unread import OFFICE, unread


class Form(StrEnum):
    """A kind of file that can be read; its value is what a person calls it."""

    TEXT = mark("text")
    CSV = "CSV"
    TSV = "TSV"
    JSON = "JSON"
    JSON_LINES = "JSON Lines"
    PARQUET = "Parquet"
    WORKBOOK = mark("an Excel workbook")
    NPY = mark("a NumPy array")
    NPZ = mark("a NumPy archive")
    FASTA = "FASTA"
    FASTQ = "FASTQ"
    GENBANK = "GenBank"
    WAV = mark("WAV sound")
    FLAC = mark("FLAC sound")
    OGG = mark("Ogg sound")
    AIFF = mark("AIFF sound")
    MP3 = mark("MP3 sound")


ENDINGS = {
    ".txt": Form.TEXT, ".text": Form.TEXT, ".md": Form.TEXT, ".csv": Form.CSV, ".tsv": Form.TSV, ".tab": Form.TSV,
    ".json": Form.JSON, ".jsonl": Form.JSON_LINES, ".ndjson": Form.JSON_LINES,
    ".parquet": Form.PARQUET, ".pq": Form.PARQUET, ".xlsx": Form.WORKBOOK, ".xlsm": Form.WORKBOOK,
    ".npy": Form.NPY, ".npz": Form.NPZ, ".fasta": Form.FASTA, ".fa": Form.FASTA, ".faa": Form.FASTA,
    ".fastq": Form.FASTQ, ".fq": Form.FASTQ, ".gb": Form.GENBANK, ".gbk": Form.GENBANK, ".embl": Form.GENBANK,
    ".wav": Form.WAV, ".wave": Form.WAV, ".flac": Form.FLAC, ".ogg": Form.OGG, ".oga": Form.OGG,
    ".opus": Form.OGG, ".aif": Form.AIFF, ".aiff": Form.AIFF, ".aifc": Form.AIFF, ".mp3": Form.MP3,
}  # fmt: skip
"""What the ending of a name promises."""

AUDIO = (Form.WAV, Form.FLAC, Form.OGG, Form.AIFF, Form.MP3)
ARRAYS = (Form.NPY, Form.NPZ)
SEQUENCES = (Form.FASTA, Form.FASTQ, Form.GENBANK)
WRITTEN = (Form.TEXT, Form.CSV, Form.TSV, Form.JSON, Form.JSON_LINES, *SEQUENCES)
"""Forms that are text, so that their first bytes cannot tell them apart for certain."""

READABLE = mark(
    "text, CSV, TSV, JSON, JSON Lines, Parquet, XLSX, NPY, NPZ, FASTA, FASTQ, GenBank, WAV, AIFF, FLAC, OGG or MP3"
)

MAGIC = (
    (b"PAR1", Form.PARQUET),
    (b"\x93NUMPY", Form.NPY),
    (b"fLaC", Form.FLAC),
    (b"OggS", Form.OGG),
    (b"\x89PNG\r\n\x1a\n", mark("a PNG picture")),
    (b"\xff\xd8\xff", mark("a JPEG picture")),
    (b"GIF8", mark("a GIF picture")),
    (b"%PDF-", mark("a PDF document")),
    (b"\x1f\x8b", mark("compressed by gzip")),
    (b"BZh", mark("compressed by bzip2")),
    (b"\xfd7zXZ\x00", mark("compressed by xz")),
    (b"\x28\xb5\x2f\xfd", mark("compressed by Zstandard")),
    (b"7z\xbc\xaf\x27\x1c", mark("a 7-Zip archive")),
    (b"Rar!", mark("a RAR archive")),
    (b"\x89HDF\r\n\x1a\n", mark("an HDF5 file")),
    (b"SQLite format 3\x00", mark("an SQLite database")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", mark("an old Office document")),
    (b"\x7fELF", mark("a program")),
    (b"ID3", Form.MP3),
    (b"ARROW1", mark("an Arrow file")),
)
"""How a file begins, and what it then is: a form that can be read, or words for one that cannot."""

MOST_LISTED = 1_000
"""Files in an archive whose list is read."""

PICKLES = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))


@dataclass(frozen=True)
class Recognised:
    """What a file is, and a sentence where its name says something else."""

    form: Form
    notices: tuple[str, ...] = ()


def recognise(name: str, content: bytes) -> Recognised:
    """What the file is that is called ``name`` and holds ``content``.

    Raises:
        InputError: if it is empty, too large, or nothing that can be read.
    """
    _check_size(name, content)
    found, promised = by_content(content), ENDINGS.get(PurePath(name).suffix.lower())
    if isinstance(found, str) and not isinstance(found, Form):
        what, way = what_and_way(found)
        way = way or say("upload {kinds}", kinds=say(READABLE))
        if promised:
            raise InputError(
                say("{file} is named {ending} but is {what}, which is not read here: {way}.",
                    file=quoted(name), ending=_ending(name), what=what, way=way)
            )  # fmt: skip
        raise InputError(say("{file} is {what}, which is not read here: {way}.", file=quoted(name), what=what, way=way))
    if found is None and promised is not None and promised not in WRITTEN:
        raise InputError(
            say(
                "{file} is named {name}, but it is not {promised}: its first bytes say "
                "otherwise. Save it again, or upload another file.",
                file=quoted(name),
                name=_ending(name),
                promised=say(promised),
            )
        )
    if found is not None and promised not in (found, None):
        return Recognised(
            found,
            (
                say(
                    "{file} is named {ending}, but it is {form}; it is read as that.",
                    file=quoted(name),
                    ending=_ending(name),
                    form=say(found),
                ),
            ),
        )
    return Recognised(found or _written(name, content, promised))


def what_and_way(found: str) -> tuple[str, str]:
    """What a file is that cannot be read, and what to do with it if that is known, else ""."""
    what, _, way = say(found).replace("：", ": ").partition(": ")
    return what, way


def _check_size(name: str, content: bytes) -> None:
    if not content:
        raise InputError(say("{file} is empty (0 bytes): upload a file that holds something.", file=quoted(name)))
    if len(content) > MOST_BYTES:
        raise InputError(
            say(
                "{file} has {n:,.0f} MB, and {most} MB is the most that is read: split it, or leave out columns.",
                file=quoted(name),
                n=len(content) / 1e6,
                most=MOST_MEGABYTES,
            )
        )


def by_content(content: bytes) -> Form | str | None:
    """The form, words for something that is not read, or None for what may be text."""
    if content[:4] in (b"RIFF", b"RF64", b"BW64") and content[8:12] == b"WAVE":
        return Form.WAV
    if content[:4] == b"FORM" and content[8:12] in (b"AIFF", b"AIFC"):
        return Form.AIFF
    if content[:4] == b"PK\x03\x04" or content[:4] == b"PK\x05\x06":
        return _zipped(content)
    if content[:2] in PICKLES:
        return mark("a Python pickle (it could run code)")
    if content[:1] == b"\xff" and content[1:2] in (b"\xfa", b"\xfb", b"\xf2", b"\xf3", b"\xe2", b"\xe3"):
        return Form.MP3
    return next((form for magic, form in MAGIC if content.startswith(magic)), None) or unread(content)


def _zipped(content: bytes) -> Form | str:
    if content.count(b"PK\x01\x02") > MOST_LISTED:  # what begins every entry of its list
        return say("a ZIP archive of more than {n:,} files", n=MOST_LISTED)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except Exception:  # the list of what zipfile raises on damaged bytes is long, and not written down
        return mark("a damaged ZIP archive")
    if names and all(member.endswith(".npy") for member in names):
        return Form.NPZ
    if "xl/workbook.xml" in names:
        return Form.WORKBOOK
    if any(member.startswith("xl/") for member in names):
        return mark("an Excel workbook that is not XLSX (save it as that, or as CSV in UTF-8)")
    if any(member.endswith("data.pkl") for member in names):
        return mark("a PyTorch checkpoint (it could run code)")
    office = (what for start, what in OFFICE if any(member.startswith(start) for member in names))
    return next(office, mark("a ZIP archive (unpack it first)"))


def _ending(name: str) -> str:
    return PurePath(name).suffix


def _written(name: str, content: bytes, promised: Form | None) -> Form:
    """Which kind of text it is; what its name promises comes first."""
    if promised is not None and promised is not Form.TEXT:
        return promised
    start = content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b">") and b"\n" in start:
        return Form.FASTA
    if re.match(rb"@[^\n]*\n[A-Za-z*.-]+\r?\n\+", start):
        return Form.FASTQ
    if re.match(rb"LOCUS +\S+ |ID   \S+", start):
        return Form.GENBANK
    if promised is None and re.match(rb"\{|\[\s*(?:[\[{]|-?\d[\d.eE+-]*\s*,)", start):
        return Form.JSON
    return Form.TEXT
