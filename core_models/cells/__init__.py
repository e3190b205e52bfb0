"""Recurrent cells: one file each, listed here and nowhere else."""

from core_models.cells.attentive import AttentiveGRU, AttentiveRNN
from core_models.cells.cell import Cell, Weights
from core_models.cells.gru import GRUCell
from core_models.cells.lstm import LSTMCell
from core_models.cells.multiplied import MultipliedGRU
from core_models.cells.reset_before import ResetBeforeGRU
from core_models.cells.rnn import RNNCell
from core_models.cells.unrolled import Unrolled

CELLS: tuple[Cell, ...] = (RNNCell("tanh"), RNNCell("relu"), GRUCell(), LSTMCell())
"""Cells of the stock torch modules."""

UNROLLED: dict[str, type[Unrolled]] = {
    kind.cell.convention.key: kind for kind in (ResetBeforeGRU, AttentiveGRU, AttentiveRNN, MultipliedGRU)
}
"""Recurrences that torch has no module for, by the key of their convention."""

__all__ = ["CELLS", "UNROLLED", "Cell", "Unrolled", "Weights"]
