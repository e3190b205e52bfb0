r"""A gated recurrent unit whose gate and candidate are made from the input alone: minGRU.

    z_t = σ(W_z x_t + b_z)                                    update gate
    h̃_t = W_h x_t + b_h                                       candidate, not squashed
    h_t = (1 - z_t) ⊙ h_{t-1} + z_t ⊙ h̃_t

Nothing but the last line reads the state, and that is linear in it: unrolled, h_T is a sum over tokens whose weights
are products of gates, so that all steps are computed together by a scan (core_models.cells.scan). Source: Feng et al.
2024, "Were RNNs all we needed?", arXiv 2410.01201, section 3.1. Convention: z = 1 overwrites the past. Their form for
training in log-space, with a positive candidate, is not used here.
"""

from __future__ import annotations

import torch
from torch import Tensor

from core_models.cells.cell import Cell, Formula, Hold, Part, Values, Weights, as_computed
from core_models.cells.scan import scan
from core_models.convention import Convention, Effect
from core_models.language import mark

CONVENTION = Convention(
    key="min_gru",
    name="minGRU",
    equations=(
        r"z_t = \sigma(W_z x_t + b_z)",
        r"\tilde{h}_t = W_h x_t + b_h",
        r"h_t = (1 - z_t) \odot h_{t-1} + z_t \odot \tilde{h}_t",
    ),
    source="Feng et al. 2024, arXiv 2410.01201, section 3.1",
    note=mark(
        "z = 1 overwrites the past. Neither gate nor candidate reads the state, so that a token is written in the "
        "same way whatever came before it."
    ),
    effects={
        "update_gate": Effect(mark("replaces the state by the candidate"), mark("keeps the previous state untouched"))
    },
    keeps_past={"update_gate": False},
    gates_read_state=False,
)

FORMULAS = {
    "hidden_state": Formula(
        r"(1 - {update_gate}) \cdot {before_hidden_state} + {update_gate} \cdot {linear_candidate}",
        lambda v: (1.0 - v["update_gate"]) * v["before_hidden_state"] + v["update_gate"] * v["linear_candidate"],
    )
}


class MinGRUCell(Cell):
    """Feng et al.'s minGRU; see the module's docstring."""

    convention = CONVENTION
    parts = (Part("update_gate", "sigmoid", reads=None), Part("linear_candidate", "identity", reads=None))
    formulas = FORMULAS

    def gates(
        self, from_input: Tensor, before: Values, weights: Weights, hold: Hold = as_computed
    ) -> dict[str, Tensor]:
        """Update gate and candidate; see ``Cell.gates``."""
        z, n = from_input.chunk(2, dim=-1)
        return {"update_gate": hold("update_gate", torch.sigmoid(z)), "linear_candidate": hold("linear_candidate", n)}

    def update(self, gates: Values, before: Values) -> dict[str, Tensor]:
        """The state after a step; see ``Cell.update``."""
        h = before["hidden_state"]
        return {"hidden_state": h + gates["update_gate"] * (gates["linear_candidate"] - h)}

    def unroll(self, gates: Values, initial: Values) -> dict[str, Tensor]:
        """The states at all steps, by a scan; see ``Cell.unroll``."""
        z = gates["update_gate"]
        return {"hidden_state": scan(1.0 - z, z * gates["linear_candidate"], initial["hidden_state"])}
