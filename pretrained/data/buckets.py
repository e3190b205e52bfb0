"""Batches of sequences of about one length, so that little of a batch is padding, in an order that stays random."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any


def batches_by_length(order: Sequence[int], size: int, bucket: int, length: Callable[[int], Any]) -> list[list[int]]:
    """A shuffled order cut into batches: within every ``bucket`` batches, items are sorted by length.

    Args:
        order: indices of items, shuffled.
        size: items of a batch; the last of a bucket may have fewer.
        bucket: batches whose items are sorted together.
        length: what an item is sorted by.
    """
    found: list[list[int]] = []
    for start in range(0, len(order), size * bucket):
        some = sorted(order[start : start + size * bucket], key=length)
        found += [some[at : at + size] for at in range(0, len(some), size)]
    return found
