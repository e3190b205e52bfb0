"""Everything inside a stock ``torch.nn.RNN``, ``GRU`` or ``LSTM`` of any layer count, direction, size and dtype, and
inside the recurrences of core_models.cells that torch has no module for.

    trace(module, x)              a checked, labelled Trace
    replay(module, x)             the same values as bare tensors, in the module's own dtype

Two schedules compute the same thing from the same equations (core_models.cells):

    parallel    the fused torch kernel gives the hidden state at every step; the gates of all steps are then one batched
                matrix product, because they depend on the input and the previous state only. Layers are replayed one
                by one, since a stacked module hides its inner states. The LSTM's cell state is a scan.
    sequential  a loop over steps that trusts the equations alone.

An ``Unrolled`` recurrence has no fused kernel: there the loop gives the hidden states, and the parallel schedule
computes everything else of all steps at once from them.

A module is always read as in ``eval()``: dropout between layers is not applied. The backward direction reads the
sequence from its end; its values are put back on the token axis, so that index t belongs to token t.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from core_models.cells import Cell, Unrolled, Weights
from core_models.cells.cell import Described, Values
from core_models.cells.gru import GRUCell
from core_models.cells.lstm import LSTMCell
from core_models.cells.rnn import RNNCell
from core_models.trace import Direction, Site, Tokens, Trace

Schedule = Literal["parallel", "sequential"]
State = Tensor | tuple[Tensor, Tensor] | None
Replay = dict[tuple[Site, str], Tensor]

DIRECTIONS: tuple[Direction, ...] = ("forward", "backward")


Recurrent = nn.RNNBase | Unrolled


@dataclass(frozen=True)
class Layer:
    """One layer of a module in one direction: where it is, which cell, with which weights."""

    site: Site
    cell: Described
    weights: Weights


@dataclass(frozen=True)
class StockLayer(Layer):
    """One layer of a stock module, whose cell can be run."""

    cell: Cell


def cell_of(module: nn.Module) -> Cell:
    """The cell whose equations a stock module computes.

    Raises:
        TypeError: if the module is not a ``torch.nn.RNN``, ``GRU`` or ``LSTM``.
        ValueError: if it is an LSTM with a projection, whose hidden state has another size than its gates.
    """
    if isinstance(module, nn.LSTM):
        if module.proj_size:
            raise ValueError(f"trace: expected an LSTM without projection, got proj_size={module.proj_size}")
        return LSTMCell()
    if isinstance(module, nn.GRU):
        return GRUCell()
    if isinstance(module, nn.RNN):
        return RNNCell(module.nonlinearity)
    raise TypeError(f"trace: expected a torch.nn.RNN, GRU or LSTM, got {type(module).__name__}")


def described_cell(module: Recurrent) -> Described:
    """Equations, parts and formulas of a module's cell."""
    return module.cell if isinstance(module, Unrolled) else cell_of(module)


def layers_of(module: Recurrent) -> Sequence[tuple[Layer, ...]]:
    """The module's layers from the input up, each with one ``Layer`` a direction."""
    if isinstance(module, Unrolled):
        return [(Layer(Site("rnn"), module.cell, _weights(module, 0, "forward")),)]
    return stock_layers(module)


def stock_layers(module: nn.RNNBase) -> list[tuple[StockLayer, ...]]:
    """The layers of a stock module, each with one ``StockLayer`` a direction."""
    cell = cell_of(module)
    directions = DIRECTIONS if module.bidirectional else DIRECTIONS[:1]
    return [
        tuple(StockLayer(Site("rnn", depth, way), cell, _weights(module, depth, way)) for way in directions)
        for depth in range(module.num_layers)
    ]


def _weights(module: Recurrent, depth: int, way: Direction) -> Weights:
    suffix = f"l{depth}" + ("_reverse" if way == "backward" else "")
    w_x, w_h = getattr(module, f"weight_ih_{suffix}"), getattr(module, f"weight_hh_{suffix}")
    if module.bias:
        return Weights(w_x, w_h, getattr(module, f"bias_ih_{suffix}"), getattr(module, f"bias_hh_{suffix}"))
    zeros = w_x.new_zeros(w_x.shape[0])
    return Weights(w_x, w_h, zeros, zeros)


@torch.no_grad()
def replay(module: Recurrent, x: Tensor, *, state: State = None, schedule: Schedule = "parallel") -> Replay:
    """Every gate, candidate and state of a stock module on one sequence, in the module's dtype, without gradients.

    Args:
        module: a ``torch.nn.RNN``, ``GRU`` or ``LSTM``; ``batch_first`` does not matter.
        x: the input, ``[step, feature]``.
        state: initial state as the module itself takes it for an unbatched input: ``[layers * directions, unit]``, for
            an LSTM a pair of them; zeros if None, and always for an ``Unrolled`` recurrence.
        schedule: ``parallel`` or ``sequential``.

    Returns:
        By (site, quantity key), tensors ``[step, unit]`` on the token axis.

    Raises:
        TypeError, ValueError: if the module or the input is not one that can be traced; the message says why.
    """
    described_cell(module)
    _check_input(module, x)
    if isinstance(module, Unrolled):
        found = module.replay(x, sequential=schedule == "sequential")
        return {(Site("rnn"), key): value for key, value in found.items()}
    return _replay_stock(module, x, state, schedule)


def _replay_stock(module: nn.RNNBase, x: Tensor, state: State, schedule: Schedule) -> Replay:
    layers = stock_layers(module)
    initial = _initial(module, x, layers[0][0].cell, state)
    run = _replay_parallel if schedule == "parallel" else _replay_sequential
    result: Replay = {}
    for depth, directions in enumerate(layers):
        values = run(directions, x, initial[depth * len(directions) : (depth + 1) * len(directions)])
        for layer, found in zip(directions, values, strict=True):
            result.update({(layer.site, key): value for key, value in found.items()})
        x = (
            torch.cat([found["hidden_state"] for found in values], dim=-1)
            if len(values) > 1
            else values[0]["hidden_state"]
        )
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
        A ``Trace`` with every gate, candidate and state of every layer and direction, float32 on the CPU.

    Raises:
        TypeError, ValueError: if the module or the input cannot be traced, or the values are impossible.
    """
    values = replay(module, x, state=state, schedule=schedule)
    return Trace(
        tokens=tokens or Tokens.numbered(len(x)),
        entries=as_entries(values),
        cells={layer.site: layer.cell.convention for directions in layers_of(module) for layer in directions},
        model=name or type(module).__name__,
    )


def as_entries(values: Mapping[tuple[Site, str], Tensor]) -> dict:
    """The tensors as float32 NumPy arrays on the CPU, ready for a ``Trace``."""
    return {address: value.detach().to("cpu", torch.float32).numpy() for address, value in values.items()}


def _check_input(module: Recurrent, x: Tensor) -> None:
    if x.ndim != 2 or x.shape[1] != module.input_size or len(x) == 0:
        raise ValueError(
            f"trace: expected one sequence [step, {module.input_size}] with at least one step, got {list(x.shape)}"
        )


def _initial(module: nn.RNNBase, x: Tensor, cell: Cell, state: State) -> list[dict[str, Tensor]]:
    """State before the first step, one mapping for each layer and direction, in torch's order."""
    count = module.num_layers * (2 if module.bidirectional else 1)
    if state is None:
        zeros = x.new_zeros(module.hidden_size)
        return [dict.fromkeys(cell.states, zeros) for _ in range(count)]
    parts = state if isinstance(state, tuple) else (state,)
    expected = (count, module.hidden_size)
    if len(parts) != len(cell.states) or any(tuple(part.shape) != expected for part in parts):
        got = [list(part.shape) for part in parts]
        raise ValueError(f"trace: expected {len(cell.states)} initial state(s) of shape {list(expected)}, got {got}")
    return [dict(zip(cell.states, rows, strict=True)) for rows in zip(*parts, strict=True)]


def fused(layers: tuple[StockLayer, ...], x: Tensor, initial: list[dict[str, Tensor]]) -> Tensor:
    """Hidden state at every step from torch's own kernel, ``[step, directions * unit]``."""
    cell = layers[0].cell
    weights = [part for layer in layers for part in _flat(layer.weights)]
    before = [torch.stack([state[key] for state in initial])[:, None] for key in cell.states]
    settings = (weights, True, 1, 0.0, False, len(layers) == 2, False)
    if isinstance(cell, LSTMCell):
        return torch.lstm(x[:, None], before, *settings)[0][:, 0]
    if isinstance(cell, GRUCell):
        return torch.gru(x[:, None], before[0], *settings)[0][:, 0]
    kernel = torch.rnn_relu if cell.convention.key == "rnn_relu" else torch.rnn_tanh
    return kernel(x[:, None], before[0], *settings)[0][:, 0]


def _flat(weights: Weights) -> tuple[Tensor, ...]:
    return (weights.w_x, weights.w_h, weights.b_x, weights.b_h)


def _replay_parallel(
    layers: tuple[StockLayer, ...], x: Tensor, initial: list[dict[str, Tensor]]
) -> list[dict[str, Tensor]]:
    whole = fused(layers, x, initial).chunk(len(layers), dim=-1)
    found = []
    for layer, hidden, before in zip(layers, whole, initial, strict=True):
        backward = layer.site.direction == "backward"
        read, state = (x.flip(0), hidden.flip(0)) if backward else (x, hidden)
        previous = torch.cat([before["hidden_state"][None], state[:-1]])
        gates = layer.cell.gates(layer.weights.project(read), layer.weights.recur(previous))
        values = gates | layer.cell.replay(gates, before, state)
        found.append({key: value.flip(0) for key, value in values.items()} if backward else values)
    return found


def _replay_sequential(
    layers: tuple[StockLayer, ...], x: Tensor, initial: list[dict[str, Tensor]]
) -> list[dict[str, Tensor]]:
    found = []
    for layer, before in zip(layers, initial, strict=True):
        backward = layer.site.direction == "backward"
        from_input = layer.weights.project(x.flip(0) if backward else x)
        steps: list[dict[str, Tensor]] = []
        state: Values = before
        for row in from_input:
            gates = layer.cell.gates(row, layer.weights.recur(state["hidden_state"][None])[0])
            state = layer.cell.update(gates, state)
            steps.append(gates | dict(state))
        values = {key: torch.stack([step[key] for step in steps]) for key in steps[0]}
        found.append({key: value.flip(0) for key, value in values.items()} if backward else values)
    return found
