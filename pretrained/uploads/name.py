"""How an uploaded file is called in a sentence."""

LONGEST = 60


def quoted(name: str) -> str:
    """A file's name in quotation marks, without signs that cannot be shown, its middle left out where it is long."""
    shown = "".join(sign for sign in name if sign.isprintable()) or "the file"
    if len(shown) > LONGEST:
        shown = f"{shown[: LONGEST - 20]}…{shown[-19:]}"
    return f"“{shown}”"


def count_of(number: int, noun: str) -> str:
    """Such as ``2 rows``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def short(text: str) -> str:
    """A name, cut where it is long."""
    return text if len(text) <= 40 else f"{text[:39]}…"


def be(number: int) -> str:
    """The verb that goes with a number."""
    return "is" if number == 1 else "are"
