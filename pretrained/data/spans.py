"""Labelled stretches of tokens, from B-x, I-x and O, and how well two sets of them agree."""

from __future__ import annotations

from collections.abc import Sequence

Span = tuple[int, int, str]
"""First token, the one after the last, and the label."""


def spans_of(tags: Sequence[str | None]) -> set[Span]:
    """The stretches that labels mark; an I-x that continues nothing begins a stretch, as in conlleval."""
    found: set[Span] = set()
    start, kind = 0, ""
    for at, tag in enumerate([*tags, "O"]):
        head, _, label = (tag or "O").partition("-")
        goes_on = head == "I" and label == kind
        if kind and not goes_on:
            found.add((start, at, kind))
            kind = ""
        if head == "B" or (head == "I" and not goes_on):
            start, kind = at, label
    return found


def span_score(
    gold: Sequence[Sequence[str | None]], given: Sequence[Sequence[str | None]]
) -> tuple[float, float, float]:
    """Precision, recall and F1 of the stretches in ``given`` against those in ``gold``, exact in place and label."""
    right = marked = wanted = 0
    for one, other in zip(gold, given, strict=True):
        true, mine = spans_of(one), spans_of(other)
        right, marked, wanted = right + len(true & mine), marked + len(mine), wanted + len(true)
    precision, recall = right / max(marked, 1), right / max(wanted, 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-12)
