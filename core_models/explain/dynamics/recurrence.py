"""One layer of a network in one direction, taken apart into single steps in double precision.

    s_t = F_t(s_{t-1})          F_t: the cell's own ``gates`` and ``update`` on token t, its input held fixed

The state s is everything the cell carries to the next step, end to end: h for an Elman network or a GRU, (h, c) for an
LSTM; where h is a projection, it has fewer values than c. Steps are numbered in the order in which they are read, from
the last token for a backward direction. Within a layer that is all there is: no state of a layer acts on another
token's state except through this recurrence: layers above never feed back, and layers below only give the input.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core_models.cells import Cell, Unrolled
from core_models.cells.recurrence import Recurrent
from core_models.cells.steps import take_step
from core_models.trace import Site
from core_models.tracing import PlainLayer, State, plain_layers, replay, states_by_site


def steps_alone(module: Recurrent) -> bool:
    """Whether the state after a token depends on nothing but the token and the state just before it.

    A recurrence that attends over its own past does not: it also looks at its older states.
    """
    return not isinstance(module, Unrolled)


@dataclass(frozen=True)
class Recurrence:
    """One layer and direction on one input.

    Attributes:
        layer: where it is, which cell, with which weights (float64).
        from_input: ``W x + b`` of every step, ``[step, parts * unit]``.
        states: s before the first step and after each, ``[step + 1, state]``.
        gates: every gate and candidate, ``[step, unit]``, by quantity key.
    """

    layer: PlainLayer
    from_input: Tensor
    states: Tensor
    gates: dict[str, Tensor]

    def __len__(self) -> int:
        """Number of steps."""
        return len(self.from_input)

    @property
    def cell(self) -> Cell:
        """The cell's equations and facts."""
        return self.layer.cell

    @property
    def size(self) -> int:
        """Number of values in s."""
        return self.states.shape[1]

    @cached_property
    def places(self) -> dict[str, slice]:
        """Where each state stands in s, by quantity key."""
        sizes = [self.layer.weights.size_of(key) for key in self.cell.states]
        ends = list(accumulate(sizes))
        return {key: slice(end - size, end) for key, size, end in zip(self.cell.states, sizes, ends, strict=True)}

    def step(self, before: Tensor, from_input: Tensor) -> Tensor:
        """s after a step, ``[..., state]``, from s before it and the step's ``W x + b``."""
        states = {key: before[..., place] for key, place in self.places.items()}
        after = take_step(self.cell, self.layer.weights, from_input, states)
        return torch.cat([after[key] for key in self.places], dim=-1)

    def on_tokens(self, values: Tensor) -> NDArray[np.float64]:
        """Values by step, put on the token axis."""
        return (values.flip(0) if self.layer.site.direction == "backward" else values).detach().numpy()

    def read_at(self, position: int) -> int:
        """The step that reads the token at ``position``."""
        return len(self) - 1 - position if self.layer.site.direction == "backward" else position


def unroll(module: Recurrent, x: Tensor, site: Site | None = None, state: State = None) -> Recurrence:
    """One layer of a recurrent module on one sequence; the module itself is not touched.

    Args:
        module: a recurrence that attends to nothing.
        x: its input, ``[step, feature]``.
        site: layer and direction, whatever the module is called; the last layer, read forward, if None.
        state: states of all layers before the first step, as ``core_models.tracing.replay`` takes them; zeros if None.

    Raises:
        TypeError: if the module is none that can be traced, looks further back than one step.
        ValueError: if the module has no such layer and direction.
    """
    if isinstance(module, Unrolled):
        name = module.cell.convention.name
        raise TypeError(f"recurrence: expected a cell that reads only the state just before a token, got {name}")
    double = copy.deepcopy(module).cpu().double().requires_grad_(False)
    x, begin = x.detach().cpu().double(), _double(state)
    layers = plain_layers(double)
    site = replace(site, module="rnn") if site else layers[-1][0].site
    layer = next((layer for directions in layers for layer in directions if layer.site == site), None)
    if layer is None:
        raise ValueError(f"recurrence: expected a layer and direction of the network, got {site.key}")
    values, before = replay(double, x, state=begin), states_by_site(double, begin)
    if site.layer:
        below = layers[site.layer - 1]
        x = torch.cat([values[other.site, "hidden_state"] for other in below], dim=-1)
    with torch.no_grad():
        from_input = layer.weights.project(x)
    states = torch.cat([values[site, key] for key in layer.cell.states], dim=-1)
    zeros = {key: x.new_zeros(layer.weights.size_of(key)) for key in layer.cell.states}
    first = torch.cat([before.get((site, key), zeros[key]) for key in layer.cell.states])
    gates = {key: values[site, key] for key in layer.cell.computed}
    if site.direction == "backward":
        from_input, states = from_input.flip(0), states.flip(0)
        gates = {key: value.flip(0) for key, value in gates.items()}
    return Recurrence(layer, from_input, torch.cat([first[None], states]), gates)


def _double(state: State) -> State:
    if isinstance(state, tuple):
        return tuple(part.detach().cpu().double() for part in state)
    return None if state is None else state.detach().cpu().double()
