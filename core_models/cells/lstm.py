r"""Long short-term memory with a forget gate and without peepholes.

    i_t = σ(W_ii x_t + b_ii + W_hi h_{t-1} + b_hi)     input gate
    f_t = σ(W_if x_t + b_if + W_hf h_{t-1} + b_hf)     forget gate
    g_t = tanh(W_ig x_t + b_ig + W_hg h_{t-1} + b_hg)  cell candidate
    o_t = σ(W_io x_t + b_io + W_ho h_{t-1} + b_ho)     output gate
    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
    h_t = o_t ⊙ tanh(c_t)

Source: torch.nn.LSTM documentation; Hochreiter & Schmidhuber 1997, Neural Computation 9(8), without a forget gate; the
forget gate is Gers, Schmidhuber & Cummins 2000. Convention: f = 1 remembers, f = 0 forgets: the name says the opposite
of what a large value does.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from core_models.cells.cell import Cell, Formula, Hold, Part, Stock, Values, Weights, as_computed
from core_models.cells.scan import scan
from core_models.convention import Convention, Effect
from core_models.language import mark

CONVENTION = Convention(
    key="lstm",
    name="LSTM",
    equations=(
        r"i_t = \sigma(W_{ii} x_t + b_{ii} + W_{hi} h_{t-1} + b_{hi})",
        r"f_t = \sigma(W_{if} x_t + b_{if} + W_{hf} h_{t-1} + b_{hf})",
        r"g_t = \tanh(W_{ig} x_t + b_{ig} + W_{hg} h_{t-1} + b_{hg})",
        r"o_t = \sigma(W_{io} x_t + b_{io} + W_{ho} h_{t-1} + b_{ho})",
        r"c_t = f_t \odot c_{t-1} + i_t \odot g_t",
        r"h_t = o_t \odot \tanh(c_t)",
    ),
    source="torch.nn.LSTM documentation; Hochreiter & Schmidhuber 1997; forget gate from Gers et al. 2000",
    note=mark("f = 1 remembers and f = 0 forgets: the gate's name says the opposite of what a large value does."),
    effects={
        "input_gate": Effect(mark("adds the whole cell candidate to the cell state"), mark("adds nothing")),
        "forget_gate": Effect(mark("keeps the whole cell state"), mark("erases the cell state")),
        "output_gate": Effect(mark("shows all of tanh(c) to the rest of the network"), mark("hides it")),
    },
    keeps_past={"forget_gate": True},
    memory="cell_state",
    writes="input_gate",
)


FORMULAS = {
    "cell_state": Formula(
        r"{forget_gate} \cdot {before_cell_state} + {input_gate} \cdot {cell_candidate}",
        lambda v: v["forget_gate"] * v["before_cell_state"] + v["input_gate"] * v["cell_candidate"],
    ),
    "hidden_state": Formula(
        r"{output_gate} \cdot \tanh({cell_state})", lambda v: v["output_gate"] * math.tanh(v["cell_state"])
    ),
}


class LSTMCell(Cell):
    """PyTorch's long short-term memory."""

    parts = (
        Part("input_gate", "sigmoid"),
        Part("forget_gate", "sigmoid"),
        Part("cell_candidate", "tanh"),
        Part("output_gate", "sigmoid"),
    )
    states = ("hidden_state", "cell_state")
    formulas = FORMULAS
    convention = CONVENTION
    stock = Stock(nn.LSTM, "LSTM", torch.lstm)

    def gates(
        self, from_input: Tensor, before: Values, weights: Weights, hold: Hold = as_computed
    ) -> dict[str, Tensor]:
        """Input, forget and output gate and the cell candidate; see ``Cell.gates``."""
        i, f, g, o = (from_input + weights.recur(before["hidden_state"])).unsafe_chunk(4, dim=-1)
        return {
            "input_gate": hold("input_gate", i.sigmoid_()),
            "forget_gate": hold("forget_gate", f.sigmoid_()),
            "cell_candidate": hold("cell_candidate", g.tanh_()),
            "output_gate": hold("output_gate", o.sigmoid_()),
        }

    def update(self, gates: Values, before: Values) -> dict[str, Tensor]:
        """The state after a step; see ``Cell.update``."""
        kept = gates["forget_gate"] * before["cell_state"]
        c = kept + gates["input_gate"] * gates["cell_candidate"]
        return {"cell_state": c, "hidden_state": gates["output_gate"] * torch.tanh(c)}

    def replay(self, gates: Values, initial: Values, known: Values) -> dict[str, Tensor]:
        """The states at all steps; the cell state needs a scan over steps. See ``Cell.replay``."""
        written = gates["input_gate"] * gates["cell_candidate"]
        return {"cell_state": scan(gates["forget_gate"], written, initial["cell_state"]), **known}
