r"""From a stretch of one input to every place of a corpus at which the same units do the same.

A unit is *on* where its value is at least a threshold (or, the other way round, at most). The units of a pattern are
those that are on at every step of the chosen stretch and off in the margins beside it, as in LSTMVis (Strobelt et al.
2018, "LSTMVis: A Tool for Visual Analysis of Hidden State Dynamics in Recurrent Neural Networks", section 5).

A place is a longest run of steps, within one document, at which at least half of these units are on. With A_u the steps
of its window (the run and both margins) at which unit u is on, and R the run, its score is the mean over the units of

    |A_u ∩ R| / |A_u ∪ R|

(Jaccard 1912): 1 where every unit is on in the whole run and off in the margins. Places are ranked by score, then by
how near their length is to that of the pattern, then by where they stand. Beyond the end of a document all is off.

Everything here is NumPy and takes time and room linear in the corpus, which may come part by part.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

PART = 1 << 16
"""Tokens of a corpus that are looked at together, more or less."""


@dataclass(frozen=True)
class Pattern:
    """What is looked for.

    Attributes:
        units: that are on.
        threshold: from which a unit is on.
        above: whether it is on from there up, else from there down.
        length: steps of the stretch that it was taken from.
        before, after: steps of the margins.
    """

    units: tuple[int, ...]
    threshold: float
    above: bool = True
    length: int = 1
    before: int = 1
    after: int = 1

    def on(self, values: Floats) -> Flags:
        """Which of the pattern's units are on, ``[step, unit]``, from values of all units."""
        return switched_on(values[:, list(self.units)], self.threshold, self.above)


@dataclass(frozen=True, eq=False)
class Places:
    """Places of a corpus, the best first: first token, the token after the last, and score of each."""

    start: Ints
    stop: Ints
    score: Floats

    def __len__(self) -> int:
        return len(self.start)

    def __getitem__(self, some: slice | NDArray) -> Places:
        return Places(self.start[some], self.stop[some], self.score[some])

    @property
    def middle(self) -> Ints:
        """The token in the middle of each."""
        return (self.start + self.stop - 1) // 2

    def at_least(self, score: float) -> int:
        """How many reach a score."""
        return int((self.score >= score).sum())


def switched_on(values: Floats, threshold: float, above: bool = True) -> Flags:
    """Whether each value is on."""
    return values >= threshold if above else values <= threshold


def units_on(
    values: Floats, span: tuple[int, int], threshold: float, *, above: bool = True, before: int = 1, after: int = 1
) -> tuple[int, ...]:
    """The units that are on at every step of a span (its end left out) and off in the margins beside it.

    Args:
        values: of one input, ``[step, unit]``.
        span: first step, and the step after the last.
        threshold: from which a unit is on.
        above: whether it is on from there up.
        before, after: steps of the margins.

    Raises:
        ValueError: if the input has no such span.
    """
    start, stop = span
    if not 0 <= start < stop <= len(values):
        raise ValueError(f"units on: expected a span within {len(values)} steps, got {start} to {stop}")
    on = switched_on(values[max(0, start - before) : stop + after], threshold, above)
    first = start - max(0, start - before)
    last = first + stop - start
    found = on[first:last].all(axis=0) & ~on[:first].any(axis=0) & ~on[last:].any(axis=0)
    return tuple(np.flatnonzero(found).tolist())


def stretch(on: Flags, step: int) -> tuple[int, int]:
    """First and last step of the stretch around a step in which a unit is on; the step alone where it is off.

    Args:
        on: of one unit, ``[step]``.
        step: within the stretch.
    """
    first = last = step
    while on[step] and first > 0 and on[first - 1]:
        first -= 1
    while on[step] and last < len(on) - 1 and on[last + 1]:
        last += 1
    return first, last


def parts_of(bounds: Ints, size: int = PART) -> Iterator[tuple[int, int]]:
    """First document and the one after the last of parts of about ``size`` tokens, whole documents each.

    Args:
        bounds: first token of every document, and the number of all tokens, ``[document + 1]``.
        size: tokens of a part; a longer document is a part of its own.
    """
    first = 0
    while first < len(bounds) - 1:
        last = int(np.searchsorted(bounds, bounds[first] + size, side="right")) - 1
        last = max(first + 1, last)
        yield first, last
        first = last


def find_places(parts: Iterable[tuple[Floats, Ints]], pattern: Pattern) -> Places:
    """Every place of a corpus, ranked.

    Args:
        parts: of the corpus in their order: values ``[token, unit]`` and the bounds of their documents, counted from
            the first token of the part, ``[document + 1]``.
        pattern: what is looked for.

    Raises:
        ValueError: if the pattern has no unit.
    """
    if not pattern.units:
        raise ValueError("places: expected a pattern of at least one unit, got none")
    found, offset = [], 0
    for values, bounds in parts:
        start, stop, score = scored(pattern.on(values), bounds, pattern.before, pattern.after)
        found.append((start + offset, stop + offset, score))
        offset += int(bounds[-1])
    start, stop, score = (np.concatenate(column) for column in zip(*found, strict=True)) if found else _nothing()
    order = np.lexsort((start, np.abs(stop - start - pattern.length), -score))
    return Places(start[order], stop[order], score[order])


def _nothing() -> tuple[Ints, Ints, Floats]:
    return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32)


def scored(on: Flags, bounds: Ints, before: int, after: int) -> tuple[Ints, Ints, Floats]:
    """First token, token after the last and score of every place, in the order of the text.

    Args:
        on: ``[token, unit]``, the units of a pattern alone.
        bounds: of the documents, ``[document + 1]``.
        before, after: steps of the margins.
    """
    start, stop = runs(2 * np.count_nonzero(on, axis=1) >= on.shape[1], bounds)
    if not len(start):
        return _nothing()
    document = np.searchsorted(bounds, start, side="right") - 1
    low, high = np.maximum(start - before, bounds[document]), np.minimum(stop + after, bounds[document + 1])
    total = np.zeros((len(on) + 1, on.shape[1]), dtype=np.int32)
    np.cumsum(on, axis=0, out=total[1:])
    inside = total[stop] - total[start]
    beside = total[high] - total[low] - inside
    score = (inside / ((stop - start)[:, None] + beside)).mean(axis=1)
    return start, stop, score.astype(np.float32)


def runs(active: Flags, bounds: Ints) -> tuple[Ints, Ints]:
    """Where the longest runs of true begin, and end (left out); none reaches into another document."""
    edge = np.zeros(len(active) + 1, dtype=bool)
    edge[bounds] = True
    rises = active & (~np.concatenate([[False], active[:-1]]) | edge[:-1])
    falls = active & (~np.concatenate([active[1:], [False]]) | edge[1:])
    return np.flatnonzero(rises).astype(np.int64), np.flatnonzero(falls).astype(np.int64) + 1
