"""A recurrent module of any cell: torch's own where it has one, else a loop over steps."""

from __future__ import annotations

from functools import partial

from torch import nn

from core_models.cells import CELLS
from core_models.cells.cell import Cell, Described
from core_models.cells.looped import Looped
from core_models.cells.unrolled import Attending, Unrolled

Recurrent = nn.RNNBase | Looped | Unrolled
"""A recurrent module whose every inner value can be computed."""


def recurrence(
    cell: str | Described,
    input_size: int,
    hidden_size: int,
    *,
    layers: int = 1,
    bidirectional: bool = False,
    dropout: float = 0.0,
    nonlinearity: str = "tanh",
) -> Recurrent:
    """A fresh recurrent module, called as ``torch.nn.GRU`` is.

    Args:
        cell: key of ``CELLS``, or a cell that is not listed there.
        input_size: features of the input.
        hidden_size: units of one direction.
        layers: number of layers.
        bidirectional: whether each layer is read in both directions.
        dropout: probability with which outputs of a layer are dropped in training before the next reads them.
        nonlinearity: ``tanh`` or ``relu``, of the cell ``rnn``.

    Raises:
        ValueError: if there is no such cell, or it cannot have that many layers and directions.
    """
    if isinstance(cell, str):
        cell = _listed(f"{cell}_relu" if (cell, nonlinearity) == ("rnn", "relu") else cell)
    if isinstance(cell, Attending):
        if layers > 1 or bidirectional:
            key = cell.convention.key
            raise ValueError(f"recurrence: expected one layer read forward for {key}, got more")
        return cell.module(input_size, hidden_size)
    if not isinstance(cell, Cell):
        raise TypeError(f"recurrence: expected a cell that can be run, got {type(cell).__name__}")
    between = dropout if layers > 1 else 0.0
    made = partial(Looped, cell) if cell.stock is None else cell.stock.module
    return made(input_size, hidden_size, num_layers=layers, bidirectional=bidirectional, dropout=between)


def _listed(key: str) -> Described:
    if key not in CELLS:
        raise ValueError(f"recurrence: expected a cell out of {', '.join(CELLS)}, got {key!r}")
    return CELLS[key]
