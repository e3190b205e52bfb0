r"""Where two readings part, and whether they come together again.

Alignment
    Two texts are aligned on their tokens, capitals ignored, by the longest matching blocks (Ratcliff & Metzener 1988,
    "Pattern matching: the Gestalt approach", as in Python's ``difflib.SequenceMatcher``), nothing treated as junk.
    Where one stretch was replaced by another, its tokens stand against each other one to one from the left, as far as
    both have any; all other tokens stand alone. Two texts of equally many tokens are set against each other token by
    token instead, if that makes at least as many equal pairs: so the two halves of a sentence may change places. A
    *column* is one such place; one that both texts have is *shared*.

Parting of answers, for probabilities :math:`p_m(t)` of models :math:`m` at token :math:`t`
    opposite: the first t at which some :math:`p_m(t) > 0.5` and some are not, and they are at least a margin apart;
    apart: the first t at which :math:`\max_m p_m(t) - \min_m p_m(t) > \mathrm{amount}`.

Parting of states, for states :math:`h^a_t, h^b_t` in a shared column :math:`t`
    distance :math:`d_t = \lVert h^a_t - h^b_t \rVert_2`; unit u parts at the first t where
    :math:`|h^a_{t,u} - h^b_{t,u}|` exceeds a threshold; the readings merge again at the first t after the largest
    distance from which on :math:`d_t` stays below a share of that largest one.

Needs neither torch nor Streamlit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Steps = NDArray[np.intp]

MISSING = -1
"""Stands for the step of a text in a column that it does not have, and for a unit that never parts."""


def align(a: Sequence[str], b: Sequence[str]) -> Steps:
    """Steps of two token sequences in each column, ``[text, column]``; ``MISSING`` where a text has no token there.

    Every token stands in exactly one column, and the tokens of each text stay in their order.
    """
    one, other = _folded(a), _folded(b)
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    pairs = [pair for _, *block in matcher.get_opcodes() for pair in _columns(*block)]
    equal = sum(block.size for block in matcher.get_matching_blocks())
    if len(one) == len(other) and sum(map(str.__eq__, one, other)) >= equal:
        pairs = [(step, step) for step in range(len(one))]
    return np.array(pairs, dtype=np.intp).reshape(-1, 2).T.copy()


def _folded(tokens: Sequence[str]) -> list[str]:
    return [token.casefold() for token in tokens]


def _columns(start_a: int, end_a: int, start_b: int, end_b: int) -> Iterator[tuple[int, int]]:
    both = min(end_a - start_a, end_b - start_b)
    yield from zip(range(start_a, start_a + both), range(start_b, start_b + both), strict=True)
    yield from ((step, MISSING) for step in range(start_a + both, end_a))
    yield from ((MISSING, step) for step in range(start_b + both, end_b))


def first_opposite(probabilities: Floats, margin: float = 0.0) -> int | None:
    """First step at which not all ``[model, step]`` are on the same side of 0.5; None if there is none.

    Where the largest and the smallest are less than ``margin`` apart, sides do not count.
    """
    count = (probabilities > 0.5).sum(axis=0)
    far = np.ptp(probabilities, axis=0) >= margin
    return _first(np.asarray((count > 0) & (count < len(probabilities)) & far, dtype=bool))


def first_apart(probabilities: Floats, amount: float) -> int | None:
    """First step at which the largest and the smallest of ``[model, step]`` differ by more than ``amount``."""
    return _first(np.ptp(probabilities, axis=0) > amount)


def _first(found: NDArray[np.bool_]) -> int | None:
    return int(found.argmax()) if found.any() else None


@dataclass(frozen=True, eq=False)
class Divergence:
    """How the states of two readings part and come together, over the columns in the order in which they are read.

    Attributes:
        gaps: distance of each unit, ``[column, unit]``; NaN in columns that only one text has.
        distance: Euclidean distance of the states, ``[column]``; NaN likewise.
        threshold: distance above which a unit counts as parted.
        first: column in which each unit first parts, ``[unit]``; ``MISSING`` where it never does.
        peak: column of the largest distance; None if the states never differ.
        merged: column from which on the distance stays below ``share`` of the largest; None if it does not.
        share: see ``merged``.
    """

    gaps: Floats
    distance: Floats
    threshold: float
    first: Steps
    peak: int | None
    merged: int | None
    share: float


def diverge(a: Floats, b: Floats, columns: Steps, *, part: float, share: float, backward: bool = False) -> Divergence:
    """How two readings' states part and come together.

    Args:
        a: states of the first reading, ``[step, unit]``.
        b: states of the second, with as many units.
        columns: as ``align`` returns them.
        part: threshold of parting, as a share of the largest absolute value in either reading.
        share: a distance below this share of the largest one counts as merged.
        backward: whether the states were computed from the end of the text to its start.
    """
    shared = (columns != MISSING).all(axis=0)
    gaps = np.full((columns.shape[1], a.shape[1]), np.nan)
    gaps[shared] = np.abs(a[columns[0, shared]].astype(np.float64) - b[columns[1, shared]])
    distance = np.sqrt((gaps**2).sum(axis=1))
    threshold = part * float(max(np.abs(a).max(), np.abs(b).max()))
    order = np.flatnonzero(shared)
    order = order[::-1] if backward else order
    return Divergence(
        gaps, distance, threshold, _first_parted(gaps, order, threshold), *_merge(distance, order, share), share
    )


def _first_parted(gaps: Floats, order: Steps, threshold: float) -> Steps:
    if not len(order):
        return np.full(gaps.shape[1], MISSING, dtype=np.intp)
    parted = gaps[order] > threshold
    return np.where(parted.any(axis=0), order[parted.argmax(axis=0)], MISSING)


def _merge(distance: Floats, order: Steps, share: float) -> tuple[int | None, int | None]:
    """Column of the largest distance, and the one from which on it stays below ``share`` of that."""
    along = distance[order]
    if not len(along) or not along.max() > 0.0:
        return None, None
    peak = int(along.argmax())
    far = np.flatnonzero(along >= share * along[peak])
    merged = int(far[-1]) + 1
    return int(order[peak]), int(order[merged]) if merged < len(order) else None
