"""Names for what a visitor brought: drawn at random, so that nobody can guess one, and known to the session alone."""

from __future__ import annotations

import re
import secrets

from viz.kept import Kept

LONG, KEPT = "long-text-", 4
"""Beginning of the names of long texts, and how many of a visitor's texts are kept, the newest ones."""

TEXTS = Kept[dict[str, str]]("texts by name")


def draw_name(beginning: str) -> str:
    """A new name, with 96 bits of chance behind ``beginning``."""
    return beginning + secrets.token_urlsafe(12)


def name_of(text: str) -> str:
    """The name of a text in this session; it stays the same while the text is kept."""
    kept = TEXTS.get() or TEXTS.put({})
    name = next((name for name, held in kept.items() if held == text), None) or draw_name(LONG)
    kept.pop(name, None)
    kept[name] = text
    while len(kept) > KEPT:
        del kept[next(iter(kept))]
    return name


def text_of(name: str) -> str | None:
    """The text of that name; None if this session keeps none."""
    return (TEXTS.get() or {}).get(name)


def is_name(text: str) -> bool:
    """Whether this is how the name of a long text is written."""
    return re.fullmatch(LONG + r"[A-Za-z0-9_-]{16}", text) is not None
