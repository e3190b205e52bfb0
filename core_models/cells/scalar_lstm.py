r"""Long short-term memory with exponential gates, a normaliser and a stabiliser: the sLSTM of xLSTM.

    ĩ_t = W_i x_t + U_i h_{t-1} + b_i                         log of the input gate
    f̃_t = log σ(W_f x_t + U_f h_{t-1} + b_f)                  log of the forget gate
    g_t = tanh(W_g x_t + U_g h_{t-1} + b_g)                   cell candidate, z in the paper
    o_t = σ(W_o x_t + U_o h_{t-1} + b_o)                      output gate
    m_t = max(f̃_t + m_{t-1}, ĩ_t)                             stabiliser
    i_t = exp(ĩ_t - m_t),  f_t = exp(f̃_t + m_{t-1} - m_t)     the gates, as far as they are scaled: i' and f' there
    c_t = f_t ⊙ c_{t-1} + i_t ⊙ g_t
    n_t = f_t ⊙ n_{t-1} + i_t                                 normaliser
    h_t = o_t ⊙ c_t / n_t

An input gate that may be of any size can outweigh all that was written before, which an LSTM's cannot; n adds up the
weights, so that c / n is a weighted mean of the candidates. c and n are both scaled by exp(-m), which leaves their
quotient as it is and keeps the numbers small. Source: Beck et al. 2024, "xLSTM", arXiv 2405.04517, section 2.2,
eqs. 8-17, with the sigmoid as forget gate and full matrices U in the place of one block a head. All states begin at 0;
where nothing was ever written, h is 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor

from core_models.cells.cell import Cell, Formula, Hold, Part, Values, Weights, as_computed
from core_models.convention import Convention, Effect
from core_models.language import mark

CONVENTION = Convention(
    key="slstm",
    name="sLSTM",
    equations=(
        r"\tilde{i}_t = W_i x_t + U_i h_{t-1} + b_i",
        r"\tilde{f}_t = \log \sigma(W_f x_t + U_f h_{t-1} + b_f)",
        r"g_t = \tanh(W_g x_t + U_g h_{t-1} + b_g)",
        r"o_t = \sigma(W_o x_t + U_o h_{t-1} + b_o)",
        r"m_t = \max(\tilde{f}_t + m_{t-1}, \tilde{i}_t)",
        r"i_t = \exp(\tilde{i}_t - m_t)",
        r"f_t = \exp(\tilde{f}_t + m_{t-1} - m_t)",
        r"c_t = f_t \odot c_{t-1} + i_t \odot g_t",
        r"n_t = f_t \odot n_{t-1} + i_t",
        r"h_t = o_t \odot \frac{c_t}{n_t}",
    ),
    source="Beck et al. 2024, arXiv 2405.04517, section 2.2, eqs. 8-17",
    note=mark(
        "The input gate is an exponential, so that one token can outweigh all before it; the normaliser n makes c / n "
        "a weighted mean of the candidates. i and f are shown as they are scaled by the stabiliser m, which leaves "
        "c / n as it is."
    ),
    effects={
        "input_gate": Effect(
            mark("writes the candidate with a weight that no earlier one exceeds"), mark("adds nothing")
        ),
        "forget_gate": Effect(mark("keeps the whole cell state"), mark("erases the cell state")),
        "output_gate": Effect(mark("shows all of c / n to the rest of the network"), mark("hides it")),
    },
    keeps_past={"forget_gate": True},
    memory="cell_state",
    writes="input_gate",
)

FORMULAS = {
    "stabiliser": Formula(
        r"\max({before_stabiliser} + {log_forget_gate}, {log_input_gate})",
        lambda v: max(v["log_forget_gate"] + v["before_stabiliser"], v["log_input_gate"]),
    ),
    "input_gate": Formula(
        r"\exp({log_input_gate} - {stabiliser})", lambda v: math.exp(v["log_input_gate"] - v["stabiliser"])
    ),
    "forget_gate": Formula(
        r"\exp({log_forget_gate} + {before_stabiliser} - {stabiliser})",
        lambda v: math.exp(v["log_forget_gate"] + v["before_stabiliser"] - v["stabiliser"]),
    ),
    "cell_state": Formula(
        r"{forget_gate} \cdot {before_cell_state} + {input_gate} \cdot {cell_candidate}",
        lambda v: v["forget_gate"] * v["before_cell_state"] + v["input_gate"] * v["cell_candidate"],
    ),
    "normaliser": Formula(
        r"{forget_gate} \cdot {before_normaliser} + {input_gate}",
        lambda v: v["forget_gate"] * v["before_normaliser"] + v["input_gate"],
    ),
    "hidden_state": Formula(
        r"{output_gate} \cdot \frac{{cell_state}}{{normaliser}}",
        lambda v: v["output_gate"] * v["cell_state"] / (v["normaliser"] or 1.0),
    ),
}


class ScalarLSTMCell(Cell):
    """Beck et al.'s sLSTM; see the module's docstring."""

    convention = CONVENTION
    parts = (
        Part("log_input_gate", "identity"),
        Part("log_forget_gate", "log_sigmoid"),
        Part("cell_candidate", "tanh"),
        Part("output_gate", "sigmoid"),
    )
    made: ClassVar[Mapping[str, str]] = {"input_gate": "log_input_gate", "forget_gate": "log_forget_gate"}
    states = ("hidden_state", "cell_state", "normaliser", "stabiliser")
    zeroed = states[1:]  # c is a sum with the weights that n adds up
    formulas = FORMULAS

    def gates(
        self, from_input: Tensor, before: Values, weights: Weights, hold: Hold = as_computed
    ) -> dict[str, Tensor]:
        """The gates, their logs and the cell candidate; see ``Cell.gates``."""
        i, f, g, o = (from_input + weights.recur(before["hidden_state"])).chunk(4, dim=-1)
        logs = {
            "log_input_gate": hold("log_input_gate", i),
            "log_forget_gate": hold("log_forget_gate", torch.nn.functional.logsigmoid(f)),
        }
        m = _stabiliser(logs, before)
        kept = logs["log_forget_gate"] + before["stabiliser"]
        return logs | {
            "cell_candidate": hold("cell_candidate", torch.tanh(g)),
            "output_gate": hold("output_gate", torch.sigmoid(o)),
            "input_gate": hold("input_gate", torch.exp(logs["log_input_gate"] - m)),
            "forget_gate": hold("forget_gate", torch.exp(kept - m)),
        }

    def update(self, gates: Values, before: Values) -> dict[str, Tensor]:
        """The state after a step; see ``Cell.update``."""
        i, f = gates["input_gate"], gates["forget_gate"]
        c = f * before["cell_state"] + i * gates["cell_candidate"]
        n = f * before["normaliser"] + i
        h = gates["output_gate"] * c / (n + (n == 0.0))
        return {"stabiliser": _stabiliser(gates, before), "normaliser": n, "cell_state": c, "hidden_state": h}


def _stabiliser(gates: Values, before: Values) -> Tensor:
    return torch.maximum(gates["log_forget_gate"] + before["stabiliser"], gates["log_input_gate"])
