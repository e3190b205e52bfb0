r"""Long short-term memory whose gates see the cell state itself, through peepholes.

    i_t = σ(W_i x_t + U_i h_{t-1} + p_i ⊙ c_{t-1} + b_i)      input gate
    f_t = σ(W_f x_t + U_f h_{t-1} + p_f ⊙ c_{t-1} + b_f)      forget gate
    g_t = tanh(W_g x_t + U_g h_{t-1} + b_g)                   cell candidate
    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
    o_t = σ(W_o x_t + U_o h_{t-1} + p_o ⊙ c_t + b_o)          output gate, which sees the new cell state
    h_t = o_t ⊙ tanh(c_t)

A shut output gate hides the cell state from gates that read h alone; a peephole still shows it to them, with which such
a network learns precise intervals. Every unit has three peephole weights, p_i, p_f and p_o. Source: Gers & Schmidhuber
2000, "Recurrent nets that time and count", IJCNN, section 3; Greff et al. 2017, arXiv 1503.04069, section II (vanilla
LSTM). Convention: as in core_models.cells.lstm, f = 1 remembers.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from core_models.cells.cell import Cell, Hold, Part, Values, Weights, as_computed
from core_models.cells.lstm import CONVENTION, FORMULAS
from core_models.language import mark


class PeepholeLSTMCell(Cell):
    """Gers & Schmidhuber's LSTM with peepholes; see the module's docstring."""

    convention = replace(
        CONVENTION,
        key="peephole_lstm",
        name=mark("LSTM with peepholes"),
        equations=(
            r"i_t = \sigma(W_i x_t + U_i h_{t-1} + p_i \odot c_{t-1} + b_i)",
            r"f_t = \sigma(W_f x_t + U_f h_{t-1} + p_f \odot c_{t-1} + b_f)",
            r"g_t = \tanh(W_g x_t + U_g h_{t-1} + b_g)",
            r"c_t = f_t \odot c_{t-1} + i_t \odot g_t",
            r"o_t = \sigma(W_o x_t + U_o h_{t-1} + p_o \odot c_t + b_o)",
            r"h_t = o_t \odot \tanh(c_t)",
        ),
        source="Gers & Schmidhuber 2000, Recurrent nets that time and count; Greff et al. 2017, arXiv 1503.04069, "
        "section II",
        note=mark(
            "The gates see the cell state itself, each unit its own, even where the output gate hides it. "
            "f = 1 remembers and f = 0 forgets."
        ),
    )
    parts = (
        Part("input_gate", "sigmoid", peeks="before_cell_state"),
        Part("forget_gate", "sigmoid", peeks="before_cell_state"),
        Part("cell_candidate", "tanh"),
        Part("output_gate", "sigmoid", peeks="cell_state"),
    )
    states = ("hidden_state", "cell_state")
    formulas = FORMULAS

    def gates(
        self, from_input: Tensor, before: Values, weights: Weights, hold: Hold = as_computed
    ) -> dict[str, Tensor]:
        """Input and forget gate, cell candidate and output gate; see ``Cell.gates``."""
        i, f, g, o = (from_input + weights.recur(before["hidden_state"])).chunk(4, dim=-1)
        c, peepholes = before["cell_state"], weights.peepholes
        i = hold("input_gate", torch.sigmoid(i + peepholes["input_gate"] * c))
        f = hold("forget_gate", torch.sigmoid(f + peepholes["forget_gate"] * c))
        g = hold("cell_candidate", torch.tanh(g))
        o = hold("output_gate", torch.sigmoid(o + peepholes["output_gate"] * (f * c + i * g)))
        return {"input_gate": i, "forget_gate": f, "cell_candidate": g, "output_gate": o}

    def update(self, gates: Values, before: Values) -> dict[str, Tensor]:
        """The state after a step; see ``Cell.update``."""
        c = gates["forget_gate"] * before["cell_state"] + gates["input_gate"] * gates["cell_candidate"]
        return {"cell_state": c, "hidden_state": gates["output_gate"] * torch.tanh(c)}
