"""Whole numbers in an address: whatever somebody typed there, a page gets a number that it can show."""

from __future__ import annotations

import re

_WHOLE = re.compile(r"[0-9]{1,9}")


def whole(asked: object) -> int | None:
    """The number that is written in one to nine plain digits, as a part of an address is; None for anything else."""
    said = str(asked)
    return int(said) if _WHOLE.fullmatch(said) else None


def nearest(asked: object, allowed: range, default: int) -> int:
    """The one of ``allowed`` that is nearest to what was asked for; ``default`` where that is no whole number."""
    number = whole(asked)
    return default if number is None else min(max(number, allowed[0]), allowed[-1])
