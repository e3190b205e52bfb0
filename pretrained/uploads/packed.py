"""A file packed by gzip: unpacked no further than a table may be, and called what it was before."""

from __future__ import annotations

import zlib

from core_models.language import say
from pretrained.task import InputError
from pretrained.uploads.limits import MOST_BYTES, MOST_MEGABYTES
from pretrained.uploads.name import quoted

GZIP = b"\x1f\x8b"
ENDING = ".gz"


def unpacked(name: str, content: bytes) -> tuple[str, bytes]:
    """The name and content of what is in a file packed by gzip; any other file as it is.

    Raises:
        InputError: if it is damaged, or holds more than is read.
    """
    if not content.startswith(GZIP):
        return name, content
    parts, left, rest = [], MOST_BYTES + 1, content
    try:
        while rest.startswith(GZIP) and left > 0:
            unpacker = zlib.decompressobj(wbits=31)
            parts.append(unpacker.decompress(rest, left))
            left -= len(parts[-1])
            if left > 0 and not unpacker.eof:
                raise InputError(say("{file} breaks off: copy it again.", file=quoted(name)))
            rest = unpacker.unused_data
    except zlib.error as error:
        raise InputError(say("{file} is damaged and cannot be unpacked: copy it again.", file=quoted(name))) from error
    if left <= 0:
        raise InputError(
            say(
                "{file} unpacks to more than {most} MB, the most that is read: split it, or leave out columns.",
                file=quoted(name),
                most=MOST_MEGABYTES,
            )
        )
    return name.removesuffix(ENDING) if name.lower().endswith(ENDING) else name, b"".join(parts)
