"""Numbers about what happens inside: gates, candidates, states, two readings apart, and what units follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from core_models.explain.probing.text_properties import PROPERTIES
from core_models.language import say
from core_models.trace import Site, Trace
from core_models.vocabulary import quantity
from viz.learn.measures.answers import ANSWER, Token, edited, place_of, running, stack_of
from viz.learn.measures.error import MeasureError
from viz.run import ModelRun

SUMMARIES: Mapping[str, Callable[[NDArray[np.floating]], float]] = {
    "mean": lambda values: float(values.mean()),
    "highest": lambda values: float(values.max()),
    "lowest": lambda values: float(values.min()),
    "largest": lambda values: float(np.abs(values).max()),
    "size": lambda values: float(np.abs(values).mean()),
    "negative": lambda values: float((values < 0.0).mean()),
}
"""How many values become one: ``largest`` and ``size`` without sign, ``negative`` the share below 0."""


def site_of(trace: Trace, key: str) -> Site:
    """The last layer, read forward, that has a quantity.

    Raises:
        MeasureError: if none has it.
    """
    found = [site for site, name in trace if name == key and site.direction == "forward"]
    if not found:
        raise MeasureError(say("this network has no {name}", name=say(quantity(key).name)))
    return found[-1]


def value(asked: ModelRun, quantity: str, token: Token = "", unit: int = -1, over: str = "mean") -> float:
    """A gate, candidate or state at a token or at all of them, of one unit or of all."""
    values = asked.trace.array(site_of(asked.trace, quantity), quantity)
    rows = values if token == "" else values[place_of(asked, token)][None]
    if unit >= values.shape[1]:
        raise MeasureError(
            say("this network has {n} units, none of them is number {unit}", n=values.shape[1], unit=unit)
        )
    return SUMMARIES[over](rows if unit < 0 else rows[:, unit])


def course(asked: ModelRun, of: str, unit: int = -1, over: str = "mean", edits: str = "") -> NDArray[np.floating]:
    """What a curve shows, a value for each token: the answer so far, or a quantity of one unit or over all, ``[step]``.

    Raises:
        MeasureError: if the network has no such quantity or unit, or the edits do not fit.
    """
    stack = stack_of(asked, edits)
    if of == ANSWER:
        return running(asked, stack)
    trace = edited(asked, stack)
    values = trace.array(site_of(trace, of), of)
    if unit >= values.shape[1]:
        raise MeasureError(
            say("this network has {n} units, none of them is number {unit}", n=values.shape[1], unit=unit)
        )
    return values[:, unit] if unit >= 0 else np.array([SUMMARIES[over](row) for row in values])


def apart(asked: ModelRun, second: ModelRun, token: Token) -> float:
    """How far the states of two inputs are from each other after the same word, as a share of their mean length."""
    site = site_of(asked.trace, "hidden_state")
    one, other = (run.trace.array(site, "hidden_state")[place_of(run, token)] for run in (asked, second))
    return float(np.linalg.norm(one - other) / (0.5 * (np.linalg.norm(one) + np.linalg.norm(other))))


def follows(asked: ModelRun, what: str, quantity: str, unit: int = -1) -> float:
    """Correlation of a unit with something that can be said of every place in the text, without sign.

    The best of all units if none is named.

    Raises:
        MeasureError: if the network does not read characters, or what is followed never changes in this text.
    """
    values = asked.trace.array(site_of(asked.trace, quantity), quantity)
    told = next(one for one in PROPERTIES if one.key == what)
    truth = told.compute(asked.tokens.text)
    if not 0 <= len(values) - len(truth) <= 1:
        raise MeasureError(say("this can be followed by a network that reads characters only"))
    if np.ptp(truth) == 0.0:
        raise MeasureError(say("“{name}” never changes in this text", name=say(told.name)))
    values = values[len(values) - len(truth) :]  # before the first character stands the sign of a beginning
    centred, wanted = values - values.mean(axis=0), truth - truth.mean()
    scale = np.maximum(np.linalg.norm(centred, axis=0) * np.linalg.norm(wanted), np.finfo(np.float32).tiny)
    found = np.abs(wanted @ centred / scale)
    return float(found.max() if unit < 0 else found[min(unit, len(found) - 1)])
