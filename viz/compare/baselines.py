"""What the Compare page compares with: traces of the same network untrained, of another seed, of shuffled steps.

Cached like all traces and shared by every visitor; nothing here changes one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from core_models.encoded import Encoded
from core_models.explain.dynamics.divergence import MISSING, Steps
from core_models.language import mark, say
from core_models.trace import Trace
from pretrained.analysis.latency import milliseconds
from pretrained.data.shuffle import reordered, shuffle_order
from pretrained.task import Given, InputError, StandIn
from viz.models import untrained
from viz.remembered import remembered
from viz.session import TRACES_KEPT, model, traced

BASELINES: Mapping[str, str] = {
    "none": mark("none"),
    "untrained": mark("untrained"),
    "seed": mark("another seed"),
    "shuffled": mark("shuffled"),
}
"""Names of the choices by key."""

TITLES: Mapping[str, str] = {
    "untrained": mark("same network, untrained"),
    "seed": mark("trained from another seed"),
    "shuffled": mark("same input, shuffled"),
}
"""What they are called in headings."""

ALONE = mark("One step alone cannot be shuffled; give a longer input.")


def read(key: str, given: Given) -> tuple[Encoded, Trace]:
    """What the model named ``key`` was given and made of it; see ``viz.session.traced``."""
    return traced(key, given.key, given.content)


def traced_untrained(key: str, given: Given) -> Trace:
    """What the network that the training of ``key`` began with makes of an input.

    Raises:
        InputError: if there is nothing to read in it.
        ModelError: if there is no such model.
    """
    return _traced_untrained(key, given.key, read(key, given)[0])


@remembered(max_entries=TRACES_KEPT)
def _traced_untrained(key: str, name: str | StandIn, _encoded: Encoded) -> Trace:
    return untrained(key).trace(_encoded)


def traced_shuffled(key: str, given: Given, order: tuple[int, ...]) -> Trace:
    """What the model named ``key`` makes of the steps of an input in the given order.

    Raises:
        InputError, ModelError: as ``viz.session.traced``.
    """
    return _traced_shuffled(key, given.key, order, read(key, given)[0])


@remembered(max_entries=TRACES_KEPT)
def _traced_shuffled(key: str, name: str | StandIn, order: tuple[int, ...], _encoded: Encoded) -> Trace:
    return model(key).trace(reordered(_encoded, np.array(order, dtype=np.intp)))


def written_untrained(key: str, given: Given) -> tuple[Encoded, Trace]:
    """A source with what the untrained network writes for it; see ``traced_untrained``."""
    return _written(key, given.key, (), read(key, given)[0])


def written_shuffled(key: str, given: Given, seed: int) -> tuple[Encoded, Trace]:
    """A source whose tokens stand in another order, its end still at the end, with what is written for that.

    Raises:
        InputError: if there is nothing to read in it, or one token alone.
        ModelError: if there is no such model.
    """
    encoded = read(key, given)[0]
    if len(encoded) < 3:
        raise InputError(say(ALONE))
    order = (*shuffle_order(len(encoded) - 1, seed).tolist(), len(encoded) - 1)
    return _written(key, given.key, order, encoded)


@remembered(max_entries=TRACES_KEPT)
def _written(key: str, name: str | StandIn, order: tuple[int, ...], _encoded: Encoded) -> tuple[Encoded, Trace]:
    """What the trained network writes for a source in an order, or the untrained one where none is given."""
    network = model(key) if order else untrained(key)
    bare = reordered(_encoded, np.array(order, dtype=np.intp)) if order else replace(_encoded, written=None)
    encoded = network.complete(bare)
    return encoded, network.trace(encoded)


def timed(key: str, given: Given) -> float:
    """Milliseconds that the model named ``key`` takes for an input, measured once; see pretrained.analysis.latency."""
    return _timed(key, given.key, read(key, given)[0])


@remembered(max_entries=8 * TRACES_KEPT)
def _timed(key: str, name: str | StandIn, _encoded: Encoded) -> float:
    return milliseconds(model(key), _encoded)


def shuffle_columns(steps: Steps, seed: int) -> tuple[tuple[tuple[int, ...], ...], Steps]:
    """Two aligned inputs in one common order, so that the columns that they share stay shared.

    Args:
        steps: columns of the inputs, as ``core_models.explain.dynamics.divergence.align`` returns them.
        seed: from which the order is drawn.

    Returns:
        The order of each input's steps, and the columns of the shuffled inputs.
    """
    drawn = steps[:, shuffle_order(steps.shape[1], seed)]
    there = drawn != MISSING
    orders = tuple(tuple(row[kept].tolist()) for row, kept in zip(drawn, there, strict=True))
    return orders, np.where(there, there.cumsum(axis=1) - 1, MISSING).astype(np.intp)
