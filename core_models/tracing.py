"""Everything inside a stock ``torch.nn.RNN``, ``GRU`` or ``LSTM`` of any layer count, direction, size and dtype, and
inside the recurrences of core_models.cells that torch has no module for.

    trace(module, x)              a checked, labelled Trace
    replay(module, x)             the same values as bare tensors, in the module's own dtype

Two schedules compute the same thing from the same equations (core_models.cells):

    parallel    the fused torch kernel gives the hidden state at every step; the gates of all steps are then one batched
                matrix product, because they depend on the input and the previous state only. Layers are replayed one
                by one, since a stacked module hides its inner states. The LSTM's cell state is a scan.
    sequential  a loop over steps that trusts the equations alone.

A ``Looped`` or ``Unrolled`` recurrence has no fused kernel: there the loop gives the hidden states, and the parallel
schedule computes everything else of all steps at once from them.

In half precision the equations are computed in float32 and rounded once: gates near 1 rounded at every step would let
an LSTM's cell state drift away from what its weights say.

A module is always read as in ``eval()``: dropout between layers is not applied. The backward direction reads the
sequence from its end; its values are put back on the token axis, so that index t belongs to token t.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from core_models.cells import CELLS, Cell, Unrolled, Weights
from core_models.cells.cell import Described, Values
from core_models.cells.looped import Looped
from core_models.cells.parameters import weights_of
from core_models.cells.projected import ProjectedLSTMCell
from core_models.cells.recurrence import Recurrent
from core_models.cells.steps import ChangeAt, Found, HoldAt, WeighAt, gather, read_all, read_steps
from core_models.encoded import State
from core_models.trace import Direction, Site, Tokens, Trace

Schedule = Literal["parallel", "sequential"]
Replay = dict[tuple[Site, str], Tensor]

FORWARD = (nn.RNN.forward, nn.GRU.forward, nn.LSTM.forward)

DIRECTIONS: tuple[Direction, ...] = ("forward", "backward")


@dataclass(frozen=True)
class Layer:
    """One layer of a module in one direction.

    Attributes:
        site: where it is.
        cell: its cell.
        weights: its parameters.
        module: the module itself where the recurrence attends over its own past.
    """

    site: Site
    cell: Described
    weights: Weights
    module: Unrolled | None = None

    def steps(
        self,
        x: Tensor,
        initial: Values | None = None,
        *,
        hold: HoldAt | None = None,
        change: ChangeAt | None = None,
        weigh: WeighAt | None = None,
    ) -> Iterator[Found]:
        """Every quantity of one step after the other, ``[row, unit]``, attention ``[row, head, 1, key]``.

        Args:
            x: the layer's inputs in reading order, ``[row, step, feature]``.
            initial: states before the first step, ``[row, unit]``; zeros if None, and always with attention inside.
            hold: what gates and candidates are to be; as computed if None. See core_models.cells.steps.
            change: what states are to be after a step; as computed if None.
            weigh: what attention inside the recurrence is to be; as computed if None.

        Raises:
            TypeError: if the cell is one that is described only.
        """
        if self.module is not None:
            return self.module.steps(x, hold=hold, change=change, weigh=weigh)
        if not isinstance(self.cell, Cell):
            raise TypeError(f"layer: expected a cell that can be run alone, got {self.cell.convention.name}")
        return read_steps(self.cell, self.weights, x, initial, hold=hold, change=change)


@dataclass(frozen=True)
class PlainLayer(Layer):
    """One layer whose cell reads nothing of the past but the state just before."""

    cell: Cell


def cell_of(module: nn.Module) -> Described:
    """The cell whose equations a module computes.

    Raises:
        TypeError: if the module is no recurrence whose inside is known.
    """
    if isinstance(module, Looped | Unrolled):
        return module.cell
    if not isinstance(module, nn.RNNBase):
        raise TypeError(f"trace: expected a torch.nn.RNN, GRU or LSTM, got {type(module).__name__}")
    if module.proj_size:
        return ProjectedLSTMCell()
    cells = [cell for cell in CELLS.values() if isinstance(cell, Cell)]
    return next(cell for cell in cells if cell.stock is not None and cell.stock.mode == module.mode)


def layers_of(module: Recurrent, name: str = "rnn") -> Sequence[tuple[Layer, ...]]:
    """The layers of a module of this name from the input up, each with one ``Layer`` a direction."""
    if isinstance(module, Unrolled):
        return [(Layer(Site(name), module.cell, weights_of(module), module),)]
    return plain_layers(module, name)


def plain_layers(module: nn.RNNBase | Looped, name: str = "rnn") -> list[tuple[PlainLayer, ...]]:
    """The layers of a module whose cell reads the state just before alone, each with one ``PlainLayer`` a direction."""
    cell = cell_of(module)
    if not isinstance(cell, Cell):
        raise TypeError(f"trace: expected a cell that reads the state just before alone, got {cell.convention.name}")
    ways = DIRECTIONS if module.bidirectional else DIRECTIONS[:1]
    sites = [tuple(Site(name, depth, way) for way in ways) for depth in range(module.num_layers)]
    return [tuple(_plain_layer(module, cell, site) for site in some) for some in sites]


def _plain_layer(module: nn.RNNBase | Looped, cell: Cell, site: Site) -> PlainLayer:
    weights = weights_of(module, site.layer, backward=site.direction == "backward")
    cell = cell if weights.projection is None else ProjectedLSTMCell(weights.projection)
    return PlainLayer(site, cell, weights)


@torch.no_grad()
def replay(
    module: Recurrent, x: Tensor, *, state: State = None, schedule: Schedule = "parallel", name: str = "rnn"
) -> Replay:
    """Every gate, candidate and state of a recurrence on one sequence, in the module's dtype, without gradients.

    Args:
        module: a ``torch.nn.RNN``, ``GRU`` or ``LSTM`` (``batch_first`` does not matter), or one of core_models.cells.
        x: the input, ``[step, feature]``.
        state: initial state as the module itself takes it for an unbatched input: ``[layers * directions, unit]``, for
            an LSTM a pair of them; zeros if None, and always for an ``Unrolled`` recurrence.
        schedule: ``parallel`` or ``sequential``.
        name: of the module, for the sites.

    Returns:
        By (site, quantity key), tensors ``[step, unit]`` on the token axis; attention ``[head, query, key]``.

    Raises:
        TypeError, ValueError: if the module or the input is not one that can be traced; the message says why.
    """
    cell_of(module)
    _check_input(module, x)
    if isinstance(module, Unrolled):
        found = module.replay(x, sequential=schedule == "sequential")
        return {(Site(name), key): value for key, value in found.items()}
    with exactly(x.device.type):
        return _replay_layers(plain_layers(module, name), x, state, schedule)


@contextmanager
def exactly(*kinds: str) -> Iterator[None]:
    """Without autocast on the CPU and on devices of some kinds: it computes in fewer digits than the module has."""
    with ExitStack() as settings:
        for kind in {"cpu", *kinds}:
            settings.enter_context(torch.autocast(kind, enabled=False))
        yield


def _replay_layers(layers: list[tuple[PlainLayer, ...]], x: Tensor, state: State, schedule: Schedule) -> Replay:
    initial = _initial(layers, x, state)
    run = _replay_parallel if schedule == "parallel" else _replay_sequential
    result: Replay = {}
    for depth, directions in enumerate(layers):
        values = run(directions, x, initial[depth * len(directions) : (depth + 1) * len(directions)])
        for layer, found in zip(directions, values, strict=True):
            result.update({(layer.site, key): value for key, value in found.items()})
        x = torch.cat([found["hidden_state"] for found in values], dim=-1)
    return result


@torch.no_grad()
def trace(
    module: Recurrent,
    x: Tensor,
    *,
    tokens: Tokens | None = None,
    state: State = None,
    schedule: Schedule = "parallel",
    name: str = "",
) -> Trace:
    """Trace a stock ``torch.nn.RNN``, ``GRU`` or ``LSTM`` that need not have been made here.

    Args:
        module, x, state, schedule: as for ``replay``.
        tokens: names of the steps; numbered from 1 if None.
        name: name of the model, for titles and file names.

    Returns:
        A ``Trace`` with every gate, candidate and state of every layer and direction, and the states from which it
        began, float32 on the CPU.

    Raises:
        TypeError, ValueError: if the module or the input cannot be traced, or the values are impossible.
    """
    _check_stock(module)
    values = replay(module, x, state=state, schedule=schedule)
    return Trace(
        tokens=tokens or Tokens.numbered(len(x)),
        entries=as_entries(values),
        cells={layer.site: layer.cell.convention for directions in layers_of(module) for layer in directions},
        model=name or type(module).__name__,
        initial=as_entries(states_by_site(module, state)),
    )


def states_by_site(module: Recurrent, state: State) -> Replay:
    """An initial state as ``replay`` takes it, by layer and quantity, ``[unit]`` each; empty if None."""
    layers = [layer for directions in layers_of(module) for layer in directions]
    parts = () if state is None else state if isinstance(state, tuple | list) else (state,)
    return {
        (layer.site, key): part[place]
        for place, layer in enumerate(layers)
        for key, part in zip(layer.cell.states, parts, strict=False)
    }


def as_entries(values: Mapping[tuple[Site, str], Tensor]) -> dict:
    """The tensors as float32 NumPy arrays on the CPU, ready for a ``Trace``."""
    return {address: value.detach().to("cpu", torch.float32).numpy() for address, value in values.items()}


def _check_stock(module: nn.Module) -> None:
    """Refuse a module that computes something before, after or instead of what its weights say."""
    name, way = type(module).__name__, "gatescope.trace follows what it really computes"
    if isinstance(module, nn.RNNBase):
        if type(module).forward not in FORWARD:
            raise TypeError(f"trace: expected torch's own forward, got {name}'s: {way}")
        if module._forward_pre_hooks or module._forward_hooks:
            raise TypeError(f"trace: expected a module without hooks, got {name} with some: {way}")
        if parametrize.is_parametrized(module):
            raise TypeError(f"trace: expected plain weights, got parametrised ones in {name}: {way}")


def _check_input(module: Recurrent, x: Tensor) -> None:
    if not isinstance(x, Tensor):
        raise TypeError(
            f"trace: expected a tensor [step, {module.input_size}], got {type(x).__name__}: gatescope.trace takes "
            "arrays, lists, batches and packed sequences"
        )
    own = next(module.parameters()).dtype
    if x.dtype != own:
        raise TypeError(f"trace: expected {own} as the module has, got {x.dtype}: write x.to({own})")
    if x.ndim != 2 or x.shape[1] != module.input_size or len(x) == 0:
        raise ValueError(
            f"trace: expected one sequence [step, {module.input_size}] with at least one step, got {list(x.shape)}"
        )


def _initial(layers: list[tuple[PlainLayer, ...]], x: Tensor, state: State) -> list[dict[str, Tensor]]:
    """State before the first step, one mapping for each layer and direction, in torch's order."""
    first, count = layers[0][0], sum(map(len, layers))
    sizes = {key: first.weights.size_of(key) for key in first.cell.states}
    if state is None:
        return [{key: x.new_zeros(size) for key, size in sizes.items()} for _ in range(count)]
    parts, expected = state if isinstance(state, tuple | list) else (state,), [[count, size] for size in sizes.values()]
    got = [list(part.shape) for part in parts]
    if got != expected:
        shape = " and ".join(map(str, expected)) if len(set(map(tuple, expected))) > 1 else expected[0]
        raise ValueError(f"trace: expected {len(sizes)} initial state(s) of shape {shape}, got {got}")
    return [dict(zip(sizes, rows, strict=True)) for rows in zip(*parts, strict=True)]


def fused(layers: tuple[PlainLayer, ...], x: Tensor, initial: list[dict[str, Tensor]]) -> Tensor:
    """Hidden state at every step, ``[step, directions * unit]``, by torch's own kernel or, without one, the loop."""
    cell = layers[0].cell
    if cell.stock is None:
        found = [_unfused(layer, x, state)["hidden_state"] for layer, state in zip(layers, initial, strict=True)]
        return torch.cat(found, dim=-1)
    weights = [part for layer in layers for part in _flat(layer.weights)]
    before = [torch.stack([state[key] for state in initial])[:, None] for key in cell.states]
    settings = (weights, True, 1, 0.0, False, len(layers) == 2, False)
    return cell.stock.kernel(x[:, None], before if len(before) > 1 else before[0], *settings)[0][:, 0]


def _flat(weights: Weights) -> tuple[Tensor, ...]:
    stacks = (weights.w_x, weights.w_h, weights.b_x, weights.b_h)
    return stacks if weights.projection is None else (*stacks, weights.projection)


def _wide(x: Tensor) -> torch.dtype:
    """In which gates and states are computed: float32 where the module has half precision, else its own."""
    return torch.promote_types(x.dtype, torch.float32)


def _on_tokens(layer: Layer, values: Tensor) -> Tensor:
    """From the token axis to reading order, or back."""
    return values.flip(0) if layer.site.direction == "backward" else values


def _looped(layer: Layer, x: Tensor, initial: Values) -> Found:
    """Every quantity of one layer, step by step, ``[step, unit]`` on the token axis."""
    before = {key: value[None].to(_wide(x)) for key, value in initial.items()}
    layer = replace(layer, weights=layer.weights.to(_wide(x)))
    found = gather(list(layer.steps(_on_tokens(layer, x.to(_wide(x)))[None], before)))
    return {key: _on_tokens(layer, value[0]).to(x.dtype) for key, value in found.items()}


def _unfused(layer: PlainLayer, x: Tensor, initial: Values) -> Found:
    """Every state of one layer that torch has no kernel for, ``[step, unit]`` on the token axis."""
    before = {key: value[None].to(_wide(x)) for key, value in initial.items()}
    found = read_all(layer.cell, layer.weights.to(_wide(x)), _on_tokens(layer, x.to(_wide(x)))[None], before)
    return {key: _on_tokens(layer, value[0]).to(x.dtype) for key, value in found.items()}


def _replay_parallel(layers: tuple[PlainLayer, ...], x: Tensor, initial: list[dict[str, Tensor]]) -> list[Found]:
    if layers[0].cell.stock is not None:
        return given_states(layers, x, initial, fused(layers, x, initial))
    known = [_unfused(layer, x, before) for layer, before in zip(layers, initial, strict=True)]
    return [_given(layer, x, *rest) for layer, *rest in zip(layers, initial, known, strict=True)]


def given_states(
    layers: tuple[PlainLayer, ...], x: Tensor, initial: list[dict[str, Tensor]], hidden: Tensor
) -> list[Found]:
    """Every quantity of one layer's directions, ``[step, unit]``, from hidden states ``[step, directions * unit]``."""
    own = hidden.chunk(len(layers), dim=-1)
    every = zip(layers, initial, own, strict=True)
    return [_given(layer, x, before, {"hidden_state": states}) for layer, before, states in every]


def _given(layer: PlainLayer, x: Tensor, initial: Values, known: Values) -> Found:
    """Every quantity of one layer, ``[step, unit]``, from those states that are known, all on the token axis."""
    wide = _wide(x)
    weights, first = layer.weights.to(wide), {key: value.to(wide) for key, value in initial.items()}
    states = {key: _on_tokens(layer, value.to(wide)) for key, value in known.items()}
    before = {key: torch.cat([first[key][None], value[:-1]]) for key, value in states.items()}
    gates = layer.cell.gates(weights.project(_on_tokens(layer, x.to(wide))), before, weights)
    values = gates | layer.cell.replay(gates, first, states)
    return {key: _on_tokens(layer, value).to(x.dtype) for key, value in values.items()}


def _replay_sequential(layers: tuple[PlainLayer, ...], x: Tensor, initial: list[dict[str, Tensor]]) -> list[Found]:
    return [_looped(layer, x, before) for layer, before in zip(layers, initial, strict=True)]
