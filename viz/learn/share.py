"""A lesson in an address: packed, as a link, as a QR code, and as the line that shows it in a course page."""

from __future__ import annotations

import base64
import binascii
import html
import io
import zlib

import segno

from core_models.language import say
from viz.learn.node import LessonError
from viz.learn.schema import LARGEST

LONGEST_LINK = 30_000
"""Characters of a packed lesson in an address that browsers and servers take."""

READABLE = 1200
"""Characters of a link up to which a phone reads its code from a projector."""


def pack(text: str) -> str:
    """A lesson's file as it stands in an address."""
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")


def unpack(packed: str) -> str:
    """The file that ``pack`` packed.

    Raises:
        LessonError: if it is none, or too large.
    """
    try:
        if len(packed) > LONGEST_LINK:
            raise ValueError(len(packed))
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), 4 * LARGEST)
        if not unpacker.eof:
            raise ValueError(len(content))
        return content.decode()
    except (ValueError, binascii.Error, zlib.error) as error:
        raise LessonError(
            say("This link does not hold a whole lesson: it may have been cut off. Copy it again, or ask for the file.")
        ) from error


def code_of(link: str) -> bytes | None:
    """A QR code as PNG; None where the link is too long to be read from one."""
    if len(link) > READABLE:
        return None
    image = io.BytesIO()
    segno.make(link, micro=False, error="l").save(image, kind="png", scale=5, border=4)
    return image.getvalue()


def frame_of(link: str, title: str) -> str:
    """The line of HTML that shows a page of lessons within another page."""
    address = html.escape(f"{link}&embed=true", quote=True)
    return f'<iframe src="{address}" title="{html.escape(title, quote=True)}" width="100%" height="900"></iframe>'
