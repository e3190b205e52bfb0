r"""A diagonal selective state space layer: the recurrence inside Mamba (S6), with one value of state a channel.

    Ā_t = exp(-Δ_t) = σ(W_A x_t + b_A)                        decay, Δ_t = softplus(-(W_A x_t + b_A)) the step size
    B_t = W_B x_t + b_B                                       what the input is written with
    h̃_t = W_h x_t + b_h                                       candidate: the channel's input, not squashed
    C_t = W_C x_t + b_C                                       what the state is read with
    s_t = Ā_t ⊙ s_{t-1} + (1 - Ā_t) ⊙ B_t ⊙ h̃_t               state
    h_t = C_t ⊙ s_t                                           output

A linear system ds/dt = A s + B h̃, h = C s, in which step size, B and C are made from the token: it is *selective*.
Source: Gu & Dao 2023, "Mamba", arXiv 2312.00752, section 3.2 and algorithm 2; the step is their zero-order hold
(eq. 4), Ā = exp(ΔA) and B̄ = (ΔA)⁻¹ (exp(ΔA) - I) ΔB, which for A = -1 is (1 - Ā) B, as in their theorem 1.

What is smaller here than in Mamba: a channel has one value of state, not sixteen, and B and C of its own, as a head of
size one has in Mamba-2 (Dao & Gu 2024, arXiv 2405.21060, section 7.2), for which a learned A would only rescale Δ and
B. There is no convolution before it, no gated branch beside it, and no direct way from input to output.

Nothing but the state's line reads a state, and that is linear in it, so that h_T is a sum over tokens with weights
C_T Π Ā (1 - Ā_s) B_s: an attention matrix that is never written down (Ali, Zimerman & Wolf 2024, "The hidden attention
of Mamba models", arXiv 2403.01590), and all steps are computed together by a scan (core_models.cells.scan).
"""

from __future__ import annotations

import torch
from torch import Tensor

from core_models.cells.cell import Cell, Formula, Hold, Part, Values, Weights, as_computed
from core_models.cells.scan import scan
from core_models.convention import Convention, Effect
from core_models.language import mark

CONVENTION = Convention(
    key="s6",
    name=mark("selective state space (S6)"),
    equations=(
        r"\bar{A}_t = \exp(-\Delta_t) = \sigma(W_A x_t + b_A)",
        r"B_t = W_B x_t + b_B",
        r"\tilde{h}_t = W_h x_t + b_h",
        r"s_t = \bar{A}_t \odot s_{t-1} + (1 - \bar{A}_t) \odot B_t \odot \tilde{h}_t",
        r"C_t = W_C x_t + b_C",
        r"h_t = C_t \odot s_t",
    ),
    source="Gu & Dao 2023, arXiv 2312.00752, section 3.2, eq. 4 and theorem 1; heads of size one: Dao & Gu 2024, "
    "arXiv 2405.21060, section 7.2",
    note=mark(
        "Ā = 1 keeps the state and writes nothing. Nothing that decides reads the state, so that a token is written in "
        "the same way whatever came before it. Mamba has sixteen values of state a channel, here there is one, and no "
        "convolution before it."
    ),
    effects={
        "decay_gate": Effect(
            mark("keeps the whole inner state and writes nothing"), mark("replaces the inner state by what is written")
        )
    },
    keeps_past={"decay_gate": True},
    memory="inner_state",
    selects="write_factor",
    gates_read_state=False,
)

FORMULAS = {
    "inner_state": Formula(
        r"{decay_gate} \cdot {before_inner_state} + (1 - {decay_gate}) \cdot {linear_candidate} \cdot {write_factor}",
        lambda v: (
            v["decay_gate"] * v["before_inner_state"]
            + (1.0 - v["decay_gate"]) * v["linear_candidate"] * v["write_factor"]
        ),
    ),
    "hidden_state": Formula(r"{inner_state} \cdot {read_factor}", lambda v: v["inner_state"] * v["read_factor"]),
}


class SelectiveCell(Cell):
    """Gu & Dao's selective state space, diagonal; see the module's docstring."""

    convention = CONVENTION
    parts = (
        Part("decay_gate", "sigmoid", reads=None),
        Part("write_factor", "identity", reads=None),
        Part("linear_candidate", "identity", reads=None),
        Part("read_factor", "identity", reads=None),
    )
    states = ("hidden_state", "inner_state")
    formulas = FORMULAS

    def gates(
        self, from_input: Tensor, before: Values, weights: Weights, hold: Hold = as_computed
    ) -> dict[str, Tensor]:
        """Decay, candidate, and what is written and read with; see ``Cell.gates``."""
        decay, b, candidate, c = from_input.chunk(4, dim=-1)
        return {
            "decay_gate": hold("decay_gate", torch.sigmoid(decay)),
            "write_factor": hold("write_factor", b),
            "linear_candidate": hold("linear_candidate", candidate),
            "read_factor": hold("read_factor", c),
        }

    def update(self, gates: Values, before: Values) -> dict[str, Tensor]:
        """The state after a step; see ``Cell.update``."""
        s = gates["decay_gate"] * before["inner_state"] + self._written(gates)
        return {"inner_state": s, "hidden_state": gates["read_factor"] * s}

    def unroll(self, gates: Values, initial: Values) -> dict[str, Tensor]:
        """The states at all steps, by a scan; see ``Cell.unroll``."""
        s = scan(gates["decay_gate"], self._written(gates), initial["inner_state"])
        return {"inner_state": s, "hidden_state": gates["read_factor"] * s}

    def _written(self, gates: Values) -> Tensor:
        return CONVENTION.written(gates.__getitem__) * gates["linear_candidate"]
