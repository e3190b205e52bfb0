"""How numbers stand in a sentence or on a figure."""

from __future__ import annotations


def signed(value: float, digits: int = 2) -> str:
    """A change with its sign, such as +0.38 or −0.02; 0.00, without one, where nothing is left of it."""
    shown = f"{value:+.{digits}f}".replace("-", "−")
    return shown if shown.strip("+−0.") else shown[1:]
