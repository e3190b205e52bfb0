r"""The states of a corpus that are nearest to one state, exactly, from states held in full or in one byte a number.

    nearest(parts, query, count, "euclidean")      states in float32
    Codes.of(values); nearest_by_codes(...)        states in one byte a number, and in full where that matters

Distances are Euclidean, or 1 − cos of the angle. The first ``count`` are those of brute force in float32, nearest
first, equal ones in the order of the corpus. Products with the query are taken of a whole part at once; what they leave
open is computed anew from differences.

A code is x̂ = offset + scale · k with a whole number k from −127 to 127 for each unit, so that |x − x̂| ≤ scale / 2 and
‖x − x̂‖ ≤ E = ‖scale‖ / 2. Then for the Euclidean distance

    d(q, x̂) − E ≤ d(q, x) ≤ d(q, x̂) + E,

and with the length ‖x‖, which is kept, for the angle |q·x − q·x̂| / (‖q‖ ‖x‖) ≤ E / ‖x‖. States whose lower bound is
above the ``count``-th smallest upper bound cannot be among the first; the others are read in full and ranked. So a
quarter of the room costs nothing of the ranking.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core_models.corpus.places import Floats, Ints

Metric = Literal["euclidean", "cosine"]
METRICS: tuple[Metric, ...] = ("euclidean", "cosine")

BLOCK = 4096
"""Rows that are turned from codes into numbers at once: few enough to stay in the cache of a processor."""

SLACK = 1e-4
"""Share of the largest squared length by which a product in float32 may be off, generously."""


@dataclass(frozen=True, eq=False)
class Nearest:
    """Tokens of a corpus, the nearest first, and their distances."""

    token: Ints
    distance: Floats

    def __len__(self) -> int:
        return len(self.token)


def distances(values: Floats, query: Floats, metric: Metric) -> Floats:
    """Distance of every row ``[row, unit]`` from the query ``[unit]``, from differences, in float32.

    Raises:
        ValueError: if there is no such metric.
    """
    if metric == "euclidean":
        return np.sqrt(np.square(values - query).sum(axis=1))
    if metric != "cosine":
        raise ValueError(f"distances: expected one of {', '.join(METRICS)}, got {metric}")
    return np.square(_unit(values) - _unit(query[None])).sum(axis=1) / np.float32(2.0)


def _unit(rows: Floats) -> Floats:
    """Rows of length 1; a row of zeros stays as it is."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(lengths > 0.0, lengths, np.float32(1.0))).astype(np.float32)


def nearest(parts: Iterable[Floats], query: Floats, count: int, metric: Metric = "euclidean") -> Nearest:
    """The states nearest to a query.

    Args:
        parts: of the corpus in their order, ``[token, unit]``.
        query: ``[unit]``.
        count: how many.
        metric: of distance.
    """
    found, offset = Nearest(np.zeros(0, np.int64), np.zeros(0, np.float32)), 0
    for values in parts:
        rows = _contenders(values, query, count, metric)
        found = _best(found, rows + offset, distances(values[rows], query, metric), count)
        offset += len(values)
    return found


def _contenders(values: Floats, query: Floats, count: int, metric: Metric) -> Ints:
    """Rows that may be among the nearest of a part, by products alone."""
    squares, product = np.einsum("ij,ij->i", values, values), values @ query
    own = np.float32(query @ query)
    if metric == "cosine":
        lengths = np.sqrt(np.where(squares > 0.0, squares, np.float32(1.0))) * (np.sqrt(own) or np.float32(1.0))
        far, slack = -product / lengths, np.float32(SLACK)
    else:
        far = squares - 2.0 * product + own
        slack = np.float32(SLACK) * (squares.max(initial=0.0) + own)
    return _within(far - slack, far + slack, count)


def _within(lower: Floats, upper: Floats, count: int) -> Ints:
    """Rows whose lower bound is not above the ``count``-th smallest upper bound."""
    if len(upper) <= count:
        return np.arange(len(upper))
    limit = np.partition(upper, count - 1)[count - 1]
    return np.flatnonzero(lower <= limit)


def _best(found: Nearest, tokens: Ints, far: Floats, count: int) -> Nearest:
    tokens, far = np.concatenate([found.token, tokens]), np.concatenate([found.distance, far])
    order = np.lexsort((tokens, far))[:count]
    return Nearest(tokens[order], far[order])


@dataclass(frozen=True, eq=False)
class Codes:
    """States in one byte a number.

    Attributes:
        codes: ``[token, unit]``, from −127 to 127; any array that gives rows by slices.
        scale, offset: what a code stands for, ``[unit]``.
        length: of every state in full, ``[token]``.
    """

    codes: NDArray[np.int8]
    scale: Floats
    offset: Floats
    length: Floats

    @classmethod
    def of(cls, values: Floats) -> Codes:
        """The codes of states ``[token, unit]``, in the range that each unit has."""
        scale, offset = ranges(values.min(axis=0), values.max(axis=0))
        return cls(encode(values, scale, offset), scale, offset, np.linalg.norm(values, axis=1))

    @property
    def off(self) -> float:
        """The largest distance of a state from what its code stands for."""
        return float(np.linalg.norm(self.scale.astype(np.float64))) / 2.0 * (1.0 + 1e-5) + 1e-6

    def bounds(self, query: Floats, metric: Metric) -> tuple[Floats, Floats]:
        """Smallest and largest possible distance of every state from a query."""
        far = np.empty(len(self.codes), np.float32)
        weight = self.scale * query if metric == "cosine" else self.scale * (self.offset - query) * 2.0
        squares = self.scale**2
        for first in range(0, len(far), BLOCK):
            block = self.codes[first : first + BLOCK].astype(np.float32)
            far[first : first + BLOCK] = block @ weight
            if metric == "euclidean":
                far[first : first + BLOCK] += np.square(block, out=block) @ squares
        if metric == "cosine":
            lengths = np.where(self.length > 0.0, self.length, np.float32(1.0))
            own = np.float32(np.linalg.norm(query) or 1.0)
            far = 1.0 - (far + self.offset @ query) / (lengths * own)
            slack = self.off / lengths + SLACK
            return _floats(far - slack), _floats(far + slack)
        far = np.sqrt(np.maximum(far + np.square(self.offset - query).sum(), 0.0))
        return _floats(far - self.off - SLACK), _floats(far + self.off + SLACK)


def _floats(values: NDArray[np.floating]) -> Floats:
    return values.astype(np.float32, copy=False)


def ranges(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Scale and offset of codes that reach from ``low`` to ``high``, ``[unit]`` each."""
    return np.maximum((high - low) / 254.0, 1e-8).astype(np.float32), ((high + low) / 2.0).astype(np.float32)


def encode(values: Floats, scale: Floats, offset: Floats) -> NDArray[np.int8]:
    """Codes of states ``[token, unit]``."""
    return np.clip(np.rint((values - offset) / scale), -127, 127).astype(np.int8)


def nearest_by_codes(
    codes: Codes, read: Callable[[Ints], Floats], query: Floats, count: int, metric: Metric = "euclidean"
) -> Nearest:
    """As ``nearest``, from codes.

    Args:
        codes: of all states.
        read: gives the states of some tokens in full, ``[token, unit]``.
        query: ``[unit]``.
        count: how many.
        metric: of distance.
    """
    rows = _within(*codes.bounds(query, metric), count)
    nothing = Nearest(np.zeros(0, np.int64), np.zeros(0, np.float32))
    return _best(nothing, rows, distances(read(rows), query, metric), count)
