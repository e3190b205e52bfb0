r"""The gated recurrent unit, in PyTorch's convention.

    r_t = σ(W_ir x_t + b_ir + W_hr h_{t-1} + b_hr)            reset gate
    z_t = σ(W_iz x_t + b_iz + W_hz h_{t-1} + b_hz)            update gate
    n_t = tanh(W_in x_t + b_in + r_t ⊙ (W_hn h_{t-1} + b_hn)) candidate, h̃ in the papers
    h_t = (1 - z_t) ⊙ n_t + z_t ⊙ h_{t-1}

Source: torch.nn.GRU documentation; Cho et al. 2014, arXiv 1406.1078, eqs. 5-8. Convention: z = 1 keeps the past (as in
Cho et al. eq. 7; in many textbooks, and in Chung et al. 2014, z = 1 overwrites it), and r is applied after the product
W_hn h_{t-1}, whereas Cho et al. eq. 8 applies it before: U (r ⊙ h_{t-1}). Both differences change the numbers.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core_models.cells.cell import Cell, Formula, Hold, Part, Stock, Values, Weights, as_computed
from core_models.convention import Convention, Effect
from core_models.language import mark

CONVENTION = Convention(
    key="gru",
    name="GRU",
    equations=(
        r"r_t = \sigma(W_{ir} x_t + b_{ir} + W_{hr} h_{t-1} + b_{hr})",
        r"z_t = \sigma(W_{iz} x_t + b_{iz} + W_{hz} h_{t-1} + b_{hz})",
        r"n_t = \tanh(W_{in} x_t + b_{in} + r_t \odot (W_{hn} h_{t-1} + b_{hn}))",
        r"h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1}",
    ),
    source="torch.nn.GRU documentation; Cho et al. 2014, arXiv 1406.1078, eqs. 5-8",
    note=mark(
        "PyTorch's convention: z = 1 keeps the past (many textbooks have it the other way round), "
        "and r acts after the product with W_hn."
    ),
    effects={
        "update_gate": Effect(mark("keeps the previous state untouched"), mark("replaces the state by the candidate")),
        "reset_gate": Effect(
            mark("lets the previous state take full part in the candidate"),
            mark("makes the candidate from the token alone"),
        ),
    },
    keeps_past={"update_gate": True},
)


FORMULAS = {
    "hidden_state": Formula(
        r"(1 - {update_gate}) \cdot {candidate} + {update_gate} \cdot {before_hidden_state}",
        lambda v: (1.0 - v["update_gate"]) * v["candidate"] + v["update_gate"] * v["before_hidden_state"],
    )
}


class GRUCell(Cell):
    """PyTorch's gated recurrent unit."""

    parts = (Part("reset_gate", "sigmoid"), Part("update_gate", "sigmoid"), Part("candidate", "tanh", "reset_gate"))
    formulas = FORMULAS
    convention = CONVENTION
    stock = Stock(nn.GRU, "GRU", torch.gru)

    def gates(
        self, from_input: Tensor, before: Values, weights: Weights, hold: Hold = as_computed
    ) -> dict[str, Tensor]:
        """Reset gate, update gate and candidate; see ``Cell.gates``."""
        from_state = weights.recur(before["hidden_state"])
        x_rz, x_n = from_input.tensor_split([2 * from_input.shape[-1] // 3], dim=-1)
        h_rz, h_n = from_state.tensor_split([2 * from_state.shape[-1] // 3], dim=-1)
        r, z = (x_rz + h_rz).sigmoid_().chunk(2, dim=-1)
        r, z = hold("reset_gate", r), hold("update_gate", z)
        n = hold("candidate", torch.addcmul(x_n, r, h_n).tanh_())
        return {"reset_gate": r, "update_gate": z, "candidate": n}

    def update(self, gates: Values, before: Values) -> dict[str, Tensor]:
        """The state after a step; see ``Cell.update``."""
        z, n = gates["update_gate"], gates["candidate"]
        return {"hidden_state": (1.0 - z) * n + z * before["hidden_state"]}
