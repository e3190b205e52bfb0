"""Recurrent cells: one file each, listed here and nowhere else."""

from core_models.cells.cell import Cell, Weights
from core_models.cells.gru import GRUCell
from core_models.cells.lstm import LSTMCell
from core_models.cells.rnn import RNNCell

CELLS: tuple[Cell, ...] = (RNNCell("tanh"), RNNCell("relu"), GRUCell(), LSTMCell())

__all__ = ["CELLS", "Cell", "Weights"]
