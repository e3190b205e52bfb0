"""Bytes to text: UTF-8, or else an offer of the encoding that was found."""

from __future__ import annotations

import codecs

from charset_normalizer import from_bytes

from core_models.language import mark, say
from pretrained.task import InputError
from pretrained.uploads.name import quoted

MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
         (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
"""Byte order marks; the longer first where one begins as another does."""

ENCODINGS = {
    "cp1252": mark("Windows-1252 (Western European)"),
    "cp1250": mark("Windows-1250 (Central European)"),
    "cp1251": mark("Windows-1251 (Cyrillic)"),
    "koi8_r": mark("KOI8-R (Cyrillic)"),
    "cp1253": mark("Windows-1253 (Greek)"),
    "cp1254": mark("Windows-1254 (Turkish)"),
    "cp1255": mark("Windows-1255 (Hebrew)"),
    "cp1256": mark("Windows-1256 (Arabic)"),
    "gb18030": mark("GB 18030 (Chinese)"),
    "big5": mark("Big5 (Chinese)"),
    "shift_jis": mark("Shift JIS (Japanese)"),
    "euc_jp": mark("EUC-JP (Japanese)"),
    "euc_kr": mark("EUC-KR (Korean)"),
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16, little-endian",
    "utf-16-be": "UTF-16, big-endian",
    "utf-32": "UTF-32",
}
"""Encodings that are offered, by Python's name; of several that fit, and where nothing tells, the first."""

SAMPLE = 20_000
"""Bytes from the first one that is not UTF-8 by which an encoding is guessed."""


class EncodingError(InputError):
    """Bytes that are not UTF-8.

    Attributes:
        detected: the encoding that was found, as ``read_table`` and its like take it.
        label: the same for a person.
    """

    def __init__(self, sentence: str, detected: str) -> None:
        super().__init__(sentence)
        self.detected = detected
        self.label = say(ENCODINGS[detected])

    def __reduce__(self) -> tuple[type[EncodingError], tuple[str, str]]:
        return EncodingError, (str(self), self.detected)


def decode(name: str, content: bytes, encoding: str | None = None) -> str:
    """The text of a file without its byte order mark.

    Args:
        name: of the file, for sentences.
        content: its bytes.
        encoding: a key of ``ENCODINGS``; UTF-8 if None.

    Raises:
        EncodingError: if it is not UTF-8 and no encoding was given.
        InputError: if it is not in the encoding that was given, or holds NUL bytes, as text never does.
    """
    text = _as_utf8(name, content) if encoding is None else _as(name, content, encoding)
    at = text.find("\0")
    if at >= 0 and encoding is None and (wide := _wide(content)):
        raise _offer(say("{file} is not in UTF-8", file=quoted(name)), wide)
    if at >= 0:
        raise InputError(
            say(
                "{file}, line {line}: there is a NUL byte, which text never holds; save it "
                "again as plain text or CSV in UTF-8.",
                file=quoted(name),
                line=line_of(text, at),
            )
        )
    return text


def line_of(text: str, at: int) -> int:
    """Number of the line, from 1, of the character at ``at``."""
    return text.count("\n", 0, at) + 1


def _as_utf8(name: str, content: bytes) -> str:
    marked = next((codec for mark, codec in MARKS if content.startswith(mark)), "utf-8")
    if marked.startswith("utf-8"):
        try:
            return content.decode(marked)
        except UnicodeDecodeError as error:
            at, detected = error.start, detect(content, error.start)
            line = content.count(b"\n", 0, at) + 1
            where = say("{file}, line {line}: byte {at:,} is not UTF-8", file=quoted(name), line=line, at=at + 1)
    else:
        where, detected = say("{file} is not in UTF-8", file=quoted(name)), marked
    raise _offer(where, detected)


def _offer(where: str, detected: str) -> EncodingError:
    sentence = say(
        "{where}. It looks like {encoding}: read it as that, or save it again in UTF-8.",
        where=where, encoding=say(ENCODINGS[detected]),
    )  # fmt: skip
    return EncodingError(sentence, detected)


def _wide(content: bytes) -> str:
    """UTF-16 without a mark: about every second byte of its Latin text is NUL."""
    half = len(content[:SAMPLE]) // 2
    if half < 2 or len(content) % 2:
        return ""
    for codec, odd in (("utf-16-le", content[1:SAMPLE:2]), ("utf-16-be", content[:SAMPLE:2])):
        if odd.count(0) > 0.9 * half:
            return codec
    return ""


def _as(name: str, content: bytes, encoding: str) -> str:
    if encoding not in ENCODINGS:
        raise InputError(
            say(
                "There is no encoding named “{encoding}” here; save {file} again in UTF-8.",
                encoding=encoding,
                file=quoted(name),
            )
        )
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeError as error:
        at = say("byte {n:,}", n=error.start + 1) if isinstance(error, UnicodeDecodeError) else say("its first bytes")
        raise InputError(
            say(
                "{file}: {at} is not {encoding} either; save it again in UTF-8.",
                file=quoted(name),
                at=at,
                encoding=say(ENCODINGS[encoding]),
            )
        ) from error


def detect(content: bytes, at: int) -> str:
    """The encoding, a key of ``ENCODINGS``, that bytes which are not UTF-8 from ``at`` on are most likely in."""
    start = max(0, content.rfind(b"\n", 0, at) + 1, at - SAMPLE)
    matches = list(from_bytes(content[start : start + SAMPLE], cp_isolation=list(ENCODINGS)))
    least = min((match.chaos for match in matches), default=0.0)
    alike = {codec for match in matches if match.chaos == least for codec in match.could_be_from_charset}
    return next((codec for codec in ENCODINGS if codec.replace("-", "_") in alike), next(iter(ENCODINGS)))
