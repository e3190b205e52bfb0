r"""Linear probes: can a property be read off a state by a weighted sum?

    p(property | h) = σ(w · (h - μ) / s + b)          logistic regression, ridge penalty on w, on standardised states

Alain & Bengio 2016, "Understanding intermediate layers using linear classifier probes", arXiv 1610.01644. A probe that
succeeds shows that the property can be read, not that the network reads it. Two things put its accuracy in its place:
a control task, in which every word type has a label drawn at random, so that only memorising words helps (Hewitt &
Liang 2019, "Designing and Interpreting Probes with Control Tasks", arXiv 1909.03368; accuracy minus the control's is
called selectivity there), and the same probe on what the network had before it learned anything.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

RIDGE = 1.0
"""Penalty on ½ ‖w‖², in units of one example's loss."""

ROUNDS, ENOUGH = 30, 1e-8
"""Newton steps at most, and the size of a step that ends the fit."""


@dataclass(frozen=True)
class Probe:
    """A fitted probe.

    Attributes:
        weights: w, by unit.
        bias: b.
        mean: μ, by unit.
        scale: s, by unit.
    """

    weights: Doubles
    bias: float
    mean: Doubles
    scale: Doubles

    def probability(self, states: NDArray[np.floating]) -> Doubles:
        """Probability of the property at each of ``states`` ``[n, unit]``."""
        return _logistic((states - self.mean) / self.scale @ self.weights + self.bias)

    def accuracy(self, states: NDArray[np.floating], labels: NDArray[np.bool_]) -> float:
        """Share of ``labels`` ``[n]`` that it gets right."""
        return float(((self.probability(states) > 0.5) == labels).mean())


def fit_probe(states: NDArray[np.floating], labels: NDArray[np.bool_], ridge: float = RIDGE) -> Probe:
    """The probe of a property of ``states`` ``[n, unit]``, by Newton's method.

    Raises:
        ValueError: if the shapes differ, or all labels are the same.
    """
    if states.ndim != 2 or labels.shape != states.shape[:1]:
        raise ValueError(f"probe: expected states [n, unit] and labels [n], got {states.shape} and {labels.shape}")
    if labels.all() or not labels.any():
        raise ValueError("probe: expected examples with the property and examples without it, got one kind alone")
    mean, scale = states.mean(axis=0, dtype=np.float64), states.std(axis=0, dtype=np.float64)
    scale = np.where(scale > 1e-9, scale, 1.0)
    rows = np.column_stack([(states - mean) / scale, np.ones(len(states))])
    penalty = np.append(np.full(states.shape[1], ridge), 0.0)
    found = np.zeros(rows.shape[1])
    for _ in range(ROUNDS):
        chance = _logistic(rows @ found)
        slope = rows.T @ (chance - labels) + penalty * found
        bend = (rows.T * (chance * (1.0 - chance))) @ rows + np.diag(penalty)
        step = np.linalg.solve(bend + 1e-10 * np.eye(len(found)), slope)
        found -= step
        if np.abs(step).max() < ENOUGH:
            break
    return Probe(found[:-1], float(found[-1]), mean, scale)


def _logistic(value: Doubles) -> Doubles:
    return 0.5 * (1.0 + np.tanh(0.5 * value))
