r"""The gated recurrent unit as its authors first wrote it: the reset gate acts before the product with U.

    r_t = σ(W_r x_t + U_r h_{t-1} + b_r)                      reset gate
    z_t = σ(W_z x_t + U_z h_{t-1} + b_z)                      update gate
    h̃_t = tanh(W_h x_t + U_h (r_t ⊙ h_{t-1}) + b_h)           candidate
    h_t = (1 - z_t) ⊙ h_{t-1} + z_t ⊙ h̃_t

Source: Chung et al. 2014, arXiv 1412.3555, section 3.2; the reset as in Cho et al. 2014, arXiv 1406.1078, eq. 8, whose
eq. 7 has z the other way round. Convention: z = 1 overwrites the past. torch.nn.GRU differs twice: there z = 1 keeps
the past, and r multiplies U h_{t-1} after the product, so that a closed reset gate also silences the recurrent bias.
"""

from __future__ import annotations

import torch
from torch import Tensor

from core_models.cells.cell import Cell, Formula, Hold, Part, Values, Weights, as_computed
from core_models.convention import Convention, Effect
from core_models.language import mark

CONVENTION = Convention(
    key="gru_reset_before",
    name=mark("GRU, reset before"),
    equations=(
        r"r_t = \sigma(W_r x_t + U_r h_{t-1} + b_r)",
        r"z_t = \sigma(W_z x_t + U_z h_{t-1} + b_z)",
        r"n_t = \tanh(W_n x_t + U_n (r_t \odot h_{t-1}) + b_n)",
        r"h_t = (1 - z_t) \odot h_{t-1} + z_t \odot n_t",
    ),
    source="Chung et al. 2014, arXiv 1412.3555, section 3.2",
    note=mark(
        "The textbook convention: z = 1 overwrites the past (PyTorch's GRU keeps it), "
        "and r acts before the product with U."
    ),
    effects={
        "update_gate": Effect(mark("replaces the state by the candidate"), mark("keeps the previous state untouched")),
        "reset_gate": Effect(
            mark("lets the previous state take full part in the candidate"),
            mark("makes the candidate from the token alone"),
        ),
    },
    keeps_past={"update_gate": False},
)


FORMULAS = {
    "hidden_state": Formula(
        r"(1 - {update_gate}) \cdot {before_hidden_state} + {update_gate} \cdot {candidate}",
        lambda v: (1.0 - v["update_gate"]) * v["before_hidden_state"] + v["update_gate"] * v["candidate"],
    )
}


class ResetBeforeCell(Cell):
    """The textbook GRU; see the module's docstring."""

    convention = CONVENTION
    parts = (
        Part("reset_gate", "sigmoid"),
        Part("update_gate", "sigmoid"),
        Part("candidate", "tanh", gated_inside="reset_gate"),
    )
    formulas = FORMULAS

    def gates(
        self, from_input: Tensor, before: Values, weights: Weights, hold: Hold = as_computed
    ) -> dict[str, Tensor]:
        """Reset gate, update gate and candidate; see ``Cell.gates``."""
        x_rz, x_n = from_input.tensor_split([2 * weights.hidden], dim=-1)
        h = before["hidden_state"]
        r, z = torch.sigmoid(x_rz + weights.recur(h, 0, 2)).chunk(2, dim=-1)
        r, z = hold("reset_gate", r), hold("update_gate", z)
        n = hold("candidate", torch.tanh(x_n + weights.recur(r * h, 2)))
        return {"reset_gate": r, "update_gate": z, "candidate": n}

    def update(self, gates: Values, before: Values) -> dict[str, Tensor]:
        """The state after a step; see ``Cell.update``."""
        h = before["hidden_state"]
        return {"hidden_state": h + gates["update_gate"] * (gates["candidate"] - h)}
