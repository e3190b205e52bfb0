"""A cell without what spreadsheets and programs put around its text."""

from __future__ import annotations


def bare(cell: str) -> str:
    """A cell without blanks around it, the quotation marks of a formula ``="…"``, apostrophes, or one that leads."""
    text = cell.strip()
    if text.startswith('="') and text.endswith('"') and len(text) > 2:
        return text[2:-1].strip()
    if text.startswith("'"):
        return text[1:].removesuffix("'").strip()
    return text
