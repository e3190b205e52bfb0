r"""Where a state would come to rest if one token went on for ever: fixed and slow points of one layer.

    F(s)     the state after one more step with the input held still
    q(s)     ½ ‖F(s) - s‖², zero at a fixed point, small and with no way down at a slow point
    λ        eigenvalues of ∂F/∂s there: all |λ| < 1 draws neighbours in (an attractor), |λ| > 1 in k directions pushes
             them away along k (a saddle, or a repeller if along all)

The minima of q are looked for as in Sussillo & Barak 2013, "Opening the Black Box: Low-Dimensional Dynamics in
High-Dimensional Recurrent Neural Networks", Neural Computation 25(3), section 3, from many starts side by side, in
double precision; here with Levenberg-Marquardt steps, which a residual of ‖F(s) - s‖ < 1e-9 ends. A search from samples
finds what the samples lead to: a point that no start came near is not found.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from core_models.explain.dynamics.fixed_point import FIXED, Attractors, RestPoint, Stability
from core_models.explain.dynamics.gradient_flow import jacobians_at
from core_models.explain.dynamics.recurrence import Recurrence

SLOW = 0.02
"""A minimum of q is called slow where its speed is below this share of the starts' median speed."""

MERGE = 1e-3
"""Points nearer than this in every unit are one point."""

FLOW, ROUNDS, SADDLE_STARTS = 256, 80, 40
"""Steps that every start flows on with the input held; steps of a search at most; starts of the search for saddles."""

Step = Callable[[Tensor, Tensor, Tensor], Tensor]
"""Of a search: from ∂F/∂s - 1 ``[n, state, state]``, F(s) - s ``[n, state]`` and damping ``[n]``."""


@torch.no_grad()
def find_attractors(run: Recurrence, held: Tensor, starts: Tensor) -> Attractors:
    """Fixed and slow points of a layer while ``held`` is its input at every step.

    Args:
        run: the layer, from ``core_models.explain.dynamics.recurrence.unroll``.
        held: ``W x + b`` of the input that is held, ``[parts * unit]``; ``run.from_input[t]`` is that of token t.
        starts: states to look from, ``[start, state]``.

    Raises:
        ValueError: if the shapes do not fit the layer.
    """
    if starts.ndim != 2 or starts.shape[1] != run.size or not len(starts):
        raise ValueError(f"attractors: expected starts [start, {run.size}], got {list(starts.shape)}")
    if held.shape != run.from_input.shape[1:]:
        raise ValueError(f"attractors: expected a held input {list(run.from_input.shape[1:])}, got {list(held.shape)}")
    starts = starts.to(run.states.dtype)
    flows = _flow(run, held, starts)
    ends = _settle(run, held, flows[-1])
    halfway = _between(_distinct(ends[_speeds(run, held, ends) < FIXED]))
    found = torch.cat([ends, _descend(run, held, torch.cat([halfway, starts])[:SADDLE_STARTS])])
    pace = (run.step(starts, _rows(held, starts)) - starts).norm(dim=1).median()
    points = _distinct(found[_speeds(run, held, found) < max(SLOW * float(pace), FIXED)])
    settled = _speeds(run, held, ends) < FIXED
    nearest = _arrivals(ends[settled], points)
    return Attractors(_describe(run, held, points, nearest), flows.numpy(), int((~settled).sum()))


def _rows(held: Tensor, states: Tensor) -> Tensor:
    return held.expand(len(states), -1)


def _speeds(run: Recurrence, held: Tensor, states: Tensor) -> Tensor:
    return (run.step(states, _rows(held, states)) - states).norm(dim=1)


def _flow(run: Recurrence, held: Tensor, starts: Tensor) -> Tensor:
    """Where the starts are after 0, 1, 2, 4, 8 ... and ``FLOW`` steps, ``[time, start, state]``."""
    states, kept = starts, [starts]
    for step in range(1, FLOW + 1):
        states = run.step(states, _rows(held, states))
        if step & (step - 1) == 0 or step == FLOW:
            kept.append(states)
    return torch.stack(kept)


def _settle(run: Recurrence, held: Tensor, states: Tensor) -> Tensor:
    """Follow the flow to rest in ever longer implicit steps: (1/τ - A) δ = F(s) - s with A = ∂F/∂s - 1."""
    return _improve(run, held, states, _implicit, first=1.0, grow=0.1)


def _descend(run: Recurrence, held: Tensor, states: Tensor) -> Tensor:
    """Levenberg-Marquardt on F(s) - s: (Aᵀ A + μ) δ = -Aᵀ (F(s) - s), which also ends at points that repel."""
    return _improve(run, held, states, _downhill, first=1e-2, grow=0.2)


def _improve(run: Recurrence, held: Tensor, states: Tensor, step: Step, *, first: float, grow: float) -> Tensor:
    """Take steps that slow a state down, every row by itself; ``first`` damping, multiplied by ``grow`` at success."""
    states = states.clone()
    damping = torch.full((len(states),), first, dtype=states.dtype)
    for _ in range(ROUNDS):
        gap = run.step(states, _rows(held, states)) - states
        moving = (gap.norm(dim=1) > FIXED / 100.0) & (damping < 1e6)
        if not moving.any():
            break
        here, gap = states[moving], gap[moving]
        slope = jacobians_at(run, here, _rows(held, here)) - torch.eye(run.size, dtype=here.dtype)
        trial = here + step(slope, gap, damping[moving])
        better = _speeds(run, held, trial) < gap.norm(dim=1)
        states[moving] = torch.where(better[:, None], trial, here)
        factor = torch.where(better, grow, 1.0 / grow).to(here.dtype)
        damping[moving] = (damping[moving] * factor).clamp(min=1e-14)
    return states


def _implicit(slope: Tensor, gap: Tensor, damping: Tensor) -> Tensor:
    eye = torch.eye(gap.shape[1], dtype=gap.dtype)
    return torch.linalg.solve(damping[:, None, None] * eye - slope, gap)


def _downhill(slope: Tensor, gap: Tensor, damping: Tensor) -> Tensor:
    eye = torch.eye(gap.shape[1], dtype=gap.dtype)
    normal = slope.mT @ slope + damping[:, None, None] * eye
    return -torch.linalg.solve(normal, (slope.mT @ gap[..., None]))[..., 0]


def _distinct(states: Tensor) -> Tensor:
    """Each point once."""
    kept: list[Tensor] = []
    for state in states:
        if all(float((state - other).abs().max()) > MERGE for other in kept):
            kept.append(state)
    return torch.stack(kept) if kept else states[:0]


def _between(points: Tensor) -> Tensor:
    """Halfway between any two points, where a saddle that parts their basins may be near."""
    pairs = torch.combinations(torch.arange(len(points)))
    return (points[pairs[:, 0]] + points[pairs[:, 1]]) / 2.0 if len(pairs) else points[:0]


def _arrivals(ends: Tensor, points: Tensor) -> Tensor:
    """How many ends lie at each point, ``[point]``."""
    if not len(ends) or not len(points):
        return torch.zeros(len(points), dtype=torch.long)
    apart = (ends[:, None] - points[None]).abs().amax(dim=2)
    return (apart < MERGE * 2.0).sum(dim=0)


def _describe(run: Recurrence, held: Tensor, points: Tensor, arrivals: Tensor) -> tuple[RestPoint, ...]:
    if not len(points):
        return ()
    jacobians, speeds = jacobians_at(run, points, _rows(held, points)), _speeds(run, held, points)
    found = []
    for state, speed, jacobian, count in zip(points, speeds, jacobians, arrivals, strict=True):
        values = np.linalg.eigvals(jacobian.numpy())
        values = values[np.argsort(-np.abs(values), kind="stable")]
        found.append(RestPoint(state.numpy(), float(speed), values.astype(np.complex128), int(count)))
    rank = {Stability.ATTRACTOR: 0, Stability.SADDLE: 1, Stability.REPELLER: 2, Stability.SLOW: 3}
    return tuple(sorted(found, key=lambda point: (rank[point.stability], -point.arrivals, point.speed)))
