"""How numbers stand in a sentence or on a figure."""

from __future__ import annotations

from core_models.language import Number


def signed(value: float, digits: int = 2) -> str:
    """A change with its sign, such as +0.38 or −0.02; 0.00, without one, where nothing is left of it."""
    return f"{Number(value):+.{digits}f}"


def plain(value: float, digits: int = 4) -> str:
    """A number with so many decimals, and a true minus below zero."""
    return f"{Number(value):.{digits}f}"
