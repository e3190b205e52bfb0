"""What a file is that is not read here, by its first bytes; behind a colon the way from it to one that is.

Bytes that no text holds are named even where their format is not known, so that none is ever offered as text in an old
encoding.
"""

from __future__ import annotations

import re

from core_models.language import mark

TO_WAV = ": export it as WAV, in Audacity or by `ffmpeg -i FILE sound.wav`, and open that"
"""From any sound or film to one that is read."""

BOXES = (
    ((b"heic", b"heix", b"mif1", b"hevc"), "a HEIF picture"),
    ((b"avif", b"avis"), "an AVIF picture"),
    ((b"qt  ",), f"a QuickTime film{TO_WAV}"),
    ((b"M4A ", b"M4B ", b"M4P "), f"MPEG-4 sound, as phones record it{TO_WAV}"),
    ((b"3gp4", b"3gp5", b"3gp6", b"3ge6", b"3g2a"), f"3GPP sound or film{TO_WAV}"),
)
"""Brands of files that consist of boxes (ISO 14496-12), the first of which is called ``ftyp``."""

STARTS = (
    (rb"\x1aE\xdf\xa3", f"WebM or Matroska, as browsers record it{TO_WAV}"),
    (rb"#!AMR", f"AMR sound, as phones record it{TO_WAV}"),
    (rb"\xff[\xf0\xf1\xf8\xf9]|ADIF", f"AAC sound{TO_WAV}"),
    (rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11", f"Windows Media{TO_WAV}"),
    (rb"caff\x00", f"Core Audio sound{TO_WAV}"),
    (rb"wvpk.{4}[\x00-\x10]\x04", f"WavPack sound{TO_WAV}"),
    (rb"MAC .\x0f", f"Monkey's Audio sound{TO_WAV}"),
    (rb"\.snd\x00", f"AU sound{TO_WAV}"),
    (rb"MThd\x00", "MIDI notes, which hold no sound"),
    (rb"FLV\x01|\x00\x00\x01[\xb3\xba]", f"a film{TO_WAV}"),
    (rb"RIFF.{4}WEBP", "a WebP picture"),
    (rb"RIFF.{4}AVI ", f"a film{TO_WAV}"),
    (rb"II\*\x00|MM\x00\*", "a TIFF picture"),
    (rb"BM.{4}\x00\x00\x00\x00", "a BMP picture"),
    (rb"\x00\x00\x01\x00", "an icon"),
    (rb"8BPS\x00", "a Photoshop picture"),
    (rb".{4}\x00{4}\{\"", "a file of weights in safetensors"),
    (rb"GGUF.\x00\x00\x00", "a file of weights in GGUF"),
    (rb"\{\\rtf", "an RTF document: save it as plain text"),
    (rb"\s*(?i:<!doctype html|<html)", "an HTML page: copy its table or text into a file of its own, as CSV or text"),
    (rb"\s*<\?xml ", "XML: save its table as CSV, or its text as plain text"),
    (rb"riff\x2e\x91\xcf\x11", f"Wave64 sound{TO_WAV}"),
    (rb"%!PS", "a PostScript document"),
    (rb"MATLAB 5\.0 MAT-file", "a MATLAB file: save its table as CSV"),
    (rb"Obj\x01", "an Avro file: save its table as CSV or Parquet"),
    (rb"ORC[\x00-\x1f\x80-\xff]", "an ORC file: save its table as CSV or Parquet"),
    (rb"RD[XA][234]\n", "an R file: save its table as CSV"),
    (rb"\$FL[23]@\(#\)", "an SPSS file: save its table as CSV"),
    (rb"<stata_dta>", "a Stata file: save its table as CSV"),
    (rb"MZ.\x00|\x00asm|\xca\xfe\xba\xbe|[\xcf\xce]\xfa\xed\xfe", "a program"),
    (rb"\x04\x22\x4d\x18", "compressed by LZ4"),
    (rb"\((?:lp|dp|tp|ip)\d+\n|c[\w.]+\n[\w.]+\n[pq(]|[\]})]q\x00", "a Python pickle (it could run code)"),
)
"""How a file begins, as a pattern, and what it is."""

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
        return next((what for brands, what in BOXES if brand in brands), f"an MPEG-4 film or sound{TO_WAV}")
    for start, what in STARTS:
        if re.match(start, head, re.DOTALL):
            return what
    if head[257:262] == b"ustar":
        return mark("a TAR archive: unpack it, and upload what is in it")
    return None if _may_be_text(head) else mark("no text and of no kind that is known here")


def _may_be_text(head: bytes) -> bool:
    """Whether bytes may be text: in UTF-16 and UTF-32 many are NUL, elsewhere hardly any is strange."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
        return True
    if any(half and half.count(0) > 0.9 * len(half) for half in (head[::2], head[1::2])):
        return head.count(0) < 0.9 * len(head)
    return sum(map(head.count, (bytes([sign]) for sign in STRANGE))) <= max(1, FEW * len(head))
