"""Fields put into a text, with the blanks that belong around them.

Chinese sets a blank between its own characters and Latin letters or digits, and none between two of its characters.
Which of both a field holds is known only when it is put in. Languages without such characters are left as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from string import Formatter

UNCOUNTED = ("天", "帧", "年", "秒")
"""Words that a number counts by themselves, without 个 between."""

_APART = re.compile("[A-Za-z0-9%°α-ωΑ-Ω]")


@cache
def _parts(text: str) -> tuple[tuple[str, str | None, str, str | None], ...]:
    """What stands before each field, its name, format and conversion."""
    return tuple((before, name, how or "", turned) for before, name, how, turned in Formatter().parse(text))


def filled(text: str, fields: Mapping[str, object]) -> str:
    """As ``str.format``, with one blank or none where a field meets what stands around it."""
    found = ""
    for before, name, how, turned in _parts(text):
        found = _joined(found, before)
        if name is not None:
            value = fields[name]
            found = _joined(found, format(repr(value) if turned == "r" else value, how))
    return found


def _joined(left: str, right: str) -> str:
    """Two pieces one after the other."""
    if not left or not right:
        return left + right
    last, first = left[-1], right[0]
    if last == "个" and right in UNCOUNTED:
        return left[:-1].rstrip() + " " + right if left[:-1].endswith(" ") else left[:-1] + right
    if _own(last):
        apart, blank = _APART.match(first), first == " " and _own(right[1:2])
        return f"{left} {right}" if apart else left + (right[1:] if blank else right)
    if _own(first):
        apart, blank = _APART.match(last), last == " " and _own(left[-2:-1])
        return f"{left} {right}" if apart else (left[:-1] if blank else left) + right
    return left + right


def _own(sign: str) -> bool:
    """Whether it is a Chinese character, and no punctuation."""
    return "\u3400" <= sign <= "\u9fff"
