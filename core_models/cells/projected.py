r"""Long short-term memory whose hidden state is a projection of what the output gate shows.

    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
    h_t = W_hr (o_t ⊙ tanh(c_t))

The gates are those of core_models.cells.lstm; they and c have one value a unit, h one for each row of W_hr. Source:
torch.nn.LSTM documentation (``proj_size``); Sak et al. 2014, arXiv 1402.1128, section 2.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from core_models.cells.cell import Values
from core_models.cells.lstm import CONVENTION, FORMULAS, LSTMCell
from core_models.language import mark

PROJECTED = {"cell_state": FORMULAS["cell_state"]}


class ProjectedLSTMCell(LSTMCell):
    """One layer's cell.

    Args:
        projection: W_hr, ``[projected, unit]``; None where the cell is only described.
    """

    convention = replace(
        CONVENTION,
        key="lstm_projected",
        name=mark("LSTM with projection"),
        equations=(*CONVENTION.equations[:-1], r"h_t = W_{hr} (o_t \odot \tanh(c_t))"),
        source="torch.nn.LSTM documentation; Sak et al. 2014, arXiv 1402.1128, section 2",
    )
    formulas = PROJECTED

    def __init__(self, projection: Tensor | None = None) -> None:
        self.projection = projection

    def update(self, gates: Values, before: Values) -> dict[str, Tensor]:
        """The state after a step; see ``Cell.update``."""
        if self.projection is None:
            raise TypeError("LSTM with projection: expected a layer, got a cell that is described only")
        after = super().update(gates, before)
        shown = after["hidden_state"]
        return after | {"hidden_state": torch.nn.functional.linear(shown, self.projection.to(shown.dtype))}
