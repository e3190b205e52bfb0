"""Numbers about memory: half-lives and gradients of a reading, and what the memory race measured."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from core_models.explain.dynamics.gradient_flow import state_gradients
from core_models.explain.memory.timescale import half_lives
from core_models.language import say
from core_models.trace import Site
from core_models.vocabulary import Kind
from pretrained.memory import live
from pretrained.memory.results import read_results
from pretrained.memory.summary import REACHED
from viz.learn.measures.error import MeasureError
from viz.run import ModelRun

Which = Literal["trained", "untrained", "seed"]
"""Which network: the one that is shipped, the one its training began with, or one trained from another seed."""

SEEDS: dict[Which, int] = {"trained": 1, "seed": 2}
"""The runs of the race that stand for the network and for another seed."""


def _site(asked: ModelRun) -> Site:
    return [site for site in asked.trace.sites(Kind.STATE) if site.direction == "forward"][-1]


def half_life(asked: ModelRun, of: str = "median") -> float:
    """Half-life by the keeping gate, in tokens: the median of the units or the longest.

    Raises:
        MeasureError: if no gate of this cell decides what is kept.
    """
    lives = half_lives(asked.trace, _site(asked))
    if lives is None:
        raise MeasureError(say("no gate of this network decides what is kept"))
    return float(np.median(lives) if of == "median" else lives.max())


def gradient(asked: ModelRun, lag: int) -> float:
    """By how much, at most, a small change of the state so many tokens before the end still changes it at the end.

    Raises:
        MeasureError: if the input is shorter.
    """
    site = _site(asked)
    if not 0 <= lag < len(asked.trace):
        raise MeasureError(
            say("the input has {n} tokens, so that nothing lies {lag} before its end", n=len(asked.trace), lag=lag)
        )
    module, x, state = asked.model.recurrence(asked.encoded, site)
    found = state_gradients(module, x, site, state)
    return float(found.memory[found.lags == lag][0])


def _run(which: Which, task: str, cell: str, lag: int) -> dict[str, Any]:
    rows = [row for row in read_results(task)["rows"] if row["cell"] == cell and row["lag"] == lag]
    found = [row for row in rows if row["seed"] == SEEDS.get(which)]
    if not found:
        raise MeasureError(say("the race tells of networks at the end of their training only"))
    return found[0]


def reach(which: Which, task: str, cell: str) -> float:
    """The longest lag up to which a run learned every one."""
    lags = sorted({row["lag"] for row in read_results(task)["rows"]})
    learned = [_run(which, task, cell, lag)["accuracy"] >= REACHED for lag in lags]
    return float(max((lag for at, lag in enumerate(lags) if all(learned[: at + 1])), default=0))


def effort(which: Which, task: str, cell: str, lag: int) -> float:
    """Training steps until a lag was learned.

    Raises:
        MeasureError: if it was not.
    """
    run = _run(which, task, cell, lag)
    if run["accuracy"] < REACHED:
        raise MeasureError(say("this run did not learn that lag"))
    return float(run["steps"])


def size(which: Which, task: str, cell: str, of: str) -> float:
    """Units or parameters of a racer."""
    return float(_run(which, task, cell, 5)["hidden" if of == "units" else "parameters"])


def recalled(which: Which, cell: str, lag: int) -> float:
    """Share of sequences whose first symbol a network that was trained on lag 100 names at another lag."""
    found = read_results("other_lags")
    right = next(row["right"] for row in found["rows"] if row["cell"] == cell)
    if which != "trained" or not 0 <= lag < len(right):
        raise MeasureError(say("one network of each kind was asked, at lags up to 200"))
    return float(right[lag])


def kept(which: Which, cell: str) -> float:
    """Share of the past that the keeping gate leaves at a distractor, mean over units and 100 distractors.

    Raises:
        MeasureError: if no gate of this cell decides that, or another network is asked about than the kept one.
    """
    found = live.ask(cell, 3, live.LAG).keep
    if which != "trained" or found is None:
        raise MeasureError(say("one network of each kind was kept, and only some have a gate that keeps"))
    return float(found[1:].mean())
