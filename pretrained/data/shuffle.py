"""The same tokens in another order: what a network makes of a text when the order of its words is lost."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core_models.encoded import Encoded
from core_models.trace import Tokens


def shuffle_order(count: int, seed: int) -> NDArray[np.intp]:
    """The numbers 0 to ``count - 1`` in an order drawn from ``seed``: never their own, where there is another."""
    order = np.random.default_rng(seed).permutation(count)
    return np.roll(order, 1) if np.array_equal(order, np.arange(count)) else order


def reordered(encoded: Encoded, order: NDArray[np.intp]) -> Encoded:
    """An input whose step ``i`` is step ``order[i]`` of ``encoded``; a text becomes its tokens parted by spaces."""
    tokens = encoded.tokens
    labels = tuple(tokens.labels[step] for step in order)
    known = tuple(tokens.known[step] for step in order) if tokens.known else ()
    if encoded.values is not None:
        return Encoded(Tokens(labels, known=known, noun=tokens.noun), encoded.notices, encoded.values[order])
    ends = tuple(accumulate(len(label) + 1 for label in labels))
    spans = tuple((end - 1 - len(label), end - 1) for label, end in zip(labels, ends, strict=True))
    ids: Any = tuple(encoded.ids[step] for step in order)
    return Encoded(Tokens(labels, " ".join(labels), spans, known, tokens.noun, ids), encoded.notices)
