"""Two versions of one recurrence on one input: the first step, unit and gate where they part.

Float32 against float16, a module against its re-implementation, a file against the module it was made from. Values are
held against each other in the order in which they are computed, so that the first that differs is the cause and the
later ones are its consequences.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from core_models.language import say
from core_models.own.trace import trace
from core_models.own.traced import OwnError, OwnTrace
from core_models.own.untouched import untouched
from core_models.trace import Site
from core_models.tracing import plain_layers
from core_models.vocabulary import quantity

TOLERANCE = 1e-4
"""Difference from which two values part, if no other is asked for."""


@dataclass(frozen=True)
class Parting:
    """The first value in which two traces differ by more than the tolerance.

    Attributes:
        site: layer and direction.
        key: quantity.
        step: step on the token axis, counted from 0.
        unit: unit, counted from 0.
        a, b: the two values.
        hint: what would explain it, if something is found; else empty.
    """

    site: Site
    key: str
    step: int
    unit: int
    a: float
    b: float
    hint: str = ""

    def __str__(self) -> str:
        place = say(
            "{quantity}, {site}, step {step}, unit {unit}",
            quantity=quantity(self.key).label,
            site=self.site.label,
            step=self.step + 1,
            unit=self.unit,
        )
        parted = say("they part at {place}: {a:.6g} and {b:.6g}", place=place, a=self.a, b=self.b)
        return parted + (f"; {self.hint}" if self.hint else "")


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two traces of one input.

    Attributes:
        tolerance: difference from which values part.
        first: where they part first; None if nowhere.
        largest: by layer, direction and quantity, the largest difference.
    """

    tolerance: float
    first: Parting | None
    largest: Mapping[tuple[Site, str], float]

    def __str__(self) -> str:
        worst = max(self.largest.values(), default=0.0)
        return str(self.first or f"they agree to {worst:.2g} everywhere, closer than {self.tolerance:g}")


def compare(
    a: nn.Module | OwnTrace, b: nn.Module | OwnTrace, x: Any = None, *, state: Any = None, tolerance: float = TOLERANCE
) -> Comparison:
    """Where two modules, or their traces, part on one input.

    Args:
        a, b: recurrent modules of the same layers and units, or traces of them. Of one that cannot be looked into, such
            as a quantised or scripted one, the output alone is compared.
        x: what both read, ``[step, feature]``; not needed for traces.
        state: states before the first step, for both.
        tolerance: difference from which values part.

    Raises:
        OwnError: if they differ in cell, layers or units, or cannot be traced.
    """
    if any(isinstance(one, nn.Module) and _closed(one) for one in (a, b)):
        return _compare_outputs(a, b, x, state, tolerance)
    first, second = (one if isinstance(one, OwnTrace) else _traced(one, x, state) for one in (a, b))
    shapes = [{at: trace.array(*at).shape for at in trace} for trace in (first, second)]
    if shapes[0] != shapes[1]:
        raise OwnError(say("compare: expected two recurrences of the same cell, layers, units and steps, got others"))
    gaps = {at: np.abs(first.array(*at).astype(float) - second.array(*at)) for at in _in_order(first)}
    parting = _first(first, second, gaps, tolerance)
    return Comparison(tolerance, parting, {at: float(gap.max()) for at, gap in gaps.items()})


def _closed(module: nn.Module) -> bool:
    """Whether a module cannot be looked into."""
    return ".quantized" in type(module).__module__ or isinstance(module, torch.jit.ScriptModule)


def _compare_outputs(
    a: nn.Module | OwnTrace, b: nn.Module | OwnTrace, x: Any, state: Any, tolerance: float
) -> Comparison:
    """Where the hidden states of the topmost layer part; units are columns of the output."""
    outputs = [_output(one, x, state) for one in (a, b)]
    if outputs[0].shape != outputs[1].shape:
        raise OwnError(
            say(
                "compare: expected outputs of one shape, got {shape} and {shape_2}",
                shape=outputs[0].shape,
                shape_2=outputs[1].shape,
            )
        )
    site, gap = Site("rnn"), np.abs(outputs[0] - outputs[1])
    steps = np.flatnonzero((gap > tolerance).any(axis=1))
    first = None
    if len(steps):
        step, unit = int(steps[0]), int(gap[steps[0]].argmax())
        values = float(outputs[0][step, unit]), float(outputs[1][step, unit])
        first = Parting(site, "hidden_state", step, unit, *values, "the outputs alone were compared")
    return Comparison(tolerance, first, {(site, "hidden_state"): float(gap.max())})


def _output(one: nn.Module | OwnTrace, x: Any, state: Any) -> np.ndarray:
    if isinstance(one, OwnTrace) or not _closed(one):
        trace = one if isinstance(one, OwnTrace) else _traced(one, x, state)
        top = [layer.site for layer in plain_layers(trace.module)[-1]]
        return np.concatenate([trace.array(site, "hidden_state") for site in top], axis=1)
    if state is not None:
        raise OwnError(say("compare: expected no state with a module that cannot be looked into: it begins from zeros"))
    axis = 0 if getattr(one, "batch_first", False) else 1
    with untouched(one):
        found = one(torch.as_tensor(np.asarray(x), dtype=torch.float32).unsqueeze(axis))[0]
    return found.squeeze(axis).float().numpy()


def _traced(module: nn.Module, x: Any, state: Any) -> OwnTrace:
    found = trace(module, x, state=state)
    if not isinstance(found, OwnTrace):
        raise OwnError(say("compare: expected one sequence [step, feature], got a batch"))
    return found


def _in_order(trace: OwnTrace) -> list[tuple[Site, str]]:
    """Every quantity in the order of the equations, layer by layer."""
    found = []
    for directions in plain_layers(trace.module):
        for layer in directions:
            keys = [part.key for part in layer.cell.parts] + list(reversed(layer.cell.states))
            found += [(layer.site, key) for key in dict.fromkeys(keys)]
    return found


def _first(a: OwnTrace, b: OwnTrace, gaps: Mapping[tuple[Site, str], np.ndarray], tolerance: float) -> Parting | None:
    """The earliest by layer, then by step as it is read, then by equation."""
    best: tuple[int, int, int] | None = None
    found = None
    for order, ((site, key), gap) in enumerate(gaps.items()):
        steps = np.flatnonzero((gap > tolerance).any(axis=1))
        if not len(steps):
            continue
        step = int(steps[-1] if site.direction == "backward" else steps[0])
        read = len(gap) - 1 - step if site.direction == "backward" else step
        if best is None or (site.layer, read, order) < best:
            best, unit = (site.layer, read, order), int(gap[step].argmax())
            values = float(a.array(site, key)[step, unit]), float(b.array(site, key)[step, unit])
            found = Parting(site, key, step, unit, *values, _hint(a, b, site, key, step, tolerance))
    return found


def _hint(a: OwnTrace, b: OwnTrace, site: Site, key: str, step: int, tolerance: float) -> str:
    """Whether one's gate is the other's other gate, or 1 less it."""
    own = b.array(site, key)[step]
    for where, other in a:
        if where != site or quantity(other).kind is not quantity(key).kind:
            continue
        values = a.array(site, other)[step]
        if other != key and np.abs(own - values).max() <= tolerance:
            return f"the second's {quantity(key).name} is the first's {quantity(other).name}: the gate order differs"
        if quantity(key).low == 0.0 and np.abs(1.0 - own - values).max() <= tolerance:
            return f"the second's {quantity(key).name} is 1 less the first's {quantity(other).name}"
    return ""
