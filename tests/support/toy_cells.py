"""A cell that is listed nowhere, written as one who adds a cell would write it: it passes through every tool.

One of its parts reads the state and one does not.
"""

from __future__ import annotations

import torch
from torch import Tensor

from core_models.cells.cell import Cell, Formula, Hold, Part, Values, Weights, as_computed
from core_models.convention import Convention, Effect

MIXED = {
    "hidden_state": Formula(
        r"(1 - {update_gate}) \cdot {before_hidden_state} + {update_gate} \cdot {candidate}",
        lambda v: (1.0 - v["update_gate"]) * v["before_hidden_state"] + v["update_gate"] * v["candidate"],
    )
}
OVERWRITES = {"update_gate": Effect("replaces the state by the candidate", "keeps the previous state untouched")}


class HalfReadingCell(Cell):
    """Its candidate reads the state, its gate does not."""

    convention = Convention(
        key="half_reading",
        name="half-reading cell",
        equations=(
            r"z_t = \sigma(W_z x_t + b_z)",
            r"n_t = \tanh(W_n x_t + U_n h_{t-1} + b_n)",
            r"h_t = (1 - z_t) \odot h_{t-1} + z_t \odot n_t",
        ),
        source="made for tests",
        note="z = 1 overwrites the past.",
        effects=OVERWRITES,
        keeps_past={"update_gate": False},
    )
    parts = (Part("update_gate", "sigmoid", reads=None), Part("candidate", "tanh"))
    formulas = MIXED

    def gates(
        self, from_input: Tensor, before: Values, weights: Weights, hold: Hold = as_computed
    ) -> dict[str, Tensor]:
        """Update gate and candidate; see ``Cell.gates``."""
        z, n = from_input.chunk(2, dim=-1)
        z = hold("update_gate", torch.sigmoid(z))
        return {"update_gate": z, "candidate": hold("candidate", torch.tanh(n + weights.recur(before["hidden_state"])))}

    def update(self, gates: Values, before: Values) -> dict[str, Tensor]:
        """The state after a step; see ``Cell.update``."""
        h = before["hidden_state"]
        return {"hidden_state": h + gates["update_gate"] * (gates["candidate"] - h)}


TOYS: dict[str, Cell] = {HalfReadingCell.convention.key: HalfReadingCell()}
