"""How an uploaded file is called in a sentence."""

from collections.abc import Sequence

from core_models.language import listed, say

LONGEST = 60


def quoted(name: str) -> str:
    """A file's name in quotation marks, without signs that cannot be shown, its middle left out where it is long."""
    shown = "".join(sign for sign in name if sign.isprintable()) or say("the file")
    if len(shown) > LONGEST:
        shown = f"{shown[: LONGEST - 20]}…{shown[-19:]}"
    return say("“{word}”", word=shown)


def named_keys(keys: Sequence[str], most: int = 5) -> str:
    """The first of some names, each in quotation marks."""
    return listed([say("“{word}”", word=key[:40]) for key in keys[:most]], more=len(keys) > most)


def short(text: str) -> str:
    """A name, cut where it is long."""
    return text if len(text) <= 40 else f"{text[:39]}…"
