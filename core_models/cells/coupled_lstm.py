r"""Long short-term memory whose input and forget gates are coupled: it writes as much as it lets go (CIFG).

    f_t = σ(W_f x_t + U_f h_{t-1} + b_f)                      forget gate
    g_t = tanh(W_g x_t + U_g h_{t-1} + b_g)                   cell candidate
    o_t = σ(W_o x_t + U_o h_{t-1} + b_o)                      output gate
    c_t = f_t ⊙ c_{t-1} + (1 - f_t) ⊙ g_t
    h_t = o_t ⊙ tanh(c_t)

Source: Greff et al. 2017, "LSTM: a search space odyssey", arXiv 1503.04069, section III, without peepholes. Convention:
f = 1 remembers and writes nothing, as z = 1 of PyTorch's GRU does. The cell state stays within [-1, 1].
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from core_models.cells.cell import Cell, Formula, Hold, Part, Values, Weights, as_computed
from core_models.convention import Convention, Effect
from core_models.language import mark

CONVENTION = Convention(
    key="cifg",
    name=mark("LSTM, gates coupled"),
    equations=(
        r"f_t = \sigma(W_f x_t + U_f h_{t-1} + b_f)",
        r"g_t = \tanh(W_g x_t + U_g h_{t-1} + b_g)",
        r"o_t = \sigma(W_o x_t + U_o h_{t-1} + b_o)",
        r"c_t = f_t \odot c_{t-1} + (1 - f_t) \odot g_t",
        r"h_t = o_t \odot \tanh(c_t)",
    ),
    source="Greff et al. 2017, arXiv 1503.04069, section III",
    note=mark("f = 1 remembers and writes nothing: what is written is whatever share is not kept."),
    effects={
        "forget_gate": Effect(mark("keeps the whole cell state"), mark("replaces the cell state by the candidate")),
        "output_gate": Effect(mark("shows all of tanh(c) to the rest of the network"), mark("hides it")),
    },
    keeps_past={"forget_gate": True},
    memory="cell_state",
)

FORMULAS = {
    "cell_state": Formula(
        r"{forget_gate} \cdot {before_cell_state} + (1 - {forget_gate}) \cdot {cell_candidate}",
        lambda v: v["forget_gate"] * v["before_cell_state"] + (1.0 - v["forget_gate"]) * v["cell_candidate"],
    ),
    "hidden_state": Formula(
        r"{output_gate} \cdot \tanh({cell_state})", lambda v: v["output_gate"] * math.tanh(v["cell_state"])
    ),
}


class CoupledLSTMCell(Cell):
    """Greff et al.'s coupled LSTM; see the module's docstring."""

    convention = CONVENTION
    parts = (Part("forget_gate", "sigmoid"), Part("cell_candidate", "tanh"), Part("output_gate", "sigmoid"))
    states = ("hidden_state", "cell_state")
    formulas = FORMULAS

    def gates(
        self, from_input: Tensor, before: Values, weights: Weights, hold: Hold = as_computed
    ) -> dict[str, Tensor]:
        """Forget and output gate and the cell candidate; see ``Cell.gates``."""
        f, g, o = (from_input + weights.recur(before["hidden_state"])).chunk(3, dim=-1)
        return {
            "forget_gate": hold("forget_gate", torch.sigmoid(f)),
            "cell_candidate": hold("cell_candidate", torch.tanh(g)),
            "output_gate": hold("output_gate", torch.sigmoid(o)),
        }

    def update(self, gates: Values, before: Values) -> dict[str, Tensor]:
        """The state after a step; see ``Cell.update``."""
        f = gates["forget_gate"]
        c = f * before["cell_state"] + (1.0 - f) * gates["cell_candidate"]
        return {"cell_state": c, "hidden_state": gates["output_gate"] * torch.tanh(c)}
