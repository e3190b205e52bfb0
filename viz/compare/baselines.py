"""What the Compare page compares with: traces of the same network untrained, of another seed, of shuffled tokens.

Cached like all traces and shared by every visitor; nothing here changes one.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from core_models.explain.dynamics.divergence import MISSING, Steps
from core_models.trace import Trace
from pretrained.analysis.latency import milliseconds
from pretrained.data.shuffle import reordered, shuffle_order
from pretrained.training.untrained import untrained
from viz.session import TRACES_KEPT, model, traced

BASELINES: Mapping[str, str] = {
    "none": "none",
    "untrained": "untrained",
    "seed": "another seed",
    "shuffled": "shuffled",
}
"""Names of the choices by key."""

TITLES: Mapping[str, str] = {
    "untrained": "same network, untrained",
    "seed": "trained from another seed",
    "shuffled": "same tokens, shuffled",
}
"""What they are called in headings."""


@st.cache_resource(max_entries=TRACES_KEPT, show_spinner=False)
def traced_untrained(key: str, text: str) -> Trace:
    """What the network that the training of ``key`` began with makes of ``text``.

    Raises:
        InputError: if there is nothing to read in the text.
        ModelError: if there is no such model.
    """
    network = untrained(key)
    return network.trace(network.task.encode(text))


@st.cache_resource(max_entries=TRACES_KEPT, show_spinner=False)
def traced_shuffled(key: str, text: str, order: tuple[int, ...]) -> Trace:
    """What the model named ``key`` makes of the tokens of ``text`` in the given order.

    Raises:
        InputError, ModelError: as ``viz.session.traced``.
    """
    reading, _ = traced(key, text)
    return model(key).trace(reordered(reading, np.array(order, dtype=np.intp)))


@st.cache_resource(max_entries=8 * TRACES_KEPT, show_spinner=False)
def timed(key: str, text: str) -> float:
    """Milliseconds that the model named ``key`` takes for ``text``, measured once; see pretrained.analysis.latency."""
    return milliseconds(model(key), traced(key, text)[0])


def shuffle_columns(steps: Steps, seed: int) -> tuple[tuple[tuple[int, ...], ...], Steps]:
    """Two aligned texts in one common order, so that the columns that they share stay shared.

    Args:
        steps: columns of the texts, as ``core_models.explain.dynamics.divergence.align`` returns them.
        seed: from which the order is drawn.

    Returns:
        The order of each text's tokens, and the columns of the shuffled texts.
    """
    drawn = steps[:, shuffle_order(steps.shape[1], seed)]
    there = drawn != MISSING
    orders = tuple(tuple(row[kept].tolist()) for row, kept in zip(drawn, there, strict=True))
    return orders, np.where(there, there.cumsum(axis=1) - 1, MISSING).astype(np.intp)
