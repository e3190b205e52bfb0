"""Recurrent cells: one file each, listed here and nowhere else."""

from core_models.cells.attentive import AttentiveGRUCell, AttentiveRNNCell
from core_models.cells.cell import Cell, Described, Weights
from core_models.cells.coupled_lstm import CoupledLSTMCell
from core_models.cells.gru import GRUCell
from core_models.cells.lstm import LSTMCell
from core_models.cells.min_gru import MinGRUCell
from core_models.cells.min_lstm import MinLSTMCell
from core_models.cells.multiplied import MultipliedCell
from core_models.cells.peephole_lstm import PeepholeLSTMCell
from core_models.cells.reset_before import ResetBeforeCell
from core_models.cells.rnn import ReLURNNCell, RNNCell
from core_models.cells.scalar_lstm import ScalarLSTMCell
from core_models.cells.selective import SelectiveCell
from core_models.cells.unrolled import Attending, Unrolled

CELLS: dict[str, Described] = {
    "rnn": RNNCell(),
    "rnn_relu": ReLURNNCell(),
    "gru": GRUCell(),
    "lstm": LSTMCell(),
    "gru_reset_before": ResetBeforeCell(),
    "cifg": CoupledLSTMCell(),
    "peephole_lstm": PeepholeLSTMCell(),
    "slstm": ScalarLSTMCell(),
    "min_gru": MinGRUCell(),
    "min_lstm": MinLSTMCell(),
    "s6": SelectiveCell(),
    "attentive_gru": AttentiveGRUCell(),
    "attentive_rnn": AttentiveRNNCell(),
    "multiplied_gru": MultipliedCell(),
}
"""Every cell by the key of its convention; core_models.cells.recurrence makes modules of them."""

__all__ = ["CELLS", "Attending", "Cell", "Described", "Unrolled", "Weights"]
