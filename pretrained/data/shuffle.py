"""The same tokens in another order: what a network makes of a text when the order of its words is lost."""

from __future__ import annotations

from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from core_models.trace import Tokens
from pretrained.task import Reading


def shuffle_order(count: int, seed: int) -> NDArray[np.intp]:
    """The numbers 0 to ``count - 1`` in an order drawn from ``seed``: never their own, where there is another."""
    order = np.random.default_rng(seed).permutation(count)
    return np.roll(order, 1) if np.array_equal(order, np.arange(count)) else order


def reordered(reading: Reading, order: NDArray[np.intp]) -> Reading:
    """A reading whose token ``i`` is token ``order[i]`` of ``reading``; its text is the tokens parted by spaces."""
    labels = tuple(reading.tokens.labels[step] for step in order)
    ends = tuple(accumulate(len(label) + 1 for label in labels))
    spans = tuple((end - 1 - len(label), end - 1) for label, end in zip(labels, ends, strict=True))
    known = tuple(reading.tokens.known[step] for step in order) if reading.tokens.known else ()
    ids = tuple(reading.ids[step] for step in order)
    return Reading(Tokens(labels, " ".join(labels), spans, known), ids, reading.notices)
