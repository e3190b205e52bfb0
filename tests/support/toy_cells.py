"""Cells that are listed nowhere, written as one who adds a cell would write them: they pass through every tool.

minGRU: Feng et al. 2024, arXiv 2410.01201, section 3.1, here with tanh around the candidate; its gates read no state.
CIFG: Greff et al. 2017, arXiv 1503.04069, section III: an LSTM whose input gate is one less its forget gate.
Half-reading: a cell with one part that reads the state and one that does not.
"""

from __future__ import annotations

import math

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
COUPLED = {
    "cell_state": Formula(
        r"{forget_gate} \cdot {before_cell_state} + (1 - {forget_gate}) \cdot {cell_candidate}",
        lambda v: v["forget_gate"] * v["before_cell_state"] + (1.0 - v["forget_gate"]) * v["cell_candidate"],
    ),
    "hidden_state": Formula(
        r"{output_gate} \cdot \tanh({cell_state})", lambda v: v["output_gate"] * math.tanh(v["cell_state"])
    ),
}
OVERWRITES = {"update_gate": Effect("replaces the state by the candidate", "keeps the previous state untouched")}


class MinGRUCell(Cell):
    """Gates made from the input alone."""

    convention = Convention(
        key="min_gru",
        name="minGRU",
        equations=(
            r"z_t = \sigma(W_z x_t + b_z)",
            r"n_t = \tanh(W_n x_t + b_n)",
            r"h_t = (1 - z_t) \odot h_{t-1} + z_t \odot n_t",
        ),
        source="Feng et al. 2024, arXiv 2410.01201, section 3.1",
        note="z = 1 overwrites the past, and no gate reads it.",
        effects=OVERWRITES,
        keeps_past={"update_gate": False},
        gates_read_state=False,
    )
    parts = (Part("update_gate", "sigmoid", reads=None), Part("candidate", "tanh", reads=None))
    formulas = MIXED

    def gates(
        self, from_input: Tensor, hidden: Tensor, weights: Weights, hold: Hold = as_computed
    ) -> dict[str, Tensor]:
        """Update gate and candidate; see ``Cell.gates``."""
        z, n = from_input.chunk(2, dim=-1)
        z, n = hold("update_gate", torch.sigmoid(z)), hold("candidate", torch.tanh(n))
        return {"update_gate": z, "candidate": n}

    def update(self, gates: Values, before: Values) -> dict[str, Tensor]:
        """The state after a step; see ``Cell.update``."""
        h = before["hidden_state"]
        return {"hidden_state": h + gates["update_gate"] * (gates["candidate"] - h)}


class HalfReadingCell(MinGRUCell):
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

    def gates(
        self, from_input: Tensor, hidden: Tensor, weights: Weights, hold: Hold = as_computed
    ) -> dict[str, Tensor]:
        """Update gate and candidate; see ``Cell.gates``."""
        z, n = from_input.chunk(2, dim=-1)
        z = hold("update_gate", torch.sigmoid(z))
        return {"update_gate": z, "candidate": hold("candidate", torch.tanh(n + weights.recur(hidden)))}


class CoupledLSTMCell(Cell):
    """An LSTM that writes what it does not keep."""

    convention = Convention(
        key="cifg",
        name="LSTM, input and forget gate coupled",
        equations=(
            r"f_t = \sigma(W_f x_t + U_f h_{t-1} + b_f)",
            r"g_t = \tanh(W_g x_t + U_g h_{t-1} + b_g)",
            r"o_t = \sigma(W_o x_t + U_o h_{t-1} + b_o)",
            r"c_t = f_t \odot c_{t-1} + (1 - f_t) \odot g_t",
            r"h_t = o_t \odot \tanh(c_t)",
        ),
        source="Greff et al. 2017, arXiv 1503.04069, section III",
        note="f = 1 remembers and writes nothing.",
        effects={
            "forget_gate": Effect("keeps the whole cell state", "replaces the cell state by the candidate"),
            "output_gate": Effect("shows all of tanh(c) to the rest of the network", "hides it"),
        },
        keeps_past={"forget_gate": True},
        memory="cell_state",
    )
    parts = (Part("forget_gate", "sigmoid"), Part("cell_candidate", "tanh"), Part("output_gate", "sigmoid"))
    states = ("hidden_state", "cell_state")
    formulas = COUPLED

    def gates(
        self, from_input: Tensor, hidden: Tensor, weights: Weights, hold: Hold = as_computed
    ) -> dict[str, Tensor]:
        """Forget and output gate and the cell candidate; see ``Cell.gates``."""
        f, g, o = (from_input + weights.recur(hidden)).chunk(3, dim=-1)
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


TOYS: dict[str, Cell] = {cell.convention.key: cell for cell in (MinGRUCell(), HalfReadingCell(), CoupledLSTMCell())}
