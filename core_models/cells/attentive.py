r"""Recurrence with attention inside: the candidate reads a weighted sum of all earlier states.

    e_ti = v_aᵀ tanh(W_a h_i + U_a h_{t-1})                   score of every earlier token, i < t
    α_ti = softmax of e_ti over i < t
    m_t = Σ_{i<t} α_ti h_i                                    attended memory, in the place of h_{t-1}
    h̃_t = tanh(W_n x_t + U_n m_t + b_n)                       candidate
    z_t = σ(W_z x_t + U_z h_{t-1} + b_z)                      update gate
    h_t = (1 - z_t) ⊙ h_{t-1} + z_t ⊙ h̃_t

The first token has nothing to attend to: its row of α is empty, m_1 = 0, and the candidate is made from the token
alone. ``AttentiveRNN`` has no update gate: h_t = h̃_t. Scores: Bahdanau et al. 2015, arXiv 1409.0473, appendix A.1.2;
memory of all own states in the place of the last one as in Cheng, Dong & Lapata 2016, arXiv 1601.06733, section 3.1. A
sequence of T tokens costs O(T²) scores. A mistake seen in published code is a softmax over the batch axis of scores
[step, batch]: here positions are the last axis, and a text's trace does not depend on its neighbours in a batch.
"""

from __future__ import annotations

import torch
from torch import Tensor

from core_models.attention.additive import AdditiveScore
from core_models.cells.cell import Formula, Part
from core_models.cells.steps import Found
from core_models.cells.unrolled import Attending, Past, Unrolled
from core_models.convention import Convention, Effect
from core_models.language import mark

ATTENDING = (
    r"e_{ti} = v^\top \tanh(W_a h_i + U_a h_{t-1}),\quad i < t",
    r"\alpha_{ti} = \frac{e^{e_{ti}}}{\sum_{k < t} e^{e_{tk}}}",
    r"m_t = \sum_{i < t} \alpha_{ti} h_i,\quad m_1 = 0",
)
SOURCE = "scores: Bahdanau et al. 2015, arXiv 1409.0473; memory: after Cheng et al. 2016, arXiv 1601.06733, section 3.1"
READS_MEMORY = Part("candidate", "tanh", reads="attended_memory")
GATED = {
    "hidden_state": Formula(
        r"(1 - {update_gate}) \cdot {before_hidden_state} + {update_gate} \cdot {candidate}",
        lambda v: (1.0 - v["update_gate"]) * v["before_hidden_state"] + v["update_gate"] * v["candidate"],
    )
}
UNGATED = {"hidden_state": Formula("{candidate}", lambda v: v["candidate"])}


class AttentiveGRUCell(Attending):
    """Attention inside a gated recurrence, described."""

    convention = Convention(
        key="attentive_gru",
        name=mark("GRU with attention inside"),
        equations=(
            *ATTENDING,
            r"z_t = \sigma(W_z x_t + U_z h_{t-1} + b_z)",
            r"n_t = \tanh(W_n x_t + U_n m_t + b_n)",
            r"h_t = (1 - z_t) \odot h_{t-1} + z_t \odot n_t",
        ),
        source=SOURCE,
        note=mark(
            "The candidate reads all earlier states through attention, not the last one; z = 1 overwrites the past. "
            "The first token has nothing to attend to, so its attended memory is zero. "
            "Every token looks at all before it, so that a text twice as long costs four times as much."
        ),
        effects={
            "update_gate": Effect(
                mark("replaces the state by the candidate"), mark("keeps the previous state untouched")
            )
        },
        keeps_past={"update_gate": False},
    )
    parts = (Part("update_gate", "sigmoid"), READS_MEMORY)
    formulas = GATED

    @property
    def module(self) -> type[Unrolled]:
        """See ``Attending.module``."""
        return AttentiveGRU


class AttentiveRNNCell(Attending):
    """Attention inside a recurrence without gates, described."""

    convention = Convention(
        key="attentive_rnn",
        name=mark("RNN with attention inside"),
        equations=(*ATTENDING, r"n_t = \tanh(W_n x_t + U_n m_t + b_n)", r"h_t = n_t"),
        source=SOURCE,
        note=mark(
            "The state is rewritten at every token from the token and from all earlier states, through attention. "
            "The first token has nothing to attend to, so its attended memory is zero. "
            "Every token looks at all before it, so that a text twice as long costs four times as much."
        ),
        effects={},
        keeps_past={},
    )
    parts = (READS_MEMORY,)
    formulas = UNGATED

    @property
    def module(self) -> type[Unrolled]:
        """See ``Attending.module``."""
        return AttentiveRNN


class AttentiveRNN(Unrolled):
    """Attention inside a recurrence without gates; see the module's docstring.

    Args:
        input_size: features of the input.
        hidden_size: units.
        compared: size of the space in which states are compared; ``hidden_size`` if None.
    """

    cell: Attending = AttentiveRNNCell()

    def __init__(self, input_size: int, hidden_size: int, compared: int | None = None) -> None:
        super().__init__(input_size, hidden_size)
        self.score = AdditiveScore(hidden_size, compared)

    def values(self, projected: Tensor, past: Past) -> Found:
        """Attention, candidate and state; see ``Unrolled.values``."""
        found = self._read(past)
        n = past.hold("candidate", torch.tanh(projected + self.weights.recur(found["attended_memory"])))
        return found | {"candidate": n, "hidden_state": n}

    def _read(self, past: Past) -> Found:
        scores, weights, memory = self.attend(past.carried, past.states, past)
        return {"attention_scores": scores, "attention_weights": weights, "attended_memory": memory}


class AttentiveGRU(AttentiveRNN):
    """Attention inside a gated recurrence; see the module's docstring."""

    cell = AttentiveGRUCell()

    def values(self, projected: Tensor, past: Past) -> Found:
        """Attention, gate, candidate and state; see ``Unrolled.values``."""
        found, h = self._read(past), past.carried
        x_z, x_n = projected.chunk(2, dim=-1)
        z = past.hold("update_gate", torch.sigmoid(x_z + self.weights.recur(h, 0, 1)))
        n = past.hold("candidate", torch.tanh(x_n + self.weights.recur(found["attended_memory"], 1)))
        return found | {"update_gate": z, "candidate": n, "hidden_state": h + z * (n - h)}
