"""What a file is that is not read here, by its first bytes; behind a colon the way from it to one that is.

Bytes that no text holds are named even where their format is not known, so that none is ever offered as text in an old
encoding.
"""

from __future__ import annotations

import re

from core_models.language import mark, say

TO_WAV = mark("{sound}: export it as WAV, in Audacity or by `ffmpeg -i FILE sound.wav`, and open that")
"""From any sound or film to one that is read."""

BOXES = (
    ((b"heic", b"heix", b"mif1", b"hevc"), mark("a HEIF picture")),
    ((b"avif", b"avis"), mark("an AVIF picture")),
    ((b"qt  ",), (TO_WAV, mark("a QuickTime film"))),
    ((b"M4A ", b"M4B ", b"M4P "), (TO_WAV, mark("MPEG-4 sound, as phones record it"))),
    ((b"3gp4", b"3gp5", b"3gp6", b"3ge6", b"3g2a"), (TO_WAV, mark("3GPP sound or film"))),
)
"""Brands of files that consist of boxes (ISO 14496-12), the first of which is called ``ftyp``."""

STARTS = (
    (rb"\x1aE\xdf\xa3", (TO_WAV, mark("WebM or Matroska, as browsers record it"))),
    (rb"#!AMR", (TO_WAV, mark("AMR sound, as phones record it"))),
    (rb"\xff[\xf0\xf1\xf8\xf9]|ADIF", (TO_WAV, mark("AAC sound"))),
    (rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11", (TO_WAV, mark("Windows Media"))),
    (rb"caff\x00", (TO_WAV, mark("Core Audio sound"))),
    (rb"wvpk.{4}[\x00-\x10]\x04", (TO_WAV, mark("WavPack sound"))),
    (rb"MAC .\x0f", (TO_WAV, mark("Monkey's Audio sound"))),
    (rb"\.snd\x00", (TO_WAV, mark("AU sound"))),
    (rb"MThd\x00", mark("MIDI notes, which hold no sound")),
    (rb"FLV\x01|\x00\x00\x01[\xb3\xba]", (TO_WAV, mark("a film"))),
    (rb"RIFF.{4}WEBP", mark("a WebP picture")),
    (rb"RIFF.{4}AVI ", (TO_WAV, mark("a film"))),
    (rb"II\*\x00|MM\x00\*", mark("a TIFF picture")),
    (rb"BM.{4}\x00\x00\x00\x00", mark("a BMP picture")),
    (rb"\x00\x00\x01\x00", mark("an icon")),
    (rb"8BPS\x00", mark("a Photoshop picture")),
    (rb".{4}\x00{4}\{\"", mark("a file of weights in safetensors")),
    (rb"GGUF.\x00\x00\x00", mark("a file of weights in GGUF")),
    (rb"\{\\rtf", mark("an RTF document: save it as plain text")),
    (
        rb"\s*(?i:<!doctype html|<html)",
        mark("an HTML page: copy its table or text into a file of its own, as CSV or text"),
    ),
    (rb"\s*<\?xml ", mark("XML: save its table as CSV, or its text as plain text")),
    (rb"riff\x2e\x91\xcf\x11", (TO_WAV, mark("Wave64 sound"))),
    (rb"%!PS", mark("a PostScript document")),
    (rb"MATLAB 5\.0 MAT-file", mark("a MATLAB file: save its table as CSV")),
    (rb"Obj\x01", mark("an Avro file: save its table as CSV or Parquet")),
    (rb"ORC[\x00-\x1f\x80-\xff]", mark("an ORC file: save its table as CSV or Parquet")),
    (rb"RD[XA][234]\n", mark("an R file: save its table as CSV")),
    (rb"\$FL[23]@\(#\)", mark("an SPSS file: save its table as CSV")),
    (rb"<stata_dta>", mark("a Stata file: save its table as CSV")),
    (rb"MZ.\x00|\x00asm|\xca\xfe\xba\xbe|[\xcf\xce]\xfa\xed\xfe", mark("a program")),
    (rb"\x04\x22\x4d\x18", mark("compressed by LZ4")),
    (rb"\((?:lp|dp|tp|ip)\d+\n|c[\w.]+\n[\w.]+\n[pq(]|[\]})]q\x00", mark("a Python pickle (it could run code)")),
)
"""How a file begins, as a pattern, and what it is; of a sound with the way from it."""

OFFICE = (
    ("word/", mark("a Word document: save it as plain text")),
    ("ppt/", mark("a PowerPoint document: save its text as plain text")),
    ("META-INF/container.xml", mark("an e-book in EPUB: save it as plain text")),
    ("content.xml", mark("an OpenDocument file: save its table as CSV, or its text as plain text")),
    ("AndroidManifest.xml", mark("an Android program")),
    ("META-INF/MANIFEST.MF", mark("a Java program")),
)
"""What a ZIP archive is that holds a file whose name begins so."""

STRANGE = bytes({*range(32)} - {*b"\t\n\v\f\r\x1b"}) + b"\x7f"
"""Bytes that plain text in no encoding of one byte, nor in UTF-8, holds."""

LOOKED_AT, FEW = 4096, 0.04
"""First bytes that are looked at, and the share of them that may be strange in a text that was damaged a little."""


def unread(content: bytes) -> str | None:
    """What the bytes are that belong to no form that is read; None where they may be text."""
    head = content[:LOOKED_AT]
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        found = next((what for brands, what in BOXES if brand in brands), (TO_WAV, mark("an MPEG-4 film or sound")))
        return _said(found)
    for start, what in STARTS:
        if re.match(start, head, re.DOTALL):
            return _said(what)
    if head[257:262] == b"ustar":
        return mark("a TAR archive: unpack it, and upload what is in it")
    return None if _may_be_text(head) else mark("a file of an unknown kind")


def _said(what: str | tuple[str, str]) -> str:
    return say(what) if isinstance(what, str) else say(what[0], sound=say(what[1]))


def _may_be_text(head: bytes) -> bool:
    """Whether bytes may be text: in UTF-16 and UTF-32 many are NUL, elsewhere hardly any is strange."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
        return True
    if any(half and half.count(0) > 0.9 * len(half) for half in (head[::2], head[1::2])):
        return head.count(0) < 0.9 * len(head)
    return sum(map(head.count, (bytes([sign]) for sign in STRANGE))) <= max(1, FEW * len(head))
