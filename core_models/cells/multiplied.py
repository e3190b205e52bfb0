r"""Attention multiplied into the state: what was attended to scales the state before the next step reads it.

    r_t, z_t, n_t as in torch.nn.GRU, from x_t and h'_{t-1}   gates and candidate
    h_t = (1 - z_t) ⊙ n_t + z_t ⊙ h'_{t-1}                    hidden state
    v_i = tanh(x_i + b_v)                                     what is attended to
    e_ti = h_tᵀ v_i                                           score of every token read so far, i ≤ t
    α_ti = softmax of e_ti over i ≤ t
    a_t = Σ_{i≤t} α_ti v_i                                    attended input
    h'_t = a_t ⊙ h_t                                          what the next step reads; h'_0 = 0

The readout reads the last h_t. The tanh keeps every factor below 1, and the learned b_v begins at 1.5, so that the
state survives: with plain embeddings v_i = x_i a product over many steps grew without bound and training overflowed.
Inner and elementwise products need as many features in x as units in h. Cells: Cho et al. 2014, arXiv 1406.1078, eqs.
5-8 in torch's convention (z = 1 keeps); scores: Luong, Pham & Manning 2015, arXiv 1508.04025, eq. 8 (dot); the product
is the gated attention of Dhingra et al. 2017, arXiv 1606.01549, section 3.1. A mistake seen in published code is a
matrix product of α [step] with x [batch, step, feature] whose shapes do not meet and are broadcast instead: here every
query's weights multiply the inputs of its own text only.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core_models.attention.dot import DotScore
from core_models.cells.cell import Formula, Part
from core_models.cells.steps import Found
from core_models.cells.unrolled import Attending, Past, Unrolled
from core_models.convention import Convention, Effect
from core_models.language import mark

BEFORE = "before_multiplied_state"
FORMULAS = {
    "hidden_state": Formula(
        r"(1 - {update_gate}) \cdot {candidate} + {update_gate} \cdot {before_multiplied_state}",
        lambda v: (1.0 - v["update_gate"]) * v["candidate"] + v["update_gate"] * v[BEFORE],
    ),
    "multiplied_state": Formula(
        r"{attended_input} \cdot {hidden_state}", lambda v: v["attended_input"] * v["hidden_state"]
    ),
}


class MultipliedCell(Attending):
    """A GRU whose state is multiplied by what it attends to, described."""

    convention = Convention(
        key="multiplied_gru",
        name=mark("GRU, state multiplied by attention"),
        equations=(
            r"r_t = \sigma(W_r x_t + U_r h'_{t-1} + b_r)",
            r"z_t = \sigma(W_z x_t + U_z h'_{t-1} + b_z)",
            r"n_t = \tanh(W_n x_t + r_t \odot (U_n h'_{t-1}) + b_n)",
            r"h_t = (1 - z_t) \odot n_t + z_t \odot h'_{t-1}",
            r"v_i = \tanh(x_i + b_v)",
            r"e_{ti} = h_t^\top v_i,\quad i \le t",
            r"\alpha_{ti} = \frac{e^{e_{ti}}}{\sum_{k \le t} e^{e_{tk}}}",
            r"a_t = \sum_{i \le t} \alpha_{ti} v_i",
            r"h'_t = a_t \odot h_t",
        ),
        source="cell: Cho et al. 2014, arXiv 1406.1078; product: Dhingra et al. 2017, arXiv 1606.01549, section 3.1",
        note=mark(
            "Attention over the words scales every unit before the next step reads it: the next step sees h′ = a ⊙ h. "
            "z = 1 keeps that scaled state (PyTorch's convention)."
        ),
        effects={
            "update_gate": Effect(
                mark("keeps the scaled state h′ of the token before"), mark("replaces it by the candidate")
            ),
            "reset_gate": Effect(
                mark("lets the scaled state take full part in the candidate"),
                mark("makes the candidate from the token alone"),
            ),
        },
        keeps_past={"update_gate": True},
        scaled_by="attended_input",
    )
    parts = (
        Part("reset_gate", "sigmoid", reads=BEFORE),
        Part("update_gate", "sigmoid", reads=BEFORE),
        Part("candidate", "tanh", gated_by="reset_gate", reads=BEFORE),
    )
    states = ("hidden_state", "multiplied_state")
    formulas = FORMULAS

    @property
    def module(self) -> type[Unrolled]:
        """See ``Attending.module``."""
        return MultipliedGRU


class MultipliedGRU(Unrolled):
    """A GRU whose state is multiplied by what it attends to; see the module's docstring.

    Raises:
        ValueError: if input and state differ in size.
    """

    cell = MultipliedCell()
    carries = "multiplied_state"
    keys = "input"
    includes_now = True

    def __init__(self, input_size: int, hidden_size: int) -> None:
        if input_size != hidden_size:
            raise ValueError(f"multiplied GRU: expected as many features as units, got {input_size} and {hidden_size}")
        super().__init__(input_size, hidden_size)
        self.score = DotScore(hidden_size)
        self.shift = nn.Parameter(torch.full((hidden_size,), 1.5))

    def squash(self, inputs: Tensor) -> Tensor:
        """What is attended to, from inputs ``[..., key, feature]``."""
        return torch.tanh(inputs + self.shift)

    def values(self, projected: Tensor, past: Past) -> Found:
        """Gates, state, attention and the multiplied state; see ``Unrolled.values``."""
        h, size, hold, weights = past.carried, self.hidden_size, past.hold, self.weights
        r, z = torch.sigmoid(projected[..., : 2 * size] + weights.recur(h, 0, 2)).chunk(2, dim=-1)
        r, z = hold("reset_gate", r), hold("update_gate", z)
        n = hold("candidate", torch.tanh(projected[..., 2 * size :] + r * weights.recur(h, 2)))
        state = (1.0 - z) * n + z * h
        scores, shares, attended = self.attend(state, self.squash(past.inputs), past)
        return {
            "reset_gate": r,
            "update_gate": z,
            "candidate": n,
            "hidden_state": state,
            "attention_scores": scores,
            "attention_weights": shares,
            "attended_input": attended,
            "multiplied_state": attended * state,
        }
