"""The tools of core_models.explain on the trace of a person's own recurrence, from ``trace`` or from ``watch``.

Every one takes the trace alone and, where there is a choice, a layer and direction; the topmost layer, read forward,
if none is named. What each number means stands in the module that computes it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core_models.explain.arithmetic.cell import Arithmetic, explain_cell
from core_models.explain.attribution.methods import gradient_times_input, integrated_gradients, occlusion
from core_models.explain.dynamics.fixed_point import Attractors
from core_models.explain.dynamics.fixed_points import find_attractors
from core_models.explain.dynamics.gradient_flow import state_gradients
from core_models.explain.dynamics.recurrence import unroll
from core_models.explain.health import WORDS, Finding, examine
from core_models.explain.memory.fading import Fading, StateGradients
from core_models.explain.memory.ledger import Ledger, open_ledger
from core_models.explain.memory.perturbation import SIZE, perturb
from core_models.explain.memory.timescale import half_lives
from core_models.language import say
from core_models.own.traced import OwnError, OwnTrace
from core_models.trace import Site, Tokens
from core_models.tracing import plain_layers

Floats = NDArray[np.float64]


def top(trace: OwnTrace) -> Site:
    """The topmost layer, read forward."""
    return plain_layers(trace.module)[-1][0].site


def ledger(trace: OwnTrace, site: Site | None = None) -> Ledger:
    """Who wrote the memory; see core_models.explain.memory.ledger."""
    return open_ledger(trace, site or top(trace))


def timescales(trace: OwnTrace, site: Site | None = None) -> Floats | None:
    """Half-life of every unit in steps, ``[unit]``, read from its gate; None where no gate keeps anything."""
    return half_lives(trace, site or top(trace))


def gradient_flow(trace: OwnTrace, site: Site | None = None) -> StateGradients:
    """How strongly the last state depends on each earlier one; see core_models.explain.dynamics.gradient_flow."""
    return state_gradients(trace.module, trace.x, site or top(trace), trace.state)


def nudge(trace: OwnTrace, step: int, site: Site | None = None, size: float = SIZE) -> Fading:
    """What is left of a nudge to each unit; see core_models.explain.memory.perturbation."""
    return perturb(trace.module, trace.x, step, site=site or top(trace), size=size, state=trace.state)


def fixed_points(trace: OwnTrace, step: int = -1, site: Site | None = None) -> Attractors:
    """Where the state comes to rest if the input of one step went on for ever; searched from all states of the trace.

    Args:
        trace: the trace.
        step: the step, counted from 0, or from the end if negative.
        site: layer and direction.
    """
    run = unroll(trace.module, trace.x, site or top(trace), trace.state)
    return find_attractors(run, run.from_input[run.read_at(range(len(trace))[step])], run.states)


def arithmetic(trace: OwnTrace, key: str, step: int, unit: int, site: Site | None = None) -> Arithmetic:
    """Every term behind one number; see core_models.explain.arithmetic.cell."""
    site = site or top(trace)
    layers = plain_layers(trace.module)
    layer = next(layer for some in layers for layer in some if layer.site == site)
    x = trace.x.double().numpy()
    if site.layer:
        below = [other.site for other in layers[site.layer - 1]]
        x = np.concatenate([trace.array(other, "hidden_state") for other in below], axis=1)
    return explain_cell(layer, trace, x, key, step, unit)


def health(trace: OwnTrace) -> tuple[Finding, ...]:
    """What looks unusual in a trace, warnings first; see core_models.explain.health."""
    return tuple(finding for finding in examine(trace) if finding.title not in map(say, WORDS))


@dataclass(frozen=True, eq=False)
class Attribution:
    """What each step gave to one scalar output.

    Attributes:
        tokens: names of the steps.
        by_method: by name of the method, ``[step]``, in the unit of the output.
        value: the output.
        gap: what integrated gradients miss of the output less its value at the baseline.
    """

    tokens: Tokens
    by_method: dict[str, Floats]
    value: float
    gap: float


def attribute(
    read: Callable[[Tensor], Tensor], x: Any, *, baseline: Any = 0.0, tokens: Sequence[str] | None = None
) -> Attribution:
    """What each step of an input gave to a scalar output, by three methods (core_models.explain.attribution.methods).

    Args:
        read: the output, such as ``lambda rows: model(rows)[:, 1]``: from ``[batch, step, feature]`` to ``[batch]``.
            It must not remember anything between calls.
        x: one input, ``[step, feature]``; for a model that reads tokens, their embeddings.
        baseline: what stands for "nothing here": a number, or one for each feature.
        tokens: names of the steps; numbered if None.

    Raises:
        OwnError: if ``read`` does not return one number for each row.
    """
    values = x.detach() if isinstance(x, Tensor) else torch.as_tensor(np.asarray(x, dtype=np.float32))
    nothing = torch.as_tensor(baseline).to(values).expand(values.shape[-1])
    with torch.no_grad():
        found = read(torch.stack([values, nothing.expand_as(values)]))
    if tuple(found.shape) != (2,):
        raise OwnError(
            say("attribute: expected one number for each row, got shape {list} for 2 rows", list=list(found.shape))
        )
    integrated = integrated_gradients(read, values[None], nothing)[0]
    by_method = {
        "integrated gradients": integrated,
        "gradient × input": gradient_times_input(read, values[None], nothing)[0],
        "occlusion": occlusion(read, values[None], nothing)[0],
    }
    named = Tokens.numbered(len(values), "step") if tokens is None else Tokens(tuple(map(str, tokens)))
    shares = {name: part.detach().double().cpu().numpy() for name, part in by_method.items()}
    here, there = found.double().tolist()
    return Attribution(named, shares, here, here - there - float(integrated.double().sum()))
